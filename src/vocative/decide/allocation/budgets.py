"""What is left of the limits for everybody together at the moment of a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from vocative.decide.allocation.choosing import RemainingLimit
from vocative.records.acting import Candidate
from vocative.records.limits import GlobalLimit
from vocative.records.settings import ChannelSettings, Settings

_FORGIVEN = 1e-6
"""The sum of many small costs is not exact in binary; a millionth of a message is forgiven."""


class LimitTaken(NamedTuple):
    """A message of this plan that is decided already, and the segments of the person who gets it."""

    candidate: Candidate
    segments: frozenset[str]


def channel_budgets(
    settings: Settings, spent: Mapping[str, float], taken: Sequence[LimitTaken]
) -> list[RemainingLimit]:
    """The day's budgets of channels.

    Args:
        settings: Of the business.
        spent: Channel → money committed on this day.
        taken: Messages of this plan that are decided already.
    """
    return [
        _budget(
            name, channel, spent.get(name, 0.0) + sum(channel.cost for one in taken if one.candidate.channel == name)
        )
        for name, channel in sorted(settings.channels.items())
        if channel.daily_budget is not None
    ]


def all_limits(
    settings: Settings, spent: Mapping[str, float], used: Mapping[str, float], taken: Sequence[LimitTaken]
) -> list[RemainingLimit]:
    """Budgets of channels and the limits of `[limits]`.

    Args:
        settings: Of the business.
        spent: Channel → money committed on this day.
        used: Limit → what was used of it on its days.
        taken: Messages of this plan that are decided already.
    """
    named = [
        _limit(name, limit, used.get(name, 0.0), taken, settings) for name, limit in sorted(settings.limits.items())
    ]
    return [*channel_budgets(settings, spent, taken), *named]


def _budget(name: str, channel: ChannelSettings, spent: float) -> RemainingLimit:
    left = (channel.daily_budget or 0.0) - spent
    if left <= 0.0:
        # A free channel with no budget left sends nothing either.
        return RemainingLimit(f"budget of {name}", "budget", "messages", 0.0, channels=frozenset({name}))
    left += _FORGIVEN * channel.cost
    return RemainingLimit(f"budget of {name}", "budget", "money", left, channels=frozenset({name}))


def _limit(
    name: str, limit: GlobalLimit, used: float, taken: Sequence[LimitTaken], settings: Settings
) -> RemainingLimit:
    stock = RemainingLimit(
        name,
        "limit",
        limit.counts,
        channels=frozenset(limit.channels),
        campaigns=frozenset(limit.campaigns),
        segment=limit.segment,
    )
    used += sum(
        stock.use(settings.channels[one.channel].cost)
        for one, segments in taken
        if stock.holds_for(one) and (not stock.segment or stock.segment in segments)
    )
    most = np.inf if limit.at_most is None else max(limit.at_most - used, 0.0)
    return RemainingLimit(
        name,
        "limit",
        limit.counts,
        most,
        min(max(limit.at_least - used, 0.0), most),
        stock.channels,
        stock.campaigns,
        stock.segment,
    )
