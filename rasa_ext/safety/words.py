"""What counts as a word, and how one that is none is put right: misspelled, drawn out, run together, with digits."""

from __future__ import annotations

import gzip
import itertools
import json
import math
import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Optional

import spacy_lookups_data

from rasa_ext.safety.plain import Plain, replace

SHORTEST_REPAIRED, LONGEST_REPAIRED = 5, 24
# Log probability from which spaCy's word list counts a word as an ordinary one, which is never repaired.
ORDINARY = -16.0
# … and from which it may be a piece of words that were typed without spaces.
PIECE = -13.0
VOCABULARY_PIECE = -11.0
SHORTEST_GLUED, LONGEST_GLUED = 7, 60
# English and Spanish words of one or two letters.
SHORT_WORDS = (
    "i a u am an as at be by do go he hi if im in is it me my no of oh on ok or so to up us we "
    "la el mi se un de en lo le"
)
SHORT_PIECES = frozenset(SHORT_WORDS.split())
DIGIT_LETTERS = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s"}
# A run of letters with digits or signs among them; "50u", "3rd" and "h1" are numbers with a unit or a name.
WITH_DIGITS = re.compile(r"(?<![\w.,@$'])(?=[\w@$']*[^\W\d_])(?=[^\W\d_']*[\d@$])[\w@$']*[\w@$](?![\w@])")
WITH_UNIT = re.compile(
    r"\$?\d+(?:st|nd|rd|th|[yfmuxshdkw]|yo|yrs?|ius?|units?|m[lgm]|c[cm]|[ap]m|hrs?|mins?|days?|wks?|weeks?|mths?|months?"
    r"|lbs?|k[gm]|ft)?|\$.*|\w\w"
)
# Read as letters only beside a longer word with digits: "1 can't", "s0", "1s".
ALONE = re.compile(r"(?<![\w.,£$€%'-])(?:1|[013][^\W\d_]|[^\W\d_][013])(?= [^\W\d_])")
WITH_APOSTROPHE = re.compile(r"(?<![\w'])[^\W\d_]+'[^\W\d_]+(?![\w'])")
DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
DRAWN_OUT_WORD = re.compile(r"(?<!\w)(?=[^\W_]*(?:'[^\W_]*)?([^\W\d_])\1{2,})[^\W_][\w']*(?!\w)")
MOST_DRAWN_OUT = 5


def read_table(name: str) -> dict[str, Any]:
    """Return one of spaCy's lookup tables."""
    path = Path(spacy_lookups_data.__file__).parent / "data" / f"{name}.json.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        table: dict[str, Any] = json.load(file)
    return table


class Words:
    """The ordinary words, the vocabulary's words, and the ways from a mistyped word to one of them."""

    def __init__(self, vocabulary: Collection[str]) -> None:
        frequent: dict[str, float] = {}
        for word, probability in read_table("en_lexeme_prob").items():
            if probability > ORDINARY:
                frequent[word.lower()] = max(probability, frequent.get(word.lower(), -math.inf))
        self._ordinary = frozenset(frequent) | frozenset(read_table("en_lemma_lookup"))
        self._vocabulary = frozenset(vocabulary)
        self._pieces = {
            word: probability
            for word, probability in frequent.items()
            if probability > PIECE and word.isalpha() and (len(word) > 2 or word in SHORT_PIECES)
        }
        for word in self._vocabulary:
            if word.isalpha() and len(word) > 2:
                self._pieces[word] = max(VOCABULARY_PIECE, self._pieces.get(word, -math.inf))
        self._neighbours: dict[str, list[str]] = {}
        for word in sorted(self._vocabulary):
            if len(word) >= SHORTEST_REPAIRED and word.isalpha():
                for shorter in _deletions(word):
                    self._neighbours.setdefault(shorter, []).append(word)
        self.segment = lru_cache(maxsize=5_000)(self._segment)

    def is_ordinary(self, forms: Collection[str]) -> bool:
        """Say whether one of a word's forms is an ordinary word, which is never repaired."""
        return not self._ordinary.isdisjoint(forms)

    def is_known(self, word: str) -> bool:
        """Say whether a word is an ordinary one or one of the vocabulary; an apostrophe does not matter."""
        bare = word.replace("'", "")
        return bare in self._vocabulary or bare in self._ordinary or word.partition("'")[0] in self._ordinary

    def repairs(self, word: str) -> list[str]:
        """Return the vocabulary's words that are one edit away from a word that is none of them."""
        if word in self._vocabulary or not SHORTEST_REPAIRED - 1 <= len(word) <= LONGEST_REPAIRED:
            return []
        candidates = {c for shorter in _deletions(word) for c in self._neighbours.get(shorter, ())}
        return sorted(c for c in candidates if _one_edit_apart(word, c))

    def shortened(self, word: str) -> str:
        """Return the likeliest known word that a drawn-out one ("breeeathe") stands for, else the shortest."""
        shortest = DRAWN_OUT.sub(r"\1", word)
        if len(shortest) > LONGEST_REPAIRED:
            return shortest
        runs = list(DRAWN_OUT.finditer(word))[:MOST_DRAWN_OUT]
        tries = []
        for lengths in itertools.product((1, 2), repeat=len(runs)):
            pieces, done = [], 0
            for run, length in zip(runs, lengths, strict=True):
                pieces += [word[done : run.start()], run.group(1) * length]
                done = run.end()
            tries.append("".join(pieces) + DRAWN_OUT.sub(r"\1", word[done:]))
        known = [tried for tried in tries if self.is_known(tried)]
        repairable = [tried for tried in tries if self.repairs(tried)]
        return max(known or repairable or tries[:1], key=lambda tried: self._pieces.get(tried, PIECE))

    def without_digits(self, word: str) -> Optional[str]:
        """Return the known word that a word with digits for letters stands for ("br34the"), or nothing."""
        if WITH_UNIT.fullmatch(word):
            return None
        for tried in _readings(word):
            if self.is_known(tried) or (tried.isalpha() and self.repairs(tried)):
                return tried
        return None

    def without_apostrophe(self, word: str) -> str:
        """Return words that were typed without spaces as one run of letters, any other word as it is."""
        bare = word.replace("'", "")
        return bare if not self.is_known(word) and self.segment(bare) else word

    def _segment(self, word: str) -> tuple[str, ...]:
        """Return the known words that were typed without spaces between, or nothing."""
        if not SHORTEST_GLUED <= len(word) <= LONGEST_GLUED:
            return ()
        best: list[tuple[float, tuple[str, ...]]] = [(0.0, ())]
        for end in range(1, len(word) + 1):
            options = [
                (best[start][0] + self._pieces[word[start:end]], (*best[start][1], word[start:end]))
                for start in range(max(0, end - LONGEST_REPAIRED), end)
                if word[start:end] in self._pieces and best[start][0] > -math.inf
            ]
            best.append(max(options, default=(-math.inf, ())))
        return best[-1][1] if len(best[-1][1]) > 1 else ()


def put_right(plain: Plain, words: Words) -> Plain:
    """Return the text with digits that stand for letters as letters, and drawn-out words at their length."""
    found_any = False

    def spelled(found: re.Match[str]) -> str:
        nonlocal found_any
        meant = words.without_digits(found.group())
        found_any = found_any or meant is not None
        return meant or found.group()

    plain = replace(plain, WITH_DIGITS, spelled)
    if found_any:
        plain = replace(plain, ALONE, lambda found: next(_readings(found.group())))
    # "ican'tbreathe": without the apostrophe it can be taken apart.
    plain = replace(plain, WITH_APOSTROPHE, lambda found: words.without_apostrophe(found.group()))
    return replace(plain, DRAWN_OUT_WORD, lambda found: words.shortened(found.group()))


def _readings(word: str) -> Iterator[str]:
    """Yield what a word may say when its digits are letters; a 1 is an i or an l."""
    for one in ("i", "l"):
        yield "".join(one if character == "1" else DIGIT_LETTERS.get(character, character) for character in word)


def _deletions(word: str) -> set[str]:
    return {word, *(word[:index] + word[index + 1 :] for index in range(len(word)))}


def _one_edit_apart(left: str, right: str) -> bool:
    """Say whether one letter was dropped, added, replaced, or two neighbours were swapped."""
    if len(left) > len(right):
        left, right = right, left
    start = 0
    while start < len(left) and left[start] == right[start]:
        start += 1
    if len(left) < len(right):
        return left[start:] == right[start + 1 :]
    swapped = left[start + 1 : start + 2] + left[start : start + 1] == right[start : start + 2]
    return left[start + 1 :] == right[start + 1 :] or (swapped and left[start + 2 :] == right[start + 2 :])
