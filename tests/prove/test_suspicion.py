"""A field that knows the answer is named, honest ones are not; intervals and groups are told as they are."""

from __future__ import annotations

import numpy as np
import pytest

from vocative.predict.history.event_history import FeatureRows, Floats
from vocative.prove.backtest import MODEL, Trial
from vocative.prove.bootstrap import Judged, bootstrap
from vocative.prove.groups import judge_groups
from vocative.prove.intervals import coverage_of, warning_of
from vocative.prove.measures import coverage, mean_of
from vocative.prove.suspicion import areas, drift, too_good, unlike

PEOPLE = 400
DAY_US = 86_400_000_000


def rows(values: Floats, *names: str) -> FeatureRows:
    return FeatureRows(np.arange(len(values)), names, values)


def world(seed: int = 1) -> tuple[np.random.Generator, Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """An honest sign and whether something came, which hangs on it."""
    random = np.random.default_rng(seed)
    sign = random.normal(size=PEOPLE)
    return random, sign, np.asarray(random.random(PEOPLE) < 1.0 / (1.0 + np.exp(-2.0 * sign)))


def test_a_trait_that_encodes_the_outcome_is_named_and_an_honest_sign_is_not() -> None:
    random, sign, came = world()
    told = np.where(came, random.normal(5.0, 1.0, PEOPLE), random.normal(0.0, 1.0, PEOPLE))
    found = too_good(rows(np.stack([sign, told], axis=1), "honest", "told"), came, 0.99, rows(np.zeros((5, 0))))
    assert len(found) == 1
    assert found[0].startswith("told alone tells the answer")


def test_a_trait_that_is_there_only_for_those_to_whom_it_happened_is_named() -> None:
    _, sign, came = world()
    filled = np.where(came, 1.0, np.nan)
    assert (
        "filled in afterwards" in too_good(rows(filled[:, None], "filled"), came, 0.99, rows(sign[:, None], "other"))[0]
    )


def test_a_field_as_good_as_the_model_is_named_only_if_it_looks_unlike_now() -> None:
    random, _, came = world()
    told = np.where(came, 2.2, 0.0) + random.normal(0.0, 1.0, PEOPLE)
    then = rows(told[:, None], "told")
    model = float(areas(then.values, came)[0]) + 0.002
    assert 0.9 < model < 0.98
    assert too_good(then, came, model, rows(random.permutation(told)[:, None], "told")) == []
    unfilled = np.where(random.random(PEOPLE) < 0.9, np.nan, told)
    assert "unlike now" in too_good(then, came, model, rows(unfilled[:, None], "told"))[0]
    assert too_good(then, came, 1.0, rows(unfilled[:, None], "told")) == [], "the model knows more than it"


def test_with_hardly_any_outcomes_nothing_is_suspected() -> None:
    came = np.arange(PEOPLE) < 5
    assert too_good(rows(came[:, None].astype(float), "lucky"), came, 1.0, rows(np.zeros((5, 0)))) == []


def test_distance_of_values() -> None:
    none = np.full(100, np.nan)
    assert unlike(none, none) == 0.0
    assert unlike(none, np.ones(100)) == 1.0
    assert unlike(np.arange(100.0), np.arange(100.0) + 50.0) == pytest.approx(0.5)


def trial(place: int, truth: Floats, low: Floats, high: Floats, error: Floats | None = None) -> Trial:
    who, value = np.arange(len(truth)), (low + high) / 2.0
    model = np.abs(value - truth) if error is None else error
    ways = {
        MODEL: [mean_of("miss", model), coverage(low, high, truth)],
        "naive": [mean_of("miss", np.ones(len(truth)))],
    }
    predicted = {MODEL: value, "naive": np.zeros(len(truth))}
    return Trial(-28 * DAY_US * place, Judged(who, ways), len(who), truth, predicted, {}, low, high)


def test_intervals_that_are_too_narrow_are_told_with_what_would_widen_them() -> None:
    random = np.random.default_rng(3)
    for half, kept in ((1.645, True), (0.8, False), (4.0, False)):
        trials = [trial(place, random.normal(size=500), np.full(500, -half), np.full(500, half)) for place in range(4)]
        found = coverage_of("money", trials, bootstrap([one.judged for one in trials], random, 200))
        assert found is not None
        assert found.kept is kept
        assert bool(warning_of(found)) is not kept
        if not kept:
            assert half * found.stretch == pytest.approx(1.645, abs=0.1)
    assert coverage_of("probability", trials, bootstrap([one.judged for one in trials], random, 50)) is None


def test_moments_that_differ_are_told() -> None:
    wide = np.full(300, 1.0)
    steady = [trial(place, np.full(300, 0.5), -wide, wide) for place in range(4)]
    assert drift(steady, "miss", "naive", lower=True) == []
    rarer = [*steady[:3], trial(3, np.full(300, 2.0), -wide, wide)]
    told = drift(rarer, "miss", "naive", lower=True)
    assert any("at 1 of 4 moments the model was worse than naive" in one for one in told)
    assert any("has changed" in one for one in told)


def test_groups_are_judged_apart_and_small_ones_left_out() -> None:
    truth, ones = np.zeros(300), np.ones(300)
    error = np.where(np.arange(300) < 100, 2.0, 0.5)
    trials = [trial(place, truth, -ones, ones, error) for place in range(2)]
    old = np.arange(300) < 100
    parts = [{("age", "old"): old, ("age", "young"): ~old, ("age", "few"): np.arange(300) < 5}] * 2
    found = {one.name: one for one in judge_groups(trials, parts, "miss", "naive", np.random.default_rng(1))}
    assert set(found) == {"old", "young"}
    assert (found["old"].value, found["old"].baseline, found["old"].people) == pytest.approx((2.0, 1.0, 100))
    assert found["old"].low > 0.0 > found["young"].high
