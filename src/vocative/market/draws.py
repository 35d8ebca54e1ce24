"""The lots of one day: the same for every policy, so that what would have happened otherwise is known exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.market.catalogue import CATEGORIES
from vocative.market.nature import Floats

_AGAIN = np.float32(0.6180339887)


@dataclass(frozen=True, slots=True)
class Draws:
    """Uniform numbers in [0, 1) for each person, and standard normal ones in `value`; `shelves` is people × categories.

    A person makes a trip if their number lies below their rate of that day, whatever has been said to them: so two
    policies differ in a person's trip only where the rate moved past the number (common random numbers).
    """

    trip: Floats
    value: Floats
    shelves: Floats
    mood: Floats
    looks: Floats
    clicks: Floats
    leaves: Floats
    complains: Floats
    answers: Floats


def draw_day(seed: int, day: int, count: int) -> Draws:
    """The lots of a day for so many people."""
    random = np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, 1, day + 100_000])))

    def uniform() -> Floats:
        return random.random(count, np.float32)

    return Draws(
        trip=uniform(),
        value=random.standard_normal(count, np.float32),
        shelves=random.random((count, len(CATEGORIES)), np.float32),
        mood=uniform(),
        looks=uniform(),
        clicks=uniform(),
        leaves=uniform(),
        complains=uniform(),
        answers=uniform(),
    )


def again(lots: Floats, turn: int) -> Floats:
    """Other lots from the same ones, for a person's second message of a day; the first is turn 0."""
    return lots if turn == 0 else (lots + _AGAIN * np.float32(turn)) % np.float32(1.0)
