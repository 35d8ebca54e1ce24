"""Randomised treatments with a planted effect: what it does to each person is known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from vocative.predict.history.event_history import Floats
from vocative.predict.uplift.trial import Randomised


class Planted(NamedTuple):
    trial: Randomised
    effect: Floats
    """The true effect on each person."""


def planted(people: int, seed: int, *, apart: float = 1.0, chance: float = 0.5, binary: bool = True) -> Planted:
    """People with four traits: the first two tell what they do anyway, the third how the treatment works on them."""
    random = np.random.default_rng(seed)
    traits = random.normal(size=(people, 4))
    design = np.hstack([np.ones((people, 1)), traits])
    anyway, change = -1.0 + 0.5 * traits[:, 0] - 0.4 * traits[:, 1], 0.2 + apart * traits[:, 2]
    without, with_it = (expit(anyway), expit(anyway + change)) if binary else (5 + anyway, 5 + anyway + change)
    treated = random.random(people) < chance
    expected = np.where(treated, with_it, without)
    done = (random.random(people) < expected).astype(float) if binary else expected + random.normal(size=people)
    return Planted(Randomised(design, treated, np.full(people, chance), done, binary), with_it - without)
