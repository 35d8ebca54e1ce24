"""How well a person and the business know each other, from what the person did."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocative.records.relationship import STATES
from vocative.records.results import Permission
from vocative.trust.relationship import (
    CLOSE_KNOWN_DAYS,
    CLOSE_TOLD,
    FADES_DAYS,
    REGULAR_VISITS,
    REPEATED_DAYS,
    RelationshipActs,
    preferences_set,
    relationship,
    withdrawals,
)

DAY = 86_400_000_000
NOW = 1_000 * DAY
NEARNESS = ("stranger", "acquainted", "regular", "close")


def said(status: str, day: int, purpose: str = "marketing", channel: str = "*", known: int | None = None) -> Permission:
    return Permission(
        user_id="p", purpose=purpose, channel=channel, status=status, basis="consent", at=day * DAY,
        known_at=(day if known is None else known) * DAY, expires_at=None, source="form", text=None,
    )  # fmt: skip


quiet = st.tuples(st.integers(0, 60), st.floats(0, 2_000), st.integers(0, 9), st.integers(0, 9)).map(
    lambda one: RelationshipActs(*one)
)


def _either(one: RelationshipActs, other: RelationshipActs, pick: Callable[[float, float], float]) -> RelationshipActs:
    return RelationshipActs(
        visits=int(pick(one.visits, other.visits)),
        known_days=pick(one.known_days, other.known_days),
        replies=int(pick(one.replies, other.replies)),
        told=int(pick(one.told, other.told)),
    )


@given(quiet, quiet)
def test_whoever_does_more_is_never_further_away(one: RelationshipActs, other: RelationshipActs) -> None:
    less = _either(one, other, min)
    more = _either(one, other, max)
    assert NEARNESS.index(relationship(less).state) <= NEARNESS.index(relationship(more).state)


@given(quiet, st.lists(st.floats(0, 500), max_size=4), st.lists(st.floats(0, 500), max_size=4))
def test_trouble_wins_and_fades(acts: RelationshipActs, complaints: list[float], opt_outs: list[float]) -> None:
    found = relationship(acts._replace(complaints=tuple(complaints), opt_outs=tuple(opt_outs)))
    newest = min([*complaints, *opt_outs], default=1e9)
    assert found.because
    if newest < FADES_DAYS:
        assert found.state == "strained"
    if newest >= REPEATED_DAYS:
        assert found == relationship(acts)


def test_every_state_is_reached() -> None:
    close = RelationshipActs(visits=REGULAR_VISITS, known_days=CLOSE_KNOWN_DAYS, told=CLOSE_TOLD)
    people = (
        RelationshipActs(visits=2),
        RelationshipActs(visits=3),
        close._replace(told=0),
        close,
        close._replace(complaints=(3.0,)),
    )
    assert tuple(relationship(acts).state for acts in people) == STATES


def test_a_second_trouble_within_a_year_fades_more_slowly() -> None:
    assert relationship(RelationshipActs(complaints=(70.0,))).state == "stranger"
    twice = relationship(RelationshipActs(complaints=(70.0,), opt_outs=(300.0,)))
    assert twice == ("strained", "complained 70 days ago, and 1 more of such within a year")
    assert relationship(RelationshipActs(complaints=(70.0, 400.0))).state == "stranger"


@pytest.mark.parametrize(("returns", "lately", "strained"), [(3, 6, True), (3, 7, False), (2, 2, False), (5, 5, True)])
def test_returns_strain_where_they_are_many_and_most(returns: int, lately: int, strained: bool) -> None:
    found = relationship(RelationshipActs(visits=20, returns=returns, lately=lately, returned=4.0))
    assert (found.state == "strained") is strained


def test_money_and_who_somebody_is_play_no_part() -> None:
    assert set(RelationshipActs._fields) == {
        "visits", "known_days", "replies", "told", "returns", "lately", "returned", "complaints", "opt_outs",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "days"),
    [
        ([said("yes", 1), said("no", 990)], (10.0,)),
        ([said("no", 990)], ()),
        ([said("yes", 1), said("no", 990), said("yes", 995)], ()),
        ([said("yes", 1), said("no", 990, channel="email"), said("yes", 995, channel="sms")], (10.0,)),
        ([said("yes", 1, channel="sms"), said("no", 990, channel="email")], ()),
        ([said("yes", 1), said("no", 980, channel="email"), said("no", 990, channel="sms")], (10.0, 20.0)),
        ([said("yes", 1, "personalization"), said("no", 990, "personalization")], ()),
        ([said("yes", 1), said("no", 990, known=1_001)], ()),
        ([said("yes", 1), said("no", 1_001)], ()),
    ],
)
def test_a_withdrawal_is_a_no_after_a_yes_that_holds(answers: list[Permission], days: tuple[float, ...]) -> None:
    assert withdrawals(answers, NOW).get("p", ()) == days
    assert withdrawals(reversed(answers), NOW).get("p", ()) == days


def test_preferences_are_what_nobody_asked_for() -> None:
    first = [said("yes", 1), said("yes", 1, "personalization"), said("no", 5, "marketing", "sms")]
    assert preferences_set(first, NOW) == {"p": 0}
    assert preferences_set([*first, said("yes", 40, "exact_place")], NOW) == {"p": 2}
    assert preferences_set([*first, said("yes", 40, known=1_001)], NOW) == {"p": 0}
