"""What a campaign may say to one person: targets that are due and sayable, an offer that holds, numbers to tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from vocative.decide.eligibility.caps import ContactLoad, pause_of
from vocative.decide.value.lift import Usual, by_category, by_lift
from vocative.decide.value.worth import leaves_floor
from vocative.records.acting import Offer, Recipient, Target
from vocative.records.settings import Campaign
from vocative.records.worth import Worth
from vocative.trust.fairness import Floors, fair_offers

MOST_TARGETS = 3
"""Things that a message names at most."""


class Fitting(NamedTuple):
    """Targets and offers for one person; `lacking` says why there are none although something is due."""

    targets: tuple[Target, ...] = ()
    offers: tuple[Offer, ...] = ()
    """One of each size that the message could make, in no order; empty where it makes none."""
    lacking: str | None = None


class Terms(NamedTuple):
    """What is the same for everybody: what every offer has to keep, and how usual things are."""

    floors: Floors
    """What occasional buyers saw lately; loyal people get no less."""
    worth: Worth
    """With the floor under the margin."""
    usual: Mapping[str, Usual] = MappingProxyType({})
    """Campaign that names what is wanted more than by others → how probable everything is for everybody."""


NO_TERMS = Terms({}, Worth())


def fit(
    campaign: Campaign,
    recipient: Recipient,
    targets: Sequence[Target],
    offers: Sequence[Offer],
    words: Collection[str],
    pressure: ContactLoad,
    now: int,
    terms: Terms = NO_TERMS,
) -> Fitting:
    """Find what the campaign may speak of, in its order, or as the list of the person has it.

    What is in a list for discovery or exploration rides along with something that is due; it is no reason to write.

    Args:
        campaign: What would be said.
        recipient: The person.
        targets: What is predicted for them, by all modules.
        offers: Offers that hold at `now`.
        words: Categories that have words in the person's language.
        pressure: What they heard lately; a target rests after each use.
        now: The moment, µs UTC.
        terms: What an offer has to keep, and how probable everything is for everybody.
    """
    if not campaign.module or not campaign.personalized or recipient.personalization != "yes":
        return Fitting()
    due = _due(campaign, targets, words, pressure, now)
    if campaign.name in terms.usual:
        due = by_lift(due, terms.usual[campaign.name])
    if not campaign.offers:
        return Fitting(tuple(due[:MOST_TARGETS]))
    return _with_offers(campaign, due, offers, recipient, terms)


def numbers_to_tell(campaign: Campaign, recipient: Recipient) -> dict[str, float]:
    """The numbers the campaign tells, as far as there is something to tell about this person."""
    if not campaign.personalized or recipient.personalization != "yes":
        return {}
    numbers = recipient.numbers
    return {name: numbers[name] for name, least in campaign.tells.items() if 0 < numbers.get(name, 0.0) >= least}


def _due(
    campaign: Campaign, targets: Sequence[Target], words: Collection[str], pressure: ContactLoad, now: int
) -> list[Target]:
    mine = [target for target in targets if target.module == campaign.module]
    if campaign.about == "category":
        mine = by_category(mine)
    fitting = [
        target
        for target in mine
        if (_is_due(campaign, target) or target.rides)
        and campaign.novelty in ("any", "known" if target.known else "new")
        and target.target not in campaign.exclude_targets
        and (campaign.about == "item" or target.target in words)
        and not pressure.rests(f"{campaign.topic}/{target.target}", pause_of(campaign), now)
    ]
    if not any(_is_due(campaign, target) for target in fitting):
        return []
    return sorted(fitting, key=lambda target: (target.place, -target.probability, target.target))


def _is_due(campaign: Campaign, target: Target) -> bool:
    return target.probability >= campaign.least_probability and target.support >= campaign.least_support


def _with_offers(
    campaign: Campaign, due: Sequence[Target], offers: Sequence[Offer], recipient: Recipient, at: Terms
) -> Fitting:
    """The most probable target with offers the person may still use, one of each size: that which ends last."""
    lacking = "no_offer" if due else None
    for target in due:
        if target.rides:
            continue
        held = [offer for offer in offers if _holds(offer, target, recipient)]
        unused = [offer for offer in held if offer.offer_id not in recipient.redeemed]
        kept = [offer for offer in unused if leaves_floor(offer, campaign, at.worth)]
        if kept:
            fair = fair_offers(kept, recipient.relationship, target.target, at.floors)
            longest: dict[tuple[str, float | None], Offer] = {}
            if len(fair) < len(kept):
                fair = [replace(offer, personal=True) for offer in fair]
            for offer in sorted(fair, key=lambda one: (one.ends_at or 2**62, one.offer_id)):
                # What else the offer holds for plays no part in what is said, and is not kept with every decision.
                mine = replace(offer, targets=frozenset({target.target}) & offer.targets)
                longest[offer.unit, offer.discount] = mine
            return Fitting((target,), tuple(longest.values()))
        if held:
            lacking = "margin_floor" if unused else "already_redeemed"
    return Fitting(lacking=lacking)


def _holds(offer: Offer, target: Target, recipient: Recipient) -> bool:
    entitled = not offer.group or offer.group in recipient.invited
    return entitled and (not offer.targets or target.target in offer.targets)
