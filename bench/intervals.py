"""95 % intervals of shares whose rows come in clusters.

Rows of one cluster come from one source, so they are right or wrong together more often than by chance; counting them
as independent would make the interval too narrow. The interval is Wilson's with an effective sample size:

* share p = Σ y / n over n rows in m clusters, y being 0 or 1;
* its cluster-robust variance v = m / (m - 1) · Σ_c (Σ_{i in c} (y_i - p))² / n² (Cochran, Sampling Techniques, 3rd ed.
  1977, section 11.8: the linearised ratio of cluster totals with the m / (m - 1) correction);
* design effect d = v / (p (1 - p) / n), never taken below 1, and effective size n / d (Kish, Survey Sampling, 1965);
  where p is 0 or 1 the rows tell nothing of d, and every cluster counts as one row;
* Wilson's score interval at that size (Wilson, JASA 22, 1927), which Dean and Pagano (Journal of Survey Statistics and
  Methodology 3, 2015) found to keep its promise for clustered shares near 0 and 1, where bootstrap and Wald do not.

Nothing is drawn at random, so the same rows always give the same interval.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

Z = 1.959963984540054  # 97.5 % quantile of the standard normal distribution


@dataclass(frozen=True)
class Share:
    """How many of `n` rows in `clusters` clusters are so; `low` and `high` bound the share (0 to 1)."""

    hits: int
    n: int
    clusters: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share, between 0 and 1; not a number where there is no row."""
        return self.hits / self.n if self.n else math.nan


def share(rows: Sequence[tuple[bool, Hashable]]) -> Share:
    """Return the share of rows that are true; each row comes with the name of its cluster."""
    n = len(rows)
    if n == 0:
        return Share(0, 0, 0, math.nan, math.nan)
    hits = sum(hit for hit, _ in rows)
    p = hits / n
    residuals: dict[Hashable, float] = defaultdict(float)
    for hit, cluster in rows:
        residuals[cluster] += hit - p
    low, high = wilson(p, effective_size(p, n, list(residuals.values())))
    return Share(hits, n, len(residuals), low, high)


def effective_size(p: float, n: int, residuals: Sequence[float]) -> float:
    """Return how many independent rows tell as much; `residuals` is each cluster's sum of y - p."""
    m = len(residuals)
    if p in (0.0, 1.0) or m == 1:
        return float(m)
    variance = m / (m - 1) * sum(residual**2 for residual in residuals) / n**2
    return n / max(1.0, variance / (p * (1 - p) / n))


def wilson(p: float, n: float) -> tuple[float, float]:
    """Return Wilson's 95 % score interval of a share p among n rows (n > 0, not necessarily whole)."""
    centre = p + Z**2 / (2 * n)
    half = Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    scale = 1 + Z**2 / n
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean of independent values and its 95 % interval (normal approximation; two values or more)."""
    n = len(values)
    mean = sum(values) / n
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / (n - 1))
    return mean, mean - Z * deviation / math.sqrt(n), mean + Z * deviation / math.sqrt(n)
