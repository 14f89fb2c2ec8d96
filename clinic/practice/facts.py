"""The values that the placeholders of responses may use, from the practice and the clock."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from clinic.practice import public_holidays
from clinic.practice.hours import DAY_NAMES, Hours, Span, Spans, Stretch, Week, parse_spans, parse_week
from clinic.practice.models import Closure, DayException, Practice, SignOff

# A change that staff make shows within this time in every process.
KEEP_SECONDS = 5.0
# How far ahead an answer about the opening hours names days that differ from the week.
UNUSUAL_DAYS_SAID = 7

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


class Kept(Generic[T]):
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
    return snapshot_of(Practice.seeded())


def snapshot_of(practice: Practice) -> Snapshot:
    """Return what would count if the practice were this one; it need not be saved."""
    week = parse_week(practice.hours)
    closures = Closure.objects.order_by("begins_at").values_list("begins_at", "ends_at")
    hours = Hours(
        week,
        ZoneInfo(practice.time_zone),
        days={one.date: _spans(one, week) for one in DayException.objects.all()},
        holidays=partial(public_holidays.name, practice.holidays),
        closures=tuple(Stretch(begins.astimezone(UTC), ends.astimezone(UTC)) for begins, ends in closures),
    )
    return Snapshot(practice, hours)


def _spans(day: DayException, week: Week) -> Spans:
    return week[day.date.weekday()] if day.choice == DayException.Choice.USUAL else parse_spans(day.spans)


def _read_signed() -> frozenset[tuple[str, str]]:
    return frozenset(SignOff.objects.values_list("response", "wording_hash"))


_snapshot = Kept(_read_snapshot)
_signed = Kept(_read_signed)


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


def day_text(day: date) -> str:
    """Return a date as "Thursday, November 26"."""
    return f"{day:%A, %B} {day.day}"


def moment_text(moment: datetime) -> str:
    """Return a moment in its own zone as "Monday, November 23 at 9:00 am"."""
    return f"{day_text(moment)} at {time_text(moment.time())}"


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


@dataclass(frozen=True)
class Unusual:
    """Dates, the first to the last, on which the clinic is open at other times than the week says.

    `times` is "closed" or what is open instead; `reason` is a public holiday's name or "".
    """

    first: date
    last: date
    times: str
    reason: str

    @property
    def days(self) -> str:
        """Return the dates as "Thursday, November 26" or "Monday, December 21 to Friday, December 25"."""
        return day_text(self.first) if self.first == self.last else f"{day_text(self.first)} to {day_text(self.last)}"

    def __str__(self) -> str:
        return f"{self.days}: {self.times}{f' ({self.reason})' if self.reason else ''}"


def unusual_days(hours: Hours, at: datetime, days: int) -> list[Unusual]:
    """Return what differs from the week on the date of the moment `at` and the dates after it, `days` in all.

    Days in a row that are the same are one entry. Notes that staff made about them are not for visitors.
    """
    today = at.astimezone(hours.zone).date()
    found: list[Unusual] = []
    for day in (today + timedelta(days=number) for number in range(days)):
        openings = hours.openings(day)
        if openings == hours.usual(day):
            continue
        times = " and ".join(_stretch_text(stretch, hours.zone) for stretch in openings) or "closed"
        reason = hours.holidays(day)
        before = found[-1] if found else None
        if before and (before.last + timedelta(days=1), before.times, before.reason) == (day, times, reason):
            found[-1] = Unusual(before.first, day, times, reason)
        else:
            found.append(Unusual(day, day, times, reason))
    return found


def _stretch_text(stretch: Stretch, zone: ZoneInfo) -> str:
    return f"{time_text(stretch.begins.astimezone(zone).time())} to {_end_text(stretch.ends.astimezone(zone))}"


def _end_text(moment: datetime) -> str:
    return time_text(moment.time() if moment.time() != time.min else None)


def _hours_text(hours: Hours, at: datetime) -> str:
    """Return the week and what differs from it within the next days."""
    unusual = [str(one) for one in unusual_days(hours, at, UNUSUAL_DAYS_SAID)]
    return "; ".join(filter(None, [week_text(hours.week), *unusual]))


def _open_until(hours: Hours, at: datetime) -> str:
    ends = hours.closes(at)
    if ends is None:
        return "open day and night"
    last = (ends.astimezone(UTC) - timedelta(microseconds=1)).astimezone(hours.zone)
    if last.date() == at.astimezone(hours.zone).date():
        return f"open until {_end_text(ends)} today"
    return f"open until {moment_text(ends)}"


def _open_line(hours: Hours, at: datetime) -> str:
    if hours.is_open(at):
        return _open_until(hours, at)
    opening = hours.next_opening(at)
    return f"closed until {moment_text(opening)}" if opening else "closed"


def values(at: datetime, of: Snapshot | None = None) -> dict[str, str]:
    """Return every fact of `NAMES` as text at the aware moment `at`; a fact that the clinic has not given is "".

    `of` stands in for the practice as it is now.
    """
    found = of or snapshot()
    practice, hours = found.practice, found.hours
    opening = hours.next_opening(at)
    cost_facts = (practice.price_line, practice.payment, practice.deposit_policy)
    return {
        "clinic_name": practice.name,
        "clinic_phone": practice.phone,
        "clinic_email": practice.email,
        "clinic_address": practice.address,
        "opening_hours": _hours_text(hours, at),
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
