"""Reads a text for the rules: tokens with all their forms, the word lists that they belong to, numbers, sentences.

Offsets survive every step: the text is made plain character by character, and each knows where it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import spacy
from spacy.language import Language
from spacy.util import compile_infix_regex

from rasa_ext.safety.number_words import classes_of, read_number
from rasa_ext.safety.patterns import RARE_WORD
from rasa_ext.safety.plain import make_plain
from rasa_ext.safety.vocabulary import SafetyVocabulary
from rasa_ext.safety.words import Words, put_right

SENTENCE_END = re.compile(r"[.?!…;\n]")
SHORTEST_RARE = 6
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
    # What looks like an address is most often two sentences without a space between.
    nlp.tokenizer.url_match = None
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    return nlp


# Lemmas that are another word: "number" counts, it is not more numb.
WRONG_LEMMAS = {"number": "numb", "numbers": "numb"}


class Reader:
    """Turns texts into readings; one spaCy pipeline, the vocabulary's words and the ways to them."""

    def __init__(self, vocabulary: SafetyVocabulary) -> None:
        self._nlp = build_language()
        self._symbols = vocabulary.symbols
        self._fillers = vocabulary.words["fillers"]
        self._singles: dict[str, tuple[str, ...]] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._endings: list[tuple[str, str]] = []
        self._not_ending: set[str] = set()
        for name, entries in vocabulary.lists.items():
            for entry in entries:
                self._add(name, entry)
        self._words = Words(self._vocabulary_words(vocabulary))
        self._forms = lru_cache(maxsize=20_000)(self._find_forms)

    def _add(self, name: str, entry: str) -> None:
        if entry.startswith("*"):
            self._endings.append((entry[1:], name))
            return
        if entry.startswith("!"):
            self._not_ending.add(entry[1:])
            return
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
        said = {word for section in vocabulary.words.values() for word in section if word.islower()}
        return literals | phrases | said | set(self._singles)

    def read(self, text: str) -> Reading:
        """Read a text of any length and content."""
        plain = put_right(make_plain(text, self._symbols), self._words)
        if not plain.text.strip():
            return Reading([], [], [], [])
        words: list[str] = []
        forms: list[frozenset[str]] = []
        spans: list[tuple[int, int]] = []
        # Words that were never seen before are forgotten at the end, else the pipeline's vocabulary grows for ever.
        with self._nlp.memory_zone():
            for word, form, place in self._tokens(plain.text):
                if word in self._fillers or (word.isspace() and "\n" not in word):
                    continue
                words.append(word)
                forms.append(form)
                spans.append((plain.origin[place], plain.origin[place + len(word) - 1] + 1))
        return Reading(words, self._name(words, forms), spans, _sentences(words))

    def _tokens(self, text: str, begin: int = 0) -> Iterator[tuple[str, frozenset[str], int]]:
        """Yield each token, its forms and its place; words that were typed without spaces come one by one."""
        for token in self._nlp(text):
            word, place = token.text, begin + token.idx
            forms = self._forms(word, token.lemma_, token.norm_)
            pieces = self._words.segment(word) if RARE_WORD in forms else ()
            for piece in pieces:
                yield from self._tokens(piece, place)
                place += len(piece)
            if not pieces:
                yield word, forms, place

    def _find_forms(self, word: str, lemma: str, norm: str) -> frozenset[str]:
        forms = {word, lemma, norm} - {WRONG_LEMMAS.get(word)}
        forms |= {*EXTRA_FORMS.get(word, ())}
        if word.endswith("s") and len(word) > 4:
            forms.add(word.removesuffix("s"))
        endings: set[str] = set()
        if word not in self._not_ending and word.isalpha():
            endings = {name for ending, name in self._endings if any(form.endswith(ending) for form in forms)}
        if word.isalpha() and not self._words.is_ordinary(forms):
            repairs = self._words.repairs(word)
            for neighbour in repairs:
                forms |= {neighbour, *(token.lemma_ for token in self._nlp(neighbour))}
            if not repairs and not endings and len(word) >= SHORTEST_RARE and not self._words.is_known(word):
                forms.add(RARE_WORD)
        return frozenset(str(form) for form in forms | endings if form)

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
