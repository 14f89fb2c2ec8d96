"""Numbers in a text: digits and words, and whether they can be an age outside 18 to 65 or a year of birth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

DIGITS = re.compile(r"(\d{1,4})(?:(st|nd|rd|th)|yo|yrs?|y|f|m)?")
LOW = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
UNITS = {word: number for number, word in enumerate(LOW.split())}
TENS = {
    word: number * 10
    for number, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
ORDINALS = {f"{word}th": number for word, number in UNITS.items()}
ORDINALS |= {word.removesuffix("y") + "ieth": number for word, number in TENS.items()}
OLDEST_TREATED, YOUNGEST_TREATED = 65, 18
# Younger children are told by "year old"; a bare 7 is no age.
YOUNGEST_BARE = 11
OLDEST, OLDEST_BIRTH_YEAR = 115, 1905


@dataclass(frozen=True)
class Number:
    """A number, the tokens that it covers, and whether it counts a place in a row (72nd)."""

    value: int
    length: int
    ordinal: bool = False


def read_number(words: Sequence[str], place: int) -> Number | None:
    """Return the number that begins at a token."""
    word = words[place]
    digits = DIGITS.fullmatch(word)
    if digits:
        return Number(int(digits.group(1)), 1, bool(digits.group(2)))
    if word in ORDINALS:
        return Number(ORDINALS[word], 1, True)
    if word in UNITS:
        return Number(UNITS[word], 1)
    if word not in TENS:
        return None
    hyphen = words[place + 1 : place + 2] == ["-"]
    following = words[place + 2 if hyphen else place + 1 : place + (3 if hyphen else 2)]
    if following and 0 < UNITS.get(following[0], 0) < 10:
        return Number(TENS[word] + UNITS[following[0]], 3 if hyphen else 2)
    return Number(TENS[word], 1)


def classes_of(number: Number) -> list[str]:
    """Return the number's classes, which patterns name like lists."""
    value = number.value
    if number.ordinal:
        return (
            ["ORDINAL_OVER"]
            if OLDEST_TREATED < value <= OLDEST
            else ["ORDINAL_UNDER"]
            if value < YOUNGEST_TREATED
            else []
        )
    classes = ["NUMBER"]
    if OLDEST_TREATED < value <= OLDEST:
        classes.append("AGE_OVER")
    if value < YOUNGEST_TREATED:
        classes.append("AGE_CHILD")
    if YOUNGEST_BARE <= value < YOUNGEST_TREATED:
        classes.append("AGE_UNDER")
    this_year = datetime.now(timezone.utc).year
    if OLDEST_BIRTH_YEAR <= value < this_year - OLDEST_TREATED:
        classes.append("BIRTH_YEAR_OVER")
    if this_year - YOUNGEST_TREATED < value <= this_year:
        classes.append("BIRTH_YEAR_UNDER")
    return classes
