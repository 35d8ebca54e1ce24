"""Loyal people see no worse offers than people who buy now and then; groups are measured."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vocative.records.acting import Offer
from vocative.records.relationship import LOYAL, STATES
from vocative.trust.fairness import Member, Sight, audit, fair_offers, floors_of, loyalty

sights = st.lists(
    st.builds(
        Sight,
        person=st.sampled_from("abcdef"),
        state=st.sampled_from(STATES),
        target=st.sampled_from(("Milk", "Bread")),
        unit=st.sampled_from(("percent", "money")),
        size=st.sampled_from((0.0, 5.0, 10.0, 20.0)),
    ),
    max_size=12,
)
offers = st.lists(
    st.builds(Offer, offer_id=st.text(max_size=2), discount=st.sampled_from((None, 5.0, 10.0, 20.0)),
              unit=st.sampled_from(("percent", "money"))),
    max_size=5,
)  # fmt: skip


def sight(person: str, state: str, size: float, target: str = "Milk", unit: str = "percent") -> Sight:
    return Sight(person, next(one for one in STATES if one == state), target, unit, size)


def test_a_loyal_person_who_saw_worse_is_found() -> None:
    found = loyalty([sight("new", "stranger", 20.0), sight("old", "close", 10.0), sight("fine", "regular", 25.0)])
    assert found.loyal == 2
    assert [(one.person, one.saw, one.others_saw) for one in found.violations] == [("old", 10.0, 20.0)]


def test_who_was_passed_over_is_found_too_unless_thanked() -> None:
    seen = [sight("new", "acquainted", 20.0), sight("old", "regular", 0.0)]
    assert [one.person for one in loyalty(seen).violations] == ["old"]
    assert loyalty(seen, thanked={"old"}).violations == []
    assert loyalty([*seen, sight("old", "regular", 20.0)]).violations == []


def test_other_things_and_other_units_are_not_compared() -> None:
    seen = [
        sight("new", "stranger", 20.0),
        sight("old", "close", 1.0, target="Bread"),
        sight("x", "close", 1.0, unit="money"),
    ]
    assert loyalty(seen).violations == []


@given(sights)
def test_violations_are_exactly_the_loyal_below_the_floor(seen: list[Sight]) -> None:
    floors = floors_of(seen)
    found = {(one.person, one.target, one.unit) for one in loyalty(seen).violations}
    for one in seen:
        key = (one.person, one.target, one.unit)
        if one.state in LOYAL:
            mine = [
                other.size for other in seen if other.state in LOYAL and (other.person, other.target, other.unit) == key
            ]
            assert (key in found) is (max(mine) < floors.get((one.target, one.unit), 0.0))
        elif not any(other.state in LOYAL for other in seen if other.person == one.person):
            assert key not in found


@given(offers, sights, st.sampled_from(STATES))
def test_a_fair_choice_loses_nobody_an_offer_and_is_no_violation_where_it_need_not_be(
    held: list[Offer], seen: list[Sight], state: str
) -> None:
    floors = floors_of(seen)
    mine = next(one for one in STATES if one == state)
    fair = fair_offers(held, mine, "Milk", floors)
    assert bool(fair) is bool(held)
    assert all(one in held for one in fair)
    floor = floors.get(("Milk", "percent"))
    if mine in LOYAL and floor is not None and any(o.unit == "percent" and (o.discount or 0) >= floor for o in held):
        assert all((one.discount or 0) >= floors.get(("Milk", one.unit), 1e9) for one in fair)


def test_the_audit_tells_each_group_with_intervals() -> None:
    found = audit(
        [Member("female", (10.0, 20.0), offered=True)] * 30
        + [Member("female", (), offered=False)] * 30
        + [Member("male", (10.0,), offered=True)] * 5
    )
    assert [(one.group, one.people) for one in found] == [("female", 60), ("male", 5)]
    female, male = found
    assert female.offered.value == 0.5
    assert female.offered.low < 0.5 < female.offered.high
    assert female.size is not None
    assert female.size.value == 15.0
    assert male.offered.low > 0.5
