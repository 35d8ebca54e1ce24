"""Live and batch are two computations of one declaration: they agree on every feature of any history."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.profile.worlds import (
    DAY,
    HOUR,
    ITEM_IDS,
    MOMENT,
    PERSONS,
    World,
    engine,
    make_event,
    make_item,
    make_person,
    make_settings,
    worlds,
)
from vocative.errors import ClockError
from vocative.facts.scope import ROLES
from vocative.profile.batch import build_features
from vocative.profile.history import Reference
from vocative.profile.live import LiveProfile
from vocative.profile.reference import reference
from vocative.profile.standard.standard import STANDARD
from vocative.records.settings import Settings

NAMES = [feature.name for feature in STANDARD]
Rows = dict[str, dict[str, float]]


def batch_rows(world: World, rules: Settings, moment: int, folder: Path) -> Rows:
    table = build_features(engine(folder), world.sources(), rules, [moment])
    return {row["person_id"]: {name: row[name] for name in NAMES if row[name] is not None} for row in table.to_pylist()}


def live_rows(world: World, rules: Settings, moments: list[int], facts: Reference, random: Random) -> Rows:
    """Each person's events in a random order, some twice, read in between, and stored and loaded on the way."""
    found = {}
    for person in PERSONS:
        arriving = [event for event in world.events if world.person_of(event) == person] * 2
        random.shuffle(arriving)
        profile = LiveProfile(rules)
        stops = sorted(random.sample(range(len(arriving) + 1), min(len(moments) - 1, len(arriving) + 1)))
        for version in world.people:
            if world.owner(version) == person:
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


def assert_same(left: Rows, right: Rows) -> None:
    assert left.keys() == right.keys()
    for person, row in left.items():
        assert row.keys() == right[person].keys()
        different = {
            name: (value, right[person][name])
            for name, value in row.items()
            if not math.isclose(value, right[person][name], rel_tol=1e-9, abs_tol=1e-6)
        }
        assert different == {}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def busy_world(seed: int) -> World:
    """Two years of three lively people: dense enough for every feature to have something to say."""
    random = Random(seed)
    events = []
    for number in range(3_000):
        role = random.choice([*ROLES, "purchase", "purchase", "purchase", "sent", "view"])
        at = MOMENT - int(random.expovariate(1 / 120) * DAY) - random.randrange(HOUR)
        events.append(
            make_event(
                number,
                timestamp=at,
                known_at=at + random.choice([0, 0, 5 * DAY]),
                event=f"did_{role}",
                user_id=random.choice(PERSONS),
                order_id=random.choice([None, f"o{number // 12}"]),
                item_id=random.choice([None, *ITEM_IDS, *(f"x{other}" for other in range(40))]),
                quantity=random.choice([None, 1.0, 2.0, 0.5, -1.0]),
                amount=round(random.uniform(0, 40), 2),
                discount=random.choice([None, 0.0, round(random.uniform(0, 9), 2)]),
                duration=random.uniform(0, 1_500),
                channel=random.choice(["email", "sms", "push", "web"]),
            )
        )
    return World(
        events=tuple(events),
        people=(
            make_person(1, timezone="Asia/Kathmandu", timestamp=MOMENT - 900 * DAY, known_at=MOMENT - 900 * DAY),
            make_person(2, timezone="America/New_York", timestamp=MOMENT - 3 * DAY, known_at=MOMENT - 3 * DAY),
            make_person(3, user_id="bo", timezone="Australia/Lord_Howe"),
        ),
        items=tuple(
            make_item(number, item_id=item, category=f"c{number % 5}", brand=f"b{number % 3}")
            for number, item in enumerate([*ITEM_IDS, *(f"x{other}" for other in range(40))])
        ),
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_every_feature_of_a_busy_world_is_equal_and_says_something(seed: int, tmp_path: Path) -> None:
    world, rules = busy_world(seed), make_settings()
    facts = reference(engine(tmp_path), world.sources(), rules, MOMENT)
    batch = batch_rows(world, rules, MOMENT, tmp_path)
    assert_same(batch, live_rows(world, rules, [MOMENT - 30 * DAY, MOMENT], facts, Random(seed)))
    silent = [name for name in NAMES if not any(row.get(name) for row in batch.values())]
    assert silent == []


def test_several_moments_give_the_rows_of_each(tmp_path: Path) -> None:
    world, rules = busy_world(3), make_settings()
    moments = [MOMENT - 200 * DAY, MOMENT]
    together = build_features(engine(tmp_path), world.sources(), rules, moments)
    apart = [build_features(engine(tmp_path), world.sources(), rules, [moment]) for moment in moments]
    assert together.num_rows == 6
    assert together.to_pylist() == [row for table in apart for row in table.to_pylist()]
    assert build_features(engine(tmp_path), world.sources(), rules, []).schema == together.schema


def test_a_change_of_zone_moves_all_hours() -> None:
    rules = make_settings()
    profile = LiveProfile(rules)
    at = MOMENT - 5 * DAY
    profile.fold(make_event(1, timestamp=at, known_at=at))
    facts = Reference(moment=MOMENT)
    kyiv = profile.read(MOMENT, facts)["purchase_peak_hour"]
    profile.fold_person(make_person(1, timezone="America/New_York"))
    assert (kyiv - profile.read(MOMENT, facts)["purchase_peak_hour"]) % 24 == 6


def test_a_live_profile_does_not_go_back_in_time() -> None:
    profile = LiveProfile(make_settings())
    profile.read(MOMENT, Reference(moment=MOMENT))
    with pytest.raises(ClockError, match="build_features"):
        profile.read(MOMENT - 1, Reference(moment=MOMENT))


def test_fold_says_whether_the_event_counts() -> None:
    profile = LiveProfile(make_settings())
    assert profile.fold(make_event(1))
    assert not profile.fold(make_event(1))
    assert not profile.fold(make_event(2, event="nothing_known"))
    assert not profile.fold(make_event(3, not_me=True))
    assert not profile.fold(make_event(4, doubts="row:too_many_orders"))
    with pytest.raises(TypeError, match="microseconds"):
        profile.fold(make_event(5, timestamp="2026-01-01"))
    with pytest.raises(TypeError, match="microseconds"):
        profile.fold_person(make_person(5, timezone="UTC", timestamp="2026-01-01"))


def test_what_is_too_old_is_forgotten_in_the_bytes_too() -> None:
    profile = LiveProfile(make_settings(history_days=30))
    for number in range(50):
        profile.fold(make_event(number, timestamp=MOMENT - 20 * DAY, known_at=MOMENT - 20 * DAY, item_id=f"i{number}"))
    facts = Reference(moment=MOMENT)
    assert profile.read(MOMENT, facts)["items_28d"] == 50
    full = len(profile.to_bytes())
    assert profile.read(MOMENT + 40 * DAY, facts) == {}
    assert len(profile.to_bytes()) < full / 5
