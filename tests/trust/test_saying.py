"""How exactly a fact may be told."""

from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from vocative.trust.saying import Pause, relationship, rough_pause


@given(st.floats(0, 10_000), st.floats(0, 10_000))
def test_a_longer_pause_is_never_told_as_a_shorter_one(shorter: float, longer: float) -> None:
    order = get_args(Pause)
    shorter, longer = sorted((shorter, longer))
    assert order.index(rough_pause(shorter)) <= order.index(rough_pause(longer))


def test_every_pause_can_be_told() -> None:
    assert [rough_pause(days) for days in (2, 7, 14, 30, 90)] == list(get_args(Pause))


@given(st.floats(0, 400), st.floats(0, 400))
def test_more_orders_never_make_a_stranger(fewer: float, more: float) -> None:
    order = ("stranger", "acquainted", "regular")
    fewer, more = sorted((fewer, more))
    assert order.index(relationship(fewer)) <= order.index(relationship(more))
