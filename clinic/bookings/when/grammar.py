"""From a line of words to the pieces of a wish: days, times, and the small words that join or exclude them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from clinic.bookings.when import calendar_days, clock, day_patterns
from clinic.bookings.when.calendar_days import Said
from clinic.bookings.when.shapes import Dates, Days, Piece, Times, Word

DAY = timedelta(days=1)

_JOINTS = {
    "or": "or", "and": "and", ",": "comma", ";": "comma", "not": "not", "no": "not", "except": "not", "out": "out",
    "whenever": "any", "asap": "asap", "but": "but", "from": "from", "beginning": "from", "after": "after",
    "before": "before", "until": "until", "between": "between", "to": "to",
}  # fmt: skip
_WEAK = frozenset(
    {
        "in",
        "at",
        "for",
        "come",
        "do",
        "make",
        "want",
        "be",
        "able",
        "free",
        "available",
        "my",
        "work",
        "it",
        "any",
        "have",
    }
    | {"this", "a", "i", "during", "until"}
)
_RESET = re.compile(
    r"(?:(?:no|sorry|oh|wait|oops) ,(?: wait ,?)?|no wait ,?|actually|i mean(?:t)?|make it|change (?:it )?to)(?= |$)"
)
_PART_TODAY = re.compile(
    r"(?:later )?(?:this|today) (?P<how>early |late |mid )?(?P<part>morning|afternoon|evening)(?= |$)|tonight(?= |$)"
)
_SHORTLY = re.compile(r"in (?:around )?(?P<n>[0-9]{1,3}) (?P<unit>minute|min|hour|hr)s?(?= |$)")
_TOLD = re.compile(r"(?:^| )(?:had|got|did|born)(?: [a-z0-9]+){0,4} $")
_PICKED_DAY = re.compile(
    r"(?P<wd>mon|tue|wed|thu|fri|sat|sun)(?P<which>) (?P<d>[1-9]|1[0-2])(?= |$)(?! (?:[a-z#:]|[0-9]))"
)


@dataclass(frozen=True)
class Line:
    """The words as one string, and at which word each place of the string stands."""

    text: str
    starts: dict[int, int]

    @classmethod
    def of(cls, words: list[Word]) -> Line:
        """Join the words with single spaces."""
        starts, place = {}, 0
        for index, word in enumerate(words):
            starts[place] = index
            place += len(word.text) + 1
        return cls(" ".join(word.text for word in words), starts)

    def words_to(self, place: int) -> int:
        """The number of the first word behind `place`, where some word ends."""
        return self.starts.get(place + 1, len(self.starts))


class Scanner:
    """Reads a line once. `doubtful` then tells whether some number could be a time or a date.

    Such numbers ("thursday 3", "12-3") are read as times, or as dates when `as_dates` is set.
    """

    def __init__(self, words: list[Word], now: datetime, region: str, as_dates: bool = False) -> None:
        self.line = Line.of(words)
        self.now = now
        self.today = now.date()
        self.region = region
        self.as_dates = as_dates
        self.doubtful = False
        self.pieces: list[Piece] = []

    def read(self) -> list[Piece]:
        """Return the pieces in the order they were said."""
        places = list(self.line.starts)
        skip_to = 0
        for place in places:
            if place < skip_to:
                continue
            skip_to = self._read_at(place)
        return self.pieces

    def _add(self, match: re.Match[str], kind: str, **values: object) -> int:
        first, last = self.line.starts[match.start()], self.line.words_to(match.end())
        self.pieces.append(Piece(kind, first, last, **values))  # type: ignore[arg-type]
        return match.end() + 1

    def _read_at(self, place: int) -> int:
        return (
            self._aside(place)
            or self._today(place)
            or self._numbers_in_doubt(place)
            or self._days(place)
            or self._times(place)
            or self._joint(place)
        )

    def _aside(self, place: int) -> int:
        """What is no wish: the hours that somebody works; "no, …" and other ways to start anew."""
        if match := clock.WORKING_HOURS.match(self.line.text, place):
            return self._add(match, "gap")
        if match := _RESET.match(self.line.text, place):
            return self._add(match, "reset")
        return 0

    def _today(self, place: int) -> int:
        """This afternoon, tonight, in two hours: a day and a time at once."""
        if match := _PART_TODAY.match(self.line.text, place):
            how, name = (match["how"] or "").strip(), match["part"] or "evening"
            named = f"{how} {name}" if how in ("early", "late") else name
            self._add(match, "days", days=Days((calendar_days.one(self.today),)))
            return self._add(match, "times", times=(clock.part(named),), said=match[0])
        if match := _SHORTLY.match(self.line.text, place):
            minutes = int(match["n"]) * (60 if match["unit"].startswith("h") else 1)
            moment = (self.now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(self.now.tzinfo)
            at = time(moment.hour, moment.minute)
            self._add(match, "days", days=Days((calendar_days.one(moment.date()),)))
            return self._add(match, "times", times=(Times(at, at, anchor=at),), said=match[0])
        return 0

    def _numbers_in_doubt(self, place: int) -> int:
        if match := _PICKED_DAY.match(self.line.text, place):
            days = calendar_days.weekday_and_number(Said(match, self.today, self.today))
            if days.candidates and len({dates.first.weekday() for dates in days.candidates}) == 1:
                self.doubtful = True
                if self.as_dates:
                    return self._add(match, "days", days=days)
            day_end = match.end("wd")
            weekday = calendar_days.weekday(Said(match, self.today, self.today))
            first = self.line.starts[place]
            self.pieces.append(Piece("days", first, first + 1, days=weekday))
            hour = clock.NEXT_HOUR.match(self.line.text, day_end + 1)
            return self._add(hour, "times", times=clock.at_next_hour(hour), said=hour[0]) if hour else day_end + 1
        if (match := clock.BARE_RANGE.match(self.line.text, place)) and match[0] == self.line.text:
            written = day_patterns.short_date(match, self.today, self.region)
            if written.candidates:
                self.doubtful = True
                if self.as_dates:
                    return self._add(match, "days", days=written)
        return 0

    def _days(self, place: int) -> int:
        for pattern in day_patterns.LISTS:
            match = pattern.match(self.line.text, place)
            each = calendar_days.month_list(Said(match, self.today, self.today)) if match else None
            if match and each:
                for days in each:
                    self._add(match, "days", days=days)
                    self._add(match, "or")
                self.pieces.pop()
                return match.end() + 1
        for pattern, rule in day_patterns.rules(self.region):
            match = pattern.match(self.line.text, place)
            found = rule(Said(match, self.today, self.today)) if match else None
            if match and found:

                def again(base: date, match: re.Match[str] = match, rule: calendar_days.DayRule = rule) -> Days:
                    return rule(Said(match, self.today, base)) or Days(())

                if _TOLD.search(self.line.text[max(place - 60, 0) : place]):
                    found = replace(found, told=True)
                return self._add(match, "days", days=found, again=again)
        return 0

    def _times(self, place: int) -> int:
        for pattern, rule in clock.RULES:
            match = pattern.match(self.line.text, place)
            found = rule(match) if match else None
            if match and found is not None:
                return self._add(match, "times", times=found, said=match[0])
        last = [piece.kind for piece in self.pieces[-2:]]
        listed = last[:1] == ["times"] and last[-1] in ("or", "and", "comma")
        behind_a_day = last[-1:] == ["days"] or last == ["days", "comma"]
        if listed or behind_a_day:
            match = clock.NEXT_HOUR.match(self.line.text, place)
            if match and clock.at_next_hour(match):
                return self._add(match, "times", times=clock.at_next_hour(match), said=match[0])
        return 0

    def _joint(self, place: int) -> int:
        match = re.compile(r"\S+").match(self.line.text, place)
        if match is None:
            return place + 1
        word = match[0]
        return self._add(match, _JOINTS.get(word) or ("weak" if word in _WEAK else "gap"))


def bounded(pieces: list[Piece], today: date) -> list[Piece]:
    """Join days with the words that make ranges of them: from … to, until, after, before."""
    pieces = [piece for piece in pieces if piece.kind != "weak"]
    line: list[Piece] = []
    at = 0
    while at < len(pieces):
        made, used = _range_at(pieces, at, today)
        line.append(made)
        at += used
    return line


def _range_at(pieces: list[Piece], at: int, today: date) -> tuple[Piece, int]:
    kinds = [piece.kind for piece in pieces[at : at + 4]]
    opener = kinds[0] in ("from", "between")
    start = 1 if opener else 0
    joints = ("to", "until", "and") if kinds[0] == "between" else ("to", "until")
    if kinds[start : start + 1] == ["days"] and kinds[start + 2 : start + 3] == ["days"] and kinds[start + 1] in joints:
        first, last = pieces[at + start], pieces[at + start + 2]
        return _between(first, last, pieces[at].first), start + 3
    if kinds[0] in ("from", "after", "before", "until") and kinds[1:2] == ["days"]:
        return _limit(kinds[0], pieces[at + 1], pieces[at].first, today), 2
    if kinds[:2] == ["days", "from"] and kinds[2:3] not in (["days"], ["times"]):
        return replace(_limit("from", pieces[at], pieces[at].first, today), last=pieces[at + 1].last), 2
    return pieces[at], 1


def _between(first: Piece, last: Piece, start: int) -> Piece:
    spans = []
    for begin in first.days.candidates if first.days else ():
        ends = last.again(begin.first - DAY) if last.again else last.days
        end = (
            next((dates for dates in ends.candidates if (dates.last or dates.first) >= begin.first), None)
            if ends
            else None
        )
        if end:
            spans.append(Dates(begin.first, end.last))
    said = (first.days.said if first.days else "") or (last.days.said if last.days else "")
    return replace(first, first=start, last=last.last, days=Days(tuple(spans), said=said), again=None)


def _limit(word: str, piece: Piece, start: int, today: date) -> Piece:
    days = piece.days or Days(())
    spans = []
    for dates in days.candidates:
        last = dates.last or dates.first
        if word == "from":
            spans.append(Dates(dates.first, None))
        elif word == "after":
            spans.append(Dates(last + DAY, None))
        else:
            spans.append(Dates(min(today, dates.first), dates.first - DAY if word == "before" else last))
    return replace(piece, first=start, days=Days(tuple(spans), told=days.told, said=days.said), again=None)


def with_negations(pieces: list[Piece]) -> list[Piece]:
    """Mark the days and times that were excluded, before ("not Monday") or behind ("Monday doesn't work")."""
    marked = list(pieces)
    excluding = False
    for index, piece in enumerate(marked):
        if piece.kind == "not":
            excluding = True
        elif piece.kind == "but":
            before = next((other for other in reversed(marked[:index]) if other.kind != "gap"), None)
            after = marked[index + 1 : index + 2]
            everything = before is not None and (before.kind == "any" or _many(before))
            excluding = everything and bool(after) and after[0].kind == "days"
        elif piece.kind in ("gap", "any", "asap", "reset", "out"):
            excluding = False
        elif piece.kind == "comma":
            excluding = excluding and _list_goes_on(marked, index)
        if piece.kind in ("days", "times") and excluding:
            marked[index] = replace(piece, negated=True)
        if piece.kind == "out":
            _exclude_behind(marked, index)
    return marked


def _many(piece: Piece) -> bool:
    return bool(piece.days) and all(dates.last is None for dates in piece.days.candidates)  # type: ignore[union-attr]


def _list_goes_on(pieces: list[Piece], comma: int) -> bool:
    """Tell whether "not Monday, Tuesday or Friday" is one list: an "or" follows before the list ends."""
    for piece in pieces[comma + 1 :]:
        if piece.kind in ("or", "and", "not"):
            return True
        if piece.kind not in ("days", "times", "comma"):
            return False
    return False


def _exclude_behind(pieces: list[Piece], out: int) -> None:
    for index in range(out - 1, -1, -1):
        if pieces[index].kind in ("days", "times"):
            pieces[index] = replace(pieces[index], negated=True)
        elif pieces[index].kind not in ("or", "and"):
            return


def after_correction(pieces: list[Piece]) -> list[Piece]:
    """Drop what was said before "no, …" or "actually …" when a wish follows."""
    for index in range(len(pieces) - 1, -1, -1):
        rest = pieces[index + 1 :]
        if pieces[index].kind == "reset" and any(
            piece.kind in ("days", "times") and not piece.negated for piece in rest
        ):
            return rest
    return pieces
