"""The prior that is shipped: where it comes from, and how it behaves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.predict.planted import NOW, SETTINGS, Bought, sources
from vocative.predict.events.prior import SIGNS, VisitHistory, portable_signs, shipped, shipped_prior
from vocative.predict.events.question import Doing
from vocative.predict.history.event_history import EventHistory
from vocative.store.adapters.duckdb_engine import DuckDBEngine

HORIZON = 28


def chance_of(days: list[int], today: int, horizon: float = HORIZON) -> float:
    """The prior's chance for one person among a crowd of people who come every four weeks."""
    crowd = [(person, day) for person in range(1, 40) for day in range(person % 28, today, 28)]
    rows = [(0, day) for day in days] + crowd
    who, day = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    known, signs = portable_signs(VisitHistory(who, day, float(today), 40), horizon)
    return float(shipped().weights.chance(signs)[list(known).index(0)])


def test_foretold_better_by_strangers_than_by_the_own_pace() -> None:
    prior = shipped()
    assert prior.signs == SIGNS
    assert len(prior.weights.weights) == len(SIGNS) - 1
    assert len(prior.learnt_on) == 3
    for name, one in prior.learnt_on.items():
        assert one.log_loss < one.own_pace < one.everybodys_rate, name
        assert one.weights != prior.weights, "learnt on the others only"


def test_who_comes_often_and_lately_comes_again() -> None:
    often = chance_of(list(range(200, 400, 7)), 400)
    seldom = chance_of([200, 290, 390], 400)
    gone = chance_of(list(range(100, 250, 7)), 400)
    assert often > 0.9
    assert often > seldom > gone
    assert gone < 0.2


@given(
    days=st.lists(st.integers(0, 399), min_size=1, max_size=40, unique=True),
    horizons=st.tuples(st.integers(1, 180), st.integers(1, 180)),
)
@settings(max_examples=40, deadline=None)
def test_a_longer_horizon_is_hardly_less_likely(days: list[int], horizons: tuple[int, int]) -> None:
    short, long = (chance_of(days, 400, horizon) for horizon in sorted(horizons))
    assert 0.0 < short < 1.0
    # Corrections depend on the horizon too, so a little slack is left.
    assert long > short - 0.05


@pytest.mark.parametrize("away", [False, True])
def test_speaks_for_everybody_with_a_profile(away: bool, tmp_path: Path) -> None:
    bought = [
        Bought(f"p{person}", "milk", day) for person in range(6) for day in range(100 + person, 330, 7 * (person + 1))
    ]
    everybody = [f"p{person}" for person in range(6)]
    past = EventHistory(DuckDBEngine(tmp_path), sources(bought, everybody), SETTINGS, NOW)
    told = shipped_prior(Doing(HORIZON, away=away), past, NOW)
    assert past.people.take(told.who).to_pylist() == everybody
    assert np.all((told.value > 0.0) & (told.value < 1.0))
    assert (np.diff(told.value[[0, 2, 4]]) > 0).all() == away
