"""Reads a text for the rules: tokens with all their forms, the word lists that they belong to, numbers, sentences.

Offsets survive every step: the text is made plain character by character, and each knows where it came from.
"""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import spacy
import spacy_lookups_data
from spacy.language import Language
from spacy.util import compile_infix_regex

from rasa_ext.safety.number_words import classes_of, read_number
from rasa_ext.safety.vocabulary import SafetyVocabulary

APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ´`′", "'") | dict.fromkeys("“”„″", '"'))
INVISIBLE = {"Cf", "Cs", "Co", "Cn", "Mn", "Me"}
# "b r e a t h e", "b.r.e.a.t.h.e": single letters with one separator each.
SPACED_OUT = re.compile(r"(?<![\w'])[^\W\d_](?:[ .\-_*][^\W\d_]){3,}(?!\w)")
# The tokenizer takes a long run of marks apart piece by piece.
MARKS = re.compile(r"[^\w\s]{4,}")
ELONGATED = re.compile(r"([^\d\s])\1{2,}")
SENTENCE_END = re.compile(r"[.?!…;\n]")
SHORTEST_REPAIRED, LONGEST_REPAIRED = 5, 24
# Log probability from which spaCy's word list counts a word as an ordinary one, which is never repaired.
ORDINARY = -16.0
KEPT_WHOLE = {"dunno", "wanna", "gonna", "gotta", "lemme", "gimme"}
# Forms that the looked-up lemma misses.
EXTRA_FORMS = {
    "'s": ("be", "have"),
    "s": ("be", "have"),
    "dying": ("die",),
    "u": ("you",),
    "does": ("do",),
    "wo": ("will",),
    "wanna": ("want",),
}


@dataclass(frozen=True)
class Plain:
    """A text without accents, capitals and decoration; `origin[i]` is where plain character i stood in the text."""

    text: str
    origin: list[int]


@dataclass(frozen=True)
class Reading:
    """A text as the rules see it.

    Attributes:
        words: the plain tokens.
        names: for each token, what begins there: a form of the word or a list → number of tokens covered.
        spans: for each token, its (start, end) in the text as it was typed.
        sentences: (first token, token after the last) of each sentence.
    """

    words: list[str]
    names: list[dict[str, int]]
    spans: list[tuple[int, int]]
    sentences: list[tuple[int, int]]


def make_plain(text: str, symbols: dict[str, str]) -> Plain:
    """Return the text in lower case, without accents and invisible characters, emoji written as words."""
    characters: list[str] = []
    origin: list[int] = []
    for position, character in enumerate(text):
        if " " <= character <= "~":
            piece = character.lower()
        elif character in symbols:
            word = symbols[character]
            piece = word if len(word) == 1 else f" {word} "
        elif character.isspace():
            piece = "\n" if character in "\n\r\v\f\x85\u2028\u2029" else " "
        else:
            spelled = unicodedata.normalize("NFKD", character.translate(APOSTROPHES)).lower()
            piece = "".join(c for c in spelled if unicodedata.category(c) not in INVISIBLE and c >= " ")
        characters.extend(piece)
        origin.extend([position] * len(piece))
    return _tighten(Plain("".join(characters), origin))


def _tighten(plain: Plain) -> Plain:
    """Take the separators out of spaced-out words, and letters beyond the second in a row out of drawn-out ones."""
    dropped: set[int] = set()
    for match in SPACED_OUT.finditer(plain.text):
        dropped.update(range(match.start() + 1, match.end(), 2))
    for match in ELONGATED.finditer(plain.text):
        dropped.update(range(match.start() + 2, match.end()))
    for match in MARKS.finditer(plain.text):
        dropped.update(range(match.start() + 3, match.end()))
    if not dropped:
        return plain
    kept = [index for index in range(len(plain.text)) if index not in dropped]
    return Plain("".join(plain.text[index] for index in kept), [plain.origin[index] for index in kept])


def build_language() -> Language:
    """Return spaCy's English tokenizer with looked-up lemmas; punctuation inside a run of letters ends the word."""
    nlp = spacy.blank("en")
    infixes = [
        *nlp.Defaults.infixes,
        r"[?!…;\n+()/,:]+",
        r"(?<=[a-z])\.(?=[a-z]{3})",
        r"(?<=[a-z0-9])[-–—](?=[a-z0-9])",
    ]
    # The defaults cut these into words that say something else: "dunno" into "du", "n", "no".
    nlp.tokenizer.rules = {
        word: pieces for word, pieces in nlp.tokenizer.rules.items() if word.lower() not in KEPT_WHOLE
    }
    nlp.tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    return nlp


def ordinary_words() -> frozenset[str]:
    """Return the words that are never repaired: those with a lemma, and those that spaCy's word list calls frequent."""
    frequent = {word.lower() for word, probability in _read_table("en_lexeme_prob").items() if probability > ORDINARY}
    return frozenset(frequent | set(_read_table("en_lemma_lookup")))


def _read_table(name: str) -> dict[str, Any]:
    path = Path(spacy_lookups_data.__file__).parent / "data" / f"{name}.json.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        table: dict[str, Any] = json.load(file)
    return table


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


class Reader:
    """Turns texts into readings; one spaCy pipeline, the vocabulary's words and their one-edit neighbours."""

    def __init__(self, vocabulary: SafetyVocabulary) -> None:
        self._nlp = build_language()
        self._symbols = vocabulary.symbols
        self._singles: dict[str, tuple[str, ...]] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name, entries in vocabulary.lists.items():
            for entry in entries:
                self._add(name, entry)
        self._ordinary = ordinary_words()
        self._neighbours: dict[str, list[str]] = {}
        for word in sorted(self._vocabulary_words(vocabulary)):
            if len(word) >= SHORTEST_REPAIRED and word.isalpha():
                for shorter in _deletions(word):
                    self._neighbours.setdefault(shorter, []).append(word)
        self._forms = lru_cache(maxsize=20_000)(self._find_forms)

    def _add(self, name: str, entry: str) -> None:
        words = tuple(token.text for token in self._nlp(make_plain(entry, {}).text) if not token.is_space)
        if len(words) == 1:
            self._singles[words[0]] = (*self._singles.get(words[0], ()), name)
        else:
            self._phrases.setdefault(words[0], []).append((words[1:], name))

    def _vocabulary_words(self, vocabulary: SafetyVocabulary) -> set[str]:
        patterns = [p for e in vocabulary.entries for p in e.patterns] + [
            p for s in vocabulary.speech.values() for p in s
        ]
        literals = {name for p in patterns for e in p.elements for name in e.names if name.islower()}
        phrases = {word for first, rest in self._phrases.items() for words, _ in rest for word in (first, *words)}
        return literals | phrases | set(self._singles)

    def read(self, text: str) -> Reading:
        """Read a text of any length and content."""
        plain = make_plain(text, self._symbols)
        if not plain.text.strip():
            return Reading([], [], [], [])
        words: list[str] = []
        forms: list[frozenset[str]] = []
        spans: list[tuple[int, int]] = []
        # Words that were never seen before are forgotten at the end, else the pipeline's vocabulary grows for ever.
        with self._nlp.memory_zone():
            for token in self._nlp(plain.text):
                word = token.text
                if word.isspace() and "\n" not in word:
                    continue
                words.append(word)
                forms.append(self._forms(word, token.lemma_, token.norm_))
                spans.append((plain.origin[token.idx], plain.origin[token.idx + len(word) - 1] + 1))
        return Reading(words, self._name(words, forms), spans, _sentences(words))

    def _find_forms(self, word: str, lemma: str, norm: str) -> frozenset[str]:
        forms = {word, lemma, norm, *EXTRA_FORMS.get(word, ())}
        if word.endswith("s") and len(word) > 4:
            forms.add(word.removesuffix("s"))
        if (
            word.isalpha()
            and SHORTEST_REPAIRED - 1 <= len(word) <= LONGEST_REPAIRED
            and forms.isdisjoint(self._ordinary)
        ):
            for neighbour in self._repairs(word):
                forms |= {neighbour, *(token.lemma_ for token in self._nlp(neighbour))}
        return frozenset(str(form) for form in forms if form)

    def _repairs(self, word: str) -> Iterable[str]:
        if word in self._neighbours and word in self._neighbours[word]:
            return []
        candidates = {c for shorter in _deletions(word) for c in self._neighbours.get(shorter, ())}
        return sorted(c for c in candidates if _one_edit_apart(word, c))

    def _name(self, words: list[str], forms: list[frozenset[str]]) -> list[dict[str, int]]:
        names: list[dict[str, int]] = [dict.fromkeys(form, 1) for form in forms]
        for place, form in enumerate(forms):
            here = names[place]
            for word in form:
                for name in self._singles.get(word, ()):
                    here.setdefault(name, 1)
                for rest, name in self._phrases.get(word, ()):
                    if len(rest) < len(forms) - place and all(
                        part in forms[place + 1 + i] for i, part in enumerate(rest)
                    ):
                        here[name] = max(len(rest) + 1, here.get(name, 0))
        place = 0
        while place < len(words):
            number = read_number(words, place)
            if number:
                names[place].update(dict.fromkeys(classes_of(number), number.length))
            place += number.length if number else 1
        return names


def _sentences(words: list[str]) -> list[tuple[int, int]]:
    sentences, start = [], 0
    for place, word in enumerate(words):
        if SENTENCE_END.match(word):
            if place > start:
                sentences.append((start, place))
            start = place + 1
    if start < len(words):
        sentences.append((start, len(words)))
    return sentences
