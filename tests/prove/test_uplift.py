"""Qini, AUUC, targeting and the gate of effects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.predict.trials import planted
from vocative.predict.history.event_history import Floats
from vocative.predict.uplift.trial import Randomised
from vocative.prove.uplift import MODEL, LeftOut, judge_effect, leave_out
from vocative.prove.uplift_curves import Treated, auuc, draw, qini, targeting


def _by_hand(predicted: Floats, treated: Floats, outcome: Floats) -> Floats:
    """Points of the Qini curve, person by person; equal predictions are stepped over."""
    order = np.argsort(-predicted, kind="stable")
    points = [(0.0, 0.0)]
    for count in range(1, len(order) + 1):
        if count < len(order) and predicted[order[count]] == predicted[order[count - 1]]:
            continue
        first = order[:count]
        with_it, without = first[treated[first] == 1], first[treated[first] == 0]
        less = outcome[without].sum() * len(with_it) / len(without) if len(without) else 0.0
        points.append((count, outcome[with_it].sum() - less))
    return np.array(points)


def _qini_by_hand(predicted: Floats, treated: Floats, outcome: Floats) -> float:
    areas = []
    for ranking in (predicted, outcome * treated - outcome * (1 - treated)):
        points = _by_hand(ranking, treated, outcome)
        areas.append(np.trapezoid(points[:, 1], points[:, 0]))
    by_lot = points[-1, 0] * points[-1, 1] / 2
    return float((areas[0] - by_lot) / (areas[1] - by_lot))


@given(st.integers(0, 10_000), st.integers(0, 2))
@settings(max_examples=25, deadline=None)
def test_qini_is_what_it_is_when_counted_by_hand(seed: int, digits: int) -> None:
    random = np.random.default_rng(seed)
    treated, outcome = random.random(80) < 0.5, (random.random(80) < 0.4).astype(float)
    predicted = random.normal(size=80).round(digits)
    told = Treated(treated, np.full(80, 0.5), outcome)
    assert qini(predicted, told) == pytest.approx(_qini_by_hand(predicted, treated.astype(float), outcome), abs=1e-9)


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_counting_people_twice_is_having_them_twice(seed: int) -> None:
    random = np.random.default_rng(seed)
    treated, outcome, chance = random.random(60) < 0.5, random.normal(size=60), random.uniform(0.2, 0.8, 60)
    predicted, scores = random.normal(size=60), random.normal(size=60)
    times = random.integers(0, 3, 60).astype(float)
    again = np.repeat(np.arange(60), times.astype(int))
    told, drawn = Treated(treated, chance, outcome), Treated(treated[again], chance[again], outcome[again])
    assert qini(predicted, told, times) == pytest.approx(qini(predicted[again], drawn), abs=1e-9)
    assert auuc(predicted, told, times) == pytest.approx(auuc(predicted[again], drawn), abs=1e-9)
    twice = targeting(predicted[again], drawn, scores[again])
    assert targeting(predicted, told, scores, times) == pytest.approx(twice, abs=1e-9)


def test_a_ranking_by_lot_wins_nothing_and_a_perfect_one_everything() -> None:
    found = planted(40_000, 1)
    told = Treated(found.trial.treated, found.trial.chance, found.trial.outcome)
    lot = np.random.default_rng(0).random(40_000)
    assert qini(lot, told) == pytest.approx(0.0, abs=0.01)
    assert qini(np.where(told.treated, told.outcome, -told.outcome), told) == pytest.approx(1.0)
    assert qini(np.zeros(40_000), told) == pytest.approx(0.0, abs=1e-12)
    assert qini(found.effect, told) > 0.1


def test_unequal_chances_are_weighed_out() -> None:
    """People on whom it works are treated more often; unweighed, the mean effect would be wrong."""
    random = np.random.default_rng(2)
    trait = random.normal(size=200_000)
    chance = np.where(trait > 0, 0.8, 0.2)
    treated = random.random(200_000) < chance
    outcome = 2.0 * trait + treated * (1.0 + trait) + random.normal(size=200_000)
    told = Treated(treated, chance, outcome)
    # Treating the best share s wins s plus the density of the normal at its edge; the mean of that over all shares.
    assert auuc(trait, told) == pytest.approx(0.5 + 0.5 / np.sqrt(np.pi), abs=0.02)


def test_targeting_is_the_area_between_the_curves() -> None:
    random = np.random.default_rng(3)
    scores, predicted = random.normal(size=500), random.normal(size=500)
    told = Treated(np.ones(500, bool), np.full(500, 0.5), np.zeros(500))
    won = np.r_[0.0, np.cumsum(scores[np.argsort(-predicted)])] / 500
    area = np.trapezoid(won - np.linspace(0, 1, 501) * won[-1], np.linspace(0, 1, 501))
    assert targeting(predicted, told, scores) == pytest.approx(area, abs=1e-9)


def test_intervals_hold_the_figure_of_new_people() -> None:
    """How often the 95 % interval of targeting covers what the ranking is truly worth."""
    true = planted(200_000, 77).effect
    worth, held = targeting(true, Treated(np.ones(200_000, bool), np.full(200_000, 0.5), true), true), 0
    for seed in range(40):
        found = planted(800, seed)
        scores = found.trial.scores(np.full(800, 0.3), np.full(800, 0.3))
        told = Treated(found.trial.treated, found.trial.chance, found.trial.outcome)
        drawn = draw({"it": found.effect}, told, scores, np.random.default_rng(seed), 100)["it", "targeting"]
        low, high = drawn.interval()
        held += low <= worth <= high
    assert held >= 34


def test_a_planted_effect_is_admitted_and_sleeping_dogs_are_counted() -> None:
    trial, random = planted(6_000, 4).trial, np.random.default_rng(0)
    found = judge_effect(trial, leave_out(trial, random), random, 100)
    assert found.admitted
    assert found.figures[MODEL, "targeting"].interval()[0] > 0
    assert found.sleeping_dogs() >= 1_000


def test_treatments_drawn_again_are_refused() -> None:
    admitted = 0
    for seed in range(5):
        trial, random = planted(1_500, seed).trial, np.random.default_rng(seed)
        again = Randomised(trial.design, random.permutation(trial.treated), trial.chance, trial.outcome, True)
        admitted += judge_effect(again, leave_out(again, random), random, 100).admitted
    assert admitted <= 1


def test_effects_twice_as_large_as_they_are_rank_well_and_are_refused() -> None:
    trial, random = planted(12_000, 5).trial, np.random.default_rng(0)
    right = leave_out(trial, random)
    wrong = LeftOut(2.0 * right.effect, right.untreated, right.treated, right.scores)
    assert judge_effect(trial, right, random, 50).calibrated
    found = judge_effect(trial, wrong, random, 50)
    assert found.better
    assert not found.calibrated
    assert not found.admitted
