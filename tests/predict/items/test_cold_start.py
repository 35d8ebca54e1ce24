"""People without an act, and things without takers: what they declared, what many have when, and a turn for all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from msgspec import json

from tests.predict.planted import FIRST_DAY, NOW, SETTINGS, TODAY, Bought, sources
from tests.store import drivers
from vocative.predict.history.catalogue import catalogue_at
from vocative.predict.history.event_history import DAY_US, EventHistory, Integers
from vocative.predict.items.cold_items import MOST_UNTRIED, untried
from vocative.predict.items.cold_start import chances, declared_tastes, starting, welcome
from vocative.records.lake_tables import ITEMS, PEOPLE
from vocative.records.schema import Value
from vocative.records.settings import Settings
from vocative.store.arrow import rows_to_arrow

MORNING, EVENING = 8, 20
OLD: dict[str, Value] = {"version_id": "", "timestamp": 0, "known_at": 0, "doubts": "", "source": "test"}


def told(person: str, traits: object, at: int = NOW - 5 * DAY_US) -> dict[str, Value]:
    text = traits if isinstance(traits, str) else json.encode(traits).decode()
    return {**OLD, "version_id": f"{person} {at}", "timestamp": at, "known_at": at, "user_id": person, "traits": text}


def thing(name: str, category: str, **fields: Value) -> dict[str, Value]:
    return {**OLD, "version_id": name, "item_id": name, "category": category, **fields}


def past_of(
    root: Path, bought: list[Bought], people: list[dict[str, Value]], items: list[dict[str, Value]]
) -> EventHistory:
    allowed = sorted({one.person for one in bought} | {str(one["user_id"]) for one in people})
    tables = sources(bought, allowed)
    tables = replace(tables, people=rows_to_arrow(PEOPLE, people), items=rows_to_arrow(ITEMS, items))
    told_settings: Settings = SETTINGS
    return EventHistory(drivers.engine(root), tables, told_settings, NOW)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> EventHistory:
    """Coffee in the morning, tea in the evening, twice as many coffees; half of those who came lately began lately."""
    bought = []
    for number in range(40):
        first = 0 if number < 30 else TODAY - 20
        for day in range(first, TODAY, 5):
            bought.append(Bought(f"p{number:02}", f"coffee {number % 2}", day, MORNING))
            bought.append(Bought(f"p{number:02}", "tea 0", day, EVENING))
    fresh = NOW - 3 * DAY_US
    items = [
        *(thing(f"coffee {number}", "Coffee") for number in range(3)),
        *(thing(f"tea {number}", "Tea") for number in range(4)),
        *(
            thing(f"late {number}", ["Coffee", "Tea"][number % 2], timestamp=fresh, known_at=fresh)
            for number in range(6)
        ),
        thing("late, but gone", "Tea", timestamp=fresh, known_at=fresh, stock=0.0),
    ]
    people = [
        told("likes", {"likes": "TEA, nuts", "colour": "red"}),
        told("dislikes", {"dislikes": ["coffee"]}),
        told("says", {"category": ["Tea"]}),
        told("broken", "no JSON"),
        told("later", {"likes": "tea"}, NOW + DAY_US),
        *(told(f"silent {number}", {}) for number in range(5)),
    ]
    return past_of(tmp_path_factory.mktemp("newcomers"), bought, people, items)


def named(past: EventHistory, places: Integers) -> list[str]:
    return [str(one) for one in catalogue_at(past, NOW).items.take(places).to_pylist()]


def test_what_was_declared_is_read_as_it_was_known(past: EventHistory) -> None:
    people = ["likes", "dislikes", "says", "broken", "later", "silent 0"]
    found = declared_tastes(past, NOW, people)
    assert found["likes"] == {"likes": ["tea", "nuts"], "colour": ["red"]}
    assert found["dislikes"] == {"dislikes": ["coffee"]}
    assert found["says"] == {"category": ["Tea"]}
    assert not found.get("broken")
    assert "later" not in found
    assert set(declared_tastes(past, NOW, ["likes"])) == {"likes"}


def test_likes_come_first_and_dislikes_not_at_all(past: EventHistory) -> None:
    tea = welcome(past, NOW, {"likes": ["tea"]})
    assert named(past, tea.item[:1]) == ["tea 0"]
    assert tea.because[0] == "category: Tea"
    # It is eight in the morning, when nobody has tea: without the liking it would come last.
    assert named(past, welcome(past, NOW).item)[-1] == "tea 0"
    assert {"tea 1", "late 1"} <= set(named(past, tea.item)), "nobody had them, but the taste is known"
    assert welcome(past, NOW, {"category": "Tea"}).item.tolist() == tea.item.tolist()
    without = welcome(past, NOW, {"dislikes": "Coffee"})
    assert named(past, without.item) == ["tea 0"]
    everything = welcome(past, NOW, {"likes": ["tea"]}, length=99)
    assert "late, but gone" not in named(past, everything.item)


def test_the_hour_counts_where_the_list_is_looked_at_then(past: EventHistory) -> None:
    midnight = FIRST_DAY * DAY_US + TODAY * DAY_US
    morning = welcome(past, midnight + MORNING * DAY_US // 24)
    evening = welcome(past, midnight + EVENING * DAY_US // 24)
    assert named(past, morning.item[:1])[0].startswith("coffee")
    assert named(past, evening.item[:1]) == ["tea 0"]
    assert evening.now[0]
    later = welcome(past, midnight + EVENING * DAY_US // 24, by_hour=False)
    assert not later.now.any()


def test_the_chance_is_as_small_as_beginning_is_rare(past: EventHistory) -> None:
    begin, things = starting(past, NOW)
    # Ten of the twenty who had nothing four weeks ago have begun, drawn to one in twenty; each had two things.
    assert begin == pytest.approx(11 / 40)
    assert things == pytest.approx(2.0)
    chance = chances(welcome(past, NOW), (begin, things))
    assert 0.0 < chance.sum() < begin * things
    assert (chance < begin).all()


def test_old_data_has_lately_too(past: EventHistory) -> None:
    later = NOW + 100 * DAY_US
    assert named(past, welcome(past, later).item)
    assert starting(past, later) == pytest.approx(starting(past, NOW))


def test_everybody_new_in_the_catalogue_gets_a_turn(past: EventHistory) -> None:
    people = past.present(NOW)
    found = untried(past, NOW, people, np.random.default_rng(3))
    names = named(past, found.item)
    assert set(names) == {f"late {number}" for number in range(6)}
    assert np.bincount(found.who)[people].tolist() == [MOST_UNTRIED] * len(people)
    assert ((found.value > 0.0) & (found.value < 0.1)).all()
    again = untried(past, NOW, people, np.random.default_rng(3))
    assert again.item.tolist() == found.item.tolist()
    assert not len(untried(past, NOW - 4 * DAY_US, people, np.random.default_rng(3)).who)


def test_who_has_more_of_a_group_is_likelier_to_have_what_is_new_in_it(tmp_path: Path) -> None:
    bought = [Bought(f"p{who}", f"{'coffee' if who % 2 else 'tea'} {day % 3}", day, 9) for who in range(20)
              for day in range(0, TODAY, 20)]  # fmt: skip
    fresh = NOW - 3 * DAY_US
    items = [
        *(thing(f"{kind} {number}", kind) for kind in ("coffee", "tea") for number in range(4)),
        *(thing(f"late {kind}", kind, timestamp=fresh, known_at=fresh) for kind in ("coffee", "tea")),
    ]
    past = past_of(tmp_path, bought, [], items)
    found = untried(past, NOW, past.present(NOW), np.random.default_rng(3))
    names = np.array(named(past, found.item))
    coffee = np.array([int(str(one)[1:]) % 2 == 1 for one in past.people.to_pylist()])[found.who]
    fits = (names == "late coffee") == coffee
    assert found.value[fits].mean() > 1.5 * found.value[~fits].mean()
