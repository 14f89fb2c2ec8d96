"""Opening hours in the clinic's own time zone: a week of spans, days that differ from it, and closures.

Spans are wall-clock times, so they keep their meaning over a change to or from daylight saving time: a span begins, and
ends, at the first moment at which the clock shows that time or a later one. Every `datetime` that comes in or goes out
is aware.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FORM = 'must look like "mon-fri 09:00-12:00,13:00-17:00; sat 10:00-14:00"'
SPANS_FORM = 'must look like "10:00-12:00, 13:00-16:00"'
OVERLAP = "must not have spans that overlap"
# How far ahead an opening is looked for; beyond it a date without a year would mislead.
HORIZON_DAYS = 180


@dataclass(frozen=True, order=True)
class Span:
    """One stretch of opening on a day; open at `start`, closed again from `end` on. `end` None is midnight."""

    start: time
    end: time | None


Spans = tuple[Span, ...]
Week = tuple[Spans, ...]


@dataclass(frozen=True, order=True)
class Stretch:
    """A stretch of time from the moment `begins` up to, and without, the moment `ends`; both in UTC.

    UTC, because moments of one zone are compared by their wall clocks, which is wrong when clocks are set back.
    """

    begins: datetime
    ends: datetime


def _time(text: str) -> time | None:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    if match and text == "24:00":
        return None
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError(FORM)
    return time(int(match[1]), int(match[2]))


def _span(text: str) -> Span:
    first, dash, last = text.partition("-")
    start, end = _time(first.strip()), _time(last.strip()) if dash else time.min
    if start is None or (end is not None and end <= start):
        raise ValueError(FORM)
    return Span(start, end)


def _days(text: str) -> list[int]:
    days: list[int] = []
    for part in text.lower().split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise ValueError(FORM)
        begin, end = DAYS.index(first), DAYS.index(last or first)
        days += range(begin, end + 1) if begin <= end else [*range(begin, 7), *range(end + 1)]
    return days


def parse_week(text: str) -> Week:
    """Read a week such as "mon-fri 09:00-17:00; sat 10:00-14:00" into seven tuples of spans, Monday first.

    Raises ValueError with the end of a sentence ("must look like …") when the text is no week or spans overlap.
    """
    week: list[list[Span]] = [[] for _ in DAYS]
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        days, _, spans = entry.partition(" ")
        if not spans.strip():
            raise ValueError(FORM)
        for day in _days(days):
            week[day] += [_span(span.strip()) for span in spans.split(",")]
    return tuple(_in_order(spans_of_day) for spans_of_day in week)


def parse_spans(text: str) -> Spans:
    """Read the spans of one day such as "10:00-12:00, 13:00-16:00"; "" is a day without opening.

    Raises ValueError with the end of a sentence ("must look like …") when the text is none or spans overlap.
    """
    try:
        return _in_order([_span(part.strip()) for part in text.split(",")] if text.strip() else [])
    except ValueError as error:
        raise ValueError(SPANS_FORM if str(error) == FORM else str(error)) from None


def written_spans(spans: Spans) -> str:
    """Return the spans of one day as `parse_spans` reads them, such as "09:00-12:00, 13:00-17:00"; "" for none."""
    return ", ".join(f"{span.start:%H:%M}-{span.end.strftime('%H:%M') if span.end else '24:00'}" for span in spans)


def written_week(week: Week) -> str:
    """Return a week as `parse_week` reads it, days that follow each other with the same spans as one entry."""
    entries = []
    for spans, run in groupby(range(len(DAYS)), week.__getitem__):
        days = list(run)
        if spans:
            named = DAYS[days[0]] if len(days) == 1 else f"{DAYS[days[0]]}-{DAYS[days[-1]]}"
            entries.append(f"{named} {written_spans(spans).replace(', ', ',')}")
    return "; ".join(entries)


def _in_order(spans: Iterable[Span]) -> Spans:
    ordered = tuple(sorted(spans, key=lambda span: span.start))
    for one, other in pairwise(ordered):
        if one.end is None or other.start < one.end:
            raise ValueError(OVERLAP)
    return ordered


@lru_cache(maxsize=4096)
def moment(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Return, in UTC, the first moment at which the clock of `zone` shows that date and time or a later one.

    A time that the clock shows twice means the first of the two.
    """
    naive = datetime.combine(day, wall)
    found = naive.replace(tzinfo=zone, fold=0).astimezone(UTC)
    before = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if before < found:  # Only where the clock jumps over this time; the jump lies between the two readings.
        found = _jump(before, found, zone)
    return found


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first whole second at which the offset of `zone` is what it is at `after`."""
    offset = after.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return before + timedelta(seconds=high)


def _no_holiday(day: date) -> str:  # noqa: ARG001
    return ""


@dataclass(frozen=True)
class Hours:
    """When the clinic is open.

    `days` are the spans of single dates and count instead of the week; `holidays` names the public holiday of a date,
    "" when it is none, and a holiday that `days` does not mention is closed; `closures`, ordered by their
    beginning, count over everything.
    """

    week: Week
    zone: ZoneInfo
    days: Mapping[date, Spans] = field(default_factory=dict)
    holidays: Callable[[date], str] = _no_holiday
    closures: tuple[Stretch, ...] = ()

    @classmethod
    def parse(cls, text: str, zone: str) -> Hours:
        """Build a plain week from the text of `CLINIC_HOURS` and a time zone's name."""
        return cls(parse_week(text), ZoneInfo(zone))

    def spans(self, day: date) -> Spans:
        """Return the spans that count on a date, before closures are taken off."""
        if (own := self.days.get(day)) is not None:
            return own
        return () if self.holidays(day) else self.week[day.weekday()]

    def is_open(self, at: datetime) -> bool:
        """Tell whether the clinic is open at the aware moment `at`."""
        return any(piece.begins <= at < piece.ends for piece in self._pieces(at, days=2))

    def closes(self, at: datetime) -> datetime | None:
        """Return when the opening that holds `at` ends; None when closed, or open for longer than half a year."""
        at = at.astimezone(UTC)
        first = next(self._from(at), None)
        if first is None or first.begins > at or first.ends > at + timedelta(days=HORIZON_DAYS):
            return None
        return first.ends.astimezone(self.zone)

    def next_opening(self, after: datetime) -> datetime | None:
        """Return the first moment later than `after` at which the clinic opens, or None when none is near enough.

        Going on after a break counts as opening, being open over midnight does not.
        """
        after = after.astimezone(UTC)
        found = next((stretch for stretch in self._from(after) if stretch.begins > after), None)
        return found.begins.astimezone(self.zone) if found else None

    def openings(self, day: date) -> tuple[Stretch, ...]:
        """Return when the clinic is open on a date, closures taken off; spans that meet are one stretch."""
        return tuple(_joined(self._opened(day, self.spans(day), self.closures)))

    def usual(self, day: date) -> tuple[Stretch, ...]:
        """Return when the clinic would be open on a date by the week alone."""
        return tuple(_joined(self._opened(day, self.week[day.weekday()], ())))

    def _from(self, at: datetime) -> Iterator[Stretch]:
        """Yield what is open at the moment `at` or later, in order; openings that meet, over midnight too, are one."""
        return (stretch for stretch in _joined(self._pieces(at, HORIZON_DAYS + 2)) if stretch.ends > at)

    def _pieces(self, at: datetime, days: int) -> Iterator[Stretch]:
        """Yield the openings of the date of `at`, of the one before and of those after it, `days` of them."""
        today = at.astimezone(self.zone).date()
        # Where clocks are set back over midnight, moments of one date come after moments of the next.
        for number in range(-1, days):
            day = today + timedelta(days=number)
            yield from self._opened(day, self.spans(day), self.closures)

    def _opened(self, day: date, spans: Spans, closures: tuple[Stretch, ...]) -> Iterator[Stretch]:
        for span in spans:
            ends = (day + timedelta(days=1), time.min) if span.end is None else (day, span.end)
            opened = Stretch(moment(day, span.start, self.zone), moment(*ends, self.zone))
            yield from _without(opened, closures)


def _joined(pieces: Iterable[Stretch]) -> Iterator[Stretch]:
    """Yield ordered pieces with those that meet made one."""
    held: Stretch | None = None
    for piece in pieces:
        if held is not None and piece.begins <= held.ends:
            held = Stretch(held.begins, max(held.ends, piece.ends))
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def _without(opened: Stretch, closures: tuple[Stretch, ...]) -> Iterator[Stretch]:
    """Yield what is left of an opening when closures, ordered by their beginning, are taken off."""
    begins = opened.begins
    for closure in closures:
        if closure.ends <= begins or closure.begins >= opened.ends:
            continue
        if closure.begins > begins:
            yield Stretch(begins, closure.begins)
        begins = closure.ends
    if begins < opened.ends:
        yield Stretch(begins, opened.ends)
