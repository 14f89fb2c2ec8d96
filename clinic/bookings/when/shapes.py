"""What a reading consists of: inside, days and times as wished; outside, windows that the clinic can act on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum


class Status(StrEnum):
    """What a text turned out to be; everything but `CLEAR` has to be asked again."""

    CLEAR = "clear"
    AMBIGUOUS = "ambiguous"
    IMPOSSIBLE = "impossible"
    PAST = "past"
    CLOSED = "closed"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Dates:
    """The days from `first` to `last`, both included; `last` None is open-ended.

    `weekdays` (Monday is 0) narrows them down, empty means all; `without` are days taken out.
    """

    first: date
    last: date | None
    weekdays: frozenset[int] = frozenset()
    without: frozenset[date] = frozenset()

    def holds(self, day: date) -> bool:
        """Tell whether `day` is one of them."""
        return (
            self.first <= day
            and (self.last is None or day <= self.last)
            and (not self.weekdays or day.weekday() in self.weekdays)
            and day not in self.without
        )


@dataclass(frozen=True)
class Times:
    """A stretch of the wall clock on a day; None is open. `start` equal to `end` is one moment.

    `part` is the name of a part of the day ("afternoon") where that was said. `anchor` is the hour that was named: of
    several readings ("3" is 03:00 or 15:00) the one counts whose anchor lies in the opening hours.
    """

    start: time | None = None
    end: time | None = None
    part: str | None = None
    anchor: time | None = None


ALL_DAY = Times()


@dataclass(frozen=True)
class Window:
    """When a visitor could come: on the days of `dates`, within `times` of each.

    `begins` and `ends` are aware, in the clinic's zone: the first moment of the first day, never before now, and the
    last moment of the last day, None when open-ended.
    """

    begins: datetime
    ends: datetime | None
    dates: Dates
    times: Times


@dataclass(frozen=True)
class Choice:
    """One of the meanings that an ambiguous text can have, and how to say it."""

    text: str
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class Stretch:
    """A piece of the visitor's text that was read: `text[start:end]`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Reading:
    """What was read.

    `windows` is filled when `status` is clear, `choices` (two or more) when it is ambiguous. `text` reads it back; for
    an impossible, past or closed wish it is that wish. `left_out` tells in the same words what was said beside the
    windows and cannot be. `opens` is the clinic's next opening after a closed wish. `soonest` says that the visitor
    wants to come as early as possible.
    """

    status: Status
    windows: tuple[Window, ...] = ()
    choices: tuple[Choice, ...] = ()
    text: str = ""
    stretches: tuple[Stretch, ...] = ()
    left_out: tuple[str, ...] = ()
    opens: datetime | None = None
    soonest: bool = False


@dataclass(frozen=True)
class Word:
    """A word of the line that the grammar reads, and where it stands in the visitor's text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Days:
    """Days as said: every candidate is a possible meaning. None at all means that there is no such day.

    `weekdays` is set when nothing but weekdays was said; such days narrow a longer stretch down ("Tuesday next week").
    `told` marks talk of what has been ("last Friday"); `said` reads an impossible day back.
    """

    candidates: tuple[Dates, ...]
    weekdays: frozenset[int] = frozenset()
    told: bool = False
    said: str = ""

    @property
    def single(self) -> bool:
        """Tell whether every meaning is one day."""
        return all(dates.first == dates.last for dates in self.candidates)


@dataclass(frozen=True)
class Piece:
    """What the grammar made of the words `first` to `last` (excluded): a kind, and days or times.

    `times` are the possible meanings of a time; none at all means that there is no such time. `again` reads the days
    anew from another day on, for the end of a range ("from the 30th to the 2nd").
    """

    kind: str
    first: int
    last: int
    days: Days | None = None
    times: tuple[Times, ...] = ()
    said: str = ""
    negated: bool = False
    again: Callable[[date], Days] | None = field(default=None, compare=False)
