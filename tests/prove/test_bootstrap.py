"""Drawing people again: intervals cover, whole people are drawn, the same seed gives the same."""

from __future__ import annotations

import numpy as np
import pytest

from vocative.predict.past import Floats, Integers
from vocative.prove.bootstrap import Judged, bootstrap, difference
from vocative.prove.measures import mean_of, rmse


def judged(values: Floats, who: Integers | None = None, other: Floats | None = None) -> Judged:
    people = np.arange(len(values)) if who is None else who
    ways = {"model": [mean_of("mean", values)]}
    if other is not None:
        ways["naive"] = [mean_of("mean", other)]
    return Judged(people, ways)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    random, covered = np.random.default_rng(3), 0
    for _ in range(200):
        drawn = bootstrap([judged(random.normal(1.0, 2.0, 150))], random, 300)["model", "mean"]
        low, high = drawn.interval()
        covered += low <= 1.0 <= high
    assert 0.89 <= covered / 200 <= 0.99


def test_rows_of_one_person_are_drawn_together() -> None:
    """Ten equal rows of each person tell no more than one."""
    values = np.random.default_rng(1).normal(size=100)
    once = bootstrap([judged(values)], np.random.default_rng(2))["model", "mean"]
    often = bootstrap([judged(np.repeat(values, 10), np.repeat(np.arange(100), 10))], np.random.default_rng(2))
    assert often["model", "mean"].interval() == pytest.approx(once.interval())


def test_differences_are_paired() -> None:
    random = np.random.default_rng(1)
    naive = random.normal(0.0, 10.0, 200)
    found = bootstrap([judged(naive + 0.1, other=naive)], random)
    told, low, high = difference(found["model", "mean"], found["naive", "mean"])
    assert (told, low, high) == pytest.approx((0.1, 0.1, 0.1))
    wide = found["model", "mean"].interval()
    assert wide[1] - wide[0] > 1.0


def test_moments_weigh_the_same_however_many_people_they_have() -> None:
    few, many = judged(np.zeros(10)), judged(np.ones(1000))
    assert bootstrap([few, many], np.random.default_rng(1))["model", "mean"].value == pytest.approx(0.5)


def test_the_same_seed_gives_the_same_and_few_draws_at_once_too(monkeypatch: pytest.MonkeyPatch) -> None:
    origin = Judged(np.arange(50), {"model": [rmse(np.arange(50.0), np.zeros(50))]})
    first = bootstrap([origin], np.random.default_rng(9))["model", "rmse"]
    monkeypatch.setattr("vocative.prove.bootstrap._MOST_CELLS", 500)
    again = bootstrap([origin], np.random.default_rng(9))["model", "rmse"]
    assert np.allclose(first.draws, again.draws)
    assert first.draws.shape == (1000,)
