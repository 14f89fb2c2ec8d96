"""Cleaning: what a visitor typed, without what makes the same question look different to a machine."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from rasa_ext.nlu.vocabulary import Vocabulary

APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ´`′", "'") | dict.fromkeys("“”„″", '"'))
LINE_BREAK = re.compile(r"[ \t]*[\n\v\f\r\x1c-\x1e\x85\u2028\u2029][\s]*")
SPACES = re.compile(r"[^\S\n]+")
ENDLESS = re.compile(r"\S{60,}")
ELONGATED = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)?")
COMPARES = 2


def tidy(text: str) -> str:
    """Return the text as a reader sees it: NFKC, no control or zero-width characters, single spaces, plain apostrophes.

    Line breaks stay (as one newline), because they end a sentence. Applying it twice changes nothing.
    """
    text = LINE_BREAK.sub("\n", unicodedata.normalize("NFKC", text).translate(APOSTROPHES))
    visible = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in INVISIBLE)
    # Taking characters out can bring others together that compose, or leave spaces side by side.
    composed = unicodedata.normalize("NFKC", visible).translate(APOSTROPHES)
    return LINE_BREAK.sub("\n", SPACES.sub(" ", composed)).strip()


def shorten(text: str) -> str:
    """Cut a letter that stands three times or more in a row to two: ``sooooo`` to ``soo``."""
    return ELONGATED.sub(r"\1\1", text)


def without_endless_words(text: str) -> str:
    """Drop words that are too long to be any: a key held down, an address, pasted code."""
    return ENDLESS.sub(" ", text).strip()


def brand_unifier(vocabulary: Vocabulary) -> Callable[[str], str]:
    """Return a function that writes every brand as one word in a message that names one brand only.

    ``dysport vs botox`` stays, because there the two names are the question.
    """
    product_of = {
        phrase: name for name, phrases in vocabulary.products.items() for phrase in phrases if WORD.fullmatch(phrase)
    }

    def brand(word: str) -> str | None:
        lower = word.lower()
        return product_of.get(lower) or product_of.get(lower.removesuffix("s"))

    def spelled_right(match: re.Match[str]) -> str:
        word = match.group()
        return word if word.lower() in vocabulary.nicknames else brand(word) or word

    def one_word(match: re.Match[str]) -> str:
        return vocabulary.brand_word if brand(match.group()) else match.group()

    def unify(text: str) -> str:
        words = {match.group() for match in WORD.finditer(text)}
        named = {brand(word) for word in words if word.lower() not in vocabulary.nicknames} - {None}
        if not named <= vocabulary.one_brand:
            return text
        return WORD.sub(spelled_right if len(named) >= COMPARES else one_word, text)

    return unify
