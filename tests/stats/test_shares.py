"""Intervals of shares and means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocative.stats.shares import Estimate, difference, mean_of, share_of


@given(st.lists(st.booleans(), min_size=1), st.floats(0.1, 50))
def test_equal_weights_change_nothing(happened: list[bool], weight: float) -> None:
    plain, weighed = share_of(happened), share_of(happened, [weight] * len(happened))
    assert plain is not None
    assert weighed == pytest.approx(plain)
    assert 0 <= plain.low <= plain.value <= plain.high <= 1


def test_nobody_has_no_share() -> None:
    assert share_of([]) is None
    assert mean_of([]) is None


@pytest.mark.parametrize(
    ("happened", "people", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_those_in_print(happened: int, people: int, low: float, high: float) -> None:
    """Newcombe, 1998, "Two-sided confidence intervals for the single proportion", table I, method 3."""
    found = share_of([True] * happened + [False] * (people - happened))
    assert found == pytest.approx((happened / people, low, high), abs=5e-5)


def test_a_mean_has_the_interval_of_the_sample_deviation() -> None:
    found = mean_of([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])
    assert found == pytest.approx((5.0, 5.0 - 1.481594, 5.0 + 1.481594), abs=1e-5)


@pytest.mark.parametrize("truth", [0.02, 0.3, 0.9])
def test_the_interval_holds_the_truth_as_often_as_it_says(truth: float) -> None:
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(600):
        found = share_of((rng.random(80) < truth).tolist())
        assert found is not None
        held += found.low <= truth <= found.high
    assert held / 600 > 0.92


def test_a_difference_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    held = 0
    for _ in range(600):
        one, other = share_of((rng.random(300) < 0.4).tolist()), share_of((rng.random(40) < 0.3).tolist())
        assert one is not None
        assert other is not None
        found = difference(one, other)
        held += found.low <= 0.1 <= found.high
    assert held / 600 > 0.92


def test_a_difference_to_oneself_is_none() -> None:
    found = difference(Estimate(0.4, 0.3, 0.5), Estimate(0.4, 0.3, 0.5))
    assert found.value == 0
    assert found.low == pytest.approx(-found.high)


def test_a_mean_lies_within_its_interval() -> None:
    found = mean_of([1.0, 2.0, 6.0])
    assert found is not None
    assert found.low < found.value == 3.0 < found.high
