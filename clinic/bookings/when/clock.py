"""Rules for times: parts of the day, and what the clock shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import time

from clinic.bookings.when.shapes import Times

TimeRule = Callable[[re.Match[str]], tuple[Times, ...] | None]

_HOUR = r"[0-9]{1,2}"
_AM_PM = r"(?:am|pm|p)"
_SURE = (
    rf"{_HOUR}:[0-9]{{2}}(?: {_AM_PM})?(?: oclock)?"
    rf"|{_HOUR}(?: [0-9]{{2}})? {_AM_PM}"
    rf"|{_HOUR} oclock(?: {_AM_PM})?"
    rf"|half past {_HOUR}(?: {_AM_PM})?|quarter (?:past|to|after|before) {_HOUR}(?: {_AM_PM})?"
    rf"|{_HOUR} and (?:half|quarter)|{_HOUR} except quarter|half {_HOUR}"
    r"|noon|midnight"
)
_TIME = rf"(?:{_SURE}|{_HOUR})"
# What may stand behind a bare number that is an hour; behind anything else it counts things ("3 kids").
_STOP = (
    r"(?= (?:or|and|to|until|but|in|at|from|after|before|between|around|today|tonight|tomorrow|this|next|coming|any|not"
    r"|no|except|if|would|will|works?|work|please|pls|plz|thanks|thank|thx|ish|for|would|could|can|whenever|later|earlier"
    r"|beginning|morning|afternoon|evening|lunch|mon|tue|wed|thu|fri|sat|sun|weekdays?|weekends?|then|good|best|fine|ok"
    r"|okay|perfect|great|ideal|may|should|suits?|it|that|my|on|s|[0-9]{1,2}/[0-9].*|[^a-z0-9#].*)(?: |$)|$)"
)

_PARTS: dict[str, tuple[str | None, str | None]] = {
    "morning": (None, "12:00"),
    "early morning": (None, "10:00"),
    "first thing": (None, "10:00"),
    "mid-morning": ("09:30", "11:30"),
    "late morning": ("10:00", "12:00"),
    "before work": (None, "09:00"),
    "before lunch": (None, "12:00"),
    "lunchtime": ("11:30", "13:30"),
    "afternoon": ("12:00", "17:00"),
    "after lunch": ("13:00", "17:00"),
    "early afternoon": ("12:00", "14:00"),
    "mid-afternoon": ("14:00", "16:00"),
    "late afternoon": ("15:00", "18:00"),
    "after school": ("15:00", None),
    "last thing": ("16:00", None),
    "after work": ("17:00", None),
    "early evening": ("17:00", "19:00"),
    "evening": ("17:00", None),
    "late evening": ("19:00", None),
}


def _clock(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def part(name: str) -> Times:
    """The part of the day of that name."""
    start, end = _PARTS[name]
    return Times(_clock(start), _clock(end), part=name)


def hours_of(text: str, shared: str = "") -> tuple[time, ...]:
    """Return what a time on the clock can mean, the likelier first; nothing when there is no such time.

    `shared` is "am" or "pm" said with the other end of a range. An hour from one to six is rather in the afternoon.
    """
    if text in ("noon", "midnight"):
        return (time(12 if text == "noon" else 0),)
    numbers = [int(number) for number in re.findall(r"[0-9]+", text)]
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 0
    quarter = "quarter" in text and (45 if re.search("to|before|except", text) else 15)
    if quarter == 45:
        hour = (hour - 1) % 24 or 12
    minute = quarter or (30 if "half" in text else minute)
    if hour > 23 or minute > 59:
        return ()
    said = next((half for half in ("am", "pm") if half in text), "pm" if text.endswith(" p") else shared)
    if said and hour <= 12:
        return (time(hour % 12 + 12 * (said == "pm"), minute),)
    if hour == 0 or hour > 12 or re.match("0[0-9]:", text):
        return (time(hour, minute),)
    early, late = time(hour % 12, minute), time(hour % 12 + 12, minute)
    return (late, early) if hour <= 6 or hour == 12 else (early, late)


def _said(text: str) -> str:
    return next((half for half in ("am", "pm") if half in text), "pm" if text.endswith(" p") else "")


def _bare_too_high(*texts: str) -> bool:
    """A bare number that is no hour is no time at all: an age, a price, a count."""
    return any(text.isdigit() and not 1 <= int(text) <= 23 for text in texts)


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _shifted(moment: time, minutes: int) -> time:
    total = min(max(_minutes(moment) + minutes, 0), 24 * 60 - 1)
    return time(total // 60, total % 60)


def _range(match: re.Match[str]) -> tuple[Times, ...] | None:
    left, right = match["a"], match["b"]
    if _bare_too_high(left, right):
        return None
    ends = hours_of(right)
    pairs = [(start, end) for start in hours_of(left) for end in ends if start < end]
    # "2 to 4 pm" shares its half of the day, "10 to 2 pm" does not: the shortest stretch is meant.
    shortest = min((_minutes(end) - _minutes(start) for start, end in pairs), default=0)
    return tuple(Times(start, end, anchor=start) for start, end in pairs if _minutes(end) - _minutes(start) == shortest)


def _after(match: re.Match[str]) -> tuple[Times, ...] | None:
    if _bare_too_high(match["a"]):
        return None
    return tuple(Times(start=hour, anchor=hour) for hour in hours_of(match["a"]))


def _before(match: re.Match[str]) -> tuple[Times, ...] | None:
    if _bare_too_high(match["a"]):
        return None
    return tuple(Times(end=hour, anchor=hour) for hour in hours_of(match["a"]) if hour > time.min)


def _around(match: re.Match[str]) -> tuple[Times, ...] | None:
    if _bare_too_high(match["a"]):
        return None
    return tuple(Times(_shifted(hour, -30), _shifted(hour, 30), anchor=hour) for hour in hours_of(match["a"]))


def _at(match: re.Match[str]) -> tuple[Times, ...] | None:
    if _bare_too_high(match["a"]):
        return None
    return tuple(
        Times(hour, hour, anchor=hour) for hour in hours_of(match["a"], _said(match.groupdict().get("b") or ""))
    )


def _part(match: re.Match[str]) -> tuple[Times, ...]:
    how, name = (match["how"] or "").strip(), match["part"]
    name = {"lunch": "lunchtime"}.get(name, name)
    full = f"mid-{name}" if how == "mid" else f"{how} {name}".strip()
    return (part(full if full in _PARTS else name),)


def _named(name: str) -> TimeRule:
    return lambda match: (part(name),)


_RULES: list[tuple[str, TimeRule]] = [
    (rf"(?:between|from|around|at) (?P<a>{_TIME}) (?:and|to|until) (?P<b>{_TIME})(?! {_AM_PM}){_STOP}", _range),
    (rf"(?P<a>{_SURE}) (?:to|until) (?P<b>{_TIME})(?! {_AM_PM}){_STOP}", _range),
    (rf"(?P<a>{_TIME}) (?:to|until) (?P<b>{_SURE})", _range),
    (rf"(?:at )?(?P<a>{_HOUR}) (?:to|until) (?P<b>{_HOUR}){_STOP}", _range),
    (rf"(?:after|past|from|beginning)(?: at| around)? (?P<a>{_TIME})(?: from)?{_STOP}", _after),
    (rf"(?:at )?(?P<a>{_TIME}) (?:or|and) (?:later|after){_STOP}", _after),
    (rf"(?:before|until)(?: at| around)? (?P<a>{_TIME}){_STOP}", _before),
    (rf"(?:at )?(?P<a>{_TIME}) (?:or|and) (?:earlier|before){_STOP}", _before),
    (rf"(?:at )?around (?P<a>{_TIME}){_STOP}", _around),
    (rf"(?:at )?(?P<a>{_TIME})(?: to)? ish", _around),
    (rf"at (?P<a>{_TIME}){_STOP}", _at),
    (rf"(?P<a>{_HOUR})(?= or (?P<b>{_SURE}))", _at),
    (rf"(?P<a>{_SURE})", _at),
    (r"first thing(?: in)?(?: morning)?", _named("first thing")),
    (r"last thing(?: in)?(?: afternoon| evening)?", _named("last thing")),
    (r"(?:after|finish|off) (?:my )?(?:work|office hours)", _named("after work")),
    (r"(?:get|getting|got|am) off work", _named("after work")),
    (r"before (?:my )?work", _named("before work")),
    (r"after (?:my )?lunch", _named("after lunch")),
    (r"before (?:my )?lunch", _named("before lunch")),
    (r"after (?:my )?school(?: drop off| run)?", _named("after school")),
    (r"(?P<how>early |late |mid )?(?:in )?(?P<part>morning|afternoon|evening|lunch)", _part),
    (r"(?:early|earlier)(?! (?:[a-z]+))", _named("early morning")),
]

RULES = tuple((re.compile(pattern + r"(?= |$)"), rule) for pattern, rule in _RULES)
# A bare hour of a list ("at 3 or 4") counts only behind another time.
NEXT_HOUR = re.compile(rf"(?P<a>{_HOUR}){_STOP}")
BARE_RANGE = re.compile(rf"(?P<a>{_HOUR}) to (?P<b>{_HOUR}){_STOP}")
WORKING_HOURS = re.compile(rf"work(?:s|ing)? (?:from )?(?:{_TIME}) (?:to|until) (?:{_TIME})(?= |$)")


def at_next_hour(match: re.Match[str]) -> tuple[Times, ...]:
    """The times that a further hour of a list can mean."""
    return _at(match) or ()


def together(one: Iterable[Times], other: Iterable[Times]) -> tuple[Times, ...]:
    """Return the times that satisfy both ("in the afternoon", "at 3"); nothing when they exclude each other."""
    return tuple(both for left in one for right in other if (both := _meet(left, right)))


def _meet(left: Times, right: Times) -> Times | None:
    start = max(left.start or time.min, right.start or time.min)
    end = min((end for end in (left.end, right.end) if end), default=None)
    moment = next((times for times in (left, right) if times.start and times.start == times.end), None)
    if end is not None and (start > end or (start == end and moment is None)):
        return None
    part_name = None if moment or left.anchor or right.anchor else left.part or right.part
    return Times(start if start > time.min else None, end, part_name, left.anchor or right.anchor)


def without(times: Times) -> tuple[Times, ...]:
    """The rest of the day beside `times`."""
    rest = []
    if times.start and times.start > time.min:
        rest.append(Times(end=times.start))
    if times.end:
        rest.append(Times(start=times.end))
    return tuple(rest)
