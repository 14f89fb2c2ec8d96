"""The values that the placeholders of responses may use, from the practice and the clock."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Generic, TypeVar

from clinic.practice.hours import DAY_NAMES, Hours, Span, Week
from clinic.practice.models import Practice, SignOff

# A change that staff make shows within this time in every process.
KEEP_SECONDS = 5.0

NEVER_EMPTY = frozenset({"clinic_name", "emergency_number", "crisis_line", "open_line"})
NAMES = NEVER_EMPTY | {
    "clinic_phone",
    "clinic_email",
    "clinic_address",
    "opening_hours",
    "next_opening",
    "urgent_phone",
    "cost_facts",
    "price_line",
    "payment",
    "deposit_policy",
    "consultation_fee",
    "parking",
    "practitioners",
    "booking_url",
}


T = TypeVar("T")


class _Kept(Generic[T]):
    """A value read from the book at most once every `KEEP_SECONDS`."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._kept: tuple[float, T] | None = None

    def get(self) -> T:
        kept = self._kept
        if kept is None or clock.monotonic() - kept[0] > KEEP_SECONDS:
            kept = self._kept = (clock.monotonic(), self._read())
        return kept[1]

    def forget(self) -> None:
        self._kept = None


@dataclass(frozen=True)
class Snapshot:
    """The practice as it was read, with its hours parsed."""

    practice: Practice
    hours: Hours


def _read_snapshot() -> Snapshot:
    practice = Practice.seeded()
    return Snapshot(practice, Hours.parse(practice.hours, practice.time_zone))


def _read_signed() -> frozenset[tuple[str, str]]:
    return frozenset(SignOff.objects.values_list("response", "wording_hash"))


_snapshot = _Kept(_read_snapshot)
_signed = _Kept(_read_signed)


def snapshot() -> Snapshot:
    """Return the practice and its hours, at most `KEEP_SECONDS` old."""
    return _snapshot.get()


def signed_wordings() -> frozenset[tuple[str, str]]:
    """Return (response id, wording hash) of every wording that a clinician has approved, at most `KEEP_SECONDS` old."""
    return _signed.get()


def forget() -> None:
    """Read everything afresh next time; for whoever has just edited it."""
    _snapshot.forget()
    _signed.forget()


def time_text(moment: time | None) -> str:
    """Return a wall-clock time as "9:00 am"; None is midnight."""
    if moment is None:
        return "midnight"
    return f"{moment.hour % 12 or 12}:{moment.minute:02} {'am' if moment.hour < 12 else 'pm'}"


def moment_text(moment: datetime) -> str:
    """Return a moment in its own zone as "Monday, November 23 at 9:00 am"."""
    return f"{moment:%A, %B} {moment.day} at {time_text(moment.time())}"


def week_text(week: Week) -> str:
    """Return a week as "Monday to Friday 9:00 am to 5:00 pm; Saturday 10:00 am to 2:00 pm"; "" when always closed."""
    runs: list[tuple[int, int, tuple[Span, ...]]] = []
    for day, spans in enumerate(week):
        if runs and runs[-1][2] == spans:
            runs[-1] = (runs[-1][0], day, spans)
        else:
            runs.append((day, day, spans))
    parts = []
    for first, last, spans in runs:
        if spans:
            days = DAY_NAMES[first] if first == last else f"{DAY_NAMES[first]} to {DAY_NAMES[last]}"
            times = " and ".join(f"{time_text(span.start)} to {time_text(span.end)}" for span in spans)
            parts.append(f"{days} {times}")
    return "; ".join(parts)


def _open_line(hours: Hours, at: datetime) -> str:
    if hours.is_open(at):
        return f"open until {time_text(hours.closes(at))} today"
    opening = hours.next_opening(at)
    return f"closed until {moment_text(opening)}" if opening else "closed"


def values(at: datetime) -> dict[str, str]:
    """Return every fact of `NAMES` as text at the aware moment `at`; a fact that the clinic has not given is ""."""
    practice, hours = snapshot().practice, snapshot().hours
    opening = hours.next_opening(at)
    cost_facts = (practice.price_line, practice.payment, practice.deposit_policy)
    return {
        "clinic_name": practice.name,
        "clinic_phone": practice.phone,
        "clinic_email": practice.email,
        "clinic_address": practice.address,
        "opening_hours": week_text(hours.week),
        "open_line": _open_line(hours, at),
        "next_opening": moment_text(opening) if opening else "",
        "urgent_phone": practice.urgent_phone,
        "emergency_number": practice.emergency_number,
        "crisis_line": practice.crisis_line,
        "cost_facts": " ".join(fact for fact in cost_facts if fact),
        "price_line": practice.price_line,
        "payment": practice.payment,
        "deposit_policy": practice.deposit_policy,
        "consultation_fee": practice.consultation_fee,
        "parking": practice.parking,
        "practitioners": practice.practitioners,
        "booking_url": practice.booking_url,
    }
