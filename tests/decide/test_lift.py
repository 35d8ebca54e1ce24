"""What is named first where a campaign names what a person wants more than others do."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.decide.builders import NOW, personal, recipient, settings, target
from vocative.decide.planning import Plan, decide_all
from vocative.decide.value.lift import by_lift, usual_chances
from vocative.records.acting import Target
from vocative.records.settings import Campaign

WORDS = frozenset({"Milk", "Figs", "Tea", "Eggs"})
OTHERS = {f"o{number}": [target("Milk", probability=0.9), target("Figs", probability=0.1)] for number in range(8)}


def named(what: Campaign, mine: Sequence[Target]) -> list[str]:
    """What the message of one person among many names, in its order."""
    made = Plan(run_id="r", now=NOW, settings=settings(), campaigns=[what], wordings={"en": WORDS})
    people = [recipient(one) for one in ("p", *OTHERS)]
    found = decide_all(made, people, {"p": mine, **OTHERS}, [], {}).decisions[0]
    assert found.chosen is not None
    return [one.target for one in found.chosen.targets]


def test_what_all_buy_gives_way_to_what_this_person_wants() -> None:
    mine = [target("Milk", probability=0.9), target("Figs", probability=0.6)]
    assert named(personal(), mine) == ["Milk", "Figs"]
    assert named(personal(order="lift"), mine) == ["Figs", "Milk"]


def test_what_is_not_probable_enough_is_not_named_however_high_its_lift() -> None:
    mine = [target("Milk", probability=0.9), target("Tea", probability=0.3)]
    assert named(personal(order="lift", least_probability=0.5), mine) == ["Milk"]


def test_categories_are_compared_with_the_likeliest_of_their_items_in_everybody() -> None:
    mine = [target("m1", category="Milk", probability=0.9), target("f1", category="Figs", probability=0.6)]
    every = {"a": mine, "b": [target("m2", category="Milk", probability=0.7)]}
    what = personal("reminder", order="lift")
    assert usual_chances([what, personal("likeliest")], every) == {"reminder": {"Milk": 0.8, "Figs": 0.3}}


def test_what_rides_along_keeps_its_place() -> None:
    due = [target("Milk", probability=0.9), replace(target("New", probability=0.01), rides=True), target("Figs")]
    assert [one.target for one in by_lift(due, {"Milk": 0.8, "Figs": 0.1})] == ["Figs", "New", "Milk"]


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=6))
def test_nothing_is_lost_and_equal_things_keep_the_order_of_their_names(chances: list[float]) -> None:
    due = [target(f"t{place}", probability=chance) for place, chance in enumerate(chances)]
    found = by_lift(due, {one.target: one.probability for one in due})
    assert [one.target for one in found] == sorted(one.target for one in due)
