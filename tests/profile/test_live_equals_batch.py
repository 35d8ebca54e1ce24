"""Live and batch are two computations of one declaration: they agree on every feature of any history."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.profile.worlds import DAY, MOMENT, PERSONS, World, engine, make_event, make_settings, worlds

from vocative.errors import ClockError
from vocative.profile.batch import build_features
from vocative.profile.history import Reference
from vocative.profile.live import LiveProfile
from vocative.profile.reference import reference
from vocative.profile.standard import STANDARD
from vocative.records.settings import Settings

NAMES = [feature.name for feature in STANDARD]


def batch_rows(world: World, rules: Settings, moment: int, folder: Path) -> dict[str, dict[str, float]]:
    table = build_features(engine(folder), world.sources(), rules, [moment])
    return {row["person_id"]: {name: row[name] for name in NAMES if row[name] is not None} for row in table.to_pylist()}


def live_rows(
    world: World, rules: Settings, moments: list[int], facts: Reference, random: Random
) -> dict[str, dict[str, float]]:
    """Each person's events in a random order, some twice, read in between, and stored and loaded on the way."""
    aliases = dict(world.aliases)
    found = {}
    for person in PERSONS:
        arriving = [event for event in world.events if world.person_of(event) == person] * 2
        random.shuffle(arriving)
        profile = LiveProfile(rules)
        stops = sorted(random.sample(range(len(arriving) + 1), min(len(moments) - 1, len(arriving) + 1)))
        for version in world.people:
            if aliases.get(f"user:{version['user_id']}", version["user_id"]) == person:
                profile.fold_person(version)
        for place, event in enumerate(arriving):
            if place in stops:
                profile.read(moments[stops.index(place)], facts)
                profile = LiveProfile(rules, content=profile.to_bytes())
            profile.fold(event)
        row = profile.read(moments[-1], facts)
        if row:
            found[person] = row
    return found


def assert_same(left: dict[str, dict[str, float]], right: dict[str, dict[str, float]]) -> None:
    assert left.keys() == right.keys()
    for person, row in left.items():
        assert row.keys() == right[person].keys()
        different = {
            name: (value, right[person][name])
            for name, value in row.items()
            if not math.isclose(value, right[person][name], rel_tol=1e-9, abs_tol=1e-6)
        }
        assert different == {}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    world=worlds(),
    history_days=st.sampled_from([730, 730, 365, 60]),
    seed=st.integers(0, 10_000),
    ahead=st.integers(0, 20 * DAY),
)
def test_live_equals_batch(world: World, history_days: int, seed: int, ahead: int, tmp_path: Path) -> None:
    rules = make_settings(history_days=history_days)
    moment = MOMENT + ahead
    facts = reference(engine(tmp_path), world.sources(), rules, moment)
    live = live_rows(world, rules, [MOMENT - 3 * DAY, MOMENT, moment], facts, Random(seed))
    assert_same(batch_rows(world, rules, moment, tmp_path), live)
