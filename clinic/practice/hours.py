"""Opening hours: spans for each weekday in the clinic's own time zone.

Spans are wall-clock times, so they keep their meaning over a change to or from daylight saving time. Every
`datetime` that comes in or goes out is aware.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FORM = 'must look like "mon-fri 09:00-12:00,13:00-17:00; sat 10:00-14:00"'


@dataclass(frozen=True, order=True)
class Span:
    """One stretch of opening on a day; open at `start`, closed again from `end` on. `end` None is midnight."""

    start: time
    end: time | None

    def holds(self, moment: time) -> bool:
        """Tell whether the wall-clock `moment` lies inside."""
        return self.start <= moment and (self.end is None or moment < self.end)


Week = tuple[tuple[Span, ...], ...]


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
    for spans_of_day in week:
        spans_of_day.sort(key=lambda span: span.start)
        for one, other in pairwise(spans_of_day):
            if one.end is None or other.start < one.end:
                raise ValueError("must not have spans that overlap")
    return tuple(tuple(spans) for spans in week)


@dataclass(frozen=True)
class Hours:
    """A week of spans in a time zone."""

    week: Week
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, zone: str) -> Hours:
        """Build from the text of `CLINIC_HOURS` and a time zone's name."""
        return cls(parse_week(text), ZoneInfo(zone))

    def is_open(self, at: datetime) -> bool:
        """Tell whether the clinic is open at the aware moment `at`."""
        return self._current(at) is not None

    def closes(self, at: datetime) -> time | None:
        """Return the wall-clock end of the span that holds `at`; None when closed or when the span ends at midnight."""
        span = self._current(at)
        return span.end if span else None

    def next_opening(self, after: datetime) -> datetime | None:
        """Return the first moment later than `after` at which a span begins, or None when the week has no span."""
        first = after.astimezone(self.zone).date()
        starts = (
            self._moment(day, span.start)
            for day in (first + timedelta(days=offset) for offset in range(9))
            for span in self.week[day.weekday()]
        )
        return next((start for start in starts if start > after), None)

    def _current(self, at: datetime) -> Span | None:
        local = at.astimezone(self.zone)
        return next((span for span in self.week[local.weekday()] if span.holds(local.time())), None)

    def _moment(self, day: date, start: time) -> datetime:
        # By way of UTC, so that a start inside the hour that spring skips becomes a time that exists.
        return datetime.combine(day, start, tzinfo=self.zone).astimezone(UTC).astimezone(self.zone)
