"""The days that the numbers are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic.practice import hours

USUAL_DAYS = 30
MOST_DAYS = 366


class NoPeriod(ValueError):
    """The dates make no period; the text is one sentence for whoever typed them."""


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, both included, in the clinic's zone."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def begins(self) -> datetime:
        """Return the moment at which the first day begins, in UTC."""
        return hours.moment(self.first, time.min, self.zone).astimezone(UTC)

    @property
    def ends(self) -> datetime:
        """Return the moment at which the last day is over, in UTC."""
        return hours.moment(self.last + timedelta(days=1), time.min, self.zone).astimezone(UTC)

    @property
    def days(self) -> list[date]:
        """Return every day, the first one first."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @classmethod
    def until(cls, last: date, days: int, zone: ZoneInfo) -> Period:
        """Return the period of so many days that ends with `last`."""
        return cls(last - timedelta(days=days - 1), last, zone)

    @classmethod
    def read(cls, first: str, last: str, today: date, zone: ZoneInfo) -> Period:
        """Read two dates such as "2026-11-01", each maybe empty; raises `NoPeriod`."""
        end = _day(last) if last else today
        begin = _day(first) if first else end - timedelta(days=USUAL_DAYS - 1)
        if begin > end:
            raise NoPeriod("The first day has to come before the last one.")
        if (end - begin).days >= MOST_DAYS:
            raise NoPeriod(f"Please choose {MOST_DAYS} days at most.")
        return cls(begin, end, zone)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NoPeriod("A day is written like 2026-11-21.") from None
    if not 2000 <= day.year <= 2200:
        raise NoPeriod("The year has to be between 2000 and 2200.")
    return day
