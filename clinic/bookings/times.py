"""Moments that the opening hours make true: when the clinic will have answered, and which half-days it is open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from clinic.practice.hours import HORIZON_DAYS, Hours

# How much opening time staff have to answer a request.
ANSWER_WITHIN = timedelta(hours=4)
# Too short for a visit.
SHORTEST = timedelta(minutes=30)
NOON = time(12)


@dataclass(frozen=True)
class HalfDay:
    """An open morning or afternoon, from its first opening to its last closing."""

    start: datetime
    end: datetime

    @property
    def label(self) -> str:
        """Return what a button says, "Tue, Nov 24, morning"."""
        return f"{self.start:%a, %b} {self.start.day}, {'morning' if self.start.time() < NOON else 'afternoon'}"


def confirm_by(hours: Hours, now: datetime, within: timedelta = ANSWER_WITHIN) -> datetime | None:
    """Return when the clinic has been open for `within` from `now` on, in its zone, at a full quarter of an hour.

    The quarter never lies behind a closing. None when the hours have no opening.
    """
    left = within
    for start, end in _openings(hours, now):
        if end - start >= left:
            return min(_quarter(start + left), end).astimezone(hours.zone)
        left -= end - start
    return None


def half_days(hours: Hours, now: datetime, count: int) -> list[HalfDay]:
    """Return the next `count` open half-days that begin after `now`, fewer when the hours have no more."""
    found: list[HalfDay] = []
    for start, end in _halves(hours, now):
        last = found[-1] if found else None
        if last and (last.start.date(), last.start.time() < NOON) == (start.date(), start.time() < NOON):
            found[-1] = HalfDay(last.start, end)
        elif len(found) == count:
            break
        elif start > now and end - start >= SHORTEST:
            found.append(HalfDay(start, end))
    return found[:count]


def _halves(hours: Hours, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the openings cut at noon, in the clinic's zone."""
    for opening, closing in _openings(hours, now):
        start, end = opening.astimezone(hours.zone), closing.astimezone(hours.zone)
        noon = datetime.combine(start.date(), NOON, tzinfo=hours.zone)
        if start < noon < end:
            yield start, noon
            yield noon, end
        else:
            yield start, end


def _openings(hours: Hours, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield what is left of the present opening, then the next ones, in UTC so that differences are elapsed time."""
    today = now.astimezone(hours.zone).date()
    # The day before too: where clocks are set back over midnight, it may not be over yet.
    for number in range(-1, HORIZON_DAYS):
        for stretch in hours.openings(today + timedelta(days=number)):
            if stretch.ends > now:
                yield max(stretch.begins, now.astimezone(UTC)), stretch.ends


def _quarter(moment: datetime) -> datetime:
    over = timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
    return moment + (timedelta(minutes=15) - over if over else over)
