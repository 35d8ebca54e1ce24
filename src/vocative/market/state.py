"""What changes from day to day: hidden moods, what people answered, and what a shop would see of them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from vocative.market.catalogue import CATEGORIES
from vocative.market.nature import Flags, Floats, Integers
from vocative.market.people import STEADY, People

LONG_AGO = -400


@dataclass(slots=True)
class MarketState:
    """Columns of one length; `hidden` ones are never told to a policy but the oracle."""

    active: Flags
    boost: Floats
    debt: Floats
    fatigue: Floats
    goodwill: Floats
    bought: Integers
    """People × categories: day of the last purchase."""
    promoted: Integers
    """Category a message spoke of lately; -1: none."""
    coupon: Floats
    """Discount they know of and may use until `coupon_until`."""
    coupon_until: Integers
    heard: Integers
    """Day on which they last looked at a message."""
    marketing: Integers
    """People × channels: 1 yes, 0 no, -1 never asked."""
    personalization: Integers
    opted_out: Flags
    last_trip: Integers
    trips: Floats
    """Trips, each counting half as much after `HALF_LIFE` days."""
    money: Floats
    """Money spent, decayed in the same way."""
    profit: Floats
    """Margin of baskets less discounts, costs of contacts and of complaints, since the policies began."""
    discounts: Floats
    contacts: Integers

    def copy(self) -> MarketState:
        """A state that goes its own way from here."""
        return replace(self, **{one.name: getattr(self, one.name).copy() for one in fields(self)})


HALF_LIFE = 90.0
"""Days after which what a shop counts of a person weighs half."""


def first_state(random: np.random.Generator, people: People, day: int) -> MarketState:
    """How everybody stands on the first day of history: shopping as usual, not annoyed, with something at home."""
    count = len(people)
    rhythm = np.array([one.rhythm for one in CATEGORIES])

    def zeros() -> Floats:
        return np.zeros(count, np.float32)

    return MarketState(
        active=random.random(count) < STEADY,
        boost=zeros(),
        debt=zeros(),
        fatigue=zeros(),
        goodwill=np.ones(count, np.float32),
        bought=(day - random.exponential(rhythm, (count, len(rhythm)))).astype(np.int32),
        promoted=np.full(count, -1, np.int32),
        coupon=zeros(),
        coupon_until=np.full(count, LONG_AGO, np.int32),
        heard=np.full(count, LONG_AGO, np.int32),
        marketing=people.marketing.copy(),
        personalization=people.personalization.copy(),
        opted_out=np.zeros(count, np.bool_),
        last_trip=np.full(count, LONG_AGO, np.int32),
        trips=zeros(),
        money=zeros(),
        profit=np.zeros(count),
        discounts=np.zeros(count),
        contacts=np.zeros(count, np.int32),
    )
