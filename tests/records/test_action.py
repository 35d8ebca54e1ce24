"""Keys of actions: read back as they were written, whatever the names, and never the same for two actions."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocative.records.acting import Candidate, Offer
from vocative.records.action import SILENCE, Action, OfferLevel, action_of

NAMES = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(" =:%@/\n\u2028\x00")), max_size=8)
LEVELS = st.builds(OfferLevel, st.floats(allow_nan=False), st.one_of(st.sampled_from(["percent", "money", ""]), NAMES))
ACTIONS = st.builds(
    Action,
    campaign=NAMES.filter(bool),
    variant=NAMES,
    medium=NAMES,
    channel=NAMES,
    offer=st.one_of(st.none(), LEVELS),
)


@given(ACTIONS)
def test_a_key_is_read_back_as_the_action_it_was_written_for(action: Action) -> None:
    assert action_of(action.key) == action
    assert action.key != SILENCE


@given(ACTIONS, ACTIONS)
def test_two_actions_never_share_a_key(one: Action, other: Action) -> None:
    assert (one.key == other.key) == (one == other)


@given(ACTIONS, NAMES, NAMES)
def test_lots_compare_the_same_over_every_channel(action: Action, medium: str, channel: str) -> None:
    over = Action(campaign=action.campaign, variant=action.variant, medium=medium, channel=channel, offer=action.offer)
    assert over.compared == action.compared
    assert action.compared.compared == action.compared
    assert action.without_offer.offer is None


@pytest.mark.parametrize("key", [SILENCE, "news colour=red", "news variant", "news variant=a variant=b", " variant=a"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"key|campaign"):
        action_of(key)


def test_sizes_that_differ_by_the_last_digit_are_two() -> None:
    sizes = [0.1 + 0.2, 0.3, math.nextafter(10.0, 11.0), 10.0]
    assert len({Action(campaign="a", offer=OfferLevel(size, "money")).key for size in sizes}) == len(sizes)


@pytest.mark.parametrize(
    ("offer", "key"),
    [
        (None, "coupon medium=email channel=email"),
        (Offer(offer_id="a"), "coupon medium=email channel=email"),
        (Offer(offer_id="a", discount=12.5, unit="percent"), "coupon medium=email channel=email offer=12.5:percent"),
        (Offer(offer_id="a", discount=5.0), "coupon medium=email channel=email offer=5:"),
    ],
)
def test_a_candidate_tells_what_it_does(offer: Offer | None, key: str) -> None:
    made = Candidate(campaign="coupon", channel="email", personalized=False, offer=offer)
    assert made.action.key == key
    assert action_of(key) == made.action
