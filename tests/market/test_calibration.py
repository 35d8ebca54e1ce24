"""The market is as close to real purchases as the documentation says, and the count of both sides is right."""

from __future__ import annotations

import numpy as np
import pytest

from vocative.market.calibration import YEAR, Log, compared, distance, gaps, lived_log, yearly
from vocative.market.catalogue import CATEGORIES
from vocative.market.world import draw_market

REAL = {
    "days between two trips": (1.0, 2.0, 3.0, 7.0, 13.0, 21.0),
    "days with a trip in a year": (12.3, 23.0, 44.0, 76.0, 116.0, 146.0),
    "spent on a day with a trip": (4.28, 9.75, 22.06, 46.05, 85.97, 119.19),
}
"""Quantiles of The Complete Journey, as `make bench` prints them."""


def a_log(who: list[int], day: list[int], shelves: list[int]) -> Log:
    held = np.zeros((len(who), len(CATEGORIES)), np.bool_)
    held[np.arange(len(who)), shelves] = True
    return Log(np.array(who), np.array(day), np.ones(len(who)), np.full(len(who), 12.0), held)


def test_counts_of_a_log_that_can_be_counted_by_hand() -> None:
    log = a_log([1, 1, 1, 2, 3], [0, 5, 40, 10, 300], [0, 0, 1, 0, 2])
    assert gaps(log).tolist() == [5, 35]
    assert yearly(log).tolist() == [3, 1]
    rows = {row["what"]: row["market"] for row in compared(log, log)}
    assert rows["another trip within 7 days"] == pytest.approx(1 / 5)
    assert rows["Milk: share of trips"] == pytest.approx(3 / 5)
    assert rows["Milk: bought again within 28 days"] == pytest.approx(1 / 3, abs=1e-4)
    assert {row["distance"] for row in compared(log, log)} == {0.0}
    assert distance(np.zeros(3), np.ones(2)) == 1.0


def test_the_market_lives_like_the_real_households() -> None:
    log = lived_log(draw_market(3, 1500, 26), np.random.default_rng(3))
    assert log.day.min() >= 0
    assert log.day.max() < YEAR
    rows = {row["what"]: row["market"] for row in compared(log, log)}
    for what, real in REAL.items():
        assert rows[what] == pytest.approx(real, rel=0.15, abs=3.0), what
    for category in CATEGORIES:
        assert rows[f"{category.name}: share of trips"] == pytest.approx(category.share, rel=0.2), category.name
