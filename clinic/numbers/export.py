"""Conversations on their way out: as CSV for spreadsheets and as JSON Lines for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from clinic.conversations.models import Conversation, Message

# A spreadsheet takes a cell that begins with one of these for a formula, or for something worse.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00")
AT_ONCE = 100

CONVERSATION_COLUMNS = (
    "conversation",
    "begun",
    "last_message",
    "with",
    "after_hours",
    "messages",
    "last_topic",
    "lowest_confidence",
    "hand_offs",
    "bookings",
    "tags",
    "ended_by_visitor",
    "rating",
    "consent",
)
MESSAGE_COLUMNS = ("conversation", "number", "at", "sender", "author", "text", "route", "intent", "confidence", "shown")

Batch = Sequence[Conversation]
Format = Callable[[Batch], Iterator[str]]


def defused(cell: Any) -> Any:
    """Return a cell that no spreadsheet carries out: text that begins like a formula gets an apostrophe before it.

    OWASP, "CSV Injection".
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell


def _line(cells: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([defused(cell) for cell in cells])
    return line.getvalue()


def _moment(at: Any) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def _conversations(batch: Batch) -> Iterator[str]:
    for one in batch:
        yield _line(
            (
                str(one.pk),
                _moment(one.created_at),
                _moment(one.last_message_at),
                one.owner,
                "yes" if one.is_after_hours else "no",
                one.last_seq,
                one.last_topic or "",
                "" if one.lowest_confidence is None else round(one.lowest_confidence, 3),
                " ".join(f"{matter.kind}:{matter.state}" for matter in one.handoffs.all()),
                " ".join(f"{booking.reference}:{booking.state}" for booking in one.bookings.all()),
                "; ".join(tagged.tag.name for tagged in one.tags.all()),
                _moment(one.ended_at),
                one.rating,
                _moment(one.consent_at),
            )
        )


def _messages(batch: Batch) -> Iterator[str]:
    for one in batch:
        for message in one.messages.all():
            found = getattr(message, "understanding", None)
            yield _line(
                (
                    str(one.pk),
                    message.seq,
                    _moment(message.created_at),
                    message.sender,
                    message.author_name,
                    message.text,
                    found.route if found else "",
                    (found.intent or "") if found else "",
                    "" if found is None or found.confidence is None else round(found.confidence, 3),
                    "no" if message.suppressed else "yes",
                )
            )


def _json_lines(batch: Batch) -> Iterator[str]:
    for one in batch:
        content = {
            "conversation": str(one.pk),
            "begun": _moment(one.created_at),
            "last_message": _moment(one.last_message_at),
            "with": one.owner,
            "after_hours": one.is_after_hours,
            "hand_offs": [
                {"kind": matter.kind, "state": matter.state, "at": _moment(matter.created_at)}
                for matter in one.handoffs.all()
            ],
            "bookings": [{"reference": each.reference, "state": each.state} for each in one.bookings.all()],
            "tags": [tagged.tag.name for tagged in one.tags.all()],
            "ended_by_visitor": _moment(one.ended_at) or None,
            "rating": {"value": one.rating, "at": _moment(one.rated_at)} if one.rating else None,
            "consent": _consent(one),
            "messages": [_message(message) for message in one.messages.all()],
        }
        yield json.dumps(content, ensure_ascii=False) + "\n"


def _consent(conversation: Conversation) -> dict[str, str] | None:
    """Return what the visitor agreed to by writing: the text, its language, the hash of its wording, and when."""
    if conversation.consent_at is None:
        return None
    return {
        "text": conversation.consent_text_id,
        "language": conversation.consent_language,
        "version": conversation.consent_text_version,
        "at": _moment(conversation.consent_at),
    }


def _message(message: Message) -> dict[str, Any]:
    found = getattr(message, "understanding", None)
    return {
        "number": message.seq,
        "at": _moment(message.created_at),
        "sender": message.sender,
        "author": message.author_name or None,
        "text": message.text,
        "response": message.response or None,
        "shown": not message.suppressed,
        "understood": found
        and {
            "route": found.route,
            "intent": found.intent,
            "confidence": found.confidence,
            "topics": found.topics,
            "reason": found.reason,
        },
    }


# Name → (what the page calls it, media type, ending, head line, how a batch is written).
FORMATS: dict[str, tuple[str, str, str, str, Format]] = {
    "conversations": (
        "One row a conversation, without anybody's words (CSV)",
        "text/csv; charset=utf-8",
        "csv",
        _line(CONVERSATION_COLUMNS),
        _conversations,
    ),
    "messages": (
        "One row a message, with its text (CSV)",
        "text/csv; charset=utf-8",
        "csv",
        _line(MESSAGE_COLUMNS),
        _messages,
    ),
    "transcripts": (
        "One line a conversation, with everything said (JSON Lines)",
        "application/x-ndjson",
        "jsonl",
        "",
        _json_lines,
    ),
}


def chunks(ids: Sequence[UUID], name: str) -> Iterator[str]:
    """Return the export's text piece by piece, a few conversations at a time, however many there are."""
    _, _, _, head, form = FORMATS[name]
    if head:
        yield head
    for start in range(0, len(ids), AT_ONCE):
        wanted = list(ids[start : start + AT_ONCE])
        found = Conversation.objects.defer("state").prefetch_related("handoffs", "bookings", "tags__tag")
        if form is not _conversations:
            said = Message.objects.select_related("understanding").order_by("seq")
            found = found.prefetch_related(Prefetch("messages", said))
        batch = found.in_bulk(wanted)
        yield "".join(form([batch[one] for one in wanted if one in batch]))
