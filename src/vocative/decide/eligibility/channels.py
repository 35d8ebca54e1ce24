"""Over which of several channels somebody gets a message: the one that is worth most, of those that pass every filter.

What a message is declared to be worth holds for somebody who reacts to messages as everybody does; who reacts twice as
often over a channel is worth twice as much there. An effect that was measured holds for the message as it went to
people so far; of several channels it is moved by how much more often than over the others the person reacts over each.
Where a limit for everybody together, such as the money of a channel, takes the best channel from somebody, the message
may still go over another that is worth it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from vocative.decide.eligibility.filters import closest_call
from vocative.records.acting import Candidate, Recipient
from vocative.records.settings import Campaign


def channels_of(campaign: Campaign) -> tuple[str, ...]:
    """The channels the campaign may go over, its first choice first."""
    return (campaign.channel, *(name for name in campaign.channels if name != campaign.channel))


def reach_of(campaign: Campaign, channel: str, recipient: Recipient, *, measured: bool) -> float:
    """The factor on what a message brings, by how the person reacts over the channel; 1 where nothing is known.

    Args:
        campaign: Only one that is personalized may rest on what people did.
        channel: Over which it would go.
        recipient: With their liking.
        measured: Whether what it brings is an effect that was measured on people like them.
    """
    if not campaign.personalized or channel not in recipient.liking:
        return 1.0
    mine = recipient.liking[channel]
    if not measured:
        return mine
    every = [recipient.liking[name] for name in channels_of(campaign) if name in recipient.liking]
    usual = sum(every) / len(every)
    return mine / usual if usual > 0.0 else 1.0


def best_channel(candidates: Sequence[Candidate]) -> Candidate:
    """Of the same message over several channels the one that is worth most, with the others beside it.

    If none passes its filters, it is the one that came closest.

    Args:
        candidates: One for each channel, the first choice of the campaign first.
    """
    passing = sorted((one for one in candidates if one.removed is None), key=lambda one: -(one.score or 0.0))
    if passing:
        return replace(passing[0], over=tuple(passing[1:]))
    closest = closest_call([one.removed for one in candidates if one.removed])
    return max((one for one in candidates if one.removed == closest), key=lambda one: one.score or 0.0)
