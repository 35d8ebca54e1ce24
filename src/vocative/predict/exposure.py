"""What a place in a list does: how often it is looked at, and what an answer at that place is worth for learning.

The position-based model says an answer comes when a place was examined and the thing there was wanted:
P(answer) = examination(place) × want(thing). Both are estimated by expectation maximisation (Wang et al., 2018,
"Position bias estimation for unbiased learning to rank in personal search"); an answer then counts by the inverse of
the examination of its place (Joachims et al., 2017, "Unbiased learning-to-rank with biased feedback").
"""

from __future__ import annotations

import numpy as np

from vocative.predict.past import Flags, Floats, Integers

_ROUNDS = 200
_CLOSE = 1e-6
_FLOOR, _CEILING = 1e-4, 1.0 - 1e-4
_PRIOR = 1.0
MOST_WEIGHT = 10.0
"""No answer counts for more than so many: rare answers at deep places would drown all others."""
LEAST_EXPOSURES = 1_000
"""From fewer exposures nothing is estimated: every place counts the same."""


def examination(place: Integers, thing: Integers, answered: Flags) -> Floats:
    """The chance that each place is examined, the first (0) being 1; estimated from things shown at several places.

    Args:
        place: Of each exposure, its place in the list, from 0.
        thing: Which thing was shown (numbers from 0).
        answered: Whether it was answered.

    Returns:
        One number for each place up to the last that occurs; never above 1.
    """
    places, things = int(place.max(initial=-1)) + 1, int(thing.max(initial=-1)) + 1
    if not places:
        return np.zeros(0)
    shown = np.zeros((places, things))
    came = np.zeros((places, things))
    np.add.at(shown, (place, thing), 1.0)
    np.add.at(came, (place, thing), answered.astype(np.float64))
    looked = np.full(places, 0.5)
    wanted = np.clip((came.sum(axis=0) + _PRIOR) / (shown.sum(axis=0) + 2.0 * _PRIOR), _FLOOR, _CEILING)
    at_place, of_thing = np.maximum(shown.sum(axis=1), 1.0), np.maximum(shown.sum(axis=0), 1.0)
    for _ in range(_ROUNDS):
        both = looked[:, None] * wanted[None, :]
        silent = shown - came
        # Of exposures without an answer, those that were examined all the same, and those that were wanted.
        seen = came + silent * (looked[:, None] - both) / (1.0 - both)
        liked = came + silent * (wanted[None, :] - both) / (1.0 - both)
        before = looked
        looked = np.clip(seen.sum(axis=1) / at_place, _FLOOR, _CEILING)
        wanted = np.clip(liked.sum(axis=0) / of_thing, _FLOOR, _CEILING)
        if float(np.abs(looked - before).max()) < _CLOSE:
            break
    return np.asarray(np.minimum(looked / looked[0], 1.0))


def inverse_weights(place: Integers, answered: Flags, looked: Floats) -> Floats:
    """How much each exposure counts for learning: answers by the inverse of the examination of their place.

    Args:
        place: Of each exposure, from 0; -1 where it was not in a list.
        answered: Whether it was answered.
        looked: See `examination`.
    """
    weight = np.ones(len(place))
    inside = answered & (place >= 0) & (place < len(looked))
    weight[inside] = np.minimum(1.0 / looked[place[inside]], MOST_WEIGHT)
    return weight
