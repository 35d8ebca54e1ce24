"""Micro-segments: planted groups are found and named, sizes hold, names of people play no part."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.segment.worlds import PLANTED, WORDS, Group, World, renamed, world
from vocative.segment.cards import movements
from vocative.segment.discover import Discovered, assign, discover
from vocative.segment.naming import names_of
from vocative.segment.stability import adjusted_rand, best_matches
from vocative.segment.traits import Describer, Trait

REST = Group("rest", 200, {}, {})


def found_in(made: World, *, minimum: int = 50, most: int = 12) -> tuple[Discovered, dict[str, str]]:
    everybody = made.population()
    found = discover(everybody, set(WORDS), most=most, minimum=minimum, seed=1)
    assert found is not None
    labels = assign(found, everybody, minimum)
    return found, dict(zip(everybody.people, labels.astype(str).tolist(), strict=True))


def names(made: World, found: Discovered, labels: dict[str, str]) -> dict[str, str]:
    everybody = made.population()
    describer = Describer(found.description, everybody, WORDS, "EUR")
    groups = sorted(set(labels.values()))
    traits = [describer.traits(np.array([labels[one] == group for one in everybody.people])) for group in groups]
    return dict(zip(groups, names_of(traits, describer.called, "shoppers"), strict=True))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_groups_are_found_and_named_by_what_was_planted(seed: int) -> None:
    made = world((*PLANTED, REST), seed=seed)
    found, labels = found_in(made)
    planted = {person: group for person, group in made.truth.items() if group != "rest"}
    matches = best_matches(planted, labels)
    assert all(alike > 0.9 for _, alike in matches.values()), matches
    called = names(made, found, labels)
    assert called[matches["evening"][0]] == "Evening shoppers who love coffee"
    assert "love bread" in called[matches["weekend"][0]]
    assert called[matches["weekend"][0]].startswith(("Weekend", "Big-basket"))
    assert called[matches["offers"][0]] == "Offer-minded shoppers who love milk"
    assert len(set(called.values())) == len(called)


def test_groups_that_share_each_of_their_traits_with_another_are_told_apart() -> None:
    crossed = tuple(
        Group(f"{hour}-{drink}", 120, {f"active_{hour}_share": 4.0}, {drink: 6.0})
        for hour in ("morning", "evening")
        for drink in ("COFFEE", "TEA")
    )
    made = world(crossed)
    _, labels = found_in(made)
    assert adjusted_rand([labels[one] for one in sorted(labels)], [made.truth[one] for one in sorted(labels)]) > 0.85


def test_where_there_are_no_groups_none_are_found() -> None:
    made = world((Group("all", 400, {}, {}),))
    assert discover(made.population(), set(WORDS), most=12, minimum=50, seed=1) is None


def test_too_few_people_make_no_segments() -> None:
    made = world((Group("few", 60, {}, {}),))
    assert discover(made.population(), set(WORDS), most=12, minimum=50, seed=1) is None


@given(st.integers(2, 150), st.integers(2, 16))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_none_is_below_the_minimum_size_nor_are_there_too_many(minimum: int, most: int) -> None:
    made = world((*PLANTED, REST))
    everybody = made.population()
    found = discover(everybody, set(WORDS), most=most, minimum=minimum, seed=1)
    if found is not None:
        sizes = np.bincount(assign(found, everybody, minimum))
        assert sizes[sizes > 0].min() >= minimum
        assert len(found.centres) <= most


def test_a_segment_that_has_become_too_small_joins_its_neighbour_on_the_day() -> None:
    found, _ = found_in(world((*PLANTED, REST)))
    evening, *others = PLANTED
    few = Group(evening.name, 20, evening.habits, evening.tastes)
    sizes = np.bincount(assign(found, world((few, *others, REST), seed=5).population(), 50))
    assert sizes[sizes > 0].min() >= 50
    assert sizes.sum() == 20 + 2 * 120 + 200


def test_neither_names_nor_order_of_people_change_a_division() -> None:
    made = world((*PLANTED, REST))
    _, labels = found_in(made)
    _, other = found_in(renamed(made, "somebody"))
    names_now = {person: f"somebody{place:05d}" for place, person in enumerate(sorted(made.truth, reverse=True))}
    together = sorted(labels)
    assert adjusted_rand([labels[one] for one in together], [other[names_now[one]] for one in together]) == 1.0


def test_the_same_data_gives_the_same_segments_and_stability_one() -> None:
    made = world()
    first, labels = found_in(made)
    again, same = found_in(made)
    assert msgspec.json.encode(first) == msgspec.json.encode(again)
    assert {alike for _, alike in best_matches(labels, same).values()} == {1.0}


def test_what_is_kept_holds_no_identifier_and_assigns_after_being_read_back() -> None:
    made = world(prefix="customer")
    found, labels = found_in(made)
    text = msgspec.json.encode(found)
    assert b"customer" not in text
    back = msgspec.json.decode(text, type=Discovered)
    everybody = made.population()
    assert assign(back, everybody, 50).astype(str).tolist() == [labels[one] for one in everybody.people]


def test_people_never_seen_are_assigned_to_their_group() -> None:
    made = world((*PLANTED, REST))
    found, labels = found_in(made)
    fresh = world((*PLANTED, REST), seed=9, prefix="new")
    everybody = fresh.population()
    later = dict(zip(everybody.people, assign(found, everybody, 1).astype(str).tolist(), strict=True))
    planted_now, planted_later = (
        {group: best_matches({p: g for p, g in one.truth.items() if g == group}, where)[group][0]
         for group in ("evening", "weekend", "offers")}
        for one, where in ((made, labels), (fresh, later))
    )  # fmt: skip
    assert planted_now == planted_later


def test_a_category_without_words_plays_no_part_and_is_never_named() -> None:
    made = world((Group("parents", 150, {"active_morning_share": 4.0}, {"BABY FOODS": 9.0}), *PLANTED))
    found, labels = found_in(made)
    assert not any("BABY" in taste.key for taste in found.description.tastes)
    assert not any("baby" in name.lower() for name in names(made, found, labels).values())


def trait(name: str, effect: float) -> Trait:
    return Trait(trait=name, here=0.5, everybody=0.2, effect=effect, words="")


def test_groups_with_the_same_traits_get_different_names() -> None:
    same = [trait("active_evening_share", 1.0), trait("category:COFFEE", 0.9)]
    more = [*same, trait("order_money_mean", 0.5)]
    found = names_of([same, more, same, same], lambda _: "coffee", "shoppers")
    assert found[0] == "Evening shoppers who love coffee"
    assert found[1] == "Evening shoppers who love coffee and fill large baskets"
    assert len(set(found)) == 4


def test_a_name_does_not_say_the_same_hour_twice_and_no_dislike() -> None:
    hours = [trait("active_evening_share", 1.0), trait("active_morning_share", 0.9), trait("category:TEA", -2.0)]
    assert names_of([hours, []], lambda _: "tea", "people") == ["Evening people", "People much like everybody"]


def test_movements_add_up_and_few_people_are_not_told() -> None:
    now = {str(place): "a" if place < 30 else "b" for place in range(60)}
    before = {str(place): "a" if place < 20 or place >= 57 else "b" for place in range(59)}
    moved = movements(now, before)
    assert moved["a"].stayed == 20
    assert moved["a"].came == {"b": 10}
    assert moved["a"].went == {}
    assert moved["b"].came == {}
    assert moved["b"].went == {"a": 10}
