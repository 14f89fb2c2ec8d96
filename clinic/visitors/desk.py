"""What the visitor API does, once a request has been read: plain functions on the book, run in the API's threads."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from clinic.accounts.models import User
from clinic.conversations import book, brain, ending, runner, wake
from clinic.conversations.models import CLOSED, STAFF_PREFIX, Conversation, Message
from clinic.handoffs import desk as handoffs
from clinic.practice import facts
from clinic.visitors import shapes, tokens
from clinic.visitors.problems import Problem, invalid

PAGE = 200
# So long a conversation that is over can still be read; then its token is worth nothing.
READABLE_AFTER_CLOSING = timedelta(minutes=15)
HEALTHY_KEPT_SECONDS = 5.0
# Whoever waits for the start learns soon that it is over.
DOWN_KEPT_SECONDS = 0.5


@dataclass(frozen=True)
class News:
    """What a conversation holds after a number: visible messages, and the number up to which that is everything.

    `owner` is who answers now, without telling which member of staff, and `closed` too where the visitor has ended it;
    `name` is that person's name for visitors, if there is one.
    """

    messages: list[Message]
    last_seq: int
    owner: str
    name: str | None = None


def begin(consent: book.Consent | None, identity: UUID | None = None) -> dict[str, Any]:
    """Open a conversation, with what the visitor agrees to, and return it with its token and greeting.

    `identity` is its id where the sender has chosen one: beginning it again is the same beginning until something is
    written in it. Raises the problem `id_reused` then.
    """
    try:
        conversation, greeting = book.begin(consent, identity)
    except book.IdReused:
        raise Problem(409, "id_reused", "This id belongs to a conversation that has begun already.") from None
    token, expires_at = tokens.issue(conversation.pk, timezone.now())
    return {
        "conversation": str(conversation.pk),
        "token": token,
        "expires_at": expires_at.isoformat(timespec="seconds"),
        "messages": [shapes.shown(greeting)],
    }


def post(conversation: UUID, posted: shapes.Posted) -> tuple[int, dict[str, Any]]:
    """Store a message and have it answered soon; return status (202 new, 200 known) and body."""
    try:
        stored = book.store_visitor_message(conversation, posted.client_id, posted.text, posted.choice)
    except book.ConversationGone:
        _check_open(conversation)
        raise Problem(410, "conversation_gone") from None
    except book.IdReused:
        raise Problem(409, "id_reused", "This message id has already been used for another message.") from None
    except book.NoSuchButton:
        raise invalid("choice") from None
    if stored.is_new:
        runner.submit(conversation, stored.claim)
    created_at = stored.message.created_at.isoformat(timespec="milliseconds")
    return (202 if stored.is_new else 200), {"seq": stored.message.seq, "created_at": created_at}


def typing(conversation: UUID, on: bool) -> None:
    """Tell staff that the visitor types or has stopped; raises `conversation_gone`, `conversation_closed`."""
    _check_open(conversation)
    wake.typing(conversation, "visitor", on)


def end(conversation: UUID) -> None:
    """End the conversation, or leave it ended; raises `conversation_gone`."""
    _readable(conversation)
    try:
        ending.end(conversation)
    except book.ConversationGone:  # Erased this moment.
        raise Problem(410, "conversation_gone") from None


def rate(conversation: UUID, rating: Conversation.Rating) -> None:
    """Note what the visitor made of the conversation, over or not; raises `conversation_gone`."""
    _readable(conversation)
    try:
        ending.rate(conversation, rating)
    except book.ConversationGone:
        raise Problem(410, "conversation_gone") from None


def practice() -> dict[str, Any]:
    """Return the body of `GET /practice`: whether the clinic is open, and when that changes."""
    now = timezone.now()
    hours = facts.snapshot().hours
    is_open = hours.is_open(now)
    changes_at = hours.closes(now) if is_open else hours.next_opening(now)
    return {
        "now": now.astimezone(hours.zone).isoformat(timespec="seconds"),
        "open": is_open,
        "changes_at": changes_at.isoformat(timespec="seconds") if changes_at else None,
        "time_zone": hours.zone.key,
    }


def _check_open(conversation: UUID) -> None:
    """Raise the problem `conversation_gone` or `conversation_closed` unless messages are taken."""
    _, owner = _readable(conversation)
    if owner == CLOSED:
        raise Problem(410, "conversation_closed")


def _readable(conversation: UUID) -> tuple[int, str]:
    """Return the last number and the owner as the visitor has it, `closed` also where they have ended it.

    Raises the problem `conversation_gone` when it may not be read.
    """
    rows = Conversation.objects.filter(pk=conversation).order_by()
    found = list(rows.values_list("last_seq", "owner", "closed_at", "ended_at")[:1])
    if not found:
        raise Problem(410, "conversation_gone")
    [(last_seq, owner, closed_at, ended_at)] = found
    if owner != CLOSED and ended_at is None:
        return last_seq, owner
    # What staff close later was over for the visitor when they ended it.
    if _is_past(ended_at or closed_at):
        raise Problem(410, "conversation_gone")
    return last_seq, CLOSED


def _is_past(over_at: datetime | None) -> bool:
    return over_at is None or timezone.now() - over_at >= READABLE_AFTER_CLOSING


def _name(owner: str) -> str | None:
    """Return the visible name of the member of staff who owns a conversation, None for any other owner."""
    if not owner.startswith(STAFF_PREFIX):
        return None
    user = User.objects.filter(pk=owner.removeprefix(STAFF_PREFIX)).only("spoken_name", "first_name").first()
    return shapes.name_shown(user.visitor_name) if user else None


def news(conversation: UUID, after: int) -> News:
    """Return what is new after a number; raises the problem `conversation_gone`."""
    last_seq, owner = _readable(conversation)
    messages = book.visible_messages(conversation, after, last_seq, PAGE) if after < last_seq else []
    if len(messages) == PAGE:
        last_seq = messages[-1].seq
    return News(messages, last_seq, shapes.shown_owner(owner), _name(owner))


def messages_after(conversation: UUID, after: int, measuring: bool) -> dict[str, Any]:
    """Return the body of `GET /messages`."""
    found = news(conversation, after)
    shown = [shapes.shown(message) for message in found.messages]
    if measuring:
        asked = {message.pk: message for message in found.messages if message.sender == Message.Sender.VISITOR}
        with_understanding = Message.objects.select_related("understanding").in_bulk(list(asked))
        kinds = handoffs.kinds(list(asked))
        for message, entry in zip(found.messages, shown, strict=True):
            if message.pk in asked:
                entry.update(shapes.measured(with_understanding[message.pk], kinds.get(message.pk)))
    return {"messages": shown, "last_seq": found.last_seq, "owner": found.owner, "owner_name": found.name}


_health: tuple[float, int, dict[str, Any]] | None = None


def health() -> tuple[int, dict[str, Any]]:
    """Ask the database and the brain for a sign of life; return status and body, kept for a moment."""
    global _health
    if _health is None or time.monotonic() > _health[0]:
        found = {"database": _database_works(), "brain": _brain_works()}
        works = all(found.values())
        body = {"status": "ok" if works else "down"} | {name: "ok" if ok else "down" for name, ok in found.items()}
        kept = HEALTHY_KEPT_SECONDS if works else DOWN_KEPT_SECONDS
        _health = (time.monotonic() + kept, 200 if works else 503, body)
    return _health[1], _health[2]


def _database_works() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except DatabaseError:
        return False


def _brain_works() -> bool:
    """Take a turn of no conversation: only a real answer proves that the model is loaded."""
    try:
        brain.ask(
            {
                "conversation": str(uuid4()),
                "message_id": str(uuid4()),
                "text": "hello",
                "choice": None,
                "state": None,
                "context": {
                    "last_topic": None,
                    "last_route": None,
                    "recent": [],
                    "now": timezone.now().isoformat(timespec="seconds"),
                    "open": True,
                    "next_opening": None,
                    "language": "en",
                },
            }
        )
    except brain.BrainFailed:
        return False
    return True


def is_measuring(key: str, address: str) -> bool:
    """Tell whether a request may measure: the right key, measuring switched on, and a peer on this machine."""
    local = address in ("127.0.0.1", "::1")
    return bool(settings.MEASURING_KEY) and local and constant_time_compare(key, settings.MEASURING_KEY)
