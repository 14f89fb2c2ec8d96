"""Days and times against the clinic's hours and the present: what can be, and why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from clinic.bookings.when.shapes import Dates, Status, Times, Window
from clinic.practice.hours import Hours

DAY = timedelta(days=1)
FAR = 62  # A wish without an end is looked at so many days far; a week of closed doors is not the end of it.


@dataclass(frozen=True)
class Judge:
    """Judges wishes at the moment `now`, aware and in the clinic's zone."""

    now: datetime
    hours: Hours

    def verdict(self, dates: Dates, times: Times) -> tuple[Status, Window | None]:
        """Return clear and the window, or why there is none: in the past, closed, or no such moment."""
        wished = list(self._days(dates))
        if not wished and (dates.last is None or dates.last >= self.now.date()):
            return Status.IMPOSSIBLE, None  # All its days were taken out again.
        days = [day for day in wished if self._ends(day, times) > self.now]
        if not days:
            return Status.PAST, None
        if times.start is not None and times.start == times.end and self._skipped(days[0], times.start):
            return Status.IMPOSSIBLE, None
        first = next((day for day in days if self._open(day, times)), None)
        if first is None:
            return Status.CLOSED, None
        last = None if dates.last is None else next(day for day in reversed(days) if self._open(day, times))
        # Open-ended wishes keep the day they start from; others begin and end on days with open doors.
        start = first if dates.last is not None else max(dates.first, self.now.date())
        end = last if last is None or len(days) < FAR else dates.last
        out = frozenset(day for day in dates.without if start <= day and (end is None or day <= end))
        shown = replace(dates, first=start, last=end, without=out)
        begins = max(self._begins(first, times), self.now)
        ends = self._ends(shown.last, times) if shown.last else None
        return Status.CLEAR, Window(begins, ends, shown, times)

    def meant(self, dates: Dates, meanings: tuple[Times, ...]) -> tuple[Times, ...]:
        """Of the meanings of a time ("3"), those in the opening hours; else the likeliest alone."""
        if len(meanings) < 2:
            return meanings
        days = list(self._days(dates))[:7]
        inside = tuple(
            times
            for times in meanings
            if any(self.hours.is_open(self._moment(day, times.anchor or time.min)) for day in days)
        )
        return inside or meanings[:1]

    def opens(self, dates: Dates) -> datetime | None:
        """The next opening from the first of `dates` on, but not before now."""
        return self.hours.next_opening(max(self._moment(dates.first, time.min), self.now))

    def _days(self, dates: Dates) -> Iterator[date]:
        day = max(dates.first, self.now.date())
        for _ in range(FAR):
            if dates.last is not None and day > dates.last:
                return
            if dates.holds(day):
                yield day
            day += DAY

    def _moment(self, day: date, at: time) -> datetime:
        # By way of UTC: what falls into the hour that spring skips becomes a time that exists.
        return datetime.combine(day, at, tzinfo=self.hours.zone).astimezone(UTC).astimezone(self.hours.zone)

    def _skipped(self, day: date, at: time) -> bool:
        """Tell whether the clocks skip that moment."""
        return self._moment(day, at).time() != at

    def _begins(self, day: date, times: Times) -> datetime:
        return self._moment(day, times.start or time.min)

    def _ends(self, day: date, times: Times) -> datetime:
        return self._moment(day, times.end) if times.end else self._moment(day + DAY, time.min)

    def _open(self, day: date, times: Times) -> bool:
        begins, ends = max(self._begins(day, times), self.now), self._ends(day, times)
        if self.hours.is_open(begins):
            return True
        opening = self.hours.next_opening(begins)
        return opening is not None and opening < ends
