"""From pieces to wishes: which times belong to which days, what narrows what, what was excluded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from clinic.bookings.when import clock
from clinic.bookings.when.calendar_days import nearest, one
from clinic.bookings.when.shapes import ALL_DAY, Dates, Days, Piece, Times

DAY = timedelta(days=1)
MOST_DAYS_OUT = 62


@dataclass(frozen=True)
class Wish:
    """Days, and the times on them: alternatives, each with its possible meanings."""

    days: Days
    times: tuple[tuple[Times, ...], ...] = ((ALL_DAY,),)
    said: str = ""


@dataclass
class _Group:
    days: list[Days]
    times: list[Piece]
    joined: list[bool]


def wishes_of(pieces: Sequence[Piece], today: date) -> list[Wish]:
    """Return what is wished; exclusions are already taken out. Empty when no day and no time was wished or excluded."""
    positive = _narrowed(_wished([piece for piece in pieces if not piece.negated]), today)
    out_days = [piece.days for piece in pieces if piece.negated and piece.days]
    out_times = [times for piece in pieces if piece.negated for times in piece.times[:1]]
    groups = _groups(positive)
    if not groups and not out_days and not out_times and not any(piece.kind in ("any", "asap") for piece in pieces):
        return []
    anyday = Days((Dates(today, None),))
    wishes = []
    for group in groups or [_Group([anyday], [], [])]:
        times = _alternatives(group)
        said = next((piece.said for piece in group.times if not piece.times), "")
        for days in group.days or [anyday]:
            left = _without_days(days, out_days)
            wishes.append(Wish(left, _without_times(times, out_times), said))
    return wishes


def _wished(pieces: list[Piece]) -> list[Piece]:
    """Leave out days that were only told of ("I came last Friday") when others are wished."""
    if not any(piece.days and not piece.days.told for piece in pieces):
        return pieces
    return [piece for piece in pieces if not (piece.days and piece.days.told)]


def _groups(pieces: Sequence[Piece]) -> list[_Group]:
    """Days and the times behind them ("Thursday or Friday after 3"), or times and the days behind those."""
    groups: list[_Group] = []
    joined = anew = False
    for index, piece in enumerate(pieces):
        if piece.kind == "any":  # "After 3 on weekdays, any time Saturday": Saturday has no part in "after 3".
            anew = True
        if piece.kind in ("or", "and"):
            joined = piece.kind == "or"
        if piece.kind not in ("days", "times"):
            continue
        current = groups[-1] if groups else None
        days_wait = any(later.kind == "days" for later in pieces[index:])
        if piece.kind == "days":
            complete = current is not None and bool(current.times and current.days)
            if current is None or (complete and (anew or not _times_lead(current, pieces))):
                groups.append(current := _Group([], [], []))
            if piece.days:
                current.days.append(piece.days)
        else:
            if current is None or (_times_lead(current, pieces) and current.days and days_wait):
                groups.append(current := _Group([], [], []))
            current.times.append(piece)
            current.joined.append(joined)
        joined = anew = False
    return groups


def _times_lead(group: _Group, pieces: Sequence[Piece]) -> bool:
    """Tell whether in this group the times were said first."""
    if not group.times or not group.days:
        return bool(group.times)
    first_day = next((piece.first for piece in pieces if piece.days is group.days[0]), 0)
    return group.times[0].first < first_day


def _alternatives(group: _Group) -> tuple[tuple[Times, ...], ...]:
    """Times joined by "or" are alternatives; others narrow each other down where they can."""
    found: list[tuple[Times, ...]] = []
    for piece, joined in zip(group.times, group.joined, strict=True):
        met = clock.together(found[-1], piece.times) if found and not joined else ()
        if met:
            found[-1] = met
        else:
            found.append(piece.times)
    return tuple(found) or ((ALL_DAY,),)


def _narrowed(pieces: Sequence[Piece], today: date) -> list[Piece]:
    """Let a week or month narrow weekdays down, before or behind them, and a weekday check the date beside it."""
    line: list[Piece] = []
    scope: Days | None = None
    for piece in pieces:
        last = next((index for index in range(len(line) - 1, -1, -1) if line[index].kind == "days"), None)
        if piece.kind != "days" or piece.days is None or last is None:
            if piece.kind == "days" and piece.days and _is_stretch(piece.days):
                scope = piece.days
            line.append(piece)
            continue
        between = {other.kind for other in line[last + 1 :]}
        before = line[last].days or Days(())
        joined = bool(between & {"or", "and"})
        if scope is not None and piece.days.weekdays and (not joined or before is not scope):
            narrowed = replace(piece, days=_within(piece.days, scope))
            line = [*line[:last], narrowed] if before is scope and not _has_times(line[last:]) else [*line, narrowed]
            if before is scope and _has_times(line):
                line = [other for other in line if other.days is not scope]
            continue
        if _is_stretch(piece.days) and before.weekdays and not joined:
            line = _narrow_back(line, last, piece.days)
            continue
        if not joined and not between & {"times", "gap"} and _checks(before, piece.days):
            line[last] = replace(line[last], last=piece.last, days=_agreed(before, piece.days, today))
            line = line[: last + 1]
            continue
        scope = piece.days if _is_stretch(piece.days) else None
        line.append(piece)
    return line


def _has_times(pieces: Iterable[Piece]) -> bool:
    return any(piece.kind == "times" for piece in pieces)


def _is_stretch(days: Days) -> bool:
    return bool(days.candidates) and not days.weekdays and not days.single


def _narrow_back(line: list[Piece], last: int, scope: Days) -> list[Piece]:
    """Apply a stretch to the run of weekdays that ends at `last` ("Monday or Tuesday next week")."""
    narrowed = list(line)
    for index in range(last, -1, -1):
        days = line[index].days
        if line[index].kind == "days":
            if days is None or not days.weekdays:
                break
            narrowed[index] = replace(line[index], days=_within(days, scope))
    return narrowed


def _within(days: Days, scope: Days) -> Days:
    """The weekdays inside a stretch: one day where it holds only one."""
    found = []
    for dates in scope.candidates:
        inside = replace(dates, weekdays=days.weekdays)
        first = next((day for day in _first_days(dates.first, 7) if inside.holds(day)), None)
        if first is None:
            continue
        only = dates.last is not None and len(days.weekdays) == 1 and first + 7 * DAY > dates.last
        found.append(Dates(first, first) if only else inside)
    return Days(tuple(found), said=days.said or scope.said)


def _first_days(first: date, number: int) -> list[date]:
    return [first + offset * DAY for offset in range(number)]


def _checks(one: Days, other: Days) -> bool:
    """Tell whether two days name the same day twice: a weekday and a date ("Thursday, December 3")."""
    named = [days for days in (one, other) if days.weekdays]
    return bool(
        one.candidates
        and other.candidates
        and one.single
        and other.single
        and (len(named) == 1 or (one.candidates == other.candidates))
    )


def _agreed(first: Days, second: Days, today: date) -> Days:
    named, dated = (first, second) if first.weekdays else (second, first)
    if not named.weekdays:
        return dated
    agreeing = tuple(dates for dates in dated.candidates if dates.first.weekday() in named.weekdays)
    if agreeing:
        return Days(agreeing)
    near = nearest(min(named.weekdays), dated.candidates[0].first, today)
    return Days((one(near), *dated.candidates))


def _without_days(days: Days, out: Sequence[Days]) -> Days:
    weekdays = frozenset().union(*(each.weekdays for each in out)) if out else frozenset()
    dates = frozenset(
        day
        for each in out
        if not each.weekdays
        for span in each.candidates
        for day in _first_days(span.first, min(MOST_DAYS_OUT, ((span.last or span.first) - span.first).days + 1))
    )
    if not weekdays and not dates:
        return days
    left = tuple(
        replace(each, weekdays=(each.weekdays or frozenset(range(7))) - weekdays, without=each.without | dates)
        if weekdays
        else replace(each, without=each.without | dates)
        for each in days.candidates
        if (each.weekdays or frozenset(range(7))) - weekdays
    )
    return replace(days, candidates=left)


def _without_times(times: tuple[tuple[Times, ...], ...], out: Sequence[Times]) -> tuple[tuple[Times, ...], ...]:
    for each in out:
        times = tuple(
            met
            for alternative in times
            for rest in clock.without(each)
            if (met := clock.together(alternative, (rest,)))
        )
    return times
