"""Reads what the bot knows (domain, rules, sources, examples) as plain data, for the checks in this folder."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"\{(\w+)\}")
SMALL_TALK = {"greet", "thanks", "goodbye", "bot_challenge", "affirm", "deny", "not_emergency", "all_well"}
STAFF_AND_BOOKING = {"book", "reschedule_cancel", "human_request", "complaint_billing"}


@dataclass(frozen=True)
class Variant:
    """One variant of a response: its name, place among the variants (from 0), text and metadata."""

    response: str
    place: int
    text: str
    metadata: dict[str, Any]

    @property
    def placeholders(self) -> set[str]:
        """The names in braces."""
        return set(PLACEHOLDER.findall(self.text))

    @property
    def sources(self) -> set[tuple[str, str]]:
        """(document, passage) pairs."""
        return {(source["document"], source["passage"]) for source in self.metadata.get("source", [])}


def load(path: Path) -> Any:
    """The content of one YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@functools.cache
def domain() -> dict[str, Any]:
    """domain.yml as it stands."""
    return load(ROOT / "domain.yml")


@functools.cache
def responses() -> dict[str, list[Variant]]:
    """Response name to its variants, in order."""
    return {
        name: [Variant(name, place, entry["text"], entry.get("metadata", {})) for place, entry in enumerate(entries)]
        for name, entries in domain()["responses"].items()
    }


@functools.cache
def statements() -> list[dict[str, Any]]:
    """The statements of data/sources.yml."""
    return load(ROOT / "data" / "sources.yml")["statements"]


@functools.cache
def rules() -> list[tuple[list[str], list[str]]]:
    """For each rule its intents and the actions that follow them."""
    found = []
    for path in sorted((ROOT / "data" / "rules").glob("*.yml")):
        for rule in load(path)["rules"]:
            intents: list[str] = []
            actions: list[str] = []
            for step in rule["steps"]:
                intents += [choice["intent"] for choice in step.get("or", [step]) if "intent" in choice]
                actions += [step["action"]] if "action" in step else []
            found.append((intents, actions))
    return found


@functools.cache
def actions_of() -> dict[str, list[str]]:
    """Intent to the actions that follow it."""
    return {intent: actions for intents, actions in rules() for intent in intents}


def answer_topics() -> list[str]:
    """Intents whose rule starts with their own fixed answer: no small talk, out of scope or emergency."""
    return [
        intent
        for intent, actions in actions_of().items()
        if actions[0] == f"utter_{intent}" and intent not in SMALL_TALK | {"out_of_scope", "emergency_crisis"}
    ]


def answer_bubbles() -> list[Variant]:
    """Every variant of every bubble that follows an answer topic."""
    names = dict.fromkeys(action for topic in answer_topics() for action in actions_of()[topic])
    return [variant for name in names for variant in responses()[name]]


@functools.cache
def examples() -> dict[str, list[str]]:
    """Intent to its example sentences."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "data" / "nlu").rglob("*.yml")):
        for entry in load(path).get("nlu", []):
            if "intent" in entry:
                lines = [line.strip() for line in entry["examples"].splitlines()]
                sentences = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
                found.setdefault(entry["intent"], []).extend(sentences)
    return found


@functools.cache
def code() -> str:
    """The text of all code that can name a response: brain, actions, and the clinic's Python, pages and scripts."""
    folders = {"actions": ["py"], "rasa_ext": ["py"], "clinic": ["py", "html", "js"]}
    paths = (path for folder, ends in folders.items() for end in ends for path in (ROOT / folder).rglob(f"*.{end}"))
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(paths))
