"""How the effect on a person grows with the size of a discount.

Each size that was drawn by lot is an arm of its own, with an effect on each person against nothing (`uplift_levels`).
A larger discount does not make anybody buy less: so a person's effects are made to rise with the size by the least
change, each counting by how certain it is (isotonic regression; Ayer, Brunk, Ewing, Reid & Silverman, 1955, "An
empirical distribution function for sampling with incomplete information"). Between sizes nothing is claimed: only what
was tried can be chosen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vocative.predict.history.event_history import Floats
from vocative.records.action import action_of

_FAINTEST = 1e-9


class Level(NamedTuple):
    """One arm of a campaign: the size of its discount; 0 where it offers none."""

    size: float
    arm: str
    """Key of the action."""


@dataclass(frozen=True, slots=True)
class Response:
    """Effects by size: people × sizes, rising along each row, with their standard errors."""

    sizes: Floats
    effect: Floats
    error: Floats


def ladders(arms: Iterable[str]) -> dict[tuple[str, str], list[Level]]:
    """The same action at several sizes: its key without an offer and the unit → sizes, the smallest first.

    Only those with two sizes or more.

    >>> ladders(["news", "coupon", "coupon offer=10:percent", "coupon offer=5:percent"])[("coupon", "percent")][1]
    Level(size=5.0, arm='coupon offer=5:percent')
    """
    arms = sorted(set(arms))
    found: dict[tuple[str, str], list[Level]] = {}
    for arm in arms:
        if arm and (action := action_of(arm)).offer is not None:
            found.setdefault((action.without_offer.key, action.offer.unit), []).append(
                Level(action.offer.discount, arm)
            )
    for (without, _), levels in found.items():
        if without in arms:
            levels.append(Level(0.0, without))
        levels.sort()
    return {key: levels for key, levels in found.items() if len(levels) > 1}


def rising(sizes: Floats, effect: Floats, error: Floats) -> Response:
    """Effects that rise with the size, for each person as close as possible to those that were learnt.

    Args:
        sizes: Of the discounts, rising.
        effect: People × sizes.
        error: Standard errors of these. Sizes share the people who got nothing, so errors of pooled sizes are not made
            smaller by pooling.

    Raises:
        ValueError: Sizes do not rise, or shapes do not fit.
    """
    if effect.shape != error.shape or effect.shape[1:] != sizes.shape or (np.diff(sizes) <= 0).any():
        raise ValueError(f"{effect.shape} effects of {sizes.shape} sizes: give a column for each size, sizes rising")
    weight = 1.0 / np.maximum(error, _FAINTEST) ** 2
    count = len(sizes)
    total = np.hstack([np.zeros((len(effect), 1)), np.cumsum(weight, axis=1)])
    value = np.hstack([np.zeros((len(effect), 1)), np.cumsum(weight * effect, axis=1)])
    wide = np.hstack([np.zeros((len(effect), 1)), np.cumsum(weight * error, axis=1)])
    made, unsure = np.full(effect.shape, -np.inf), error.copy()
    for place in range(count):
        # The largest of the smallest means of all stretches around a size (min-max formula of isotonic regression).
        for first in range(place + 1):
            means = np.stack([_mean(value, total, first, last) for last in range(place, count)])
            least, stop = means.min(axis=0), place + means.argmin(axis=0)
            better = least > made[:, place]
            made[better, place] = least[better]
            rows = np.flatnonzero(better)
            last = stop[rows] + 1
            unsure[rows, place] = (wide[rows, last] - wide[rows, first]) / (total[rows, last] - total[rows, first])
    return Response(sizes, made, unsure)


def _mean(value: Floats, total: Floats, first: int, last: int) -> Floats:
    return np.asarray((value[:, last + 1] - value[:, first]) / (total[:, last + 1] - total[:, first]), np.float64)
