"""What chosen messages are expected to bring: what was measured by lot apart from what the business declares.

Both are in money, after discounts and goodwill and before what the channel costs.

*Measured.* Each worth rests on an effect that was measured by lot, with an interval. The errors of different people are
not independent: most of them come from the same few models, learnt from the same contacts. How far they go together is
not known, so all are taken to go the same way: the ends are the sums of the ends. No dependence gives a sum of 95 %
intervals that is wider than that. Who was chosen because an effect looked large may have a little less of it.

*Declared.* Chances that people do it anyway, times the values the business declared: a guess. Its interval is that of
independent successes with those chances, and holds nothing of how wrong the values are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt

from msgspec import Struct

from vocative.records.acting import Candidate
from vocative.records.settings import Campaign, Settings

_SIGMAS = 1.96
_STRETCH = 1.96 / 1.645
"""From the 90 % intervals in which effects are told to 95 %, for errors that are about normal."""

ASSUMES = {
    "measured": "measured by lot. The errors of all people are taken to go the same way: the interval is the widest",
    "declared": "a guess: chances times the values you declared. Nobody has measured what the messages change",
}
"""What each kind of gain rests on, in words."""


class Gain(Struct, frozen=True, kw_only=True):
    """A sum over messages, and the ends of its 95 % interval."""

    contacts: int
    value: float
    low: float
    high: float


class Gains(Struct, frozen=True, kw_only=True):
    """What messages are expected to bring, and what their channels cost."""

    measured: Gain | None
    """None where no message was chosen by a measured effect."""
    declared: Gain | None
    """Of all other messages; None where no campaign of theirs declares a value."""
    cost: float


def gains(chosen: Iterable[Candidate], campaigns: Mapping[str, Campaign], settings: Settings) -> Gains:
    """Sum up what messages are expected to bring.

    Args:
        chosen: What was chosen, one for each message; those of campaigns that are gone are left out.
        campaigns: The campaigns by name.
        settings: What channels cost.
    """
    known = [one for one in chosen if one.campaign in campaigns]
    prices = {name: channel.cost for name, channel in settings.channels.items()}
    measured = [one for one in known if one.basis == "measured"]
    guessed = [one for one in known if one.basis != "measured" and campaigns[one.campaign].value > 0]
    return Gains(
        measured=_measured(measured, prices) if measured else None,
        declared=_declared(guessed, campaigns, prices) if guessed else None,
        cost=sum(prices.get(one.channel, 0.0) for one in known),
    )


def _measured(chosen: Iterable[Candidate], prices: Mapping[str, float]) -> Gain:
    contacts = 0
    value = below = above = 0.0
    for one in chosen:
        worth = one.score or 0.0
        contacts += 1
        value += worth + prices.get(one.channel, 0.0)
        below += worth - (worth if one.low is None else one.low)
        above += (worth if one.high is None else one.high) - worth
    return Gain(contacts=contacts, value=value, low=value - _STRETCH * below, high=value + _STRETCH * above)


def _declared(chosen: Iterable[Candidate], campaigns: Mapping[str, Campaign], prices: Mapping[str, float]) -> Gain:
    contacts = 0
    value = spread = 0.0
    for one in chosen:
        declared = campaigns[one.campaign].value
        chance = max((target.probability for target in one.targets), default=1.0)
        contacts += 1
        value += chance * declared if one.score is None else one.score + prices.get(one.channel, 0.0)
        spread += declared**2 * chance * (1.0 - chance)
    width = _SIGMAS * sqrt(spread)
    return Gain(contacts=contacts, value=value, low=max(value - width, 0.0), high=value + width)
