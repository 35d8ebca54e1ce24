"""Whether probabilities mean what they say: the expected calibration error, and what chance alone makes of it.

The error of exactly right probabilities is never 0: in each bin, what happens strays from what was expected. How far is
known from the probabilities themselves, and from how alike the rows of one person turn out (windows that overlap, a
habit nobody sees). Both are summed up exactly as the covariance of the ten sums of errors, from which errors are drawn;
that the sums are normal is the one approximation, good from some five events and five non-events in a bin.
"""

from __future__ import annotations

import numpy as np

from vocative.predict.history.event_history import Floats, Integers
from vocative.prove import measures
from vocative.prove.bootstrap import Judged, bootstrap
from vocative.prove.measures import BINS, equal_bins
from vocative.records.proof import Bin, Reliability

TOLERATED = 0.02
"""An average error of two points is let pass. A model that beats every naive way in log loss has paid for its
miscalibration there already, and what would act in its place is worse. Without a tolerance, tens of thousands of rows
would convict every model."""
_SIMULATIONS = 4000
_LIMIT = 0.95
_DRAWS = 400


def reliability_of(predicted: Floats, truth: Floats, who: Integers, random: np.random.Generator) -> Reliability:
    """Whether probabilities are calibrated: rows of all moments together, with the person of each row.

    They are refused only if their error is beyond what probabilities that are off by `TOLERATED` would show in 95 of
    100 tests with these predictions and people; so exactly right ones are refused far less often than that.
    """
    error = expected_error(predicted, truth)
    pooled = Judged(who, {"": [measures.calibration_error(predicted, truth)]})
    low, high = bootstrap([pooled], random, _DRAWS)["", "calibration_error"].interval()
    alike = likeness(predicted, truth, who)
    return Reliability(
        error=error,
        # Drawing people again adds chance to chance, so most draws lie above.
        low=min(low, error),
        high=max(high, error),
        limit=perfect_limit(predicted, who, random, alike=alike),
        tolerated=TOLERATED,
        bound=(bound := perfect_limit(predicted, who, random, alike=alike, off=TOLERATED)),
        calibrated=error <= bound,
    )


def expected_error(predicted: Floats, truth: Floats, bins: int = BINS) -> float:
    """Mean distance between predicted and observed share over bins of equally many rows (ECE)."""
    if not len(predicted):
        return 0.0
    place = equal_bins(predicted, bins).astype(np.int64)
    return float(np.abs(np.bincount(place, predicted - truth, bins)).sum() / len(predicted))


def perfect_limit(
    predicted: Floats,
    who: Integers,
    random: np.random.Generator,
    *,
    alike: float = 0.0,
    off: float = 0.0,
    bins: int = BINS,
) -> float:
    """What the calibration error of right probabilities stays below 95 times in 100.

    Args:
        predicted: Probabilities.
        who: The person of each row.
        random: Draws the errors.
        alike: Correlation of what happens in different rows of one person, beyond what was predicted (`likeness`).
        off: How far off in every bin the probabilities really are; 0: exactly right.
        bins: Bins of equally many rows.
    """
    if not len(predicted):
        return 0.0
    place = equal_bins(predicted, bins).astype(np.int64)
    variance = predicted * (1.0 - predicted)
    people, seat = np.unique(who, return_inverse=True)
    sums = np.bincount(seat * bins + place, np.sqrt(variance), len(people) * bins).reshape(len(people), bins)
    covariance = alike * (sums.T @ sums) + (1.0 - alike) * np.diag(np.bincount(place, variance, bins))
    rows = np.bincount(place, minlength=bins)
    drawn = random.multivariate_normal(off * rows, covariance, size=_SIMULATIONS, method="eigh")
    return float(np.quantile(np.abs(drawn).sum(axis=1) / len(predicted), _LIMIT))


def likeness(predicted: Floats, truth: Floats, who: Integers) -> float:
    """Correlation of what happens in different rows of one person, beyond what was predicted; 0 to 1.

    The errors of a person multiplied with each other, over what they would be if all rows went the same way.
    """
    error, size = truth - predicted, np.sqrt(predicted * (1.0 - predicted))
    _, seat = np.unique(who, return_inverse=True)
    together = (np.bincount(seat, error) ** 2 - np.bincount(seat, error**2)).sum()
    possible = (np.bincount(seat, size) ** 2 - np.bincount(seat, size**2)).sum()
    return float(np.clip(together / possible, 0.0, 1.0)) if possible > 0 else 0.0


def curve(predicted: Floats, truth: Floats) -> list[Bin]:
    """The reliability curve: for each bin of equally many rows, what was predicted and what was observed."""
    place = equal_bins(predicted)
    found = []
    for number in range(BINS):
        mine = place == number
        if mine.any():
            told, seen = float(predicted[mine].mean()), float(truth[mine].mean())
            found.append(Bin(predicted=told, observed=seen, people=int(mine.sum())))
    return found
