"""Effects of treatments: what is planted is found, what is not there is not claimed, and intervals hold."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json

from tests.predict.trials import planted
from vocative.predict.uplift import s_learner, t_learner
from vocative.predict.uplift.effect import EDGE, learn_effect
from vocative.predict.uplift.levels import against_none, best_arm, learn_levels
from vocative.predict.uplift.module import effect_of
from vocative.predict.uplift.outcomes import both_arms
from vocative.predict.uplift.pilot import pilot, smallest_that_matters, smallest_to_show
from vocative.predict.uplift.trial import Randomised


@given(st.integers(0, 10_000), st.floats(0.1, 0.9), st.floats(-3, 3))
@settings(max_examples=20, deadline=None)
def test_guesses_of_the_effects_are_unbiased_whatever_was_expected(seed: int, chance: float, wrong: float) -> None:
    found = planted(4_000, seed, chance=chance, binary=False)
    useless = wrong * found.trial.design[:, 1]
    scores = found.trial.scores(useless, useless - 1.0)
    error = scores.std() / np.sqrt(len(scores))
    assert abs(scores.mean() - found.effect.mean()) < 5 * error


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("chance", [0.5, 0.85])
def test_a_planted_effect_is_found_for_each_person(binary: bool, chance: float) -> None:
    learnt, asked = planted(8_000, 1, chance=chance, binary=binary), planted(4_000, 2, chance=chance, binary=binary)
    effect = learn_effect(learnt.trial, np.random.default_rng(0))
    value, error = effect.on(asked.trial.design)
    assert np.corrcoef(value, asked.effect)[0, 1] > 0.95
    assert abs(value.mean() - asked.effect.mean()) < 3 * effect.error
    assert np.mean(np.abs(value - asked.effect) <= EDGE * error) > 0.75
    assert effect.slope > 0.9


def test_intervals_hold_what_they_promise_over_many_trials() -> None:
    held = []
    for seed in range(25):
        learnt, asked = planted(3_000, seed), planted(500, 1_000 + seed)
        value, error = learn_effect(learnt.trial, np.random.default_rng(seed)).on(asked.trial.design)
        held.append(np.mean(np.abs(value - asked.effect) <= EDGE * error))
    assert 0.83 < np.mean(held) < 0.98


def test_the_mean_effect_of_the_data_is_reproduced_and_groups_are_calibrated() -> None:
    found = planted(6_000, 3)
    effect = learn_effect(found.trial, np.random.default_rng(0))
    value, _ = effect.on(found.trial.design)
    assert value.mean() == pytest.approx(effect.mean, abs=1e-9)
    treated = found.trial.treated
    plain = found.trial.outcome[treated].mean() - found.trial.outcome[~treated].mean()
    assert effect.mean == pytest.approx(plain, abs=0.02)
    assert sum(one.people for one in effect.quantiles) == 6_000
    assert all(abs(one.predicted - one.found) < 3.5 * one.error for one in effect.quantiles)


def test_without_differences_everybody_has_about_the_mean_effect() -> None:
    spreads = []
    for seed in range(10):
        found = planted(3_000, seed, apart=0.0, binary=False)
        effect = learn_effect(found.trial, np.random.default_rng(seed))
        spreads.append(effect.on(found.trial.design)[0].std())
    assert np.median(spreads) < 0.01


def test_the_simplest_way_is_taken_when_it_is_as_good() -> None:
    ways = [learn_effect(planted(3_000, seed).trial, np.random.default_rng(seed)).way for seed in range(10)]
    assert ways.count("s") >= 8


def test_trees_are_taken_where_the_effect_is_a_step_that_lines_do_not_see() -> None:
    random = np.random.default_rng(0)
    traits = random.normal(size=(8_000, 3))
    step = np.where(np.abs(traits[:, 0]) > 1.0, 2.0, -1.0)
    treated = random.random(8_000) < 0.5
    outcome = traits[:, 1] + treated * step + random.normal(size=8_000)
    trial = Randomised(np.hstack([np.ones((8_000, 1)), traits]), treated, np.full(8_000, 0.5), outcome, False)
    effect = learn_effect(trial, np.random.default_rng(0), trees=True)
    assert effect.way == "trees"
    assert np.corrcoef(effect.on(trial.design)[0], step)[0, 1] > 0.9


def test_people_who_are_better_left_in_peace_are_named() -> None:
    found = planted(20_000, 4)
    value, error = learn_effect(found.trial, np.random.default_rng(0)).on(found.trial.design)
    surely = value + EDGE * error < 0
    assert surely.sum() > 2_000
    assert np.mean(found.effect[surely] < 0) > 0.97


@pytest.mark.parametrize("way", [s_learner, t_learner])
@pytest.mark.parametrize("binary", [True, False])
def test_taking_a_fold_off_comes_close_to_learning_without_it(way: object, binary: bool) -> None:
    trial = planted(5_000, 5, binary=binary).trial
    left_out, design = slice(0, 1_000), trial.design[:1_000]
    whole = way.learn(trial)  # type: ignore[attr-defined]
    quick = way.learn_without(trial, [left_out, slice(1_000, 5_000)], whole)[0]  # type: ignore[attr-defined]
    anew = way.learn(trial.where(np.arange(5_000) >= 1_000))  # type: ignore[attr-defined]
    told, kept, known = (s_learner.effect(one, design) for one in (quick, anew, whole))
    assert np.abs(told - kept).mean() < 0.5 * np.abs(known - kept).mean()


def test_regressions_agree_with_what_was_planted() -> None:
    trial = planted(40_000, 6).trial
    arms = both_arms(trial.design, trial.treated, trial.outcome, binary=True)
    assert arms.others == pytest.approx([-1.0, 0.5, -0.4, 0.0, 0.0], abs=0.07)
    assert arms.treated == pytest.approx([-0.8, 0.5, -0.4, 1.0, 0.0], abs=0.07)


def test_an_effect_survives_being_kept_as_json() -> None:
    trial = planted(3_000, 7).trial
    effect = learn_effect(trial, np.random.default_rng(0))
    kept = json.decode(json.encode({"effect": asdict(effect)}))
    again = effect_of(kept)
    for first, second in zip(effect.on(trial.design), again.on(trial.design), strict=True):
        assert second == pytest.approx(first, abs=1e-12)


def test_each_of_several_treatments_is_compared_with_none() -> None:
    random = np.random.default_rng(8)
    traits = random.normal(size=(20_000, 1))
    design = np.hstack([np.ones((20_000, 1)), traits])
    chances = np.tile([0.4, 0.4, 0.2], (20_000, 1))
    # Half of the people could not get the second treatment.
    chances[:10_000] = [0.5, 0.5, 0.0]
    arm = np.array([random.choice(3, p=one) for one in chances])
    effects = np.stack([np.zeros(20_000), traits[:, 0], np.full(20_000, 0.5)])
    outcome = effects[arm, np.arange(20_000)] + random.normal(size=20_000)
    trial, places = against_none(design, arm, chances, outcome, 2, binary=False)
    assert places.min() >= 10_000
    assert trial.chance == pytest.approx(1 / 3)
    learnt = learn_levels(design, arm, chances, outcome, random, binary=False)
    assert learnt[0].mean == pytest.approx(0.0, abs=0.05)
    assert learnt[1].mean == pytest.approx(0.5, abs=0.06)
    chosen = best_arm(learnt, np.array([[1.0, 2.0], [1.0, -2.0]]))
    assert list(chosen) == [1, 2]


def test_a_pilot_of_that_size_shows_the_effect_in_four_of_five() -> None:
    base, effect, share = 0.1, 0.03, 0.2
    people = pilot(base, effect, share).people
    random = np.random.default_rng(9)
    without, with_it = round(people * share), people - round(people * share)
    shown, tries = 0, 2_000
    for _ in range(tries):
        first, second = random.binomial(without, base) / without, random.binomial(with_it, base + effect) / with_it
        spread = np.sqrt(first * (1 - first) / without + second * (1 - second) / with_it)
        shown += abs(second - first) > 1.96 * spread
    assert 0.76 < shown / tries < 0.84


def test_more_arms_and_finer_questions_need_more_people() -> None:
    one = pilot(0.1, 0.02, 0.5)
    assert one.for_differences == pytest.approx(16 * one.people, rel=1e-3)
    assert pilot(0.1, 0.02, 1 / 3, treatments=2).people > 1.5 * one.people
    assert smallest_to_show(0.1, one.people, 0.5) == pytest.approx(0.02, rel=0.1)
    assert smallest_that_matters(0.9) == pytest.approx(0.01)
    with pytest.raises(ValueError, match="shows nothing"):
        pilot(0.1, 0.0, 0.5)
