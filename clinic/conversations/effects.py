"""Effects: what a turn does besides answering. Apps above this one register how an effect of theirs is carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clinic.conversations.models import Conversation, Message

# Called inside the turn's transaction with the locked conversation, which it may change but need not save.
Handler = Callable[[Conversation, Message, Mapping[str, Any]], None]
_handlers: dict[str, Handler] = {}
_answering: set[str] = set()


def register(effect: str, handler: Handler, *, answers: bool = False) -> None:
    """Let `handler` carry out effects of the type `effect`; `answers` tells that it also tells the visitor."""
    _handlers[effect] = handler
    if answers:
        _answering.add(effect)


def answers(effect: str) -> bool:
    """Tell whether the visitor hears what came of an effect of this type without a reply of the brain."""
    return effect in _answering


def is_known(effect: str) -> bool:
    """Tell whether anybody carries out effects of this type."""
    return effect in _handlers


def carry_out(conversation: Conversation, message: Message, effect: Mapping[str, Any]) -> None:
    """Carry out one effect, `{"type": …}` and what its type needs; raises KeyError for an unknown type."""
    _handlers[effect["type"]](conversation, message, effect)
