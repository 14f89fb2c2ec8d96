"""The pattern language of the gate's vocabulary, and its matcher.

A pattern is a row of elements with spaces between them::

    my BODY .. be|feel|go NUMB

``word``     this word in any of its forms (as typed, its lemma, put right when misspelled)
``LIST``     a word or phrase of this list
``a|LIST``   either
``element?`` may be missing
``!a|b``     the next word is none of these
``..``       up to 3 words between; ``...`` up to 7; ``..N`` up to N
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

SHORT_GAP, LONG_GAP = 3, 7
GAP = re.compile(r"\.\.(\.|\d+)?")
# A word that is in no word list, as names of medicines and diseases often are.
RARE_WORD = "RARE_WORD"
# Classes that the reader gives to numbers and words; they are lists without entries.
CLASSES = frozenset(
    {
        RARE_WORD,
        "NUMBER",
        "AGE_OVER",
        "AGE_UNDER",
        "AGE_CHILD",
        "ORDINAL_OVER",
        "ORDINAL_UNDER",
        "BIRTH_YEAR_OVER",
        "BIRTH_YEAR_UNDER",
    }
)

# What stands at one place of a text: name (a word's form, or a list) → how many tokens it covers there.
Names = Mapping[str, int]


class PatternError(ValueError):
    """A pattern cannot be read."""


@dataclass(frozen=True)
class Element:
    """One place of a pattern. `gap` > 0: that many free words; `names` otherwise; `forbidden` takes no word."""

    names: frozenset[str] = frozenset()
    optional: bool = False
    forbidden: bool = False
    gap: int = 0


@dataclass(frozen=True)
class Pattern:
    """A pattern and where it has to be tried: `first` are the names with which it can begin."""

    text: str
    elements: tuple[Element, ...]
    first: frozenset[str]
    needed: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Match:
    """Where a pattern matched: from token `start` to before `end`; `taken` are the tokens that its elements took."""

    start: int
    end: int
    taken: frozenset[int]


def parse_pattern(text: str, lists: Collection[str]) -> Pattern:
    """Read a pattern. Raises PatternError for an unknown list or a pattern that can begin or end with anything."""
    elements = tuple(_element(part, lists, text) for part in text.split())
    needed = tuple(e.names for e in elements if not (e.optional or e.gap or e.forbidden))
    if not needed or elements[0].gap or elements[0].forbidden or elements[-1].gap:
        raise PatternError(f"'{text}' has to begin and end with a word")
    first: frozenset[str] = frozenset()
    for element in elements:
        first |= element.names if not element.forbidden else frozenset()
        if not element.optional:
            break
    return Pattern(text, elements, first, needed)


def _element(part: str, lists: Collection[str], pattern: str) -> Element:
    gap = GAP.fullmatch(part)
    if gap:
        size = gap.group(1)
        return Element(gap=SHORT_GAP if size is None else LONG_GAP if size == "." else int(size))
    forbidden, optional = part.startswith("!"), part.endswith("?")
    names = part.removeprefix("!").removesuffix("?").split("|")
    for name in names:
        if not name or (name.isupper() and len(name) > 1 and name not in lists and name not in CLASSES):
            raise PatternError(f"'{pattern}' names the list '{name}', which does not exist")
    return Element(frozenset(names), optional, forbidden)


def match_at(
    pattern: Pattern, start: int, names: Sequence[Names], limit: int, walls: Collection[int]
) -> Optional[Match]:
    """Return the shortest match that begins at a token, or nothing.

    Args:
        names: what stands at each token of the text.
        limit: the match ends before this token.
        walls: tokens that no gap may cover ("but").
    """
    taken: list[int] = []
    end = _walk(pattern.elements, 0, start, names, limit, walls, taken)
    return Match(start, end, frozenset(taken)) if end is not None else None


def _walk(
    elements: tuple[Element, ...],
    place: int,
    token: int,
    names: Sequence[Names],
    limit: int,
    walls: Collection[int],
    taken: list[int],
) -> Optional[int]:
    if place == len(elements):
        return token
    element = elements[place]
    if element.gap:
        for skipped in range(element.gap + 1):
            if skipped and (token + skipped > limit or token + skipped - 1 in walls):
                return None
            end = _walk(elements, place + 1, token + skipped, names, limit, walls, taken)
            if end is not None:
                return end
        return None
    if element.forbidden:
        if token < limit and not element.names.isdisjoint(names[token]):
            return None
        return _walk(elements, place + 1, token, names, limit, walls, taken)
    if token < limit and not element.names.isdisjoint(names[token]):
        here = names[token]
        for length in sorted({here[name] for name in element.names if name in here}, reverse=True):
            if token + length > limit:
                continue
            mark = len(taken)
            taken.extend(range(token, token + length))
            end = _walk(elements, place + 1, token + length, names, limit, walls, taken)
            if end is not None:
                return end
            del taken[mark:]
    if element.optional:
        return _walk(elements, place + 1, token, names, limit, walls, taken)
    return None
