"""The level of the window to come: planted trends and waves are followed, one odd week hardly."""

from __future__ import annotations

import numpy as np
import pytest

from vocative.predict.history.event_history import DAY_US, Floats
from vocative.predict.rhythm.levels import level_to_come, share_of_month

WEEKS = 8
MOMENT = 17_500 * DAY_US
STARTS = [MOMENT - 7 * DAY_US * (place + 1) for place in range(WEEKS)]


def wave(starts: list[int]) -> Floats:
    """The mean over a week of a wave that is highest when a month begins."""
    days = np.array([start // DAY_US for start in starts])[:, None] + np.arange(7)
    found: Floats = np.cos(2 * np.pi * share_of_month(days)).mean(axis=1)
    return found


def told(off: Floats, error: float = 0.01) -> float:
    return level_to_come(off, np.full(len(off), error), STARTS[: len(off)], MOMENT, 7.0)[0]


def test_where_windows_were_right_nothing_is_added() -> None:
    assert told(np.zeros(WEEKS)) == 0.0


def test_a_planted_wave_over_the_month_is_followed() -> None:
    random = np.random.default_rng(1)
    lost, kept = [], []
    for shift in range(28):
        moment = MOMENT + shift * DAY_US
        starts = [moment - 7 * DAY_US * (place + 1) for place in range(WEEKS)]
        off = 0.2 * wave(starts) + random.normal(0, 0.03, WEEKS)
        truth = 0.2 * float(wave([moment])[0])
        lost.append(level_to_come(off, np.full(WEEKS, 0.01), starts, moment, 7.0)[0] - truth)
        kept.append(float(off.mean()) - truth)
    assert np.mean(np.square(lost)) < 0.4 * np.mean(np.square(kept))


def test_a_planted_trend_is_followed() -> None:
    falling: Floats = -0.2 * (WEEKS - np.arange(WEEKS, dtype=np.float64)) * 7 / 30.44
    falling -= falling.mean()
    to_come = falling[0] + falling[0] - falling[1]
    assert to_come < told(falling) < 0.5 * to_come


def test_one_odd_week_hardly_moves_anything() -> None:
    odd = np.zeros(WEEKS)
    odd[3] = 0.5
    assert abs(told(odd)) < 0.5 * odd[3]


@pytest.mark.parametrize("level", [-0.3, 0.3])
def test_what_all_windows_lay_off_by_is_believed_the_more_the_surer_they_are(level: float) -> None:
    sure, unsure = told(np.full(WEEKS, level)), told(np.full(WEEKS, level), error=2.0)
    assert abs(sure - level) < 0.1
    assert abs(unsure) < 0.1


def test_the_error_is_at_least_that_of_one_window_by_chance() -> None:
    few = level_to_come(np.zeros(1), np.full(1, 0.01), STARTS[:1], MOMENT, 7.0)[1]
    many = level_to_come(np.zeros(WEEKS), np.full(WEEKS, 0.01), STARTS, MOMENT, 7.0)[1]
    assert 0.08 < many < few
