"""Reading a wish back in words: "Thursday, November 26, in the afternoon"."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time

from clinic.bookings.when.shapes import Dates, Times, Window
from clinic.practice.hours import DAY_NAMES

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"),
    "December",
)
_PARTS = {
    "first thing": "first thing in the morning",
    "lunchtime": "at lunchtime",
    "last thing": "at the end of the day",
    **{f"{when} {what}": f"{when} {what}" for when in ("before", "after") for what in ("work", "lunch", "school")},
}


def day_text(day: date, today: date) -> str:
    """A day, with its year when it is not this one."""
    year = "" if day.year == today.year else f", {day.year}"
    return f"{DAY_NAMES[day.weekday()]}, {_MONTHS[day.month - 1]} {day.day}{year}"


def clock_text(at: time) -> str:
    """A time as Americans write it."""
    if at == time(12):
        return "noon"
    return f"{at.hour % 12 or 12}:{at.minute:02d} {'AM' if at.hour < 12 else 'PM'}"


def _list(parts: list[str], word: str) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def dates_text(dates: Dates, today: date) -> str:
    """Days, a range of them, or certain weekdays."""
    if dates.first == dates.last:
        return day_text(dates.first, today)
    named = _weekdays_text(dates.weekdays)
    out = [day_text(day, today) for day in sorted(dates.without) if day >= dates.first][:3]
    exception = f", except {_list(out, 'and')}" if out else ""
    if dates.last is not None:
        span = f"{day_text(dates.first, today)} to {day_text(dates.last, today)}"
        return (f"{named}, {span}" if named else span) + exception
    start = "" if dates.first <= today else f" from {day_text(dates.first, today)} on"
    return f"{named or 'any day'}{start}{exception}"


def _weekdays_text(weekdays: frozenset[int]) -> str:
    if not weekdays or len(weekdays) == 7:
        return ""
    if weekdays == frozenset(range(5)):
        return "any weekday"
    missing = [DAY_NAMES[day] for day in range(7) if day not in weekdays]
    if len(missing) <= 2 and weekdays != frozenset(range(5)):
        return f"any day except {_list(missing, 'and')}"
    return f"any {_list([DAY_NAMES[day] for day in sorted(weekdays)], 'or')}"


def times_text(times: Times) -> str:
    """A part of the day, a time, or between which; empty for the whole day."""
    if times.part:
        return _PARTS.get(times.part, f"in the {times.part}")
    if times.start and times.end:
        if times.start == times.end:
            return f"at {clock_text(times.start)}"
        return f"between {clock_text(times.start)} and {clock_text(times.end)}"
    if times.start:
        return f"after {clock_text(times.start)}"
    return f"before {clock_text(times.end)}" if times.end else ""


def wish_text(dates: Dates, times: Times, today: date) -> str:
    """Days with their times."""
    at = times_text(times)
    return f"{dates_text(dates, today)}, {at}" if at else dates_text(dates, today)


def windows_text(windows: Iterable[Window], today: date) -> str:
    """All windows in one phrase."""
    return " or ".join(dict.fromkeys(wish_text(window.dates, window.times, today) for window in windows))
