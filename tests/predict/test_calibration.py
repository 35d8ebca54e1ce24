"""Log odds put right: what is planted is repaired, few data change little, and the order of people stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.special import expit, logit

from vocative.predict.history.event_history import Floats
from vocative.predict.learners.calibration import NEUTRAL, calibrate, calibrated, shift, slope_at
from vocative.predict.learners.logistic import log_loss


def drawn(rows: int, seed: int) -> tuple[Floats, Floats, np.random.Generator]:
    random = np.random.default_rng(seed)
    score = random.normal(-0.5, 1.5, rows)
    return score, (random.random(rows) < expit(score)).astype(np.float64), random


@settings(max_examples=30, deadline=None)
@given(rows=some.integers(5, 400), seed=some.integers(0, 10_000), often=some.floats(0.0, 1.0))
def test_the_order_of_people_stays(rows: int, seed: int, often: float) -> None:
    random = np.random.default_rng(seed)
    score, came = random.normal(0, 2, rows), (random.random(rows) < often).astype(np.float64)
    told = calibrated(np.sort(score), calibrate(score, came))
    assert np.isfinite(told).all()
    assert (np.diff(told) >= -1e-12).all()


def test_few_data_hardly_move_anything() -> None:
    score = np.array([0.5, -0.5, 0.2])
    by = calibrate(score, np.array([0.0, 1.0, 0.0]))
    assert np.abs(calibrated(score, by) - score).max() < 0.15
    assert np.array_equal(calibrated(score, NEUTRAL), score)


def test_what_is_too_bold_is_drawn_back() -> None:
    score, came, _ = drawn(4000, 1)
    by = calibrate(2.0 * score + 0.7, came)
    assert np.abs(calibrated(2.0 * score + 0.7, by) - score).mean() < 0.15
    assert slope_at(np.zeros(1), by)[0] == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize(("rows", "kind"), [(400, "platt"), (6000, "beta"), (60_000, "isotonic")])
def test_bends_are_followed_where_there_is_enough_data(rows: int, kind: str) -> None:
    """Told too high at the upper end only: a line of log odds cannot repair that."""
    score, _, random = drawn(rows, 2)
    steps = np.asarray(0.15 + 0.5 * (score > 0.5), np.float64)
    bent: Floats = steps if kind == "isotonic" else expit(np.where(score > 0, 0.3 * score, score))
    came = (random.random(rows) < bent).astype(np.float64)
    by = calibrate(score, came)
    assert by["kind"] == kind
    told: Floats = expit(calibrated(score, by))
    assert log_loss(told, bent).mean() - log_loss(bent, bent).mean() < 0.02


def test_a_shift_brings_as_many_as_came() -> None:
    score, came, _ = drawn(5000, 3)
    moved = score + 1.5
    assert expit(moved + shift(moved, came)).mean() == pytest.approx(came.mean(), abs=0.002)
    assert shift(np.array([logit(0.5)]), np.ones(1)) < 0.5
