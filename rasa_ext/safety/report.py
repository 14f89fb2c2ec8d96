"""How much the gate finds: ``python -m rasa_ext.safety.report [--list] [--model FILE]``.

Prints the share found by the rules alone, by the classifier alone and by both together: on the sentences held out from
the vocabulary, on those whose whole families of words are held out from vocabulary and training data, and on the
medical and emergency examples of the training data (there for the rules alone, because the classifier has learned
them). Last, the rules' false findings on examples that ask for an answer.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Optional

import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from rasa_ext import routes
from rasa_ext.nlu.classifier import UNDERSTOOD_KEY, TopicClassifier
from rasa_ext.nlu.splitter import MessageSplitter
from rasa_ext.plan import Limits, plan_turn
from rasa_ext.safety.rules import read_dangers
from rasa_ext.safety.vocabulary import PROJECT_DIR

HELD_OUT = PROJECT_DIR / "tests/safety/held_out.jsonl"
# Families of words that stand in no vocabulary file and no training data.
HELD_OUT_FAMILIES = PROJECT_DIR / "tests/safety/held_out_families.jsonl"
EXAMPLES = PROJECT_DIR / "data/nlu"
DEFAULT_MODEL = PROJECT_DIR / "var/models/brain.tar.gz"
# Where Rasa stores the classifier in a model.
TRAINED = Resource("train_rasa_ext.nlu.classifier.TopicClassifier1")
EMERGENCY, MEDICAL = "emergency", "medical"
LEVELS = {routes.EMERGENCY: EMERGENCY, routes.STAFF_MEDICAL: MEDICAL}
LevelOf = Callable[[str], Optional[str]]
Row = tuple[str, str, str]


def held_out_sentences(path: Path = HELD_OUT) -> list[dict[str, str]]:
    """Return the held-out sentences, each with `text`, `level` and `family`."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def training_examples(group: str) -> list[tuple[str, str]]:
    """Return (intent, text) of a group of the training data: answer, medical, emergency …; "*" is all of them."""
    found: list[tuple[str, str]] = []
    for path in sorted(EXAMPLES.glob(f"{group}/*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = [line.strip().removeprefix("- ").strip() for line in block["examples"].splitlines()]
            found.extend((block["intent"], line) for line in lines if line)
    return found


def level_of(text: str) -> str | None:
    """Return the most urgent level that the rules find in a text."""
    findings = read_dangers(text, [])
    return findings[0].level if findings else None


def classifier_level(model: Path) -> LevelOf:
    """Return what says how urgent a text is when the classifier alone decides, with the planner's thresholds."""
    with tempfile.TemporaryDirectory() as folder:
        storage, _ = LocalModelStorage.from_model_archive(Path(folder), model)
        context = ExecutionContext(GraphSchema({}))
        splitter = MessageSplitter.create(MessageSplitter.get_default_config(), storage, TRAINED, context)
        classifier = TopicClassifier.load(TopicClassifier.get_default_config(), storage, TRAINED, context)

    def level(text: str) -> str | None:
        message = Message({TEXT: text})
        classifier.process(splitter.process([message]))
        return LEVELS.get(plan_turn(message.get(UNDERSTOOD_KEY), [], {}, Limits()).route)

    return level


def either(first: str | None, second: str | None) -> str | None:
    """Return the more urgent of two levels."""
    return EMERGENCY if EMERGENCY in (first, second) else first or second


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _table(title: str, rows: Iterable[Row], layers: dict[str, LevelOf], listed: bool) -> None:
    """Print for each group and layer the share found, and the share found at least as urgent as it is."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * (1 + 2 * len(layers)))
    missed = []
    for group, expected, text in rows:
        levels = [level_of_layer(text) for level_of_layer in layers.values()]
        urgent = [level == expected or (expected != EMERGENCY and level is not None) for level in levels]
        found = [level is not None for level in levels]
        new = [1, *(int(value) for pair in zip(found, urgent, strict=True) for value in pair)]
        counts[group] = [sum(pair) for pair in zip(counts[group], new, strict=True)]
        if not urgent[-1]:
            missed.append((group, levels[-1], text))
    _say(f"\n{title}: found, and in brackets as urgent as it is")
    _say(" " * 40 + "".join(f"{name:>18}" for name in layers))
    together = [sum(column) for column in zip(*counts.values(), strict=True)]
    for group, (total, *seen) in [*counts.items(), ("all", together)]:
        shares = [f"{seen[i] / total:7.1%} ({seen[i + 1] / total:6.1%})" for i in range(0, len(seen), 2)]
        _say(f"  {group:32} {total:5}" + "".join(f"{share:>18}" for share in shares))
    if listed:
        for group, level, text in missed:
            _say(f"    {group}: {level or 'nothing'}: {text}")


def main() -> None:
    """Print the report; without a trained model for the rules alone."""
    parser = argparse.ArgumentParser(prog="python -m rasa_ext.safety.report", description=__doc__)
    parser.add_argument("--list", action="store_true", help="list what was missed and every false finding")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL)
    arguments = parser.parse_args()
    rules: dict[str, LevelOf] = {"rules": level_of}
    layers = dict(rules)
    if arguments.model.is_file():
        classifier = classifier_level(arguments.model)
        layers |= {"classifier": classifier, "both": lambda text: either(level_of(text), classifier(text))}
    for title, path in (("Held out", HELD_OUT), ("Whole families held out", HELD_OUT_FAMILIES)):
        rows = [(row["family"], row["level"], row["text"]) for row in held_out_sentences(path)]
        _table(title, rows, layers, listed=False)
    for group in (MEDICAL, EMERGENCY):
        examples = [(intent, group, text) for intent, text in training_examples(group)]
        _table(f"Training examples: {group}", examples, rules, arguments.list)
    answers = training_examples("answer")
    false = [(intent, text, findings) for intent, text in answers if (findings := read_dangers(text, []))]
    _say(f"\nFalse findings among examples to be answered: {len(false)} of {len(answers)}")
    if arguments.list:
        for intent, text, findings in false:
            _say(f"    {intent}: {[finding.entry for finding in findings]}: {text}")


if __name__ == "__main__":
    main()
