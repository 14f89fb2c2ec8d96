"""Spelling repair: one slip of the finger in a word, put right when that gives a known word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

LETTERS = "abcdefghijklmnopqrstuvwxyz'"
WORD = re.compile(r"[A-Za-z']+")
SHORTEST, LONGEST = 3, 24
MEMO_SIZE = 20_000
# Word pieces below this id are special tokens and single characters.
FIRST_WORD_ID = 1997


def edits(word: str) -> set[str]:
    """Return everything one edit away: a letter dropped, swapped with the next, replaced or added."""
    splits = [(word[:index], word[index:]) for index in range(len(word) + 1)]
    drops = {left + right[1:] for left, right in splits if right}
    swaps = {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    replaced = {left + letter + right[1:] for left, right in splits if right for letter in LETTERS}
    added = {left + letter + right for left, right in splits for letter in LETTERS}
    return drops | swaps | replaced | added


def count_words(texts: Iterable[str]) -> Counter[str]:
    """Count the words of the training texts; they are the first choice for a repair."""
    return Counter(word for text in texts for word in WORD.findall(text.lower()))


class Speller:
    """Repairs texts with the training words first, then whole words of the encoder's vocabulary by frequency."""

    def __init__(self, known: Mapping[str, int], word_pieces: Mapping[str, int], protected: Iterable[str]) -> None:
        self._known = known
        self._rank = {
            word: rank
            for word, rank in word_pieces.items()
            if rank >= FIRST_WORD_ID and len(word) > 1 and word.isascii() and word.isalpha()
        }
        self._protected = frozenset(protected)
        self._memo: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Return the text with unknown words repaired where exactly one edit leads to a known word."""
        return WORD.sub(lambda match: self._word(match.group()), text)

    def _word(self, typed: str) -> str:
        word = typed.lower()
        if not SHORTEST <= len(word) <= LONGEST or word in self._known or word in self._rank or word in self._protected:
            return typed
        repaired = self._memo.get(word)
        if repaired is None:
            if len(self._memo) >= MEMO_SIZE:
                self._memo.clear()
            repaired = self._memo[word] = self._repair(word)
        return repaired or typed

    def _repair(self, word: str) -> str:
        """Return the best neighbour, or nothing when there is none."""
        candidates = edits(word)
        trained = [candidate for candidate in candidates if len(candidate) > 1 and candidate in self._known]
        if trained:
            return max(trained, key=lambda candidate: (self._known[candidate], candidate))
        return min(
            (candidate for candidate in candidates if candidate in self._rank), key=self._rank.__getitem__, default=""
        )
