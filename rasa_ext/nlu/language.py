"""Which language a message is in, as far as the bot has to know: English, Spanish, or one that it cannot read."""

from __future__ import annotations

import re
import unicodedata

from spacy.lang.de.stop_words import STOP_WORDS as GERMAN
from spacy.lang.en.stop_words import STOP_WORDS as ENGLISH
from spacy.lang.es.stop_words import STOP_WORDS as SPANISH
from spacy.lang.fr.stop_words import STOP_WORDS as FRENCH
from spacy.lang.it.stop_words import STOP_WORDS as ITALIAN
from spacy.lang.pt.stop_words import STOP_WORDS as PORTUGUESE

WORD = re.compile(r"[^\W\d_]+")
MIN_LETTERS = 3
# Words of chat English that are stop words elsewhere: "u" in German, "no" and "me" in Spanish, "des" as a typo.
CHAT_ENGLISH = {
    "no",
    "me",
    "he",
    "a",
    "i",
    "u",
    "im",
    "so",
    "do",
    "is",
    "as",
    "an",
    "on",
    "or",
    "in",
    "des",
    "la",
    "dos",
    "tan",
    "sin",
    "war",
    "die",
    "hat",
    "man",
    "son",
    "fin",
    "per",
    "con",
    "mine",
    "sera",
    "dr",
    "san",
    "stop",
    "possible",
    "ta",
}
FOREIGN = {
    "es": SPANISH - ENGLISH - CHAT_ENGLISH,
    "de": GERMAN - ENGLISH - CHAT_ENGLISH,
    "fr": FRENCH - ENGLISH - CHAT_ENGLISH,
    "it": ITALIAN - ENGLISH - CHAT_ENGLISH,
    "pt": PORTUGUESE - ENGLISH - CHAT_ENGLISH,
}
ENGLISH_WORDS = ENGLISH | CHAT_ENGLISH | {"u", "ur", "im", "ive", "dont", "cant", "whats", "how", "does"}
MIN_FOREIGN_WORDS = 2
MAX_WORDS = 200


def language_of(text: str) -> str:
    """Return ``en``, ``es``, or ``other`` for a language or script that the bot cannot read; in doubt ``en``.

    A message counts as foreign when most of its letters are not Latin, or when it holds at least two function words of
    one other language and more of them than of English.
    """
    letters = [letter for letter in text if letter.isalpha()]
    if len(letters) < MIN_LETTERS:
        return "en"
    if sum("LATIN" in unicodedata.name(letter, "") for letter in letters) * 2 < len(letters):
        return "other"
    words = [word.lower() for word in WORD.findall(text)[:MAX_WORDS]]
    english = sum(word in ENGLISH_WORDS for word in words)
    counts = {language: sum(word in known for word in words) for language, known in FOREIGN.items()}
    best = max(counts, key=lambda language: counts[language])
    if counts[best] < MIN_FOREIGN_WORDS or counts[best] <= english:
        return "en"
    return "es" if counts["es"] == counts[best] else "other"
