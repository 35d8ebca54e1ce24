"""How a number is spread over people, and how far a later spread lies from it: the population stability index.

The index is Σ (now − then) · ln(now / then) over ten quantile bins and one for people without a value (Jeffreys'
divergence; Siddiqi, 2006, "Credit Risk Scorecards"). Without any drift it is not 0: with n people then and m now it is
about (1/n + 1/m) times a chi-squared number (Yurdakul, 2018, "Statistical properties of population stability index").
What chance brings is added to the limit, so that small businesses are not told of drift that is none.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from vocative.predict.history.event_history import Floats
from vocative.records.models import Spread

BINS = 10
MUCH = 0.25
"""An index above which a shift is called large, by long custom."""
SOME = 0.1
_BEYOND_USUAL = 1.5
_ODDS = 0.01
"""Chance of one false alarm among all numbers that are looked at together."""


def spread(name: str, values: Floats, usual: float = 0.0) -> Spread:
    """How the values of people (NaN for none) are spread."""
    told = values[~np.isnan(values)]
    edges = np.unique(np.quantile(told, np.arange(1, BINS) / BINS)) if len(told) else np.zeros(0)
    counts = _counts(edges, values)
    return Spread(
        name=name,
        edges=[float(f"{edge:.9g}") for edge in edges],
        shares=[round(float(share), 6) for share in counts / max(len(values), 1)],
        people=len(values),
        usual=usual,
    )


def index(then: Spread, values: Floats) -> float:
    """The population stability index of the values of people now against a spread of before."""
    if not then.people or not len(values):
        return 0.0
    before = np.array(then.shares) * then.people
    after = _counts(np.array(then.edges), values)
    # Half a person in every bin keeps an empty one from counting for ever.
    before, after = ((one + 0.5) / (one.sum() + 0.5 * len(one)) for one in (before, after))
    return float(((after - before) * np.log(after / before)).sum())


def limit(then: Spread, people: int, *, among: int = 1, least: float = MUCH) -> float:
    """The index that chance and what is usual do not bring.

    Args:
        then: The spread of before.
        people: How many there are now.
        among: How many numbers are looked at together.
        least: The limit for as many people as you like.
    """
    if not then.people or not people:
        return float("inf")
    chance = _rare(among, len(then.shares) - 1) * (1.0 / then.people + 1.0 / people)
    return max(least, _BEYOND_USUAL * then.usual) + chance


@lru_cache(maxsize=1024)
def _rare(among: int, freedom: int) -> float:
    """What a chi-squared number exceeds so rarely that none of so many does with the odds above."""
    from scipy.special import chdtri

    return float(chdtri(freedom, _ODDS / among))


def _counts(edges: Floats, values: Floats) -> Floats:
    told = values[~np.isnan(values)]
    # Edges are kept to nine digits; a value that lies on one must not change its bin by that.
    bins = np.searchsorted(edges + 1e-8 * np.abs(edges), told, side="left")
    found = np.bincount(bins, minlength=len(edges) + 1).astype(np.float64)
    return np.append(found, float(len(values) - len(told)))
