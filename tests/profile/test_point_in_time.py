"""A row is a function of what was known before its moment, and of permitted people only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.profile.test_live_equals_batch import busy_world
from tests.profile.worlds import (
    DAY,
    MOMENT,
    PERSONS,
    World,
    engine,
    events,
    items,
    make_event,
    make_settings,
    people,
    worlds,
)
from vocative.facts.grain import Grain
from vocative.facts.people import KNOWN
from vocative.facts.scope import Scope
from vocative.profile.affinity import build_affinities
from vocative.profile.batch import build_features
from vocative.profile.feature import Feature
from vocative.profile.history import History
from vocative.profile.leakage import find_leaks
from vocative.profile.standard.standard import STANDARD
from vocative.records.schema import Row

Build = Callable[[World], list[dict[str, object]]]


def both(folder: Path) -> tuple[Build, Build]:
    rules = make_settings()
    return (
        lambda world: build_features(engine(folder), world.sources(), rules, [MOMENT]).to_pylist(),
        lambda world: build_affinities(engine(folder), world.sources(), rules, MOMENT).to_pylist(),
    )


def past(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    return tuple(row for row in rows if known(row) < MOMENT)


def known(row: Row) -> int:
    return max(int(str(row["timestamp"])), int(str(row["known_at"])))


def to_future(rows: tuple[Row, ...], key: str) -> tuple[Row, ...]:
    """Rows that happened at or after the moment, or were only learnt then."""
    return tuple(
        {**row, key: "future-" + str(row[key]), "known_at": max(int(str(row["known_at"])), MOMENT + place * DAY)}
        for place, row in enumerate(rows)
    )


def close(left: list[dict[str, object]], right: list[dict[str, object]]) -> bool:
    return len(left) == len(right) and all(
        a.keys() == b.keys() and all(same(a[name], b[name]) for name in a) for a, b in zip(left, right, strict=True)
    )


def same(left: object, right: object) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return abs(left - right) <= 1e-9 * max(1.0, abs(left))
    return left == right


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), more=st.tuples(events(), people(), items()))
def test_the_future_changes_no_row(
    world: World, more: tuple[tuple[Row, ...], tuple[Row, ...], tuple[Row, ...]], tmp_path: Path
) -> None:
    before = world.but(events=past(world.events), people=past(world.people), items=past(world.items))
    other = before.but(
        events=before.events + to_future(more[0], "message_id"),
        people=before.people + to_future(more[1], "version_id"),
        items=before.items + to_future(more[2], "version_id"),
    )
    for build in both(tmp_path):
        # The world itself holds another future than `other` does, and `before` holds none.
        assert close(build(before), build(world))
        assert close(build(before), build(other))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), allowed=st.sets(st.sampled_from(PERSONS)))
def test_only_permitted_people_have_rows_and_influence(world: World, allowed: set[str], tmp_path: Path) -> None:
    asked = replace(world, allowed=tuple(sorted(allowed)))
    alone = asked.but(
        events=[event for event in world.events if world.person_of(event) in allowed],
        people=[row for row in world.people if world.owner(row) in allowed],
    )
    for build in both(tmp_path):
        rows = build(asked)
        assert {row["person_id"] for row in rows} <= allowed
        assert close(rows, build(alone))


def test_no_standard_feature_leaks(tmp_path: Path) -> None:
    assert find_leaks(engine(tmp_path), busy_world(4).sources(), make_settings(), MOMENT - 100 * DAY) == []


@dataclass(frozen=True, slots=True, kw_only=True)
class Careless(Feature):
    """The number of events, whenever they happened."""

    grain: ClassVar[Grain] = Grain(
        "careless",
        lambda _: "SELECT known.who, events.amount FROM events JOIN known ON known.person_id = events.user_id",
        (KNOWN,),
    )

    def sql(self, scope: Scope) -> str:
        return "count(*)"

    def read(self, history: History) -> float | None:
        return None


def test_a_planted_leak_is_found(tmp_path: Path) -> None:
    careless = Careless(name="careless", meaning="it looks ahead", unit="count")
    leaks = find_leaks(
        engine(tmp_path), busy_world(5).sources(), make_settings(), MOMENT, features=(*STANDARD, careless)
    )
    assert {leak.feature for leak in leaks} == {"careless"}
    assert {leak.person_id for leak in leaks} == set(PERSONS)
    assert all((leak.after or 0) > (leak.before or 0) for leak in leaks)


def test_a_leak_through_the_moment_itself_is_found(tmp_path: Path) -> None:
    """What is known exactly at the moment was not known before it."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Inclusive(Careless):
        """Counts up to and including the moment."""

        grain: ClassVar[Grain] = Grain(
            "inclusive",
            lambda scope: (
                f"""SELECT known.who FROM events JOIN known ON known.person_id = events.user_id
WHERE epoch_us(timestamp) <= {scope.moment} AND epoch_us(known_at) <= {scope.moment}"""
            ),
            (KNOWN,),
        )

    features = (Inclusive(name="inclusive", meaning="one step too far", unit="count"),)
    leaks = find_leaks(engine(tmp_path), busy_world(5).sources(), make_settings(), MOMENT, features=features)
    assert {leak.feature for leak in leaks} == {"inclusive"}


def test_identities_decide_whose_events_count(tmp_path: Path) -> None:
    world = World(
        events=(
            make_event(1, user_id="ada"),
            make_event(2, user_id="ada-old"),
            make_event(3, user_id=None, anonymous_id="phone"),
            make_event(4, user_id=None, anonymous_id="stranger"),
            make_event(5, user_id="bo", anonymous_id="phone"),
        ),
        aliases=(("user:ada-old", "ada"), ("anonymous:phone", "ada")),
    )
    rows = build_features(engine(tmp_path), world.sources(), make_settings(), [MOMENT]).to_pylist()
    assert {row["person_id"]: row["units_7d"] for row in rows} == {"ada": 3.0, "bo": 1.0}


def test_an_empty_business_has_no_rows(tmp_path: Path) -> None:
    table = build_features(engine(tmp_path), World().sources(), make_settings(), [MOMENT])
    assert table.num_rows == 0
    assert table.schema.field("money_28d").type == pa.float64()
