"""Rules for days: what "next Friday", "the 3rd" or "end of the month" can mean, counted from a day.

What people read in two ways gives two candidates.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from clinic.bookings.when.months import month_of
from clinic.bookings.when.shapes import Dates, Days
from clinic.bookings.when.vocabulary import WEEKDAYS

DAY = timedelta(days=1)
LATEST = date(2100, 12, 31)
LONG_PAST = timedelta(days=90)  # A date without a year that passed longer ago is next year's.


@dataclass(frozen=True)
class Said:
    """What a pattern found, today, and the day to count from.

    That is today, or for the end of a range the day before its start.
    """

    match: re.Match[str]
    today: date
    base: date

    def __getitem__(self, group: str | int) -> str:
        """The text of a group of the pattern; empty when it took no part."""
        return self.match[group] or ""

    def get(self, group: str) -> str:
        """The same for a group that the pattern need not have."""
        return self.match.groupdict().get(group) or ""


DayRule = Callable[[Said], Days | None]


def one(day: date) -> Dates:
    """The stretch that is one day."""
    return Dates(day, day)


def _days(*days: date, told: bool = False) -> Days:
    return Days(tuple(one(day) for day in sorted(set(days))), told=told)


def _span(first: date, last: date) -> Days:
    return Days((Dates(first, last),))


def _make(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _later(day: date, days: int) -> date:
    """The day so many days later, within the years that a calendar of appointments needs."""
    return min(day + timedelta(days=min(days, 36_500)), LATEST)


def _next_month(day: date) -> date:
    """The first of the following month."""
    return (day.replace(day=28) + 4 * DAY).replace(day=1)


def _end_of_month(day: date) -> date:
    return _next_month(day) - DAY


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _coming(weekday: int, after: date) -> date:
    return after + timedelta(days=(weekday - after.weekday() - 1) % 7 + 1)


def _in_year(month: int, day: int, base: date) -> Days:
    """A date without a year: the next one, unless it passed not long ago."""
    found = [made for year in (base.year, base.year + 1) if (made := _make(year, month, day))]
    if not found:
        return Days((), said=f"{month}/{day}")
    if base - LONG_PAST <= found[0] < base:
        return _days(found[0])
    return _days(next((made for made in found if made >= base), found[-1]))


def _written(said: Said, month: int, day: int) -> Days:
    year = said.get("y")
    if not year:
        days = _in_year(month, day, said.base)
    else:
        made = _make(int(year) + (2000 if len(year) == 2 else 0), month, day)
        long_past = made is not None and made < said.base - LONG_PAST  # A date of birth, an earlier treatment.
        days = _days(made, told=long_past) if made and made <= LATEST else Days(())
    return days if days.candidates else Days((), said=said[0].strip())


def iso_date(said: Said) -> Days:
    """2026-12-03."""
    return _written(said, int(said["m"]), int(said["d"]))


def numbers(month_first: bool | None) -> DayRule:
    """12/3: month first, day first, or (None) nobody knows."""

    def rule(said: Said) -> Days:
        left, right = int(said["a"]), int(said["b"])
        orders = {True: [(left, right)], False: [(right, left)], None: [(left, right), (right, left)]}[month_first]
        if left > 12 or right > 12:  # Only one order makes a date.
            orders = [(right, left)] if left > 12 else [(left, right)]
        read = [_written(said, month, day) for month, day in orders]
        candidates = [dates for days in read for dates in days.candidates]
        return Days(tuple(dict.fromkeys(candidates)), told=any(days.told for days in read), said=said[0])

    return rule


def month_day(said: Said) -> Days | None:
    """3 Dec, December 3rd, 2026."""
    month = month_of(said["m"])
    return _written(said, month, int(said["d"])) if month else None


def month_days(said: Said) -> Days | None:
    """December 3 to 7."""
    month = month_of(said["m"])
    if not month:
        return None
    first, last = (_written(said, month, int(said[name])) for name in ("d", "d2"))
    if not first.candidates or not last.candidates:
        return Days((), said=said[0])
    begin, end = first.candidates[0].first, last.candidates[0].first
    return _span(begin, end) if begin <= end else Days((), said=said[0])


def month_list(said: Said) -> tuple[Days, ...] | None:
    """December 3 or 4: each a day of its own."""
    month = month_of(said["m"])
    if not month:
        return None
    numbers = re.findall(r"[0-9]{1,2}", said["list"])
    return tuple(_written(said, month, int(number)) for number in numbers)


def month_alone(said: Said) -> Days | None:
    """In December; December. A short or doubtful name counts only after "in" and the like."""
    month = month_of(said["m"])
    if not month or (
        not said["in"] and not said.get("y") and (len(said["m"]) < 4 or said["m"] in ("march", "sept", "mayo"))
    ):
        return None
    year = said.get("y")
    first = date(int(year) if year else said.base.year + (month < said.base.month), month, 1)
    return _span(first, _end_of_month(first))


def part_of_month(said: Said) -> Days | None:
    """Beginning, middle or end of a month; its first week."""
    name = said["m"]
    if name in ("month", "this month"):
        first = said.today.replace(day=1)
    elif name == "next month":
        first = _next_month(said.today)
    else:
        month = month_of(name)
        if not month:
            return None
        first = date(said.base.year + (month < said.base.month), month, 1)
    last = _end_of_month(first)
    part = said["part"]
    bounds = {"mid": (11, 20), "early": (1, 10), "beginning": (1, 7), "late": (21, last.day)}
    number = {"1": 1, "first": 1, "1st": 1, "second": 8, "2nd": 8, "third": 15, "3rd": 15}.get(part.split()[0])
    begin, end = (number, number + 6) if number else bounds.get(part, (last.day - 6, last.day))
    span = Dates(first.replace(day=begin), first.replace(day=end))
    if name == "month" and span.last is not None and span.last < said.today:
        after = _next_month(first)
        span = Dates(after.replace(day=begin), after.replace(day=min(end, _end_of_month(after).day)))
    return Days((span,))


def whole_month(said: Said) -> Days:
    """This month, next month."""
    first = said.today if said["which"] == "this" else _next_month(said.today)
    return _span(first, _end_of_month(first))


def _weeks(today: date, ahead: int) -> list[date]:
    """The Mondays of the week so many weeks ahead; on a Sunday people mean one of two."""
    monday = _later(_monday(today), 7 * ahead)
    return [monday, _later(monday, 7)] if today.weekday() == 6 else [monday]


def week(said: Said) -> Days:
    """This week, next week, the week after next, and their beginnings, middles and ends."""
    which = said["which"]
    ahead = 2 if said["after"] else {"this": 0, "next": 1, "coming": 1}.get(which, 0)
    part = said["part"]
    begin, end = {
        "early": (0, 1),
        "beginning": (0, 1),
        "mid": (1, 3),
        "late": (3, 4),
        "later": (2, 4),
        "end": (3, 4),
    }.get(part, (0, 6))
    spans = [(monday + begin * DAY, monday + end * DAY) for monday in _weeks(said.today, ahead)]
    if not which and not said["after"] and spans[0][1] < said.today:
        spans = [(first + 7 * DAY, last + 7 * DAY) for first, last in spans[:1]]
    if part == "later":
        spans = [(max(first, said.today + DAY), last) for first, last in spans if last > said.today] or spans
    return Days(tuple(Dates(first, last) for first, last in spans))


def week_of(rule: DayRule) -> DayRule:
    """The week that holds a written date."""

    def whole(said: Said) -> Days | None:
        days = rule(said)
        if not days or not days.candidates:
            return days
        mondays = [_monday(dates.first) for dates in days.candidates]
        return Days(tuple(Dates(monday, monday + 6 * DAY) for monday in mondays), told=days.told)

    return whole


def end_of_year(said: Said) -> Days:
    """The second half of December."""
    return _span(date(said.today.year, 12, 15), date(said.today.year, 12, 31))


def weekend(said: Said) -> Days:
    """This weekend, the weekend, next weekend."""
    saturday = _monday(said.today) + 5 * DAY
    which = said["which"].strip()
    if which == "next":
        starts = [saturday + 7 * DAY] if said.today >= saturday else [saturday, saturday + 7 * DAY]
    elif which == "last":
        return Days((Dates(saturday - 7 * DAY, saturday - 6 * DAY),), told=True)
    else:
        starts = [saturday]
    return Days(tuple(Dates(start, start + DAY) for start in starts))


def near_day(said: Said) -> Days:
    """Today, tomorrow, the day after tomorrow, yesterday."""
    offset = {"today": 0, "tomorrow": 1, "day after tomorrow": 2, "yesterday": -1, "day before yesterday": -2}[
        said["near"]
    ]
    return _days(said.today + offset * DAY, told=offset < 0)


_LENGTH = {"day": 1, "week": 7, "month": 30}


def _count(said: Said) -> int:
    return 3 if said["n"] == "few" else int(said["n"])


def _add(day: date, number: int, unit: str) -> date:
    if unit != "month":
        return _later(day, number * _LENGTH[unit])
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    last = _end_of_month(date(min(year, LATEST.year), month + 1, 1))
    return last.replace(day=min(day.day, last.day))


def hence(said: Said) -> Days:
    """In 3 days is a day; in 2 weeks or 2 months is about then, because nobody counts to the day."""
    number, unit = _count(said), said["unit"]
    day = _add(said.today, number, unit)
    slack = {"day": 1 if said["n"] == "few" else 0, "week": 2, "month": 3}[unit] * DAY
    return _span(max(day - slack, said.today), min(day + slack, LATEST))


def within(said: Said) -> Days:
    """In the next 2 weeks."""
    return _span(said.today, _add(said.today, _count(said), said["unit"]))


def ago(said: Said) -> Days:
    """3 weeks ago, last month: what has been."""
    back = _count(said) * _LENGTH[said["unit"]]
    return _days(max(said.today - timedelta(days=back), date(1900, 1, 1)), told=True)


def last_stretch(said: Said) -> Days:
    """Last week, last month, last year."""
    back = {"week": 7, "month": 30, "year": 365}[said["unit"]]
    return _days(said.today - timedelta(days=back), told=True)


def counted_from(said: Said) -> Days:
    """A week from Friday, two days after tomorrow, two weeks from today."""
    number, unit, point = _count(said), said["unit"], said["point"]
    if point in WEEKDAYS:
        starts = [_coming(WEEKDAYS.index(point), said.today)]
        if starts[0] - 7 * DAY == said.today:
            starts = [said.today, starts[0]]
    else:
        starts = [said.today + (point == "tomorrow") * DAY]
    return _days(*(_add(start, number, unit) for start in starts))


def _next(weekday: int, base: date) -> set[date]:
    """What "next Thursday" can be: the coming one, or that of the next week, which begins on Monday or on Sunday."""
    sunday = base - timedelta(days=(base.weekday() + 1) % 7)
    of_next_week = {_monday(base) + timedelta(days=7 + weekday), sunday + timedelta(days=7 + (weekday + 1) % 7)}
    return {_coming(weekday, base), *of_next_week}


def weekday(said: Said) -> Days:
    """Thursday, this Thursday, next Thursday, last Thursday."""
    number = WEEKDAYS.index(said["wd"])
    which = said["which"]
    coming = _coming(number, said.base)
    if which == "last":
        return _days(coming - (14 if number == said.today.weekday() else 7) * DAY, told=True)
    if which == "next":
        return _days(*_next(number, said.base))
    found = {coming, said.base} if said.base.weekday() == number else {coming}
    return Days(_days(*found).candidates, weekdays=frozenset({number}))


def weekday_later(said: Said) -> Days:
    """Thursday after next: a week after whatever "next Thursday" is."""
    return _days(*(day + 7 * DAY for day in _next(WEEKDAYS.index(said["wd"]), said.base)))


def nth_weekday(said: Said) -> Days:
    """Two Fridays from now: the second that comes."""
    return _days(_coming(WEEKDAYS.index(said["wd"]), said.today) + (int(said["n"]) - 1) * 7 * DAY)


def every_weekday(said: Said) -> Days:
    """Any Tuesday, any weekend, weekdays."""
    name = said["every"]
    groups = {"weekdays": frozenset(range(5)), "weekend": frozenset({5, 6})}
    weekdays = groups.get(name) or frozenset({WEEKDAYS.index(name)})
    return Days((Dates(said.today, None, weekdays),), weekdays=weekdays)


def weekday_of_month(said: Said) -> Days | None:
    """The first Monday in December."""
    first = _next_month(said.today) if said["m"] == "next month" else None
    if first is None:
        month = month_of(said["m"])
        if not month:
            return None
        first = date(said.base.year + (month < said.base.month), month, 1)
    index = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1}[said["nth"]]
    number = WEEKDAYS.index(said["wd"])
    if index < 0:
        return _days(_coming(number, _end_of_month(first) - 7 * DAY))
    return _days(_coming(number, first - DAY) + index * 7 * DAY)


def nearest(weekday: int, to: date, today: date) -> date:
    """The day of that name nearest to a date, from today on."""
    before = _coming(weekday, to - 4 * DAY)
    return before if before >= today else before + 7 * DAY


def day_of_month(said: Said) -> Days:
    """The 3rd: the next one; said on the 3rd, today or in a month."""
    number, month = int(said["d"]), said.get("month")
    if not 1 <= number <= 31:
        return Days((), said=said[0])
    if month:
        start = _next_month(said.today) if month.startswith("next") else said.today.replace(day=1)
        made = _make(start.year, start.month, number)
        return _days(made) if made else Days((), said=said[0])
    found: list[date] = []
    start = said.base.replace(day=1)
    for _ in range(4):
        made = _make(start.year, start.month, number)
        if made and made >= said.base:
            found.append(made)
        start = _next_month(start)
    return _days(*(found[:2] if found[0] == said.base else found[:1]))


def weekday_and_number(said: Said) -> Days:
    """Thursday the 26th, Thursday 26: both must agree, else each is a meaning."""
    by_number = day_of_month(said)
    agreeing = tuple(dates for dates in by_number.candidates if dates.first.weekday() == WEEKDAYS.index(said["wd"]))
    if agreeing or not by_number.candidates:
        return Days(agreeing, said=said[0])
    return Days(
        (one(nearest(WEEKDAYS.index(said["wd"]), by_number.candidates[0].first, said.today)), *by_number.candidates)
    )


def holiday(said: Said) -> Days:
    """Feasts that visitors name a day by; rules of the United States."""
    name = said["feast"]

    def on(year: int) -> date:
        november = _coming(3, date(year, 10, 31)) + 21 * DAY
        return {
            "newyear": date(year, 1, 1),
            "newyeareve": date(year, 12, 31),
            "christmas": date(year, 12, 25),
            "christmaseve": date(year, 12, 24),
            "valentine": date(year, 2, 14),
            "halloween": date(year, 10, 31),
            "thanksgiving": november,
            "blackfriday": november + DAY,
            "laborday": _coming(0, date(year, 8, 31)),
            "memorialday": _coming(0, date(year, 5, 24)),
        }[name]

    shift = {"day after ": DAY, "day before ": -DAY}.get(said["side"], 0 * DAY)
    return _days(next(day for year in (said.base.year, said.base.year + 1) if (day := on(year) + shift) >= said.base))
