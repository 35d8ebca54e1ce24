"""How good predictions were, as sums over people, so that people can be drawn again without computing all anew.

A measure holds columns to be summed over rows and a rule that turns the sums into the figure. Drawing people with
replacement then means weighting the sums. Of the area under the curve and the rank correlation, ranks are those of
the whole sample: the bootstrap of their first-order terms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import Floats
from vocative.predict.learners.logistic import log_loss

BINS = 10
_TINY = 1e-12

Combine = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure: `columns` (rows × k) are summed over rows, `combine` turns sums (… × k) into figures (…)."""

    name: str
    columns: Floats
    combine: Combine

    def value(self) -> float:
        """The figure over all rows."""
        return float(self.combine(self.columns.sum(axis=0)))


def mean_of(name: str, values: Floats) -> Measure:
    """The mean of a number of each row."""
    return Measure(name, np.stack([values, np.ones(len(values))], axis=1), _ratio)


def rmse(predicted: Floats, truth: Floats) -> Measure:
    """Root of the mean squared error."""
    return Measure("rmse", mean_of("", (predicted - truth) ** 2).columns, lambda sums: np.sqrt(_ratio(sums)))


def total_error(predicted: Floats, truth: Floats) -> Measure:
    """How far the sum of all predictions is from what came, as a share of it, whichever way."""
    columns = np.stack([predicted, truth], axis=1)
    return Measure("total_error", columns, lambda sums: np.abs(sums[..., 0] / np.maximum(sums[..., 1], _TINY) - 1.0))


def surprise(predicted: Floats, truth: Floats) -> Measure:
    """Mean log loss in nats."""
    return mean_of("log_loss", log_loss(predicted, truth))


def calibration_error(predicted: Floats, truth: Floats) -> Measure:
    """Mean distance between predicted and observed share over ten bins of equally many rows (ECE)."""
    bins = equal_bins(predicted)
    member = bins[:, None] == np.arange(BINS)
    columns = np.hstack([member * (predicted - truth)[:, None], np.ones((len(truth), 1))])
    return Measure("calibration_error", columns, lambda sums: np.abs(sums[..., :-1]).sum(-1) / (sums[..., -1] + _TINY))


def area(predicted: Floats, truth: Floats) -> Measure:
    """Area under the ROC curve: the chance that a row where it happened was ranked above one where it did not."""
    from scipy.stats import rankdata

    came, stayed = truth > 0, truth <= 0
    if not came.any() or not stayed.any():
        return mean_of("auc", np.full(len(truth), 0.5))
    above, below, joint = np.zeros(len(truth)), np.zeros(len(truth)), rankdata(predicted)
    above[came] = (joint[came] - rankdata(predicted[came])) / stayed.sum()
    below[stayed] = 1.0 - (joint[stayed] - rankdata(predicted[stayed])) / came.sum()
    whole = float(above[came].mean())
    columns = np.stack([above, came, below, stayed, np.full(len(truth), whole), np.ones(len(truth))], axis=1)

    def combine(sums: Floats) -> Floats:
        parts = [_ratio(sums[..., place : place + 2]) for place in (0, 2, 4)]
        return np.asarray(parts[0] + parts[1] - parts[2], np.float64)

    return Measure("auc", columns.astype(np.float64), combine)


def spearman(predicted: Floats, truth: Floats) -> Measure:
    """Correlation of the ranks."""
    from scipy.stats import rankdata

    first, second = rankdata(predicted) / len(truth), rankdata(truth) / len(truth)
    ones = np.ones(len(truth))
    columns = np.stack([first, second, first**2, second**2, first * second, ones], axis=1)

    def combine(sums: Floats) -> Floats:
        means = sums / (sums[..., -1:] + _TINY)
        spread = (means[..., 2] - means[..., 0] ** 2) * (means[..., 3] - means[..., 1] ** 2)
        joint = means[..., 4] - means[..., 0] * means[..., 1]
        return np.asarray(joint / np.sqrt(np.maximum(spread, _TINY)), np.float64)

    return Measure("spearman", columns, combine)


def coverage(low: Floats, high: Floats, truth: Floats) -> Measure:
    """Share of rows whose truth lay within the interval."""
    return mean_of("coverage", ((low <= truth) & (truth <= high)).astype(np.float64))


def equal_bins(predicted: Floats, bins: int = BINS) -> Floats:
    """Bin of each row, from 0, by prediction; bins hold equally many rows, equal predictions stay together."""
    from scipy.stats import rankdata

    order = rankdata(predicted, method="average") - 0.5
    return np.minimum(np.floor(order * bins / max(len(predicted), 1)), bins - 1)


def lift(predicted: Floats, truth: Floats) -> list[float]:
    """Share of everything that came true among the first 10 %, 20 % … 100 % of rows by prediction."""
    total = float(truth.sum())
    if total <= 0:
        return []
    # Equal predictions share what came true among them, as if their order were drawn by lot.
    order = np.argsort(-predicted, kind="stable")
    ranked, groups = truth[order], np.cumsum(np.r_[True, np.diff(predicted[order]) != 0]) - 1
    fair = (np.bincount(groups, ranked) / np.bincount(groups))[groups]
    sums = np.concatenate([[0.0], np.cumsum(fair)]) / total
    edges = np.linspace(0, len(truth), BINS + 1)[1:]
    return [round(float(found), 6) for found in np.interp(edges, np.arange(len(sums)), sums)]


def _ratio(sums: Floats) -> Floats:
    return np.asarray(sums[..., 0] / np.maximum(sums[..., 1], _TINY), np.float64)
