"""Which size of a discount is best for whom: planted responses of four sizes, learnt from lots; all of it invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import process_time

import numpy as np
from msgspec.structs import replace
from scipy.special import expit

from vocative.decide.eligibility.offer_sizes import best_size
from vocative.decide.value.worth import expected
from vocative.predict.history.event_history import Floats
from vocative.predict.uplift.dose import Response, rising
from vocative.predict.uplift.levels import learn_levels
from vocative.records.acting import Candidate, Effect, Offer, Recipient, Target
from vocative.records.action import Action, OfferLevel
from vocative.records.settings import Campaign
from vocative.records.worth import Worth

SIZES = np.array([0.0, 1.0, 2.0, 4.0])
MARGIN, COST = 10.0, 0.05
PEOPLE, ASKED, DRAWS = (8_000, 20_000, 60_000), 4_000, 3
_MATTERS = 0.01 * MARGIN
"""What the best size is worth more than any other choice, for somebody for whom it matters."""

_COUPON = Campaign(
    name="coupon", goal="any", channel="email", personalized=True, topic="coupon", template="coupon", value=MARGIN
)

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


def _chosen(effect: Sequence[float], error: Sequence[float], anyway: float) -> int:
    """The place of the size that one person would be offered; -1 for silence."""
    effects = {
        Action(campaign=_COUPON.name, offer=OfferLevel(size, "money")).key: Effect(
            value=mean, low=mean - wide, high=mean + wide, unit="probability"
        )
        for size, mean, wide in zip(SIZES.tolist(), effect, error, strict=True)
    }
    who = Recipient(person_id="p", addresses={}, contact={}, personalization="yes", effects=effects)
    due = Target(module="any", target="any", probability=anyway, support=1.0, horizon_days=7.0)
    weighed = []
    for size in SIZES.tolist():
        offer = Offer(offer_id=f"{size:g}", discount=size, unit="money")
        one = Candidate(campaign=_COUPON.name, channel="email", personalized=True, targets=(due,), offer=offer)
        found = expected(_COUPON, one, who, COST, Worth())
        weighed.append(replace(one, score=found.value, basis=found.basis))
    best = best_size(weighed)
    size = best.offer.discount if best.offer else None
    return int(np.searchsorted(SIZES, size or 0.0)) if (best.score or 0.0) > 0.0 else -1


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
    rows = np.arange(ASKED)
    # What is planted: the margin of those who come because of it, less the discount of all who come.
    gained = MARGIN * (truly - anyway[:, None]) - SIZES * truly - COST
    worth = np.hstack([np.zeros((ASKED, 1)), gained])
    best = worth.argmax(axis=1) - 1
    ordered = np.sort(worth, axis=1)
    matters = ordered[:, -1] - ordered[:, -2] > _MATTERS
    made = {
        "rising": rising(SIZES, told[:, 0].T, told[:, 1].T),
        "as learnt": Response(SIZES, told[:, 0].T, told[:, 1].T),
    }
    found = {}
    for way, response in made.items():
        asked_for = zip(response.effect.tolist(), response.error.tolist(), anyway.tolist(), strict=True)
        chosen = np.array([_chosen(*one) for one in asked_for])
        off = float(np.sqrt(((response.effect - (truly - anyway[:, None])) ** 2).mean()))
        won = float(worth[rows, chosen + 1].sum() / ordered[:, -1].sum())
        found[way] = (float(np.mean(chosen[matters] == best[matters])), won, off, seconds)
    return found
