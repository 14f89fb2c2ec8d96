"""What the brain is told about bookings with each message: the days it names, half-days to offer, the open request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from clinic.bookings import adapters
from clinic.bookings.models import BookingRequest
from clinic.bookings.references import spoken
from clinic.bookings.states import OPEN, State
from clinic.bookings.times import half_days
from clinic.bookings.when import Window, read
from clinic.conversations.models import Conversation
from clinic.practice import facts

OFFERED = 6
MOST_REQUESTS = 5
COUNTING = frozenset({*OPEN, State.BOOKED})


def of(conversation: Conversation, text: str, now: datetime) -> dict[str, Any]:
    """Return the part of a turn's context that is about bookings.

    `when` is the reading of the days and times in `text`: `status` (see `clinic.bookings.when`), `text` in words,
    `windows`, and for what can be meant in two ways `choices`; `opens` is the next opening after a closed wish.
    `half_days` are the next open ones, `booking_page` tells that visitors book on the clinic's own page, `booking` is
    the state of the conversation's latest request that still counts, None without one, and `references` are those of
    its latest requests, newest first.
    """
    return {
        "when": _when(text, now),
        "half_days": [
            {"title": half.label, "begins": half.start.isoformat(), "ends": half.end.isoformat()}
            for half in half_days(facts.snapshot().hours, now, OFFERED)
        ],
        "booking_page": bool(adapters.chosen().page),
        **_requests(conversation),
    }


def _when(text: str, now: datetime) -> dict[str, Any]:
    reading = read(text, now, facts.snapshot().hours, settings.ENV["CLINIC_REGION"])
    return {
        "status": str(reading.status),
        "text": reading.text,
        "windows": _windows(reading.windows, reading.text),
        "choices": [{"text": one.text, "windows": _windows(one.windows, one.text)} for one in reading.choices],
        "opens": facts.moment_text(reading.opens) if reading.opens else "",
    }


def _windows(windows: tuple[Window, ...], label: str) -> list[dict[str, str]]:
    """Return windows as a request keeps them; one without an end is kept in words only."""
    return [
        {"start": one.begins.isoformat(), "end": one.ends.isoformat(), "label": label} for one in windows if one.ends
    ]


def _requests(conversation: Conversation) -> dict[str, Any]:
    """Return what the conversation's latest requests are called, and the state of the one that still counts."""
    if conversation.state is None:  # No turn has been answered yet, and only a turn writes a request.
        return {"booking": None, "references": []}
    latest = BookingRequest.objects.filter(conversation=conversation).order_by("-id")
    found = list(latest.values_list("reference", "state")[:MOST_REQUESTS])
    counting = [state for _, state in found if state in COUNTING]
    return {"booking": counting[0] if counting else None, "references": [spoken(reference) for reference, _ in found]}
