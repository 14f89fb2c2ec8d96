"""What comes in and goes out: bodies read strictly, messages as the visitor sees them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import parse_qsl
from uuid import UUID

from clinic.accounts.models import NAMELESS
from clinic.conversations.book import Consent
from clinic.conversations.brain import spoken
from clinic.conversations.models import STAFF_PREFIX, Conversation, Message
from clinic.visitors import consent
from clinic.visitors.problems import Problem, invalid

TEXT_LIMIT = 6_000
NUMBER_LIMIT = 2**31 - 1
UUID_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Posted:
    """A message as it was posted: typed text, or the button `choice` = (seq of the message, position from 0)."""

    client_id: UUID
    text: str | None
    choice: tuple[int, int] | None


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError


def json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that the bytes hold; raises a problem for anything else."""
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Problem(400, "invalid_request") from None
    if not isinstance(value, dict):
        raise invalid("body")
    return value


def nothing(body: bytes) -> None:
    """Accept a body that is empty or an empty object; raises a problem for any other."""
    if body and json_object(body):
        raise invalid("body")


def begun(body: bytes) -> tuple[Consent | None, UUID | None]:
    """Return what the visitor agrees to by beginning, and the id that the sender has chosen, each None when not given.

    Raises a problem for any other body.
    """
    value = json_object(body) if body else {}
    if not set(value) <= {"consent", "id"}:
        raise invalid("fields")
    return _consent(value["consent"]) if "consent" in value else None, _id(value["id"]) if "id" in value else None


def _consent(value: Any) -> Consent:
    found = consent.agreed(value) if isinstance(value, str) else None
    if found is None:
        raise invalid("consent")
    return found


def _id(value: Any) -> UUID:
    if not isinstance(value, str) or not UUID_FORM.fullmatch(value):
        raise invalid("id")
    return UUID(value)


def rated(body: bytes) -> Conversation.Rating:
    """Return the rating that the body holds; raises a problem for any other body."""
    value = json_object(body)
    if set(value) != {"value"} or value["value"] not in Conversation.Rating.values:
        raise invalid("value")
    return Conversation.Rating(value["value"])


def typed(body: bytes) -> bool:
    """Return whether the body says that the visitor types; raises a problem for any other body."""
    value = json_object(body)
    if set(value) != {"on"} or not isinstance(value["on"], bool):
        raise invalid("on")
    return value["on"]


def posted(body: bytes) -> Posted:
    """Return the message that the body holds; raises a problem when it is none."""
    value = json_object(body)
    if set(value) not in ({"id", "text"}, {"id", "choice"}):
        raise invalid("fields")
    client_id = _id(value["id"])
    if "choice" in value:
        return Posted(client_id, None, _choice(value["choice"]))
    return Posted(client_id, _text(value["text"]), None)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise invalid("text")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise invalid("text") from None
    text = value.replace("\x00", "")
    if len(text) > TEXT_LIMIT:
        raise Problem(422, "message_too_long")
    if not spoken(text):
        raise Problem(422, "message_empty")
    return text


def _choice(value: Any) -> tuple[int, int]:
    if not isinstance(value, dict) or set(value) != {"seq", "button"}:
        raise invalid("choice")
    numbers = (value["seq"], value["button"])
    if any(type(number) is not int or not 0 <= number <= NUMBER_LIMIT for number in numbers):
        raise invalid("choice")
    return numbers


def after(query: bytes) -> int:
    """Return the number in the query `after=N`, 0 when there is none; raises a problem for any other query."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    if not pairs:
        return 0
    [(name, value), *more] = pairs
    if name != "after" or more or not re.fullmatch(r"[0-9]{1,10}", value) or int(value) > NUMBER_LIMIT:
        raise invalid("query")
    return int(value)


def shown(message: Message) -> dict[str, Any]:
    """Return a message as the visitor sees it."""
    return {
        "seq": message.seq,
        "id": str(message.client_id) if message.sender == Message.Sender.VISITOR else None,
        "sender": message.sender,
        "author": name_shown(message.author_name),
        "text": message.text,
        "buttons": message.buttons,
        "sources": message.sources,
        "label_pending": message.label_pending,
        "in_reply_to": message.in_reply_to,
        "created_at": message.created_at.isoformat(timespec="milliseconds"),
    }


def name_shown(name: str) -> str | None:
    """Return the name of a member of staff as the visitor reads it; None when there is none to read."""
    return name if name and name != NAMELESS else None


def shown_owner(owner: str) -> str:
    """Return who owns the conversation without telling which member of staff."""
    return "staff" if owner.startswith(STAFF_PREFIX) else owner


def measured(message: Message, kind: str | None) -> dict[str, Any]:
    """Return what measuring adds to a visitor's message: what was understood, the hand-off, the turn."""
    found = getattr(message, "understanding", None)
    understood = found and {
        "route": found.route,
        "topics": found.topics,
        "intent": found.intent,
        "confidence": found.confidence,
        "ranking": found.ranking,
        "parts": found.parts,
    }
    return {
        "understood": understood,
        "handoff": kind,
        "turn": message.turn,
        "milliseconds": found.milliseconds if found else None,
    }
