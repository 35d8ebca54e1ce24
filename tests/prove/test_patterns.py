"""Found patterns: what was planted is found, noise is not, and the figures are right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.prove.pattern_worlds import FIRST_DAY, NOW, SETTINGS, TASTES, Planted, world
from vocative.line.understand.pattern_words import measured, sentence
from vocative.predict.history.event_history import DAY_US, Past
from vocative.predict.patterns.mining import Candidate, trial_of
from vocative.prove.patterns import find_patterns, split
from vocative.prove.patterns_testing import Proof, put_to_test, tail
from vocative.records.patterns import Goal, Patterns
from vocative.stats.holm import holm
from vocative.store.adapters.duckdb_engine import DuckDBEngine

GOAL = Goal(deed="act", days=28)


def searched(folder: Path, seed: int, people: int, planted: Planted | None = None, now: int = NOW) -> Patterns:
    past = Past(DuckDBEngine(folder / "spill", threads=1), world(seed, people, planted), SETTINGS, now)
    return find_patterns(past, measured(), TASTES, "buying", np.random.default_rng(seed))


def test_what_was_planted_is_found_with_its_size_and_told_as_an_association(tmp_path: Path) -> None:
    found = searched(tmp_path, 3, 600, Planted(buys_after=0.35))
    (soon,) = (
        one
        for one in found.found
        if one.goal == Goal(deed="act", days=3) and [clause.name for clause in one.clauses] == ["active_evening_share"]
    )
    assert 0.3 < soon.rate < 0.65
    assert soon.low < soon.rate - soon.others < soon.high
    assert soon.low > 0.05
    assert soon.rate > soon.alike > 0.05
    assert 100 < soon.people < 260
    assert len(found.found) <= 10
    told = sentence(soon, SETTINGS, {}, NOW)
    assert told.startswith("Of those who come in the evening (18:00 to midnight) for ")
    assert "% buy within 3 days of a Friday; of the others" in told
    assert told.endswith(f"Association, {soon.people} people.")


def test_where_everything_rests_on_how_often_people_come_nothing_is_found(tmp_path: Path) -> None:
    found = searched(tmp_path, 11, 400)
    assert found.found == []
    assert found.looked_at > 5_000
    assert found.tested > 200
    assert found.people == 400


def test_too_few_people_or_days_are_told_with_what_would_be_needed(tmp_path: Path) -> None:
    few = searched(tmp_path, 1, 90)
    assert few.found == []
    assert "200 are needed" in few.why


def test_where_no_data_came_for_months_the_search_ends_without_a_pattern(tmp_path: Path) -> None:
    for days in (95, 200):
        assert searched(tmp_path, 3, 400, Planted(buys_after=0.35), NOW + days * DAY_US).found == []


def rows(random: np.random.Generator, people: int, moments: int, effect: float = 0.0) -> tuple[Proof, Proof]:
    """People with a lasting rate of their own; of a third of them (for ever) the clause holds."""
    own, holds = random.normal(0, 1, people), random.random(people) < 1 / 3
    who = np.tile(np.arange(people), moments)
    chance = 1 / (1 + np.exp(1.5 - own[who] - effect * holds[who]))
    came = (random.random(len(who)) < chance).astype(np.float64)
    stood = [(own + random.normal(0, 1, people))[:, None] for _ in range(moments)]
    whole = Proof.of(trial_of(GOAL, who, holds[who][:, None], came, stood))
    late = who.size - people
    newer = trial_of(GOAL, who[late:], holds[who[late:]][:, None], came[late:], stood[-1:])
    return whole, Proof.of(newer)


def test_the_chances_of_patterns_that_are_none_are_what_they_say() -> None:
    random = np.random.default_rng(5)
    chances = np.array([put_to_test(*rows(random, 300, 4), Candidate(GOAL, (0,)), 50).p for _ in range(400)])
    assert 0.02 < (chances < 0.05).mean() < 0.08
    assert (chances < 0.01).mean() < 0.025


def test_an_effect_is_found_worth_telling_and_a_tiny_group_is_not_tested() -> None:
    random = np.random.default_rng(6)
    tested = put_to_test(*rows(random, 600, 4, effect=1.0), Candidate(GOAL, (0,)), 50)
    assert tested.p < 1e-6
    assert tested.worth
    assert tested.rate > tested.alike + 0.1
    none = put_to_test(*rows(random, 100, 4, effect=1.0), Candidate(GOAL, (0,)), 50)
    assert not none.enough
    assert none.p == 1.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_correction_never_lowers_a_chance_and_keeps_their_order(chances: list[float]) -> None:
    corrected = holm(chances)
    assert (corrected >= np.minimum(chances, 1.0) - 1e-12).all()
    assert (np.diff(corrected[np.argsort(chances, kind="stable")]) >= 0).all()
    assert corrected.min() == pytest.approx(min(1.0, min(chances) * len(chances)))


@given(st.floats(-3, 6), st.floats(0, 1.5))
def test_a_longer_tail_makes_what_is_far_likelier(strength: float, skew: float) -> None:
    assert 0.0 <= tail(strength, skew) <= 1.0
    if strength > 2:
        assert tail(strength, skew) >= tail(strength, 0.0) - 1e-9


@given(st.integers(1, 8), st.integers(1, 90))
def test_what_follows_older_moments_is_over_before_the_newer_begin(count: int, days: int) -> None:
    now = FIRST_DAY * DAY_US
    moments = [now - 28 * place * DAY_US for place in range(1, count + 1)]
    older, newer = split(moments, days, now)
    assert bool(older) == bool(newer)
    for one in newer:
        assert one + days * DAY_US <= now
        assert all(before + days * DAY_US <= one for before in older)
