"""The gate's vocabulary: reads and checks `data/safety/*.yml`.

`language.yml` says how people put things (shared word lists, figures of speech, how a general question sounds);
every other file is one family of dangers. `docs/safety.md` describes the form for those who add an entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rasa_ext.safety.patterns import Pattern, PatternError, parse_pattern

PROJECT_DIR = Path(__file__).resolve().parents[2]
DEFAULT_FOLDER = "data/safety"
LANGUAGE_FILE = "language.yml"
SPEECH_SECTIONS = ("figures_of_speech", "not_negation", "onset", "holder", "person", "asking", "hearsay", "general")
WORD_SECTIONS = ("negators", "transparent", "breaks", "fillers")
LEVELS = {"emergency": "emergency_", "medical": "medical_"}
# always: wherever the words stand; unless_general: not in a general question; person: only where somebody has it.
FIRES = ("always", "unless_general", "person")
TEXTS = ("id", "level", "intent", "fires", "reason", "label")


class VocabularyError(ValueError):
    """The vocabulary cannot be used; the message says which file and why, in one sentence."""


@dataclass(frozen=True)
class Entry:
    """One danger: what it is called, how urgent it is, why, and the words that tell it."""

    id: str
    family: str
    level: str
    intent: str
    fires: str
    reason: str
    label: str
    patterns: tuple[Pattern, ...]
    all_of: tuple[frozenset[str], ...]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]


@dataclass(frozen=True)
class SafetyVocabulary:
    """Everything that the rules read.

    Attributes:
        lists: upper-case name of a word list → its words and phrases.
        speech: section of `language.yml` → patterns.
        words: section of `language.yml` → single words and names of lists.
        symbols: a character such as an emoji → the word that it stands for.
        entries: all families' entries, in the order of the files.
    """

    lists: dict[str, tuple[str, ...]]
    speech: dict[str, tuple[Pattern, ...]]
    words: dict[str, frozenset[str]]
    symbols: dict[str, str]
    entries: tuple[Entry, ...]


def load_vocabulary(folder: str | Path = DEFAULT_FOLDER) -> SafetyVocabulary:
    """Read the folder; a relative one counts from the project's folder. Raises VocabularyError."""
    root = PROJECT_DIR / folder
    files = {path.name: _read(path) for path in sorted(root.glob("*.yml"))}
    if LANGUAGE_FILE not in files:
        raise VocabularyError(f"The safety vocabulary has no {LANGUAGE_FILE} in {root}.")
    language = files.pop(LANGUAGE_FILE)
    if not files:
        raise VocabularyError(f"The safety vocabulary in {root} has no family of dangers.")
    lists = _lists({LANGUAGE_FILE: language, **files})
    speech = {name: _patterns(language.get(name), LANGUAGE_FILE, name, lists) for name in SPEECH_SECTIONS}
    words = {name: frozenset(_strings(language.get(name), LANGUAGE_FILE, name)) for name in WORD_SECTIONS}
    symbols = {str(sign): str(word) for sign, word in (language.get("symbols") or {}).items()}
    entries = tuple(entry for name, data in files.items() for entry in _family(name, data, lists))
    _check_together(entries)
    return SafetyVocabulary(lists, speech, words, symbols, entries)


def _read(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise VocabularyError(
            f"{path.name} of the safety vocabulary cannot be read: {' '.join(str(error).split())}."
        ) from error
    if not isinstance(data, dict):
        raise VocabularyError(f"{path.name} of the safety vocabulary holds no sections.")
    return data


def _strings(value: Any, file: str, where: str) -> list[str]:
    if (
        not isinstance(value, list)
        or not value
        or any(isinstance(item, bool) or not isinstance(item, (str, int)) for item in value)
    ):
        raise VocabularyError(f"{file} of the safety vocabulary: {where} has to be a list of texts.")
    return [str(item) for item in value]


def _lists(files: dict[str, dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for file, data in files.items():
        for name, words in (data.get("lists") or {}).items():
            if not str(name).isupper() or name in found:
                raise VocabularyError(
                    f"{file} of the safety vocabulary: the list {name} is not upper case or there twice."
                )
            found[name] = tuple(word.lower() for word in _strings(words, file, name))
    return found


def _patterns(value: Any, file: str, where: str, lists: dict[str, tuple[str, ...]]) -> tuple[Pattern, ...]:
    try:
        return tuple(parse_pattern(text, lists) for text in _strings(value, file, where))
    except PatternError as error:
        raise VocabularyError(f"{file} of the safety vocabulary: {where}: {error}.") from error


def _family(file: str, data: dict[str, Any], lists: dict[str, tuple[str, ...]]) -> list[Entry]:
    entries = data.get("entries")
    if not isinstance(entries, list) or not entries:
        raise VocabularyError(f"{file} of the safety vocabulary has no entries.")
    return [_entry(file, entry, lists) for entry in entries]


def _entry(file: str, data: Any, lists: dict[str, tuple[str, ...]]) -> Entry:
    name = data.get("id", "without id") if isinstance(data, dict) else "no mapping"
    where = f"entry {name}"
    if not isinstance(data, dict) or any(not isinstance(data.get(key), str) for key in TEXTS):
        raise VocabularyError(f"{file} of the safety vocabulary: {where} needs {', '.join(TEXTS)}.")
    if data["level"] not in LEVELS or data["fires"] not in FIRES:
        raise VocabularyError(f"{file} of the safety vocabulary: {where} has an unknown level or fires.")
    if not data["intent"].startswith(LEVELS[data["level"]]):
        raise VocabularyError(f"{file} of the safety vocabulary: {where}: its intent does not fit its level.")
    if ("patterns" in data) == ("all_of" in data):
        raise VocabularyError(f"{file} of the safety vocabulary: {where} needs either patterns or all_of.")
    return Entry(
        **{key: data[key].strip() for key in TEXTS},
        family=file.removesuffix(".yml"),
        patterns=_patterns(data["patterns"], file, where, lists) if "patterns" in data else (),
        all_of=tuple(frozenset(_strings(group, file, where)) for group in data.get("all_of", [])),
        examples=tuple(_strings(data.get("examples"), file, f"{where}: examples")),
        counter_examples=tuple(_strings(data.get("not"), file, f"{where}: not")),
    )


def _check_together(entries: tuple[Entry, ...]) -> None:
    known: set[str] = set()
    for entry in entries:
        if entry.id in known:
            raise VocabularyError(f"The safety vocabulary has the entry {entry.id} twice.")
        known.add(entry.id)
    for entry in entries:
        unknown = set().union(*entry.all_of) - known if entry.all_of else set()
        if unknown:
            raise VocabularyError(
                f"The safety vocabulary: entry {entry.id} names {sorted(unknown)[0]}, which does not exist."
            )
