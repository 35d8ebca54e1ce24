"""Noise is admitted hardly ever, what is planted nearly always. `benchmarks/gate.py` does the same in large."""

from __future__ import annotations

import pytest
from benchmarks.gate import as_good, interval, verdict

from vocative.predict.predictor import Kind


@pytest.mark.parametrize(("kind", "tried"), [("probability", 20), ("money", 20), ("ranking", 12)])
def test_noise_is_refused(kind: Kind, tried: int) -> None:
    found = [verdict(kind, 200, 0.0, seed) for seed in range(tried)]
    assert sum(one.admitted for one in found) <= 1
    assert all(one.needs for one in found if not one.admitted)


def test_what_is_worth_the_same_is_admitted_as_seldom_as_the_test_says() -> None:
    assert sum(as_good(200, seed).admitted for seed in range(30)) <= 3


@pytest.mark.parametrize(("kind", "people"), [("probability", 800), ("money", 700), ("ranking", 200)])
def test_planted_signal_is_admitted(kind: Kind, people: int) -> None:
    found = [verdict(kind, people, 0.7, seed) for seed in range(4)]
    assert all(one.admitted for one in found), [one.why for one in found]
    assert all(rival.beaten for one in found for rival in one.baselines)


def test_with_fewer_people_a_refusal_asks_for_about_as_many_as_are_then_enough() -> None:
    refused = [one for one in (verdict("probability", 250, 0.5, seed) for seed in range(8)) if not one.admitted]
    asked = sorted(one.people_needed for one in refused if one.people_needed is not None)
    assert asked, "some had seen that it was better"
    assert all("more people with a profile" in one.needs or "nothing better" in one.needs for one in refused)
    enough = [verdict("probability", asked[len(asked) // 2], 0.5, 100 + seed).admitted for seed in range(3)]
    assert sum(enough) >= 2


def test_intervals_of_rates() -> None:
    assert interval(0, 200)[0] == 0.0
    assert interval(0, 200)[1] == pytest.approx(0.0183, abs=1e-4)
    assert interval(95, 100) == pytest.approx((0.8872, 0.9836), abs=1e-4)
