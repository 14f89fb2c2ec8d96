"""The topic model: what it learns from the examples, and the numbers that it gives for a text.

Two heads read a text. The topic head knows every intent but the medical ones, so that their many sub-topics take no
probability from a harmless question. The safety head knows all intents; the summed probability of its medical and
emergency sub-topics says how medical a text is, and finds more than one class for all of them did.

In each head two classifiers vote: one reads the encoder's vectors (trained also on copies with typos), one the
characters and words. Their probabilities are multiplied, each raised to its share of the vote. A text is scored as
typed and with its spelling repaired; the surer the repair, the more the repaired text weighs. How sure the model is
shows in the highest topic probability plus the likeness (cosine) to the three nearest examples; below a threshold that
cross-validation on the training data finds, a text counts as not understood.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from rasa_ext.nlu.copies import noisy_copies, seed_of
from rasa_ext.nlu.encoder import Encoder, means
from rasa_ext.nlu.normalise import brand_unifier, shorten, tidy, without_endless_words
from rasa_ext.nlu.softmax import SoftmaxRegression
from rasa_ext.nlu.spelling import WORD, Speller, count_words
from rasa_ext.nlu.tfidf import SparseRow, Tfidf
from rasa_ext.nlu.vocabulary import Vocabulary

OUT_OF_SCOPE = "out_of_scope"
MEDICAL, EMERGENCY = "medical_", "emergency_"
FLOOR = 1e-6
NEIGHBOURS = 3
FOLD_SEED = 0
ARRAYS_FILE, FACTS_FILE = "topics.npz", "topics.json"
FORMAT = 5
# How much the classifier that reads the encoder's vectors counts in each head. Topics are told by their words more than
# dangers are, which come in other words every time.
DENSE_SHARES = {"topic": 0.42, "safety": 0.6}
HEADS = tuple(DENSE_SHARES)


class ModelError(Exception):
    """The stored model cannot be used; the message says why."""


@dataclass(frozen=True)
class Settings:
    """How to train; the names are those of the component's entry in config.yml."""

    # Inverse strengths of the L2 penalty.
    dense_strength: float = 4.0
    sparse_strength: float = 30.0
    # Steps of a fit at most. Fewer of the sparse one cost five points of accuracy, more bring nothing.
    dense_iterations: int = 40
    sparse_iterations: int = 40
    folds: int = 3
    refused_share: float = 0.05


@dataclass(frozen=True)
class Scores:
    """What the model gives for a list of texts.

    Attributes:
        topic: probabilities (texts, topic labels).
        safety: probabilities (texts, all labels).
        likeness: mean cosine to the three nearest examples of a topic (texts).
    """

    topic: np.ndarray
    safety: np.ndarray
    likeness: np.ndarray


def is_sensitive(label: str) -> bool:
    """Say whether an intent is one that staff have to answer for medical reasons."""
    return label.startswith((MEDICAL, EMERGENCY))


def mix(dense: np.ndarray, sparse: np.ndarray, dense_share: float) -> np.ndarray:
    """Combine the two classifiers' probabilities (texts, labels); `dense_share` lies between 0 and 1."""
    product = (dense + FLOOR) ** dense_share * (sparse + FLOOR) ** (1 - dense_share)
    return product / product.sum(axis=1, keepdims=True)


def likeness(vectors: np.ndarray, examples: np.ndarray) -> np.ndarray:
    """Return the mean cosine to the three nearest examples; both sides have rows of length 1."""
    cosines = vectors @ examples.T
    nearest = min(NEIGHBOURS, cosines.shape[1])
    return np.partition(cosines, -nearest, axis=1)[:, -nearest:].mean(axis=1)


def cleaner(vocabulary: Vocabulary) -> Callable[[str], str]:
    """Return the function that every text goes through before it is learned from or classified."""
    unify = brand_unifier(vocabulary)
    return lambda text: unify(shorten(without_endless_words(tidy(text))))


def fit(
    features: np.ndarray | csr_matrix, labels: Sequence[str], strength: float, iterations: int
) -> SoftmaxRegression:
    """Fit a multinomial logistic regression in which every label weighs the same, however many examples it has.

    Args:
        features: (rows, features).
        labels: one for each row.
        strength: inverse of the L2 penalty.
        iterations: steps at most.
    """
    # Only training needs scikit-learn; the running bot is lighter without it.
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=strength, max_iter=iterations, tol=1e-3, class_weight="balanced").fit(
        features, labels
    )
    # With two labels scikit-learn keeps one row, for the second of them.
    if len(fitted.classes_) == 2:
        weights = np.concatenate([np.zeros_like(fitted.coef_), fitted.coef_])
        bias = np.concatenate([np.zeros_like(fitted.intercept_), fitted.intercept_])
    else:
        weights, bias = fitted.coef_, fitted.intercept_
    return SoftmaxRegression(weights.T.astype(np.float32), bias.astype(np.float32))


@dataclass(frozen=True)
class Head:
    """Two classifiers over the same labels, in alphabetical order."""

    labels: list[str]
    dense: SoftmaxRegression
    sparse: SoftmaxRegression
    dense_share: float

    def probabilities(self, vectors: np.ndarray, rows: list[SparseRow]) -> np.ndarray:
        """Return (texts, labels) for the texts' sentence vectors and terms."""
        return mix(self.dense.probabilities(vectors), self.sparse.probabilities_of_rows(rows), self.dense_share)

    def columns(self, chosen: Callable[[str], bool]) -> list[int]:
        """Return where the labels stand that are `chosen`."""
        return [column for column, label in enumerate(self.labels) if chosen(label)]


class TopicModel:
    """A trained model; safe to share, it changes nothing but the speller's memory."""

    def __init__(
        self,
        topic: Head,
        safety: Head,
        tfidf: Tfidf,
        examples: np.ndarray,
        threshold: float,
        words: Mapping[str, int],
        encoder: Encoder,
        vocabulary: Vocabulary,
    ) -> None:
        self.labels = safety.labels
        self.threshold = threshold
        self._topic, self._safety = topic, safety
        self._tfidf, self._examples, self._words = tfidf, examples, words
        self._encoder = encoder
        self._clean = cleaner(vocabulary)
        self._repair = Speller(words, encoder.vocabulary(), vocabulary.protected_words(), vocabulary.shorthand)
        self._out_of_scope = topic.columns(lambda label: label == OUT_OF_SCOPE)
        self._medical = safety.columns(lambda label: label.startswith(MEDICAL))
        self._emergency = safety.columns(lambda label: label.startswith(EMERGENCY))

    @classmethod
    def train(
        cls, texts: Sequence[str], labels: Sequence[str], encoder: Encoder, vocabulary: Vocabulary, settings: Settings
    ) -> TopicModel:
        """Learn from examples and their labels.

        Raises:
            ModelError: there are fewer than two labels that are not medical.
        """
        if len({label for label in labels if not is_sensitive(label)}) < 2:
            raise ModelError("The topic classifier needs examples of at least two intents that are not medical.")
        clean = cleaner(vocabulary)
        cleaned = [clean(text) for text in texts]
        training = _Training(cleaned, np.array(labels), encoder, vocabulary, settings)
        every, folds = np.ones(len(cleaned), bool), training.folds()
        # The one with the most labels takes longest, so it begins first.
        safety, topic, *without_fold = training.heads(
            [("safety", every), ("topic", training.topical), *(("topic", training.topical & ~fold) for fold in folds)]
        )
        return cls(
            topic,
            safety,
            training.tfidf,
            means(training.vectors[training.in_scope]),
            training.threshold(folds, without_fold),
            count_words(cleaned),
            encoder,
            vocabulary,
        )

    def score(self, texts: Sequence[str]) -> Scores:
        """Score texts as typed and as repaired, in one batch; the greater likeness is kept.

        The surer a repair is, the more it weighs: a slip of the finger in the typed text drags it to chance topics.
        """
        typed = [self._clean(text) for text in texts]
        repairs = [self._repair.repair(text) for text in typed]
        repaired = [self._clean(repair.text) for repair in repairs]
        sureness = np.array([[repair.sureness] for repair in repairs], np.float32)
        distinct = {text: place for place, text in enumerate(dict.fromkeys([*typed, *repaired]))}
        vectors = self._encoder.encode(list(distinct))
        rows = [self._tfidf.row(text) for text in distinct]
        # Where no word was ever seen, nearness to an example is an accident of the encoder.
        near = likeness(means(vectors), self._examples) * [self._has_known_word(text) for text in distinct]
        first, second = ([distinct[text] for text in form] for form in (typed, repaired))
        topic, safety = (head.probabilities(vectors, rows) for head in (self._topic, self._safety))
        return Scores(
            topic[first] + sureness * (topic[second] - topic[first]),
            safety[first] + sureness * (safety[second] - safety[first]),
            np.maximum(near[first], near[second]),
        )

    def _has_known_word(self, text: str) -> bool:
        return any(word in self._words for word in WORD.findall(text.lower()))

    def read(self, texts: Sequence[str], ranking: int) -> list[dict[str, Any]]:
        """Return each text's reading without ``text`` and ``question``; ``ranking`` is how many labels to list."""
        scores = self.score(texts)
        return [
            self._reading(topic, safety, near, ranking)
            for topic, safety, near in zip(scores.topic, scores.safety, scores.likeness, strict=True)
        ]

    def _reading(self, topic: np.ndarray, safety: np.ndarray, near: float, ranking: int) -> dict[str, Any]:
        in_scope = topic.copy()
        in_scope[self._out_of_scope] = 0
        score = float(in_scope.max() + near)
        ranked = listed(self._topic.labels, topic, range(len(topic)), ranking)
        return {
            "ranking": ranked,
            "medical_ranking": listed(self._safety.labels, safety, [*self._medical, *self._emergency], ranking),
            "score": score,
            "known": score >= self.threshold and ranked[0]["name"] != OUT_OF_SCOPE,
            "medical": float(safety[self._medical].sum()),
            "emergency": float(safety[self._emergency].sum()),
            "oos": float(topic[self._out_of_scope].sum()),
        }

    def save(self, directory: Path) -> None:
        """Write the model as arrays and JSON, without pickle."""
        arrays = {"idf": self._tfidf.idf, "examples": self._examples}
        for name, head in zip(HEADS, (self._topic, self._safety), strict=True):
            for kind, classifier in (("dense", head.dense), ("sparse", head.sparse)):
                arrays[f"{name}_{kind}_weights"] = classifier.weights
                arrays[f"{name}_{kind}_bias"] = classifier.bias
        np.savez(directory / ARRAYS_FILE, **arrays)
        facts = {
            "format": FORMAT,
            "encoder_sha256": self._encoder.sha256,
            "labels": {"topic": self._topic.labels, "safety": self._safety.labels},
            "threshold": self.threshold,
            "words": dict(self._words),
            "terms": list(self._tfidf.vocabulary),
        }
        (directory / FACTS_FILE).write_text(json.dumps(facts), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path, encoder: Encoder, vocabulary: Vocabulary) -> TopicModel:
        """Read a stored model. Raises ModelError when it was trained with another encoder or in another format."""
        facts = json.loads((directory / FACTS_FILE).read_text(encoding="utf-8"))
        if facts["format"] != FORMAT:
            raise ModelError("The model was stored by another version of this program: train it again.")
        if facts["encoder_sha256"] != encoder.sha256:
            raise ModelError("The model was trained with another sentence encoder: train it again.")
        with np.load(directory / ARRAYS_FILE, allow_pickle=False) as arrays:
            topic, safety = (
                Head(
                    facts["labels"][name],
                    SoftmaxRegression(arrays[f"{name}_dense_weights"], arrays[f"{name}_dense_bias"]),
                    SoftmaxRegression(arrays[f"{name}_sparse_weights"], arrays[f"{name}_sparse_bias"]),
                    share,
                )
                for name, share in DENSE_SHARES.items()
            )
            return cls(
                topic,
                safety,
                Tfidf({term: column for column, term in enumerate(facts["terms"])}, arrays["idf"]),
                arrays["examples"],
                float(facts["threshold"]),
                facts["words"],
                encoder,
                vocabulary,
            )


def listed(
    labels: Sequence[str], probabilities: np.ndarray, columns: Sequence[int], length: int
) -> list[dict[str, Any]]:
    """Return the likeliest of the labels in `columns`, best first, as Rasa lists intents."""
    order = sorted(columns, key=lambda column: -probabilities[column])[:length]
    return [{"name": labels[column], "confidence": float(probabilities[column])} for column in order]


class _Training:
    """The examples in the form that the classifiers learn from; encoded once, used by every fit."""

    def __init__(
        self, texts: list[str], labels: np.ndarray, encoder: Encoder, vocabulary: Vocabulary, settings: Settings
    ) -> None:
        self.labels, self.settings = labels, settings
        self.vectors = encoder.encode(texts)
        # Copies of half of the texts: all of them took twice as long and did no better.
        self.copied = np.array([seed_of(text) % 2 == 0 for text in texts])
        copies = noisy_copies(
            [text for text, copied in zip(texts, self.copied, strict=True) if copied], labels[self.copied], vocabulary
        )
        self.copy_vectors = encoder.encode(copies)
        self.tfidf = Tfidf.fit(texts)
        self.terms = self.tfidf.matrix(texts)
        self.topical = np.array([not is_sensitive(label) for label in labels])
        self.in_scope = self.topical & (labels != OUT_OF_SCOPE)

    def heads(self, chosen: Sequence[tuple[str, np.ndarray]]) -> list[Head]:
        """Fit a head for each kind and choice of rows (a mask); on as many cores as there are."""
        # Imported here, for the fits run side by side and Python would let only one of them import.
        from sklearn.exceptions import ConvergenceWarning

        with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
            warnings.simplefilter("ignore", ConvergenceWarning)
            sparse = [pool.submit(self._sparse, rows) for _, rows in chosen]
            dense = [pool.submit(self._dense, rows) for _, rows in chosen]
            return [
                Head(sorted(set(self.labels[rows])), one.result(), other.result(), DENSE_SHARES[kind])
                for (kind, rows), one, other in zip(chosen, dense, sparse, strict=True)
            ]

    def _dense(self, rows: np.ndarray) -> SoftmaxRegression:
        vectors = np.concatenate([self.vectors[rows], self.copy_vectors[rows[self.copied]]])
        labels = np.concatenate([self.labels[rows], self.labels[rows & self.copied]])
        return fit(vectors, labels, self.settings.dense_strength, self.settings.dense_iterations)

    def _sparse(self, rows: np.ndarray) -> SoftmaxRegression:
        return fit(self.terms[rows], self.labels[rows], self.settings.sparse_strength, self.settings.sparse_iterations)

    def threshold(self, folds: Sequence[np.ndarray], heads: Sequence[Head]) -> float:
        """Return the score below which the configured share of the rightly classified held-out questions falls.

        Wrongly classified ones do not count, for to refuse those is the purpose.

        Args:
            folds: masks of the held-out rows.
            heads: for each fold the head that has not seen it.
        """
        scores, right = [], []
        for held_out, head in zip(folds, heads, strict=True):
            seen, unseen = self.in_scope & ~held_out, self.in_scope & held_out
            probabilities = mix(
                head.dense.probabilities(self.vectors[unseen]),
                head.sparse.probabilities(self.terms[unseen]),
                head.dense_share,
            )
            best = np.array(head.labels)[probabilities.argmax(axis=1)]
            scores.append(probabilities.max(axis=1) + likeness(means(self.vectors[unseen]), means(self.vectors[seen])))
            right.append(best == self.labels[unseen])
        rightly = np.concatenate(scores)[np.concatenate(right)]
        return float(np.quantile(rightly, self.settings.refused_share)) if len(rightly) else 0.0

    def folds(self) -> list[np.ndarray]:
        """Return masks of the held-out rows; each label is spread evenly over the folds."""
        order = np.random.default_rng(FOLD_SEED).permutation(len(self.labels))
        fold_of = np.zeros(len(self.labels), int)
        by_label = order[np.argsort(self.labels[order], kind="stable")]
        fold_of[by_label] = np.arange(len(self.labels)) % self.settings.folds
        return [fold_of == fold for fold in range(self.settings.folds)]
