"""Drawing people again: intervals cover, whole people are drawn, the same seed gives the same."""

from __future__ import annotations

import numpy as np
import pytest

from vocative.predict.history.event_history import Floats, Integers
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
    told = difference(found["model", "mean"], found["naive", "mean"])
    assert (told.value, told.low, told.high) == pytest.approx((0.1, 0.1, 0.1))
    wide = found["model", "mean"].interval()
    assert wide[1] - wide[0] > 1.0


def test_moments_weigh_the_same_however_many_people_they_have() -> None:
    few, many = judged(np.zeros(10)), judged(np.ones(1000))
    assert bootstrap([few, many], np.random.default_rng(1))["model", "mean"].value == pytest.approx(0.5)


def test_the_same_seed_gives_the_same() -> None:
    origin = Judged(np.arange(50), {"model": [rmse(np.arange(50.0), np.zeros(50))]})
    first, again = (bootstrap([origin], np.random.default_rng(9))["model", "rmse"] for _ in range(2))
    assert np.array_equal(first.draws, again.draws)
    assert first.draws.shape == (1000,)


def test_many_people_are_drawn_in_groups_and_vary_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(4)
    naive, model = random.exponential(size=(2, 4_000))
    told = []
    for most in (4_000, 500):
        monkeypatch.setattr("vocative.prove.bootstrap._MOST_DRAWN", most)
        found = bootstrap([judged(model, other=naive)], random)
        told.append(difference(found["model", "mean"], found["naive", "mean"]))
    assert told[0].value == pytest.approx(told[1].value)
    assert told[0].error == pytest.approx(np.std(model - naive) / np.sqrt(4_000), rel=0.01)
    assert told[1].error == pytest.approx(told[0].error, rel=0.12)
    assert told[1].high - told[1].low == pytest.approx(told[0].high - told[0].low, rel=0.15)


def test_rare_events_that_decide_do_not_make_luck_look_like_skill() -> None:
    """The mean is 0, and most samples hold too few of the rare losses: the middle of draws passes it too often."""
    random, passed, alone = np.random.default_rng(8), 0, 0
    for _ in range(300):
        values = np.where(random.random(120) < 0.03, 0.97, -0.03)
        found = bootstrap([judged(values, other=np.zeros(120))], random, 400)
        passed += difference(found["model", "mean"], found["naive", "mean"]).high < 0.0
        alone += float(np.quantile(found["model", "mean"].draws, 0.975)) < 0.0
    assert passed <= 12 < alone
