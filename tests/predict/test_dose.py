"""The size of a discount: effects that rise with it, and the smallest size that is worth most."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from vocative.predict.dose import SILENCE, Level, Response, ladders, rising, smallest_that_matters, worth_of
from vocative.predict.past import Floats
from vocative.predict.uplift_levels import learn_levels

SIZES = np.array([0.0, 1.0, 2.0, 4.0])
MARGIN, COST, FLOOR = 10.0, 0.05, 5.0


def _world(people: int, seed: int) -> tuple[np.random.Generator, Floats, Floats, Floats]:
    """Traits, and the true probability to buy without a message and with each size; some do not answer to sizes."""
    random = np.random.default_rng(seed)
    traits = random.normal(size=(people, 4))
    slope = np.maximum(0.0, 0.35 + 0.45 * traits[:, 0])
    base, contact = -1.2 + 0.7 * traits[:, 1], 0.15 + 0.2 * traits[:, 2]
    with_it = np.stack([expit(base + contact + slope * size) for size in SIZES], axis=1)
    return random, np.hstack([np.ones((people, 1)), traits]), expit(base), with_it


def test_the_chosen_size_is_the_planted_best_for_most_of_those_for_whom_it_matters() -> None:
    random, design, without, with_it = _world(20_000, 1)
    arm = random.integers(0, 5, 20_000)
    bought = np.where(arm == 0, without, with_it[np.arange(20_000), np.maximum(arm - 1, 0)])
    outcome = (random.random(20_000) < bought).astype(float)
    effects = learn_levels(design, arm, np.full((20_000, 5), 0.2), outcome, random, binary=True)

    _, asked, anyway, truly = _world(4_000, 2)
    told = np.stack([effect.on(asked) for effect in effects])
    margin = np.full(4_000, MARGIN)
    learnt = rising(SIZES, told[:, 0].T, told[:, 1].T)
    true = Response(SIZES, truly - anyway[:, None], np.zeros_like(truly))
    chosen = smallest_that_matters(learnt, margin, anyway, COST, FLOOR).chosen
    best = smallest_that_matters(true, margin, anyway, COST, FLOOR).chosen

    worth = np.hstack([np.zeros((4_000, 1)), worth_of(true, margin, anyway, COST)])
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


def test_a_larger_discount_has_to_bring_more() -> None:
    response = Response(np.array([1.0, 2.0]), np.array([[0.3, 0.3], [0.1, 0.5], [-0.1, 0.0]]), np.zeros((3, 2)))
    margin, anyway = np.full(3, 10.0), np.array([0.2, 0.2, 0.2])
    found = smallest_that_matters(response, margin, anyway, 0.1, 0.0)
    assert found.chosen.tolist() == [0, 1, SILENCE]
    assert found.worth == pytest.approx([0.3 * 10 - 1 * 0.5 - 0.1, 0.5 * 10 - 2 * 0.7 - 0.1, 0.0])
    # With little to choose between them the smaller one will do.
    assert smallest_that_matters(response, margin, anyway, 0.1, 0.0, indifferent=5.0).chosen[1] == 0
    # What leaves less than the floor is never chosen, however much it would bring.
    assert smallest_that_matters(response, margin, anyway, 0.1, 8.5).chosen.tolist() == [0, 0, SILENCE]


@given(st.integers(0, 10_000), st.floats(0.0, 10.0))
@settings(max_examples=30, deadline=None)
def test_the_floor_always_holds(seed: int, floor: float) -> None:
    random = np.random.default_rng(seed)
    response = Response(SIZES, np.sort(random.uniform(-0.5, 0.8, (50, 4)), axis=1), np.zeros((50, 4)))
    margin = random.uniform(0.0, 12.0, 50)
    found = smallest_that_matters(response, margin, random.random(50), 0.05, floor)
    given_ = found.chosen != SILENCE
    assert (margin[given_] - SIZES[found.chosen[given_]] >= floor).all()
    assert (found.worth[given_] > 0.0).all()


def test_sizes_of_one_campaign_make_a_ladder_in_their_unit() -> None:
    arms = ["news", "coupon @ 10 percent", "coupon", "coupon @ 5 percent", "gift @ 2 money", "gift @ 2 percent"]
    assert ladders(arms) == {
        ("coupon", "percent"): [
            Level(0.0, "coupon"),
            Level(5.0, "coupon @ 5 percent"),
            Level(10.0, "coupon @ 10 percent"),
        ]
    }
    with pytest.raises(ValueError, match="sizes rising"):
        rising(np.array([2.0, 1.0]), np.zeros((1, 2)), np.ones((1, 2)))
