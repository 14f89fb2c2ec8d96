"""A multinomial logistic regression for predicting: one matrix product, no scikit-learn at run time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from rasa_ext.nlu.tfidf import SparseRow


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return probabilities along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


@dataclass(frozen=True)
class SoftmaxRegression:
    """Weights (features, classes) and a bias (classes)."""

    weights: np.ndarray
    bias: np.ndarray

    def probabilities(self, features: np.ndarray | csr_matrix) -> np.ndarray:
        """Return (rows, classes) for features (rows, features)."""
        return softmax(features @ self.weights + self.bias)

    def probabilities_of_rows(self, rows: list[SparseRow]) -> np.ndarray:
        """Return (rows, classes) for sparse rows."""
        return softmax(np.stack([row.values @ self.weights[row.columns] for row in rows]) + self.bias)
