"""``python -m bench.typos``: our own held-out sentences, clean and with one typo in every fifth word."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.command import exit_code
from bench.evaluate import ask_questions
from bench.figures import TYPO_LOSS
from bench.intervals import mean_interval
from bench.questions import Question, read_questions
from bench.scoring import is_right, rows_of
from bench.stacks import measured_stack

SENTENCES = Path(__file__).with_name("own_sentences.jsonl")
SEED = 20240611
EVERY = 5
SHORTEST = 3
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
KEYS = "qwertyuiopasdfghjklzxcvbnm"
BESIDE = (
    "wa qes wrd etf ryg tuh yij uok ipl ol qsz awdx sefc drgv fthb gyjn hukm jil kop asx zsdc xdfv cfgb vghn bhjm njk"
)
NEIGHBOURS = dict(zip(KEYS, BESIDE.split(), strict=True))


def with_typo(word: str, chance: random.Random) -> str:
    """Return the word with one edit: two letters swapped, one dropped, doubled, or hit beside its key."""
    while True:
        place = chance.randrange(len(word))
        letter = word[place]
        edit = chance.choice(("swap", "drop", "double", "neighbour"))
        if edit == "swap":
            changed = word[:place] + word[place : place + 2][::-1] + word[place + 2 :]
        elif edit == "drop":
            changed = word[:place] + word[place + 1 :]
        elif edit == "double":
            changed = word[:place] + letter + word[place:]
        else:
            changed = word[:place] + chance.choice(NEIGHBOURS.get(letter.lower(), letter)) + word[place + 1 :]
        if changed != word:
            return changed


def with_typos(texts: Sequence[str], seed: int = SEED) -> list[str]:
    """Return the texts with a typo in one of every five words; the same seed always makes the same typos.

    The words of all texts are counted through, so that short texts get their part; of each five in a row one that has
    three letters or more is changed.
    """
    chance = random.Random(seed)  # noqa: S311 - typos have to be the same each time
    spans = [(number, found.start(), found.end()) for number, text in enumerate(texts) for found in WORD.finditer(text)]
    chosen: dict[int, list[tuple[int, int]]] = {}
    for first in range(0, len(spans) - EVERY + 1, EVERY):
        eligible = [span for span in spans[first : first + EVERY] if span[2] - span[1] >= SHORTEST]
        if eligible:
            number, start, end = chance.choice(eligible)
            chosen.setdefault(number, []).append((start, end))
    changed = list(texts)
    for number, places in chosen.items():
        for start, end in sorted(places, reverse=True):
            text = changed[number]
            changed[number] = text[:start] + with_typo(text[start:end], chance) + text[end:]
    return changed


def report(clean: Sequence[bool], typos: Sequence[bool], changed: int) -> list[str]:
    """Return the lines to print; both sequences say for each sentence whether it was right."""
    loss, low, high = mean_interval([100.0 * (before - after) for before, after in zip(clean, typos, strict=True)])
    return [
        f"{len(clean)} sentences of our own, {changed} of them changed by typos (one word in five, seed {SEED}).",
        f"right, clean       {100 * sum(clean) / len(clean):6.1f} %",
        f"right, with typos  {100 * sum(typos) / len(typos):6.1f} %",
        f"accuracy lost      {loss:6.1f} points (95 % interval of the paired difference: {low:.1f} … {high:.1f})",
        f"                   must ≤ {TYPO_LOSS.must:g}  aim ≤ {TYPO_LOSS.aim:g}  {TYPO_LOSS.verdict(loss)}",
    ]


def run() -> list[str]:
    """Ask all sentences both ways and return the lines to print. Raises Stop."""
    questions = read_questions(SENTENCES)
    clean = [question.text for question in questions]
    changed = with_typos(clean)
    with measured_stack() as (url, key):
        right = [_right(url, key, questions, texts) for texts in (clean, changed)]
    return report(right[0], right[1], sum(before != after for before, after in zip(clean, changed, strict=True)))


def _right(url: str, key: str, questions: Sequence[Question], texts: Sequence[str]) -> list[bool]:
    rows = rows_of(zip(questions, ask_questions(url, key, texts), strict=True))
    return [is_right(row) for row in rows]


def main() -> int:
    """Carry out the command; a problem becomes one sentence and exit code 1."""
    return exit_code(lambda: print("\n".join(run())))


if __name__ == "__main__":
    sys.exit(main())
