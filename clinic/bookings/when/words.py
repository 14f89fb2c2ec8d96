"""From a visitor's text to a line of known words: lower case, no accents, one spelling, places kept."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from clinic.bookings.when.shapes import Word
from clinic.bookings.when.vocabulary import (
    ENGLISH,
    ENGLISH_PHRASES,
    FILLERS,
    LONGEST_PHRASE,
    REPAIRED,
    SPANISH,
    SPANISH_FILLERS,
    SPANISH_PHRASES,
    SPANISH_SIGNS,
)

CUT = 1_000
MOST_WORDS = 240
GAP = "#"

_NO_DATES = re.compile(
    r"\S+@\S+\.\S+"
    r"|(?:https?://|www\.)\S+"
    r"|[$€£]\s?[0-9][0-9.,]*"
    r"|[0-9][0-9.,]*\s?(?:%|[$€£])"
    # Phone numbers, and any other long number.
    r"|\+[0-9][0-9 ().-]{5,}[0-9]"
    r"|(?<![0-9])\(?[0-9]{3}\)?[ .-]{0,2}[0-9]{3}[ .-]?[0-9]{4}(?![0-9])"
    r"|(?<![0-9/:.-])[0-9]{3}[ .-][0-9]{4}(?![0-9])"
    r"|(?<![0-9])0[0-9]{2,4}[ -][0-9]{3,4}[ -]?[0-9]{3,4}(?![0-9])"
    r"|(?<![0-9])[0-9]{2}(?:[ .][0-9]{2}){3,}(?![0-9])"
    r"|[0-9]{5,}"
    r"|(?<![0-9])(?:24/7|50/50)(?![0-9])"
)
_MERIDIEM = re.compile(r"(?<=[0-9])(\s?)([ap])\.\s?m\b\.?")
_DOTTED = re.compile(
    r"(?<![0-9.])([01]?[0-9]|2[0-3])\.(?:([0-5][0-9])(?=\s?[ap]\.?\s?m\b)|(00|15|30|45)(?!\s?(?:ml|cc|units?)|[0-9.]))"
)
_ISO_TIME = re.compile(r"(?<=[0-9])t(?=[0-9]{2}:)")
_HOUR_H = re.compile(r"(?<=[0-9])h(?=[0-5][0-9](?![0-9]))")
_WORD = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![0-9])"
    r"|[0-9]{1,2}/[0-9]{1,2}(?:/(?:[0-9]{4}|[0-9]{2}))?(?![0-9])"
    r"|[0-9]{1,2}([.-])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})(?![0-9])"
    r"|[0-9]{1,2}:[0-9]{2}(?![0-9])"
    r"|[0-9]{1,2}(?:st|nd|rd|th)\b"
    r"|[0-9]+(?:\.[0-9]+)?"
    r"|[a-z]+(?:'[a-z]+)*"
    r"|[^\sa-z0-9]|\n"
)


def _fold_one(sign: str) -> str:
    base = unicodedata.normalize("NFKD", sign)[:1].lower()[:1] or " "
    return {"’": "'", "‘": "'", "`": "'", "–": "-", "—": "-", "‐": "-", "−": "-"}.get(base, base)


def _fold(text: str) -> str:
    """Fold each character to exactly one, so that places stay what they were."""
    return "".join(sign.lower() if sign.isascii() else _fold_one(sign) for sign in text)


def _mask(match: re.Match[str]) -> str:
    return GAP * len(match[0])


def _meridiem(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}m".rjust(len(match[0]))


def _distance(one: str, other: str) -> int:
    """Count edits (insert, delete, replace, swap neighbours) between two short words."""
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for row, left in enumerate(one, 1):
        current = [row]
        for column, right in enumerate(other, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (left != right))
            if row > 1 and column > 1 and left == other[column - 2] and one[row - 2] == right:
                cost = min(cost, before_last[column - 2] + 1)
            current.append(cost)
        before_last, last = last, current
    return last[-1]


@lru_cache(maxsize=2048)
def repaired(word: str) -> str:
    """Return the day or month that a misspelt word stands for ("thrusday"), or the word itself."""
    if not 5 <= len(word) <= 12 or word in ENGLISH:
        return word
    near = [
        (_distance(word, right), right)
        for right in REPAIRED
        if abs(len(word) - len(right)) <= 2 and set(word[:2]) & set(right[:1])
    ]
    distance, right = min(near, default=(9, ""))
    allowed = 2 if len(right) >= 8 else 1
    return right if distance <= allowed else word


def _split(text: str) -> list[Word]:
    folded = _ISO_TIME.sub(" ", _NO_DATES.sub(_mask, _fold(text[:CUT])))
    folded = _HOUR_H.sub(":", folded)
    folded = _MERIDIEM.sub(_meridiem, _DOTTED.sub(lambda match: match[0].replace(".", ":"), folded))
    return [Word(match[0], match.start(), match.end()) for match in _WORD.finditer(folded)][:MOST_WORDS]


def _translate(
    words: list[Word], phrases: dict[str, str], single: dict[str, str], fillers: frozenset[str]
) -> list[Word]:
    """Put the known words of the grammar in place of phrases and words; drop fillers."""
    line: list[Word] = []
    at = 0
    while at < len(words):
        for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
            piece = words[at : at + length]
            said = " ".join(word.text for word in piece)
            known = phrases.get(said) if length > 1 else single.get(said)
            if known is not None:
                line += [Word(text, piece[0].start, piece[-1].end) for text in known.split()]
                break
        else:
            length = 1
            if words[at].text not in fillers:
                line.append(words[at])
        at += length
    return line


def line_of(text: str) -> list[Word]:
    """Return the known words of the first 1,000 characters; what is no word of the grammar stays as it is."""
    words = _split(text)
    words = [Word(repaired(word.text), word.start, word.end) if word.text.isalpha() else word for word in words]
    if any(word.text in SPANISH_SIGNS for word in words):
        words = _translate(words, SPANISH_PHRASES, SPANISH, SPANISH_FILLERS)
    return _translate(words, ENGLISH_PHRASES, ENGLISH, FILLERS)
