"""Which size of a discount is best for whom: planted responses of four sizes, learnt from lots; all of it invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import process_time

import numpy as np
from scipy.special import expit

from vocative.predict.dose import Response, rising, smallest_that_matters, worth_of
from vocative.predict.past import Floats
from vocative.predict.uplift_levels import learn_levels

SIZES = np.array([0.0, 1.0, 2.0, 4.0])
MARGIN, COST, FLOOR = 10.0, 0.05, 5.0
PEOPLE, ASKED, DRAWS = (8_000, 20_000, 60_000), 4_000, 3
_MATTERS = 0.01 * MARGIN
"""What the best size is worth more than any other choice, for somebody for whom it matters."""

Log = Callable[[Floats], Floats]
"""Traits → what each size adds to the logarithm of the odds to buy."""


def _endless(traits: Floats) -> Floats:
    return np.asarray(np.maximum(0.0, 0.35 + 0.45 * traits[:, :1]) * SIZES)


def _saturating(traits: Floats) -> Floats:
    return np.asarray(expit(-0.5 + 1.5 * traits[:, :1]) * 1.6 * (1.0 - np.exp(-SIZES / 1.2)))


RESPONSES: dict[str, Log] = {"rising without end": _endless, "saturating": _saturating}


def run() -> Iterator[dict[str, object]]:
    """How often the chosen size is the planted best, and what it wins of what the planted best would."""
    for name, log in RESPONSES.items():
        for people in PEOPLE:
            found = [_tried(log, people, seed) for seed in range(DRAWS)]
            for way in ("rising", "as learnt"):
                same, won, off, seconds = np.mean([one[way] for one in found], axis=0)
                yield {
                    "response": name,
                    "people": people,
                    "effects": way,
                    "best size chosen, where it matters": f"{same:.1%}",
                    "won of what the best would": f"{won:.1%}",
                    "effects off by (RMSE)": f"{off:.3f}",
                    "CPU seconds to learn": f"{seconds:.2f}",
                }


def _world(log: Log, people: int, seed: int) -> tuple[np.random.Generator, Floats, Floats, Floats]:
    random = np.random.default_rng(seed)
    traits = random.normal(size=(people, 4))
    base, contact = -1.2 + 0.7 * traits[:, 1:2], 0.12 + 0.2 * traits[:, 2:3]
    with_it = expit(base + contact + log(traits))
    return random, np.hstack([np.ones((people, 1)), traits]), expit(base[:, 0]), with_it


def _tried(log: Log, people: int, seed: int) -> dict[str, tuple[float, float, float, float]]:
    random, design, without, with_it = _world(log, people, seed)
    arm = random.integers(0, len(SIZES) + 1, people)
    chance = np.where(arm == 0, without, with_it[np.arange(people), np.maximum(arm - 1, 0)])
    outcome = (random.random(people) < chance).astype(np.float64)
    start = process_time()
    chances = np.full((people, len(SIZES) + 1), 1.0 / (len(SIZES) + 1))
    effects = learn_levels(design, arm, chances, outcome, random, binary=True)
    seconds = process_time() - start

    _, asked, anyway, truly = _world(log, ASKED, 1_000 + seed)
    told = np.stack([effect.on(asked) for effect in effects])
    margin, rows = np.full(ASKED, MARGIN), np.arange(ASKED)
    true = Response(SIZES, truly - anyway[:, None], np.zeros_like(truly))
    best = smallest_that_matters(true, margin, anyway, COST, FLOOR).chosen
    worth = np.hstack([np.zeros((ASKED, 1)), worth_of(true, margin, anyway, COST)])
    ordered = np.sort(worth, axis=1)
    matters = ordered[:, -1] - ordered[:, -2] > _MATTERS
    made = {
        "rising": rising(SIZES, told[:, 0].T, told[:, 1].T),
        "as learnt": Response(SIZES, told[:, 0].T, told[:, 1].T),
    }
    found = {}
    for way, response in made.items():
        chosen = smallest_that_matters(response, margin, anyway, COST, FLOOR).chosen
        off = float(np.sqrt(((response.effect - true.effect) ** 2).mean()))
        won = float(worth[rows, chosen + 1].sum() / ordered[:, -1].sum())
        found[way] = (float(np.mean(chosen[matters] == best[matters])), won, off, seconds)
    return found
