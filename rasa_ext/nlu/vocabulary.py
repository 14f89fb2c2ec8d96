"""The trade's words, read from ``data/vocabulary.yml``: areas, products, and what spelling repair leaves alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from rasa_ext.nlu.paths import project_path

DEFAULT_VOCABULARY = "data/vocabulary.yml"
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


@dataclass(frozen=True)
class Vocabulary:
    """Names as they are reported, each with the ways in which visitors write it (lower case)."""

    areas: dict[str, tuple[str, ...]]
    products: dict[str, tuple[str, ...]]
    one_brand: frozenset[str]
    nicknames: frozenset[str]
    brand_word: str
    protected: frozenset[str]
    shorthand: dict[str, str]

    def phrases(self) -> Iterator[tuple[str, str, str]]:
        """Yield (``areas`` or ``products``, reported name, phrase) for everything that can be found in a message."""
        for kind, names in (("areas", self.areas), ("products", self.products)):
            for name, phrases in names.items():
                for phrase in phrases:
                    yield kind, name, phrase

    def protected_words(self) -> frozenset[str]:
        """Return every single word that spelling repair must not touch."""
        named = {word for _, _, phrase in self.phrases() for word in WORD.findall(phrase)}
        return self.protected | named


def _named_phrases(entries: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(str(phrase).lower() for phrase in phrases) for name, phrases in entries.items()}


@cache
def load_vocabulary(path: str | Path = DEFAULT_VOCABULARY) -> Vocabulary:
    """Read the vocabulary. Raises OSError when the file is missing, KeyError when a section is."""
    data = YAML(typ="safe").load(project_path(path).read_text(encoding="utf-8"))
    return Vocabulary(
        areas=_named_phrases(data["areas"]),
        products=_named_phrases(data["products"]),
        one_brand=frozenset(data["one_brand"]["products"]),
        nicknames=frozenset(data["one_brand"]["nicknames"]),
        brand_word=str(data["one_brand"]["word"]),
        protected=frozenset(str(word).lower() for word in data["protected"]),
        shorthand={str(short): str(full) for short, full in data["shorthand"].items()},
    )
