"""Reading what days and times a visitor wishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice, product

from clinic.bookings.when import grammar, phrasing
from clinic.bookings.when.judge import Judge
from clinic.bookings.when.shapes import Choice, Dates, Piece, Reading, Status, Stretch, Window, Word
from clinic.bookings.when.wishes import Wish, wishes_of
from clinic.bookings.when.words import line_of
from clinic.practice.hours import Hours

MOST_CHOICES = 4
MOST_WISHES = 12
_JOINING = frozenset({"or", "and", "comma", "weak", "to"})
_SPOKEN = frozenset({"days", "times", "any", "asap"})


def read(text: str, now: datetime, hours: Hours, region: str = "US") -> Reading:
    """Read the days and times wished in `text`, as of the aware moment `now`, in the zone of the clinic's `hours`.

    English, Spanish basics; only the first 1,000 characters count. `region` (ISO 3166) says how dates in numbers are
    written. What people mean in two ways is never guessed: the reading then is ambiguous and holds the choices. Raises
    ValueError when `now` is naive; nothing on any text.
    """
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    local = now.astimezone(hours.zone)
    words = line_of(text)
    first = grammar.Scanner(words, local, region)
    reading = _read(text, words, first, Judge(local, hours))
    if not first.doubtful:
        return reading
    other = _read(text, words, grammar.Scanner(words, local, region, as_dates=True), Judge(local, hours))
    return _either(reading, other)


def _either(one: Reading, other: Reading) -> Reading:
    """Numbers that are a time or a date: ask which, unless only one can be."""
    if other.status != Status.CLEAR:
        return one
    if one.status != Status.CLEAR:
        return other
    choices = (Choice(one.text, one.windows), Choice(other.text, other.windows))
    return replace(one, status=Status.AMBIGUOUS, windows=(), choices=choices, text=f"{one.text}, or {other.text}")


def _read(text: str, words: list[Word], scanner: grammar.Scanner, judge: Judge) -> Reading:
    today = judge.now.date()
    scanned = scanner.read()
    pieces = grammar.after_correction(grammar.with_negations(grammar.bounded(scanned, today)))
    wishes = wishes_of(pieces, today)[:MOST_WISHES]
    stretches = _stretches(text, words, scanned)
    if not wishes:
        return Reading(Status.NOTHING)
    units = [_meanings(wish, judge) for wish in wishes]
    soonest = any(piece.kind == "asap" for piece in pieces)
    meanings = [unit for unit, _ in units if unit]
    if not meanings:
        return _refusal([_gravest(beside) for _, beside in units], stretches, judge)
    left_out = tuple(dict.fromkeys(problem.text for _, beside in units for problem in beside))
    choices = _choices(meanings, judge)
    if len(choices) == 1:
        windows, shown = choices[0].windows, choices[0].text
        return Reading(Status.CLEAR, windows, (), shown, stretches, left_out, soonest=soonest)
    shown = ", or ".join(choice.text for choice in choices)
    return Reading(Status.AMBIGUOUS, (), choices, shown, stretches, left_out, soonest=soonest)


class _Problem:
    """A wish that cannot be: why, how to say it, and which days."""

    def __init__(self, status: Status, text: str, dates: Dates | None = None) -> None:
        self.status = status
        self.text = text
        self.dates = dates


def _meanings(wish: Wish, judge: Judge) -> tuple[list[tuple[Window, ...]], list[_Problem]]:
    """Each meaning of a wish as its windows, and the problems of what cannot be.

    Where one meaning can be and another cannot ("Thursday" is not the day that is over), only the first is a window.
    """
    today = judge.now.date()
    if not wish.days.candidates:
        return [], [_Problem(Status.IMPOSSIBLE, wish.days.said)]
    if not wish.times or not all(wish.times):
        return [], [_Problem(Status.IMPOSSIBLE, wish.said)]
    found: list[tuple[Window, ...]] = []
    beside: list[_Problem] = []
    problems: list[_Problem] = []
    for dates in wish.days.candidates:
        for times in islice(product(*(judge.meant(dates, each) for each in wish.times)), MOST_CHOICES):
            windows, missing = [], []
            for each in times:
                status, window = judge.verdict(dates, each)
                if window:
                    windows.append(window)
                else:
                    said = phrasing.wish_text(dates, each, today)
                    missing.append(_Problem(status, said, dates))
            if windows:
                found.append(tuple(windows))
            # What lies in the past was not meant; what is closed may have been, and the visitor hears of it.
            beside += [problem for problem in missing if windows or problem.status == Status.CLOSED]
            problems += missing
    return list(dict.fromkeys(found)), beside if found else problems


def _gravest(problems: Sequence[_Problem]) -> _Problem:
    order = (Status.IMPOSSIBLE, Status.CLOSED, Status.PAST)
    return min(problems, key=lambda problem: order.index(problem.status))


def _refusal(problems: Sequence[_Problem], stretches: tuple[Stretch, ...], judge: Judge) -> Reading:
    """Nothing of what was wished can be."""
    worst = _gravest(problems)
    text = " or ".join(dict.fromkeys(problem.text for problem in problems if problem.status == worst.status))
    # Wishes that exclude each other ("Monday, but not on Mondays") are no day of their own: the visitor's words stand.
    text = text or ", ".join(stretch.text for stretch in stretches)
    opens = judge.opens(worst.dates) if worst.status == Status.CLOSED and worst.dates else None
    return Reading(worst.status, text=text, stretches=stretches, opens=opens)


def _choices(meanings: list[list[tuple[Window, ...]]], judge: Judge) -> tuple[Choice, ...]:
    """What all wishes together can mean; the same way of counting for all of them."""
    today = judge.now.date()
    choices: dict[str, Choice] = {}
    for chosen in islice(product(*meanings), 4 * MOST_CHOICES):
        windows = tuple(dict.fromkeys(window for unit in chosen for window in unit))
        text = phrasing.windows_text(windows, today)
        choices.setdefault(text, Choice(text, windows))
    return tuple(choices.values())[:MOST_CHOICES]


def _stretches(text: str, words: list[Word], pieces: Sequence[Piece]) -> tuple[Stretch, ...]:
    """The places of the text that were read, joined where only small words lie between."""
    found: list[list[int]] = []
    open_run = False
    for piece in pieces:
        begin, end = words[piece.first].start, words[piece.last - 1].end
        if piece.kind in _SPOKEN:
            if open_run and found:
                found[-1][1] = max(found[-1][1], end)
            else:
                found.append([begin, end])
            open_run = True
        elif piece.kind not in _JOINING:
            open_run = False
    return tuple(Stretch(begin, end, text[begin:end]) for begin, end in found)
