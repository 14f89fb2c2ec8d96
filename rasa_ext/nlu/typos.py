"""Copies of the training texts with slips of the finger, so that the classifier has seen some."""

from __future__ import annotations

import random
import re

WORD = re.compile(r"[A-Za-z]{3,}")
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = {
    letter: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in ROWS
    for place, letter in enumerate(row)
}
SHARE_OF_WORDS = 0.2


def misspell(word: str, chance: random.Random) -> str:
    """Return the word with one slip: two letters swapped, one lost, one doubled, or the neighbouring key hit."""
    place = chance.randrange(len(word) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == 1:
        return word[:place] + word[place + 1 :]
    if kind == 2:
        return word[:place] + word[place] + word[place:]
    return word[:place] + chance.choice(NEIGHBOURS[word[place].lower()]) + word[place + 1 :]


def with_typos(texts: list[str], seed: int) -> list[str]:
    """Return the texts with a fifth of their longer words misspelled; the same seed gives the same slips."""
    chance = random.Random(seed)  # noqa: S311 - the same data must give the same model

    def slip(match: re.Match[str]) -> str:
        return misspell(match.group(), chance) if chance.random() < SHARE_OF_WORDS else match.group()

    return [WORD.sub(slip, text) for text in texts]
