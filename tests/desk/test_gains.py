"""What messages are expected to bring: measured and declared apart, each with the interval it can stand behind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decide.builders import campaign, settings, target
from vocative.desk.rehearse.gains import gains
from vocative.records.acting import Candidate

COST = 0.01
CAMPAIGNS = {"news": campaign(value=2.0), "thanks": campaign("thanks", value=0.0)}


def measured(value: float, half: float, name: str = "news") -> Candidate:
    return Candidate(
        campaign=name, channel="email", personalized=False, score=value - COST, basis="measured",
        low=value - COST - half, high=value - COST + half,
    )  # fmt: skip


def declared(chance: float, name: str = "news") -> Candidate:
    value = CAMPAIGNS[name].value
    return Candidate(
        campaign=name, channel="email", personalized=True, targets=(target(probability=chance),), basis="declared",
        score=chance * value - COST,
    )  # fmt: skip


def test_what_was_measured_and_what_is_guessed_are_not_added_up() -> None:
    found = gains([measured(3.0, 1.0), measured(-1.0, 0.5), declared(0.5), declared(1.0)], CAMPAIGNS, settings())
    assert found.cost == pytest.approx(4 * COST)
    assert found.measured is not None
    assert found.declared is not None
    assert (found.measured.contacts, found.declared.contacts) == (2, 2)
    assert found.measured.value == pytest.approx(2.0)
    assert found.declared.value == pytest.approx(2 * 0.5 + 2 * 1.0)
    half = 1.96 * (2.0**2 * 0.25) ** 0.5
    assert [found.declared.low, found.declared.high] == pytest.approx([3 - half, 3 + half])


def test_nothing_is_claimed_where_nothing_was_measured_or_declared() -> None:
    found = gains([declared(0.5, "thanks"), Candidate(campaign="gone", channel="email", personalized=True)],
                  CAMPAIGNS, settings())  # fmt: skip
    assert found.measured is None
    assert found.declared is None
    assert found.cost == pytest.approx(COST), "what is gone is left out"


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.1, 5)), min_size=1, max_size=30))
def test_the_interval_is_as_wide_as_for_errors_that_all_go_the_same_way(effects: list[tuple[float, float]]) -> None:
    found = gains([measured(*one) for one in effects], CAMPAIGNS, settings()).measured
    assert found is not None
    half = sum(half for _, half in effects) * 1.96 / 1.645
    assert found.high - found.low == pytest.approx(2 * half)
    assert (found.low + found.high) / 2 == pytest.approx(found.value)


@pytest.mark.parametrize("together", [0.0, 0.5, 1.0])
def test_it_covers_the_true_sum_however_far_errors_go_together(together: float) -> None:
    random = np.random.default_rng(7)
    truth = random.normal(0.2, 0.3, 200)
    covered = 0
    for _ in range(400):
        error = 0.1 * (together**0.5 * random.normal() + (1 - together) ** 0.5 * random.normal(size=200))
        found = gains([measured(one, 1.645 * 0.1) for one in truth + error], CAMPAIGNS, settings()).measured
        assert found is not None
        covered += found.low <= truth.sum() <= found.high
    assert covered / 400 >= 0.93
    # It is no wider than it has to be where they do.
    assert together < 1.0 or covered / 400 <= 0.97
