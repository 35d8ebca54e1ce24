"""How exactly a fact may be told."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from vocative.trust.saying import relationship, rough_pause


@given(st.floats(0, 10_000))
def test_a_pause_is_never_told_as_a_number(days: float) -> None:
    assert re.search(r"\d", rough_pause(days)) is None


@given(st.floats(0, 400), st.floats(0, 400))
def test_more_orders_never_make_a_stranger(fewer: float, more: float) -> None:
    order = ("stranger", "acquainted", "regular")
    fewer, more = sorted((fewer, more))
    assert order.index(relationship(fewer)) <= order.index(relationship(more))
