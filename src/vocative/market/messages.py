"""Messages as columns: what a policy hands to the market, and all that the market is told of it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from vocative.market.nature import Flags, Floats, Integers

ABOUT = ("offer", "news", "thanks", "ask")
OFFER, NEWS, THANKS, ASK = range(4)


@dataclass(frozen=True, slots=True)
class MarketMessages:
    """Columns of one length; days and hours are those of the person's own clock."""

    who: Integers
    day: Integers
    hour: Integers
    channel: Integers
    about: Integers
    """A place in `ABOUT`."""
    discount: Floats
    """Share of a basket; 0 is a message without a discount."""
    category: Integers
    """A place in the catalogue's categories; -1: about nothing in particular."""
    personal: Flags
    """Whether anything known of the person shaped it, so that it needs their permission."""

    def __len__(self) -> int:
        return len(self.who)

    def take(self, rows: Integers | Flags) -> MarketMessages:
        """Some of them."""
        return MarketMessages(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})


def messages(
    who: Integers,
    day: int | Integers,
    hour: int | Integers,
    *,
    channel: int | Integers = 0,
    about: int | Integers = OFFER,
    discount: float | Floats = 0.0,
    category: int | Integers = -1,
    personal: bool | Flags = False,
) -> MarketMessages:
    """Messages to so many people; what is one value holds for all of them."""
    count = len(who)

    def whole(value: int | Integers) -> Integers:
        return np.broadcast_to(np.asarray(value, np.int32), count)

    return MarketMessages(
        np.asarray(who, np.int32),
        whole(day),
        whole(hour),
        whole(channel),
        whole(about),
        np.broadcast_to(np.asarray(discount, np.float32), count),
        whole(category),
        np.broadcast_to(np.asarray(personal, np.bool_), count),
    )


def none() -> MarketMessages:
    """No message at all: silence."""
    return messages(np.zeros(0, np.int32), 0, 0)


def joined(parts: list[MarketMessages]) -> MarketMessages:
    """All of them, in order."""
    if not parts:
        return none()
    names = [one.name for one in fields(MarketMessages)]
    return MarketMessages(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
