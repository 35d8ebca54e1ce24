"""Shares of people and means with intervals that hold for few people and for shares near 0 and 1 too."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

_Z = NormalDist().inv_cdf(0.975)


class Estimate(NamedTuple):
    """A figure and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def share_of(happened: Sequence[bool], weights: Sequence[float] | None = None) -> Estimate | None:
    """The (weighted) share to whom it happened, with Wilson's interval (1927); None of nobody.

    With unequal weights, people count for as many as carry the same information (Kish, 1965).

    >>> found = share_of([True] * 2 + [False] * 8)
    >>> [round(end, 3) for end in found]
    [0.2, 0.057, 0.51]
    """
    weighed = [1.0] * len(happened) if weights is None else list(weights)
    total, squares = sum(weighed), sum(one * one for one in weighed)
    if total <= 0:
        return None
    share = min(sum(one for one, yes in zip(weighed, happened, strict=True) if yes) / total, 1.0)
    people = total * total / squares
    middle = (share + _Z * _Z / (2 * people)) / (1 + _Z * _Z / people)
    half = _Z / (1 + _Z * _Z / people) * sqrt(share * (1 - share) / people + _Z * _Z / (4 * people * people))
    return Estimate(share, min(max(middle - half, 0.0), share), max(min(middle + half, 1.0), share))


def difference(one: Estimate, other: Estimate) -> Estimate:
    """`one` less `other` of two independent shares, with the interval of Newcombe (1998, method 10).

    >>> found = difference(Estimate(0.7, 0.573, 0.802), Estimate(0.6, 0.472, 0.715))
    >>> [round(end, 2) for end in found]
    [0.1, -0.07, 0.26]
    """
    value = one.value - other.value
    below = sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    above = sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Estimate(value, value - below, value + above)


def mean_of(values: Sequence[float]) -> Estimate | None:
    """The mean with the normal interval; its ends are missing (not a number) of a single value, None of none."""
    if not values:
        return None
    mean = sum(values) / len(values)
    if len(values) == 1:
        return Estimate(mean, float("nan"), float("nan"))
    spread = sqrt(sum((one - mean) ** 2 for one in values) / (len(values) - 1))
    half = _Z * spread / sqrt(len(values))
    return Estimate(mean, mean - half, mean + half)
