"""What decisions keep of lists: places, riders that are no reason to write, and shares that hold over many people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decide.builders import NOW, personal, recipient, target
from vocative.decide.eligibility.caps import ContactLoad
from vocative.decide.value.fitting import MOST_TARGETS, fit
from vocative.line.act.list_targets import arranged
from vocative.records.acting import Offer, Target
from vocative.records.lists import Lists

CAMPAIGN = personal("discover", module="next_items", about="item", least_probability=0.3, least_support=0)
PLAIN = Lists(diversity=0.0, discovery=0.0, exploration=0.0)


def thing(name: str, probability: float, support: float = 5.0, category: str = "", **fields: object) -> Target:
    return target(name, module="next_items", probability=probability, support=support, category=category, **fields)


def told(targets: list[Target], held: tuple[Offer, ...] = (), **fields: object) -> list[str]:
    campaign = personal("discover", **{"module": "next_items", "about": "item", "least_support": 0, **fields})
    return [one.target for one in fit(campaign, recipient(), targets, held, (), ContactLoad(), NOW).targets]


def test_who_asked_for_more_that_is_new_gets_it_instead_of_what_holds_for_all() -> None:
    mine = [
        *(thing(f"had{place}", 0.9 - place / 10, 3.0) for place in range(3)),
        *(thing(f"new{place}", 0.1 - place / 100, 0.0) for place in range(3)),
    ]
    people = {"keen": mine, "calm": mine, "silent": mine}
    own = {"keen": 1.0, "calm": 0.0}
    wish = Lists(diversity=0.0, discovery=1 / 3, exploration=0.0)
    found = arranged(people, {}, ("next_items",), wish, ("1", "day"), own)
    new = {one: sum(thing.target[:3] == "new" for thing in its[:MOST_TARGETS]) for one, its in found.items()}
    assert new == {"keen": 3, "calm": 0, "silent": 1}


def test_the_place_goes_before_the_chance() -> None:
    assert told([thing("b", 0.8, place=1), thing("a", 0.6, place=0)]) == ["a", "b"]
    assert told([thing("b", 0.8), thing("a", 0.6)]) == ["b", "a"]


def test_what_rides_is_told_beside_what_is_due_and_never_alone() -> None:
    rider = thing("new", 0.01, support=0.0, rides=True, place=2)
    assert told([thing("due", 0.8), rider], least_support=3) == ["due", "new"]
    assert told([thing("not due", 0.2), rider]) == []
    offer = Offer(offer_id="o", targets=frozenset({"new"}))
    assert told([thing("due", 0.8), rider], (offer,), offers=True) == []


def test_shares_of_few_things_hold_over_many_people() -> None:
    """Three things in a message, a fifth of them never had: three in five people get one."""
    mine = [*(thing(f"own {one}", 0.9 - one / 10) for one in range(4)),
            *(thing(f"other {one}", 0.2 - one / 100, support=0.0) for one in range(3)),
            thing("tried", 0.001, support=0.0)]  # fmt: skip
    people = {f"p{number}": mine for number in range(1_000)}
    wish = Lists(diversity=0.0, discovery=0.2, exploration=0.0)
    found = arranged(people, {}, ("next_items",), wish, ("1", "day"))
    first = [[one for one in targets if one.place < MOST_TARGETS] for targets in found.values()]
    assert sum(one.support <= 0 for targets in first for one in targets) / len(people) == pytest.approx(0.6, abs=0.05)
    assert all(one.rides == (one.support <= 0) for targets in first for one in targets)
    wish = Lists(diversity=0.0, discovery=0.0, exploration=0.1)
    found = arranged(people, {person: {"tried"} for person in people}, ("next_items",), wish, ("1", "day"))
    tried = [one for targets in found.values() for one in targets if one.target == "tried" and one.rides]
    assert len(tried) / len(people) == pytest.approx(0.3, abs=0.05)
    assert found == arranged(people, {person: {"tried"} for person in people}, ("next_items",), wish, ("1", "day"))


def test_who_only_has_what_they_had_before_discovers_what_is_likeliest_among_the_new() -> None:
    own = [thing(f"own {one}", 0.9 - one / 10) for one in range(4)]
    new = [target(f"new {one}", module="new_items", probability=0.1 - one / 100, support=0.0) for one in range(4)]
    tried = thing("tried", 0.001, support=0.0)
    wish = Lists(diversity=0.0, discovery=0.34, exploration=0.0)
    found = arranged({"p": [*own, tried, *new]}, {"p": {"tried"}}, ("next_items", "new_items"), wish, ("", ""))["p"]
    first = [one.target for one in found if one.module == "next_items" and one.place < MOST_TARGETS]
    assert first[-1] == "new 0"
    assert [one.target for one in found if one.module == "new_items"] == ["new 0", "new 1", "new 2", "new 3"]


def test_unlike_things_come_first_and_nothing_is_lost() -> None:
    mine = [thing("milk", 0.9, category="Milk"), thing("cream", 0.85, category="Milk"),
            thing("tea", 0.8, category="Tea"), thing("bread", 0.4, category="Bread")]  # fmt: skip
    found = arranged({"p": mine}, {}, ("next_items",), Lists(diversity=0.4, discovery=0.0, exploration=0.0), ("", ""))
    assert [one.target for one in sorted(found["p"], key=lambda one: one.place)] == ["milk", "tea", "cream", "bread"]
    assert not any(one.rides for one in found["p"])


@given(
    st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans(), st.sampled_from(["", "A", "B"])), max_size=12),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.sampled_from([0.0, 0.4, 1.0]),
)
def test_every_target_keeps_what_it_says_and_gets_one_place(
    drawn: list[tuple[float, bool, str]], share: float, diversity: float
) -> None:
    mine = [
        thing(f"t{number}", chance, 0.0 if new else 2.0, group) for number, (chance, new, group) in enumerate(drawn)
    ]
    other = target("Milk")
    wish = Lists(diversity=diversity, discovery=share, exploration=share)
    found = arranged({"p": [*mine, other]}, {"p": {"t0"}}, ("next_items", "new_items"), wish, ("1", "2"))["p"]
    assert other in found
    listed = [one for one in found if one.module == "next_items"]
    assert sorted(one.target for one in listed) == sorted(one.target for one in mine)
    if (share, diversity) != (0.0, 0.0):
        assert sorted(one.place for one in listed) == list(range(len(mine)))
    assert arranged({"p": mine}, {}, ("next_items",), PLAIN, ("1", "2"))["p"] == mine
