"""Exactly right probabilities pass, wrong ones do not, however alike the rows of one person turn out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import norm

from vocative.predict.history.event_history import Floats, Integers
from vocative.prove.calibration import TOLERATED, curve, expected_error, likeness, perfect_limit, reliability_of

MOMENTS = 4


def world(random: np.random.Generator, people: int, alike: float = 0.0) -> tuple[Floats, Floats, Integers]:
    """Probabilities that are right, what happened, and whose row it is; rows of a person share a hidden part."""
    who = np.tile(np.arange(people), MOMENTS)
    predicted = expit(random.normal(-0.5, 1.2, people)[who])
    hidden = np.sqrt(alike) * random.normal(size=people)[who] + np.sqrt(1.0 - alike) * random.normal(size=len(who))
    return predicted, (norm.cdf(hidden) < predicted).astype(float), who


@pytest.mark.parametrize("alike", [0.0, 0.7])
def test_right_probabilities_stay_below_their_limit_95_times_in_100(alike: float) -> None:
    random, within = np.random.default_rng(5), 0
    for _ in range(200):
        predicted, truth, who = world(random, 250, alike)
        limit = perfect_limit(predicted, who, random, alike=likeness(predicted, truth, who))
        within += expected_error(predicted, truth) <= limit
    assert 0.91 <= within / 200 <= 0.99


def test_rows_of_one_person_that_go_the_same_way_raise_the_limit() -> None:
    random = np.random.default_rng(6)
    predicted, truth, who = world(random, 2_000, 0.7)
    told = likeness(predicted, truth, who)
    assert told > 0.3
    assert likeness(*world(random, 2_000)) < 0.05
    together = perfect_limit(predicted, who, random, alike=told)
    assert together > 1.2 * perfect_limit(predicted, np.arange(len(who)), random)


def test_what_is_off_is_refused_and_what_is_hardly_off_is_not() -> None:
    random = np.random.default_rng(7)
    predicted, truth, who = world(random, 5_000)
    right = reliability_of(predicted, truth, who, random)
    assert right.calibrated
    assert right.low <= right.error <= right.high
    assert right.limit < TOLERATED
    hardly = reliability_of(expit(logit(predicted) + 0.07), truth, who, random)
    assert hardly.error > hardly.limit
    assert hardly.calibrated, "so many people would convict everybody"
    assert not reliability_of(expit(logit(predicted) + 0.4), truth, who, random).calibrated
    assert not reliability_of(expit(2.0 * logit(predicted)), truth, who, random).calibrated


def test_few_people_are_given_the_benefit_of_chance() -> None:
    random, refused = np.random.default_rng(9), 0
    for _ in range(60):
        predicted, truth, who = world(random, 60)
        refused += not reliability_of(predicted, truth, who, random).calibrated
    assert refused <= 3


@given(st.integers(1, 400), st.integers(0, 10_000))
def test_the_error_is_the_distance_of_the_curve(rows: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    predicted = np.round(random.random(rows), 1)
    truth = (random.random(rows) < 0.4).astype(float)
    bars = curve(predicted, truth)
    told = sum(abs(bar.predicted - bar.observed) * bar.people for bar in bars) / rows
    assert sum(bar.people for bar in bars) == rows
    assert expected_error(predicted, truth) == pytest.approx(told)
    assert 0.0 <= told <= 1.0


def test_without_rows_there_is_no_error() -> None:
    none = np.zeros(0)
    assert expected_error(none, none) == perfect_limit(none, np.zeros(0, np.int64), np.random.default_rng(1)) == 0.0
