"""Effects: what a turn does besides answering. Apps above this one register how an effect of theirs is carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clinic.conversations.models import Conversation, Message

# Called inside the turn's transaction with the locked conversation, which it may change but need not save.
Handler = Callable[[Conversation, Message, Mapping[str, Any]], None]
_handlers: dict[str, Handler] = {}


def register(effect: str, handler: Handler) -> None:
    """Let `handler` carry out effects of the type `effect`."""
    _handlers[effect] = handler


def is_known(effect: str) -> bool:
    """Tell whether anybody carries out effects of this type."""
    return effect in _handlers


def carry_out(conversation: Conversation, message: Message, effect: Mapping[str, Any]) -> None:
    """Carry out one effect, `{"type": …}` and what its type needs; raises KeyError for an unknown type."""
    _handlers[effect["type"]](conversation, message, effect)
