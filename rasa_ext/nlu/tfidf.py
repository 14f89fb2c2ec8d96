"""TF-IDF over character n-grams inside words and over single and paired words, in numpy."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

WORD = re.compile(r"\w+")
CHARACTERS = (2, 3, 4)
MIN_TEXTS = 3
# Long messages repeat themselves; what counts stands in the first part, and the cost stays bounded.
MAX_CHARACTERS = 1000


def character_ngrams(text: str) -> Iterator[str]:
    """Yield the n-grams of 2 to 4 characters of each word, with a space at both of its ends."""
    for word in text.split():
        padded = f" {word} "
        for size in CHARACTERS:
            for start in range(max(1, len(padded) - size + 1)):
                yield padded[start : start + size]


def word_ngrams(text: str) -> Iterator[str]:
    """Yield the words and the pairs of neighbours; a pair is told from a character n-gram by its mark."""
    words = WORD.findall(text)
    yield from (f"w:{word}" for word in words)
    yield from (f"w:{left} {right}" for left, right in itertools.pairwise(words))


def terms(text: str) -> tuple[Counter[str], Counter[str]]:
    """Count the character and the word terms of a text."""
    text = text[:MAX_CHARACTERS].lower()
    return Counter(character_ngrams(text)), Counter(word_ngrams(text))


@dataclass(frozen=True)
class SparseRow:
    """The terms of one text: columns and their values."""

    columns: np.ndarray
    values: np.ndarray


class Tfidf:
    """A vocabulary with inverse document frequencies; each of the two kinds of terms is scaled to length 1."""

    def __init__(self, vocabulary: dict[str, int], idf: np.ndarray) -> None:
        self.vocabulary = vocabulary
        self.idf = idf

    @classmethod
    def fit(cls, texts: Sequence[str]) -> Tfidf:
        """Keep the terms that at least three texts have."""
        counts: Counter[str] = Counter()
        for text in texts:
            for kind in terms(text):
                counts.update(kind.keys())
        kept = sorted(term for term, count in counts.items() if count >= MIN_TEXTS)
        frequencies = np.array([counts[term] for term in kept], np.float32)
        idf = np.log((1 + len(texts)) / (1 + frequencies)) + 1
        return cls({term: column for column, term in enumerate(kept)}, idf.astype(np.float32))

    def row(self, text: str) -> SparseRow:
        """Return a text's terms; empty when it shares none with the vocabulary."""
        columns: list[int] = []
        values: list[np.ndarray] = []
        for kind in terms(text):
            known = [(self.vocabulary[term], count) for term, count in kind.items() if term in self.vocabulary]
            if not known:
                continue
            places = [column for column, _ in known]
            weights = (1 + np.log(np.array([count for _, count in known], np.float32))) * self.idf[places]
            columns.extend(places)
            values.append(weights / np.linalg.norm(weights))
        return SparseRow(np.array(columns, np.int64), np.concatenate(values) if values else np.zeros(0, np.float32))

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        """Return all texts' rows as one matrix (texts, terms), for training."""
        rows = [self.row(text) for text in texts]
        starts = np.cumsum([0, *(len(row.columns) for row in rows)])
        columns = np.concatenate([row.columns for row in rows])
        values = np.concatenate([row.values for row in rows]).astype(np.float32)
        return csr_matrix((values, columns, starts), shape=(len(texts), len(self.vocabulary)))
