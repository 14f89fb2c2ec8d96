"""Flesch–Kincaid grade of a bubble, with names that a visitor of the chat knows counted as easy words."""

import re

KNOWN_NAMES = {
    "aspire", "botox", "botulinum", "dysport", "europe", "fda", "galderma", "ibuprofen", "medicis", "valeant",
}  # fmt: skip
PLACEHOLDER = re.compile(r"\{\w+\}")
WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?|\d+")


def words(text: str) -> list[str]:
    """The words of a text; a placeholder counts as one."""
    return WORD.findall(PLACEHOLDER.sub("Dysport", text))


def syllables(word: str) -> int:
    """Syllables by groups of vowels; known names count as two, figures as one."""
    word = re.sub(r"['’].*", "", word.lower())
    if word in KNOWN_NAMES:
        return 2
    groups = len(re.findall(r"[aeiouy]+", word))
    # Two vowels that are spoken apart: "period", "fluid", "usual"; not "tion", "special", "guide", "because".
    groups += len(re.findall(r"(?<![tscg])i[aou]|[lq]ui[dt]|ua[lr]|eing|ying", word))
    silent = re.search(r"[^l]e$|[aeiou]le$|[^td]ed$|[^csxzgl]es$|[aeiou]les$", word)
    return max(1, groups - bool(silent))


def sentences(text: str) -> int:
    """Sentences, by the marks that end them."""
    return max(1, len(re.findall(r"[.!?](?=\s|$)", text)))


def grade(text: str) -> float:
    """Flesch–Kincaid grade level (school years)."""
    found = words(text)
    return 0.39 * len(found) / sentences(text) + 11.8 * sum(map(syllables, found)) / len(found) - 15.59
