"""Groups of people whom a contact harms, named only when chance would hardly bring forth one among all looked at.

The lots are drawn again, as they were drawn (randomisation inference; Fisher, 1935, "The Design of Experiments"): did a
contact change nothing for anybody of a group, who got it would say nothing about what they then did. How low the mean
effect of a group is, in its own standard errors, is compared with what it would be had others been drawn; studentised
so, the test is also sound where effects differ and only their mean is nothing (Wu & Ding, 2021, "Randomization tests
for weak null hypotheses in randomized experiments"). A normal distribution is no measure here: where few are contacted
and few act, a group of whom by chance nobody did looks harmed nearly always.

All groups that were looked at count (Holm).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vocative.predict.history.event_history import Flags, Floats, Integers
from vocative.predict.uplift.trial import Randomised
from vocative.stats.holm import holm

DRAWS = 1_999
_BY_CHANCE = 0.05
"""How often any group at all is named where a contact changes nothing, over all groups and effects looked at."""
_WORTH_ASKING = -1.0
"""A group that is less than a standard error below nothing is taken for unharmed without drawing."""
_TOGETHER, _CELLS = 200, 2_000_000
"""Draws at a time, and draws times people that are held in memory at once."""
_ENOUGH = 200
"""Draws as low as what was found, after which the rest can change nothing: it is no more than chance."""


def harmed(
    trial: Randomised,
    with_it: Floats,
    without: Floats,
    groups: Sequence[Integers],
    random: np.random.Generator,
    tests: int = 1,
) -> list[bool]:
    """Of each group whether a contact surely harms it on average.

    Args:
        trial: What was done by lot and what came of it.
        with_it: What each was expected to do with a contact, learnt from other people.
        without: The same without one.
        groups: Places of their people, formed without looking at what these did.
        random: Draws the lots again.
        tests: How many effects are judged beside one another: the chance to name a group is divided among them.
    """
    chances = [_chance(trial.where(mine), with_it[mine], without[mine], random) for mine in groups]
    return [bool(one) for one in holm(chances) < _BY_CHANCE / tests]


def _chance(trial: Randomised, with_it: Floats, without: Floats, random: np.random.Generator) -> float:
    """How often lots drawn again make the mean effect as low, were there none; 1 where it is not low at all."""
    found = _worth(trial.scores(with_it, without)[None, :])[0]
    if found > _WORTH_ASKING:
        return 1.0
    people, lower = len(trial), 0
    together = max(1, min(_TOGETHER, _CELLS // people))
    # What the score of each is with and without a contact, whoever gets one.
    contacted, left = (
        Randomised(trial.design, np.full(people, given), trial.chance, trial.outcome, trial.binary).scores(
            with_it, without
        )
        for given in (True, False)
    )
    for start in range(0, DRAWS, together):
        lots: Flags = random.random((min(together, DRAWS - start), people)) < trial.chance
        lower += int((_worth(np.where(lots, contacted, left)) <= found).sum())
        if lower >= _ENOUGH:
            return 1.0
    return (1 + lower) / (1 + DRAWS)


def _worth(scores: Floats) -> Floats:
    """Means of rows in their own standard errors; 0 where nothing varies."""
    mean, error = scores.mean(axis=1), scores.std(axis=1) / np.sqrt(scores.shape[1])
    worth: Floats = np.divide(mean, error, out=np.zeros_like(mean), where=error > 0.0)
    return worth
