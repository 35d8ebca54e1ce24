"""Affinities: what a person likes more than others do, and what they said themselves."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.profile.worlds import DAY, MOMENT, World, engine, make_event, make_item, make_person, make_settings
from vocative.profile.affinity import DECLARED, KEPT, build_affinities
from vocative.profile.declared import preferences
from vocative.records.schema import Row

CATEGORIES = {"i1": "bread", "i2": "tea", "i3": "cake", "i4": "wine"}


def catalogue() -> tuple[Row, ...]:
    return tuple(
        make_item(number, item_id=item, category=category, brand="own", attributes=f'{{"colour": "{item}"}}')
        for number, (item, category) in enumerate(CATEGORIES.items())
    )


def purchases(*bought: tuple[str, str, int]) -> tuple[Row, ...]:
    """Events of (person, item, how many times)."""
    return tuple(
        make_event(number, user_id=person, item_id=item, order_id=f"o{number}")
        for number, (person, item) in enumerate((person, item) for person, item, times in bought for _ in range(times))
    )


def found(world: World, folder: Path) -> dict[tuple[str, str], dict[str, float]]:
    table = build_affinities(engine(folder), world.sources(), make_settings(), MOMENT)
    return {(row["person_id"], row["value"]): row for row in table.to_pylist() if row["attribute"] == "category"}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(times=st.integers(2, 30), own=st.integers(2, 10))
def test_what_everybody_buys_has_no_affinity(times: int, own: int, tmp_path: Path) -> None:
    world = World(
        events=purchases(
            *((person, "i1", times) for person in ("ada", "bo", "cy")),
            ("ada", "i2", own),
            ("bo", "i3", own),
            ("cy", "i4", own),
        ),
        items=catalogue(),
    )
    rows = found(world, tmp_path)
    for person, special in (("ada", "tea"), ("bo", "cake"), ("cy", "wine")):
        assert rows[person, "bread"]["affinity"] == pytest.approx(0.0, abs=1e-6)
        assert 0.01 < rows[person, special]["affinity"] < math.log(3 * (times + own) / own)


def test_more_evidence_gives_a_stronger_affinity(tmp_path: Path) -> None:
    world = World(
        events=purchases(("ada", "i2", 2), ("bo", "i2", 20), ("cy", "i1", 40), ("cy", "i3", 40)), items=catalogue()
    )
    rows = found(world, tmp_path)
    assert 0 < rows["ada", "tea"]["affinity"] < rows["bo", "tea"]["affinity"]
    assert rows["ada", "tea"]["share"] == rows["bo", "tea"]["share"] == 1.0
    assert rows["bo", "tea"]["support"] == pytest.approx(20 * 0.5 ** (1 / 91), rel=1e-3)


def test_what_was_sent_back_does_not_count(tmp_path: Path) -> None:
    bought = purchases(("ada", "i1", 3), ("ada", "i2", 3), ("bo", "i1", 3))
    returned = tuple(make_event(100 + number, item_id="i2", quantity=-1.0, amount=-2.0) for number in range(3))
    rows = found(World(events=bought + returned, items=catalogue()), tmp_path)
    assert ("ada", "tea") not in rows
    assert ("ada", "bread") in rows


def test_looks_weigh_less_than_purchases(tmp_path: Path) -> None:
    viewed = tuple(make_event(number, event="did_view", item_id="i2") for number in range(20))
    bought = tuple(make_event(50 + number, item_id="i1") for number in range(2))
    rows = found(World(events=viewed + bought, items=catalogue()), tmp_path)
    assert rows["ada", "tea"]["support"] == pytest.approx(rows["ada", "bread"]["support"], rel=1e-6)


def test_other_attributes_of_items_count_too(tmp_path: Path) -> None:
    broken = make_item(9, item_id="i9", category="tea", attributes="{not json")
    world = World(events=purchases(("ada", "i1", 3), ("ada", "i9", 3), ("bo", "i2", 3)), items=(*catalogue(), broken))
    rows = build_affinities(engine(tmp_path), world.sources(), make_settings(), MOMENT).to_pylist()
    assert {(row["person_id"], row["value"]) for row in rows if row["attribute"] == "colour"} == {
        ("ada", "i1"),
        ("bo", "i2"),
    }


def test_what_people_said_beats_what_they_did(tmp_path: Path) -> None:
    world = World(
        events=purchases(("ada", "i2", 20), ("bo", "i1", 20)),
        items=catalogue(),
        people=(
            make_person(1, traits='{"likes": ["Wine"]}', timestamp=MOMENT - 9 * DAY),
            make_person(2, traits='{"likes": ["Cake", "unheard of"], "dislikes": ["TEA"]}'),
            make_person(3, user_id="bo", traits="{not json, likes}"),
            make_person(4, user_id="bo", traits='{"likes": ["cake"]}', timestamp=MOMENT, known_at=MOMENT),
        ),
    )
    rows = found(world, tmp_path)
    assert rows["ada", "cake"]["affinity"] == DECLARED
    assert rows["ada", "cake"]["support"] == 0.0
    assert rows["ada", "tea"]["affinity"] == -DECLARED
    assert rows["ada", "tea"]["share"] == 1.0
    assert ("ada", "wine") not in rows  # an older version
    assert ("bo", "cake") not in rows  # said later


def test_what_was_said_holds_until_events_of_that_time_are_no_longer_read(tmp_path: Path) -> None:
    def told(days: int) -> World:
        said = make_person(1, traits='{"likes": ["Cake"], "dislikes": ["Bread"]}', timestamp=MOMENT - days * DAY)
        return World(events=purchases(("ada", "i1", 20), ("bo", "i2", 20)), items=catalogue(), people=(said,))

    assert found(told(729), tmp_path)["ada", "cake"]["affinity"] == DECLARED
    assert found(told(729), tmp_path)["ada", "bread"]["affinity"] == -DECLARED
    long_ago = found(told(732), tmp_path)
    assert ("ada", "cake") not in long_ago
    assert long_ago["ada", "bread"]["affinity"] > 0


def test_the_values_of_a_list_share_an_act_and_each_is_backed_by_the_whole_of_it(tmp_path: Path) -> None:
    colours = {
        "i1": '["red", "blue", "red", ""]', "i2": '"red"', "i3": "[]", "i4": '[null, "green"]', "i5": '"blue"',
    }  # fmt: skip
    items = tuple(
        make_item(number, item_id=item, attributes=f'{{"colour": {text}}}')
        for number, (item, text) in enumerate(colours.items())
    )
    bought = purchases(("ada", "i1", 4), ("ada", "i3", 3), ("ada", "i4", 4), ("bo", "i2", 4), ("bo", "i5", 4))
    table = build_affinities(engine(tmp_path), World(events=bought, items=items).sources(), make_settings(), MOMENT)
    rows = {(row["person_id"], row["value"]): row for row in table.to_pylist() if row["attribute"] == "colour"}
    assert set(rows) == {("ada", "red"), ("ada", "blue"), ("ada", "green"), ("bo", "red"), ("bo", "blue")}
    shares = {value: rows["ada", value]["share"] for value in ("red", "blue", "green")}
    assert shares == pytest.approx({"red": 0.25, "blue": 0.25, "green": 0.5})
    units = rows["bo", "red"]["support"]
    assert [rows["ada", value]["support"] for value in shares] == pytest.approx([units] * 3)
    assert rows["ada", "green"]["affinity"] > 0 > rows["ada", "red"]["affinity"]


def test_what_is_said_of_one_value_of_a_list_is_said_of_it_alone(tmp_path: Path) -> None:
    items = (make_item(1, item_id="i1", attributes='{"colour": ["red", "blue"]}'),)
    said = make_person(1, traits='{"dislikes": ["Red"]}')
    world = World(events=purchases(("ada", "i1", 4)), items=items, people=(said,))
    table = build_affinities(engine(tmp_path), world.sources(), make_settings(), MOMENT)
    rows = {row["value"]: row["affinity"] for row in table.to_pylist() if row["attribute"] == "colour"}
    assert rows["red"] == -DECLARED
    assert rows["blue"] > -1.0


def test_a_gift_marked_later_loses_its_influence_at_the_next_refresh(tmp_path: Path) -> None:
    bought = purchases(("ada", "i1", 3), ("ada", "i4", 6), ("bo", "i2", 9))
    before = found(World(events=bought, items=catalogue()), tmp_path)
    assert before["ada", "wine"]["share"] == pytest.approx(6 / 9)
    marked = tuple({**event, "not_me": event["item_id"] == "i4"} for event in bought)
    after = found(World(events=marked, items=catalogue()), tmp_path)
    never = tuple(event for event in bought if event["item_id"] != "i4")
    assert after == found(World(events=never, items=catalogue()), tmp_path)
    assert ("ada", "wine") not in after


@given(st.text())
def test_any_text_may_stand_in_traits(text: str) -> None:
    assert all(isinstance(word, str) for word, _ in preferences(text))


def test_at_most_fifty_values_a_person(tmp_path: Path) -> None:
    items = tuple(make_item(number, item_id=f"n{number}", category=f"c{number}") for number in range(70))
    events = tuple(make_event(number, item_id=f"n{number % 70}") for number in range(210))
    rows = found(World(events=events, items=items), tmp_path)
    assert len(rows) == KEPT


def test_no_attributes_no_affinities(tmp_path: Path) -> None:
    rules = make_settings()
    none = msgspec.structs.replace(rules, features=msgspec.structs.replace(rules.features, affinities=[]))
    world = World(events=purchases(("ada", "i1", 3)), items=catalogue())
    assert build_affinities(engine(tmp_path), world.sources(), none, MOMENT).num_rows == 0
