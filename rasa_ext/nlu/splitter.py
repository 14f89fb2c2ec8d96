"""Splitting a message into its parts, so that each question in it gets its own answer.

A part is a sentence, or one of several questions inside a sentence: ``how much is it and does it hurt``. Visitors
often leave out all punctuation, so questions are found by their word order. The rules are cautious: a message that
stays in one piece is still classified as a whole, a question that was cut in two is understood by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from itertools import chain
from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Token
from spacy.util import compile_infix_regex

from rasa_ext.nlu.normalise import tidy
from rasa_ext.nlu.vocabulary import DEFAULT_VOCABULARY, Vocabulary, load_vocabulary

PARTS_KEY, AREAS_KEY, PRODUCTS_KEY = "parts", "areas", "products"
MAX_CHARACTERS = 6000
MAX_PARTS = 40
# Half of what the encoder reads, so that nothing at a part's end is cut off.
MAX_WORDS = 60

WH_WORDS = {"what", "how", "when", "where", "why", "who", "which", "whats", "hows", "whens", "wheres", "wat", "wot"}
# These open a question also without inversion: "and how long it lasts", "and what to expect".
FREE_WH_WORDS = {"what", "how", "why", "whats", "hows", "wat", "wot"}
AUXILIARIES = {
    "do",
    "does",
    "did",
    "is",
    "are",
    "was",
    "were",
    "can",
    "could",
    "will",
    "would",
    "should",
    "shall",
    "may",
    "might",
    "has",
    "have",
    "had",
    "am",
    "must",
    "dont",
    "doesnt",
    "didnt",
    "isnt",
    "arent",
    "cant",
    "couldnt",
    "wont",
    "wouldnt",
    "shouldnt",
    "hasnt",
    "havent",
}
PRONOUNS = {"i", "you", "it", "we", "they", "he", "she", "there", "u", "ya"}
SUBJECTS = PRONOUNS | {
    "this",
    "that",
    "these",
    "those",
    "the",
    "my",
    "your",
    "a",
    "an",
    "any",
    "anyone",
    "someone",
    "people",
    "men",
    "women",
    "botox",
    "dysport",
    "insurance",
    "results",
    "bruises",
    "effects",
}
# Before an auxiliary these make it part of a running clause: "can I do it", "to have it", "what it is".
RUNNING = (
    PRONOUNS
    | AUXILIARIES
    | {
        "to",
        "not",
        "n't",
        "who",
        "that",
        "never",
        "just",
        "also",
        "only",
        "still",
        "already",
        "ever",
        "which",
        "really",
        "and",
        "or",
        "but",
    }
)
REPORTING = {
    "know",
    "tell",
    "me",
    "wondering",
    "wonder",
    "ask",
    "asking",
    "explain",
    "say",
    "see",
    "sure",
    "understand",
    "about",
    "of",
    "if",
    "whether",
    "idea",
}
LEADING = {
    "if",
    "when",
    "after",
    "before",
    "once",
    "while",
    "since",
    "because",
    "as",
    "during",
    "with",
    "for",
    "in",
    "on",
    "at",
    "until",
    "although",
    "unless",
    "though",
    "by",
}
CONJUNCTIONS = {"and", "also", "plus", "but", "&", "then"}
LINKS = CONJUNCTIONS | {",", "-", "–", "—", "so"}
FILLERS = {
    "hi",
    "hello",
    "hey",
    "ok",
    "okay",
    "so",
    "well",
    "and",
    "also",
    "um",
    "uh",
    "please",
    "thanks",
    "yes",
    "no",
    "yeah",
}
# So many words may stand between a question word and its auxiliary: "how many of the areas do you treat".
WH_REACH = 5
# After "and" these ask about any noun, also one that is not in the list of subjects.
PLAIN_AUXILIARIES = {"does", "is", "are", "will"}
SENTENCE_END = re.compile(r"^(?:[?!]+|\.+|…+|[.?!…]{2,}|;)$")
STATED_QUESTION = re.compile(
    r"\b(?:wonder(?:ing|ed)? (?:if|whether|how|what|when|why|about)|"
    r"(?:like|want|need|love|wanted) to (?:know|ask|understand)|"
    r"(?:tell|explain|inform) (?:to )?me|let me know|"
    r"not sure (?:if|what|how|whether)|curious (?:if|about|how|whether)|"
    r"any (?:idea|chance)|question about|what about|how about)\b"
)


@dataclass(frozen=True)
class Part:
    """One piece of a message, as it was typed."""

    text: str
    question: bool


def lower_same_length(text: str) -> str:
    """Lower-case without changing the length, so that positions stay valid."""
    return "".join(lower if len(lower := character.lower()) == 1 else character for character in text)


def build_language() -> Language:
    """Return spaCy's English tokenizer with looked-up lemmas, and with ? and ! as tokens also inside a word."""
    nlp = spacy.blank("en")
    nlp.tokenizer.infix_finditer = compile_infix_regex(
        [*nlp.Defaults.infixes, r"[?!…;\n]+", r"(?<=[a-z])\.(?=[a-z]{3})"]
    ).finditer
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    return nlp


class MessageReader:
    """Finds parts, areas and products in a text; one spaCy pipeline of its own."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._nlp = build_language()
        self._matcher = PhraseMatcher(self._nlp.vocab, attr="LEMMA")
        self._names: dict[int, tuple[str, str]] = {}
        for kind, name, phrase in vocabulary.phrases():
            key = f"{kind}:{name}"
            self._matcher.add(key, [self._nlp(phrase)])
            self._names[self._nlp.vocab.strings[key]] = (kind, name)

    def read(self, text: str) -> tuple[list[Part], dict[str, list[str]]]:
        """Return the parts and ``{"areas": [...], "products": [...]}``, in order, each name once."""
        text = tidy(text[:MAX_CHARACTERS])
        # Words that were never seen before are forgotten at the end, else the vocabulary grows for ever.
        with self._nlp.memory_zone():
            doc = self._nlp(lower_same_length(text))
            return self._parts(text, doc), self._found(doc)

    def _parts(self, text: str, doc: Doc) -> list[Part]:
        spans = [
            piece for sentence in sentences(doc) for question in questions(sentence) for piece in windows(question)
        ]
        worded = [span for span in spans if any(character.isalnum() for token in span for character in token.text)]
        return [part_of(text, span) for span in pack(worded)]

    def _found(self, doc: Doc) -> dict[str, list[str]]:
        found: dict[str, dict[str, None]] = {"areas": {}, "products": {}}
        for key, _, _ in sorted(self._matcher(doc), key=lambda match: match[1]):
            kind, name = self._names[key]
            found[kind][name] = None
        return {kind: list(names) for kind, names in found.items()}


def sentences(doc: Doc) -> list[list[Token]]:
    """Cut at the ends of sentences and lines. A full stop inside a number or an abbreviation is no token of its own."""
    result: list[list[Token]] = [[]]
    for token in doc:
        if "\n" in token.text:
            result.append([])
            continue
        ended = bool(result[-1]) and SENTENCE_END.match(result[-1][-1].text)
        # "?!" and ")" belong to the sentence that they close.
        if ended and not SENTENCE_END.match(token.text) and not token.is_right_punct and not token.is_quote:
            result.append([])
        result[-1].append(token)
    return [sentence for sentence in result if sentence]


def questions(sentence: list[Token]) -> list[list[Token]]:
    """Cut a sentence before every question but the first."""
    words = [word_of(token) for token in sentence]
    starts = [0]
    for index in range(1, len(words)):
        begin = starts[-1]
        if index - begin < 2 or not opens_question(words, index):
            continue
        if is_linked(words, begin, index) or is_run_on(words, begin, index):
            starts.append(index)
    starts = drop_short_openings(words, starts)
    ends = [*starts[1:], len(words)]
    return [strip_links(sentence[start:end], words[start:end]) for start, end in zip(starts, ends, strict=True)]


def word_of(token: Token) -> str:
    """The word without its apostrophe, so that "what's" and "don't" are found in the lists as their short forms are."""
    return token.text.replace("'", "")


def opens_question(words: list[str], index: int) -> bool:
    """Say whether a question can begin at this word: a question word, or an auxiliary before its subject."""
    return words[index] in WH_WORDS or is_inversion(words, index) or words[index] in PLAIN_AUXILIARIES


def is_inversion(words: list[str], index: int, subjects: Iterable[str] = SUBJECTS) -> bool:
    """Say whether an auxiliary stands before a subject: "does it", "will the", "doesn't it"."""
    if words[index] not in AUXILIARIES:
        return False
    following = [word for word in words[index + 1 : index + 3] if word != "nt"]
    return bool(following) and following[0] in subjects


def is_linked(words: list[str], begin: int, index: int) -> bool:
    """Say whether the word opens a further question after "and", a comma or the like."""
    link = words[index - 1]
    if link not in LINKS:
        return False
    left = [word for word in words[begin:index] if word not in LINKS]
    if len(left) < 2 or (words[begin] in LEADING and not has_inversion(words, begin, index)):
        return False
    if words[index] in AUXILIARIES:
        return is_inversion(words, index) or has_noun_inversion(words, begin, index)
    right = words[index + 1 : index + 6]
    if len(right) < 1 or right[0] in {"not", "ever", "else"}:
        return False
    if words[index] in FREE_WH_WORDS:
        return link != "but"
    # "and who makes it" goes on asking; "and when it wears off" goes on telling.
    return right[0] in AUXILIARIES or (asks(words, begin, index) and right[0] not in PRONOUNS)


def has_noun_inversion(words: list[str], begin: int, index: int) -> bool:
    """Say whether an auxiliary after "and" asks about any noun: "... and will swelling show"."""
    following = words[index + 1 : index + 2]
    return (
        asks(words, begin, index)
        and words[index] in PLAIN_AUXILIARIES
        and bool(following)
        and following[0] not in RUNNING
    )


def asks(words: list[str], begin: int, end: int) -> bool:
    """Say whether the words between the two positions are a question by their order."""
    return words[begin] in WH_WORDS or has_inversion(words, begin, end)


def is_run_on(words: list[str], begin: int, index: int) -> bool:
    """Say whether the word opens a further question without any link: "does it hurt can i drive after"."""
    before = words[index - 1]
    if ends_with_be_question(words, index):
        return words[index] in AUXILIARIES or asks_with_inversion(words, index)
    # "can men | have it": the main verb of the question that has just begun.
    if index >= 2 and is_inversion(words, index - 2):
        return False
    if before in RUNNING or before in REPORTING or before in WH_WORDS or before in LINKS:
        return False
    if words[begin] in LEADING and not has_inversion(words, begin, index):
        return False
    if words[index] in WH_WORDS:
        return asks_with_inversion(words, index) and (
            has_inversion(words, begin, index) or (words[begin] in WH_WORDS and has_auxiliary(words, begin, index))
        )
    return not belongs_to_wh_word(words, begin, index) and is_inversion(words, index, PRONOUNS)


def ends_with_be_question(words: list[str], index: int) -> bool:
    """Say whether "is it", "are they" stands right before the position: such a question needs no further word."""
    return index >= 2 and words[index - 2] in {"is", "are", "s", "was"} and words[index - 1] in PRONOUNS


def belongs_to_wh_word(words: list[str], begin: int, index: int) -> bool:
    """Say whether an auxiliary completes a question word just before it: "which areas | do you treat"."""
    for position in range(index - 1, max(begin, index - WH_REACH) - 1, -1):
        if words[position] in WH_WORDS:
            return not has_auxiliary(words, position, index)
    return False


def asks_with_inversion(words: list[str], index: int) -> bool:
    """Say whether an auxiliary follows a question word closely: "how much is", "what are", "how long will"."""
    return words[index] in {"whats", "hows", "wheres", "whens"} or any(
        word in AUXILIARIES for word in words[index + 1 : index + (2 if words[index] != "how" else 4)]
    )


def has_inversion(words: list[str], begin: int, end: int) -> bool:
    """Say whether a question has begun between the two positions."""
    return any(is_inversion(words, index) for index in range(begin, end))


def has_auxiliary(words: list[str], begin: int, end: int) -> bool:
    """Say whether a finite auxiliary stands between the two positions, also one that grew onto the question word."""
    return any(word in AUXILIARIES or word in {"whats", "hows", "s", "wheres", "whens"} for word in words[begin:end])


def drop_short_openings(words: list[str], starts: list[int]) -> list[int]:
    """Join "hi", "ok so" and the like to what follows them."""
    kept = []
    for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
        kept.append(start)
        if end < len(words) and all(word in FILLERS or word in LINKS for word in words[start:end]):
            words_start = kept.pop()
            starts = [words_start if start == end else start for start in starts]
    return sorted({0, *kept})


def strip_links(span: list[Token], words: list[str]) -> list[Token]:
    """Take "and" and commas off both ends."""
    first, last = 0, len(span)
    while first < last - 1 and words[first] in {",", "-", "–", "—", "&"}:
        first += 1
    while last > first + 1 and words[last - 1] in LINKS:
        last -= 1
    return span[first:last]


def windows(span: list[Token]) -> list[list[Token]]:
    """Cut a piece that is longer than the encoder can read; every word stays in one of the pieces."""
    return [span[start : start + MAX_WORDS] for start in range(0, len(span), MAX_WORDS)]


def pack(spans: list[list[Token]]) -> list[list[Token]]:
    """Join neighbours until there are at most 40; nothing is dropped, because the last one may be the urgent one."""
    size = -(-len(spans) // MAX_PARTS)
    if size <= 1:
        return spans
    return [list(chain.from_iterable(spans[start : start + size])) for start in range(0, len(spans), size)]


def part_of(text: str, span: list[Token]) -> Part:
    """Return the piece as it was typed, with whether it asks something."""
    typed = text[span[0].idx : span[-1].idx + len(span[-1])].strip()
    return Part(typed, is_question(span))


def is_question(span: list[Token]) -> bool:
    """Say whether a piece asks: a question mark, a question's word order, or a stated wish to know."""
    words = [word_of(token) for token in span]
    if any("?" in word for word in words):
        return True
    opening = next((index for index, word in enumerate(words) if word not in FILLERS and word not in LINKS), 0)
    if words[opening] in WH_WORDS or is_inversion(words, opening):
        return True
    if STATED_QUESTION.search(" ".join(words)):
        return True
    return any(
        is_inversion(words, index, PRONOUNS) and words[index - 1] not in RUNNING
        for index in range(opening + 1, len(words))
    )


@cache
def message_reader(vocabulary: str = DEFAULT_VOCABULARY) -> MessageReader:
    """Return the process's one reader for this vocabulary file."""
    return MessageReader(load_vocabulary(vocabulary))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class MessageSplitter(GraphComponent):
    """Puts ``parts``, ``areas`` and ``products`` on each message; the classifier reads them."""

    def __init__(self, reader: MessageReader) -> None:
        self._reader = reader

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The vocabulary's file, relative to the project."""
        return {"vocabulary": DEFAULT_VOCABULARY}

    @staticmethod
    def required_packages() -> list[str]:
        """Names under which Rasa finds both the module and the distribution."""
        return ["spacy", "spacy_lookups_data"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MessageSplitter:
        """Create the component; everything comes from the vocabulary file."""
        return cls(message_reader(config["vocabulary"]))

    def process(self, messages: list[Message]) -> list[Message]:
        """Split each message; one without text gets no parts."""
        for message in messages:
            parts, names = self._reader.read(message.get(TEXT) or "")
            message.set(PARTS_KEY, [asdict(part) for part in parts])
            message.set(AREAS_KEY, names["areas"])
            message.set(PRODUCTS_KEY, names["products"])
        return messages
