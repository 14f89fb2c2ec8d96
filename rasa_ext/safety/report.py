"""How much layer 1 finds: ``python -m rasa_ext.safety.report [--list]``.

Prints the share found on the sentences held out from the vocabulary, on the medical and emergency examples of the
training data, and the share of false findings on examples that ask for an answer.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import yaml

from rasa_ext.safety.rules import read_dangers
from rasa_ext.safety.vocabulary import PROJECT_DIR

HELD_OUT = PROJECT_DIR / "tests/safety/held_out.jsonl"
EXAMPLES = PROJECT_DIR / "data/nlu"
EMERGENCY = "emergency"


def held_out_sentences(path: Path = HELD_OUT) -> list[dict[str, str]]:
    """Return the held-out sentences, each with `text`, `level` and `family`."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def training_examples(group: str) -> list[tuple[str, str]]:
    """Return (intent, text) of a group of the training data: answer, medical, emergency …"""
    found: list[tuple[str, str]] = []
    for path in sorted((EXAMPLES / group).glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = [line.strip().removeprefix("- ").strip() for line in block["examples"].splitlines()]
            found.extend((block["intent"], line) for line in lines if line)
    return found


def level_of(text: str) -> str | None:
    """Return the most urgent level found in a text."""
    findings = read_dangers(text, [])
    return findings[0].level if findings else None


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _table(title: str, rows: Iterable[tuple[str, str, str]], listed: bool) -> None:
    """Print found and rightly levelled by group; rows are (group, expected level, text)."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    missed = []
    for group, expected, text in rows:
        level = level_of(text)
        right = level == expected or (expected != EMERGENCY and level is not None)
        counts[group] = [sum(pair) for pair in zip(counts[group], (1, level is not None, right), strict=True)]
        if not right:
            missed.append((group, level, text))
    _say(f"\n{title}")
    for group, (total, found, right) in [
        *counts.items(),
        ("all", [sum(column) for column in zip(*counts.values(), strict=True)]),
    ]:
        _say(f"  {group:32} {total:5}  found {found / total:6.1%}  as urgent as it is {right / total:6.1%}")
    if listed:
        for group, level, text in missed:
            _say(f"    {group}: {level or 'nothing'}: {text}")


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="list what was missed and every false finding")
    listed = parser.parse_args().list
    _table("Held out", [(row["family"], row["level"], row["text"]) for row in held_out_sentences()], listed=False)
    for group in ("medical", EMERGENCY):
        _table(
            f"Training examples: {group}", [(intent, group, text) for intent, text in training_examples(group)], listed
        )
    answers = training_examples("answer")
    false = [(intent, text, findings) for intent, text in answers if (findings := read_dangers(text, []))]
    _say(
        f"\nFalse findings on examples to be answered: {len(false)} of {len(answers)}, {len(false) / len(answers):.1%}"
    )
    if listed:
        for intent, text, findings in false:
            _say(f"    {intent}: {[finding.entry for finding in findings]}: {text}")


if __name__ == "__main__":
    main()
