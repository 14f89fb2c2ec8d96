"""Short questions that lean on the last answer: "and how long does that take?", "why?", "what about the neck?".

Two ways lead to what is meant. A closed form of words that says nothing by itself is looked up in
``data/follow_ups.yml`` together with the last topic. Any other short message that points back ("can they do that at
once?") gets the last topic's title put before it, but only when the message alone is vague. A question that is clear
alone keeps its own topic.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from rasa_ext.nlu.paths import project_path

DEFAULT_FOLLOW_UPS = "data/follow_ups.yml"
SAME = "same"
MAX_WORDS = 8
# After these the visitor's "that" is their own health, which no FAQ topic may answer.
CLOSED_ROUTES = {"emergency", "staff_medical"}
EDGE_WORDS = {
    "and",
    "so",
    "ok",
    "okay",
    "but",
    "also",
    "then",
    "well",
    "oh",
    "hm",
    "hmm",
    "um",
    "yeah",
    "yes",
    "please",
    "though",
    "thanks",
    "cool",
    "great",
    "right",
    "or",
    "tho",
    "exactly",
    "pls",
    "plz",
    "hey",
    "alright",
    "thank",
    "you",
}
# Not "it": that is the treatment far more often than the last answer.
POINTS_BACK = {"that", "this", "these", "those", "they", "them", "one", "ones"}
LEANS = {"and", "even", "but", "or", "only", "just"}
LEANING_PAIRS = {("what", "about"), ("how", "about"), ("what", "if"), ("also", "for")}
AROUND_AREA = {
    "what",
    "about",
    "how",
    "and",
    "the",
    "my",
    "for",
    "in",
    "on",
    "around",
    "too",
    "also",
    "as",
    "well",
    "even",
    "is",
    "it",
    "same",
    "that",
    "with",
    "then",
    "of",
    "a",
    "to",
    "your",
}
WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Kind:
    """One kind of short question and the topic that it means after each last topic."""

    form: re.Pattern[str] | None
    topics: Mapping[str, str]
    otherwise: str

    def topic_after(self, last_topic: str) -> str:
        topic = self.topics.get(last_topic, self.otherwise)
        return last_topic if topic == SAME else topic


@dataclass(frozen=True)
class Candidate:
    """What to classify in place of the message; ``certain`` when the message alone cannot mean anything."""

    of: str
    text: str
    certain: bool


class FollowUps:
    """The table of ``data/follow_ups.yml``."""

    def __init__(self, titles: dict[str, str], questions: dict[str, str], kinds: list[Kind], area: Kind) -> None:
        self._titles, self._questions, self._kinds, self._area = titles, questions, kinds, area

    @property
    def questions(self) -> dict[str, str]:
        """The whole question of each topic."""
        return dict(self._questions)

    def candidate(
        self, text: str, areas: Sequence[str], area_words: set[str], context: Mapping[str, object]
    ) -> Candidate | None:
        """Return what a short message may mean after the last topic, or None when it does not lean on one.

        ``area_words`` are the words that name an area; ``context`` is the turn's, with its last topic and route.
        """
        last_topic = context.get("last_topic")
        if (
            not isinstance(last_topic, str)
            or last_topic not in self._titles
            or context.get("last_route") in CLOSED_ROUTES
        ):
            return None
        words = WORD.findall(text.lower().replace("'", ""))
        if not 0 < len(words) <= MAX_WORDS:
            return None
        core = strip_edges(words)
        kind = self._kind_of(" ".join(core))
        if kind is None and areas and set(core) - area_words <= AROUND_AREA:
            kind = self._area
        if kind is not None:
            return Candidate(last_topic, self._questions[kind.topic_after(last_topic)], certain=True)
        if leans(words):
            return Candidate(last_topic, f"{self._titles[last_topic]}: {' '.join(words)}", certain=False)
        return None

    def means_nothing_alone(self, text: str) -> bool:
        """Say whether a message only asks on, as "why?" or "tell me more" do: without a topic it is about nothing."""
        words = WORD.findall(text.lower().replace("'", ""))
        kind = self._kind_of(" ".join(strip_edges(words))) if len(words) <= MAX_WORDS else None
        return kind is not None and kind.otherwise == SAME

    def _kind_of(self, text: str) -> Kind | None:
        return next((kind for kind in self._kinds if text and kind.form and kind.form.fullmatch(text)), None)


def strip_edges(words: list[str]) -> list[str]:
    """Take "and", "ok", "please" and the like off both ends."""
    first, last = 0, len(words)
    while first < last and words[first] in EDGE_WORDS:
        first += 1
    while last > first and words[last - 1] in EDGE_WORDS:
        last -= 1
    return words[first:last]


def leans(words: list[str]) -> bool:
    """Say whether a message begins like the second half of one, or points back with "that" or "they"."""
    return words[0] in LEANS or tuple(words[:2]) in LEANING_PAIRS or bool(POINTS_BACK & set(words))


def read_kind(entry: Mapping[str, Any]) -> Kind:
    """Build a kind from its entry in the file. Raises re.error when a form is not a regular expression."""
    forms = "|".join(f"(?:{form})" for form in entry.get("forms", []))
    return Kind(re.compile(forms) if forms else None, dict(entry["topics"]), str(entry["otherwise"]))


@cache
def load_follow_ups(path: str | Path = DEFAULT_FOLLOW_UPS) -> FollowUps:
    """Read the table. Raises OSError when the file is missing, KeyError when it names a topic without a question."""
    data = YAML(typ="safe").load(project_path(path).read_text(encoding="utf-8"))
    kinds, area = [read_kind(entry) for entry in data["kinds"]], read_kind(data["area"])
    for kind in [*kinds, area]:
        for topic in {*kind.topics, *kind.topics.values(), kind.otherwise} - {SAME}:
            data["questions"][topic], data["titles"][topic]
    return FollowUps(data["titles"], data["questions"], kinds, area)
