"""Several treatments of one experiment, each compared with none."""

from __future__ import annotations

import numpy as np

from vocative.predict.history.event_history import Floats, Integers
from vocative.predict.uplift.effect import LearntEffect, learn_effect
from vocative.predict.uplift.trial import Randomised


def against_none(
    design: Floats, arm: Integers, chances: Floats, outcome: Floats, level: int, *, binary: bool
) -> tuple[Randomised, Integers]:
    """The people who got a treatment or none, and could have got both; and their places among all.

    Args:
        design: As in `Randomised`.
        arm: 0 for none, 1 … for the treatments.
        chances: Rows × arms: with which probability each person got each arm; 0 where they could not.
        outcome: What each then did.
        level: The treatment, 1 …
        binary: Whether the outcome is yes or no.
    """
    both = (chances[:, 0] > 0) & (chances[:, level] > 0) & np.isin(arm, (0, level))
    # Among people who got one of these two, the chance of each is what it was relative to the other.
    chance = chances[both, level] / (chances[both, 0] + chances[both, level])
    return Randomised(design[both], arm[both] == level, chance, outcome[both], binary), np.flatnonzero(both)


def learn_levels(
    design: Floats, arm: Integers, chances: Floats, outcome: Floats, random: np.random.Generator, *, binary: bool
) -> list[LearntEffect]:
    """The effect of every treatment, in the order of the arms; arguments as in `against_none`."""
    return [
        learn_effect(against_none(design, arm, chances, outcome, level, binary=binary)[0], random)
        for level in range(1, chances.shape[1])
    ]


def best_arm(effects: list[LearntEffect], design: Floats) -> Integers:
    """The arm with the largest effect for each row; 0, none, where every effect would be a loss."""
    values = np.stack([np.zeros(len(design)), *(effect.on(design)[0] for effect in effects)], axis=1)
    return np.asarray(values.argmax(axis=1), np.int64)
