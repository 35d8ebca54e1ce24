"""The size of a discount: effects that rise with it, and the smallest size that is worth most."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.special import expit

from tests.decide.builders import personal, recipient, target
from vocative.decide.eligibility.offer_sizes import best_size
from vocative.decide.value.worth import expected
from vocative.predict.history.event_history import Floats
from vocative.predict.uplift.dose import Level, ladders, rising
from vocative.predict.uplift.levels import learn_levels
from vocative.records.acting import Candidate, Effect, Offer
from vocative.records.action import Action, OfferLevel
from vocative.records.worth import Worth

SIZES = np.array([0.0, 1.0, 2.0, 4.0])
MARGIN, COST = 10.0, 0.05
COUPON = personal("coupon", offers=True, value=MARGIN)
SILENCE = -1


def _world(people: int, seed: int) -> tuple[np.random.Generator, Floats, Floats, Floats]:
    """Traits, and the true probability to buy without a message and with each size; some do not answer to sizes."""
    random = np.random.default_rng(seed)
    traits = random.normal(size=(people, 4))
    slope = np.maximum(0.0, 0.35 + 0.45 * traits[:, 0])
    base, contact = -1.2 + 0.7 * traits[:, 1], 0.15 + 0.2 * traits[:, 2]
    with_it = np.stack([expit(base + contact + slope * size) for size in SIZES], axis=1)
    return random, np.hstack([np.ones((people, 1)), traits]), expit(base), with_it


def _chosen(effect: Floats, error: Floats, anyway: float) -> int:
    """The place of the size the person would be offered; -1 for silence."""
    who = recipient(
        effects={
            Action(campaign="coupon", offer=OfferLevel(size, "money")).key: Effect(
                value=mean, low=mean - wide, high=mean + wide, unit="probability"
            )
            for size, mean, wide in zip(SIZES.tolist(), effect.tolist(), error.tolist(), strict=True)
        }
    )
    tried = []
    for size in SIZES.tolist():
        offer = Offer(offer_id=f"{size:.0f}", discount=size, unit="money")
        one = Candidate(
            campaign="coupon", channel="email", personalized=True, offer=offer, targets=(target(probability=anyway),)
        )
        found = expected(COUPON, one, who, COST, Worth())
        tried.append(replace(one, score=found.value, basis=found.basis, low=found.low, high=found.high))
    best = best_size(tried)
    size = best.offer.discount if best.offer else None
    return int(np.searchsorted(SIZES, size or 0.0)) if (best.score or 0.0) > 0.0 else SILENCE


def test_the_chosen_size_is_the_planted_best_for_most_of_those_for_whom_it_matters() -> None:
    random, design, without, with_it = _world(20_000, 1)
    arm = random.integers(0, 5, 20_000)
    bought = np.where(arm == 0, without, with_it[np.arange(20_000), np.maximum(arm - 1, 0)])
    outcome = (random.random(20_000) < bought).astype(float)
    effects = learn_levels(design, arm, np.full((20_000, 5), 0.2), outcome, random, binary=True)

    _, asked, anyway, truly = _world(4_000, 2)
    told = np.stack([effect.on(asked) for effect in effects])
    learnt = rising(SIZES, told[:, 0].T, told[:, 1].T)
    chosen = np.array([_chosen(*of) for of in zip(learnt.effect, learnt.error, anyway.tolist(), strict=True)])
    bought = truly - SIZES * truly / MARGIN
    worth = np.hstack([np.zeros((4_000, 1)), MARGIN * (bought - anyway[:, None]) - COST])
    best = worth.argmax(axis=1) - 1

    ordered = np.sort(worth, axis=1)
    matters = ordered[:, -1] - ordered[:, -2] > 0.01 * MARGIN
    assert matters.sum() > 1_000
    assert np.mean(chosen[matters] == best[matters]) >= 0.7
    won = worth[np.arange(4_000), chosen + 1].sum()
    for same in range(len(SIZES)):
        assert won > worth[:, same + 1].sum(), "better than one size for all"
    assert won > 0.9 * ordered[:, -1].sum()
    assert len(set(best.tolist())) == 5, "every size is best for somebody, and silence too"


@given(st.integers(0, 10_000), st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_rising_effects_rise_and_are_the_closest_that_do(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    effect, error = random.normal(size=(40, count)), random.uniform(0.5, 2.0, (40, count))
    found = rising(np.arange(count, dtype=float), effect, error)
    assert (np.diff(found.effect, axis=1) >= -1e-12).all()
    assert (found.error >= error.min(axis=1)[:, None] - 1e-12).all()

    def off(rows: Floats) -> Floats:
        return np.asarray((((rows - effect) / error) ** 2).sum(axis=1))

    for _ in range(20):
        other = np.sort(found.effect + random.normal(size=effect.shape) * 0.1, axis=1)
        assert (off(found.effect) <= off(other) + 1e-9).all()
    already = np.sort(effect, axis=1)
    assert rising(np.arange(count, dtype=float), already, error).effect == pytest.approx(already)


def test_sizes_of_one_campaign_make_a_ladder_in_their_unit() -> None:
    arms = [
        "news",
        "coupon offer=10:percent",
        "coupon",
        "coupon offer=5:percent",
        "gift offer=2:money",
        "gift offer=2:percent",
    ]
    assert ladders(arms) == {
        ("coupon", "percent"): [
            Level(0.0, "coupon"),
            Level(5.0, "coupon offer=5:percent"),
            Level(10.0, "coupon offer=10:percent"),
        ]
    }
    with pytest.raises(ValueError, match="sizes rising"):
        rising(np.array([2.0, 1.0]), np.zeros((1, 2)), np.ones((1, 2)))
