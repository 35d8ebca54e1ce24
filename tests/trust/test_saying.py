"""How exactly a fact may be told."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from vocative.records.relationship import STATES, State
from vocative.trust.saying import Pause, Said, may_say, rough_pause


@given(st.floats(0, 10_000), st.floats(0, 10_000))
def test_a_longer_pause_is_never_told_as_a_shorter_one(shorter: float, longer: float) -> None:
    order = get_args(Pause)
    shorter, longer = sorted((shorter, longer))
    assert order.index(rough_pause(shorter)) <= order.index(rough_pause(longer))


def test_every_pause_can_be_told() -> None:
    assert [rough_pause(days) for days in (2, 7, 14, 30, 90)] == list(get_args(Pause))


@given(st.floats(0, 10_000), st.sampled_from(STATES))
def test_nobody_who_hardly_knows_the_business_hears_how_often_they_come(days: float, state: State) -> None:
    assert rough_pause(days, state) == (rough_pause(days) if may_say("habit", state) else "now_and_then")


def test_more_may_be_said_to_whoever_knows_the_business_better() -> None:
    order: tuple[State, ...] = ("strained", "stranger", "acquainted", "regular", "close")
    sayable = [{what for what in get_args(Said) if may_say(what, state)} for state in order]
    assert all(less <= more for less, more in pairwise(sayable))
    assert sayable[0] == set()
    assert sayable[-1] == set(get_args(Said))
