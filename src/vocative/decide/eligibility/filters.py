"""Hard filters: each removes a candidate for one named reason; none is a penalty that value could outweigh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vocative.decide.eligibility.caps import NAMED, ContactLoad, liked_per_month, pause_of
from vocative.decide.eligibility.relating import lower, sold_in_a_row
from vocative.records.acting import Candidate, Contact, Recipient
from vocative.records.settings import Campaign, Settings
from vocative.trust.saying import may_say
from vocative.trust.uses import use_of

_DAY_US = 86_400_000_000

REASONS: dict[str, str] = {
    "stopped": "everything has been stopped with `vocative stop`",
    "not_approved": "nobody has approved the campaign as it stands now",
    "marketing_refused": "said no to messages of this kind over this channel",
    "marketing_never_asked": "was never asked whether messages of this kind are welcome",
    "no_address": "has no usable address for the channel",
    "address_refused": "has an address that the channel refused for good; it is not tried again until it changes",
    "not_in_audience": "the campaign is for people with another answer about personalization",
    "not_asked_for_this": "allowed personalization, but was not asked whether it may be used for this here",
    "not_in_segment": "the campaign is for another segment",
    "relationship": "the campaign is for people who know the business better, or less well",
    "strained": "had trouble with the business lately; until that fades nothing sells to them or rests on a profile",
    "nothing_due": "nothing is predicted for the person with enough certainty",
    "no_offer": "no running offer fits what is predicted for the person",
    "already_redeemed": "has used the only offer that fits",
    "margin_floor": "every offer that fits leaves less margin than `[worth] floor` asks for",
    "nothing_to_tell": "there is nothing to tell this person in numbers",
    "no_moment": "no moment outside quiet hours while the message is still true",
    "sold_in_a_row": "has had several messages in a row that sell something; the next one has to give something",
    "cap_per_day": "has had the day's messages",
    "cap_per_week": "has had the week's messages",
    "cap_per_month": "has had the month's messages",
    "cap_wished": "has had as many messages as they asked for",
    "cap_liked": "has had as many messages as somebody likes who reacts to so few",
    "cap_named": "has had as many messages as a cap of `[caps.more]` allows",
    "told_once": "has heard about this before, and it is told once",
    "topic_rests": "heard about this not long ago",
    "not_worth_it": "the expected gain does not cover what the contact costs",
    "not_measured": "the campaign needs proof, and nobody has measured yet what it changes; it goes out by lot only",
    "thanks_first": "is loyal and is thanked before anything is sold, since people who buy now and then saw offers",
    "budget": "the channel's budget for the day went to people for whom it matters more",
    "limit": "a limit for everybody together is reached; it went to people for whom it matters more",
    "explored": "left in peace by lot, so that effects can be learnt",
    "control_group": "belongs to the control group, so that effects can be measured",
    "no_campaign": "there is no campaign that could speak to this person",
}
"""Every reason a person may not be contacted for, in words; the glossary in the documentation is made from it."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the filters look at: one person, one campaign, their messages so far, one moment."""

    recipient: Recipient
    campaign: Campaign
    candidate: Candidate
    pressure: ContactLoad
    settings: Settings
    now: int
    lacking: str | None = None
    """Why targets that are due cannot be spoken of: `no_offer`, `already_redeemed` or `margin_floor`."""


Filter = Callable[[Situation], str | None]


def permission(at: Situation) -> str | None:
    """Permission for this class of message over this channel."""
    verdict = at.recipient.contact.get(f"{at.campaign.message_class}/{at.campaign.channel}", "never_asked")
    if verdict == "yes":
        return None
    return "marketing_never_asked" if verdict == "never_asked" else "marketing_refused"


def audience(at: Situation) -> str | None:
    """A personal campaign needs permission for personalization; others say whom they are for."""
    said = at.recipient.personalization
    if at.campaign.personalized:
        fits = said == "yes"
    elif at.campaign.audience == "never_asked":
        fits = said == "never_asked"
    else:
        fits = at.campaign.audience == "everyone" or said != "yes"
    return None if fits else "not_in_audience"


def asked_for(at: Situation) -> str | None:
    """What the profile is used for has to be what the person was asked about, over this channel."""
    use = use_of(at.campaign)
    covered = use is None or f"{use}/{at.campaign.channel}" in at.recipient.covered
    return None if covered else "not_asked_for_this"


def reachable(at: Situation) -> str | None:
    """A usable address, and one that is still there."""
    if not at.recipient.addresses.get(at.campaign.channel):
        return "no_address"
    return "address_refused" if at.campaign.channel in at.recipient.refused else None


def segment(at: Situation) -> str | None:
    """A campaign for a segment speaks to its people only."""
    return None if at.campaign.segment in ("", *at.recipient.segments) else "not_in_segment"


def relationship(at: Situation) -> str | None:
    """A campaign for people who know the business well speaks to them only; numbers are told to no stranger."""
    wanted, state = at.campaign.relationships, at.recipient.relationship
    if at.campaign.tells and at.campaign.message_class != "service" and not may_say("numbers", state):
        return "relationship"
    return None if not wanted or state in wanted else "relationship"


def strain(at: Situation) -> str | None:
    """Whoever is displeased hears only what is careful: nothing that sells, nothing that shows what is known of them.

    Service messages, which people are owed, are exempt.
    """
    if at.recipient.relationship != "strained" or at.campaign.message_class == "service":
        return None
    return "strained" if at.campaign.sells or at.campaign.personalized else None


def due(at: Situation) -> str | None:
    """A campaign that rests on a prediction needs at least one target, and an offer for it where it makes one."""
    if not at.campaign.module or at.candidate.targets:
        return None
    return at.lacking or "nothing_due"


def numbers(at: Situation) -> str | None:
    """A campaign that tells numbers needs them all."""
    return None if set(at.candidate.numbers) == set(at.campaign.tells) else "nothing_to_tell"


def moment(at: Situation) -> str | None:
    """A moment to hand it over."""
    return None if at.candidate.send_at is not None else "no_moment"


def topic(at: Situation) -> str | None:
    """The same topic rests after each use; a campaign with targets rests target by target instead."""
    campaign = at.campaign
    if campaign.module:
        return None
    if not at.pressure.rests(campaign.topic, pause_of(campaign), at.candidate.send_at or at.now):
        return None
    return "told_once" if campaign.once else "topic_rests"


def giving(at: Situation) -> str | None:
    """After some messages that sell, the next one has to be one that does not."""
    if at.campaign.message_class == "service" or not at.campaign.sells:
        return None
    settings = at.settings.relationship
    since = (at.candidate.send_at or at.now) - settings.row_days * _DAY_US
    return "sold_in_a_row" if sold_in_a_row(at.pressure.messages, since) >= settings.selling_in_a_row else None


def caps(at: Situation) -> str | None:
    """Caps over local days and rolling hours, those of the person's relationship and their own wish among them.

    Service messages are exempt from all that do not name them.
    """
    day, moment = at.candidate.local_day, at.candidate.send_at
    if day is None or moment is None:
        return None
    message = Contact(
        person_id=at.recipient.person_id,
        topics=(),
        message_class=at.campaign.message_class,
        channel=at.campaign.channel,
        local_day=day,
        sent_at=moment,
    )
    state = at.settings.relationship.caps_of(at.recipient.relationship)
    liked = liked_per_month(at.settings.caps, at.recipient.liking)
    return at.pressure.cap_reached(lower(at.settings.caps, state), message, at.recipient.most_per_month, liked)


Filters = tuple[tuple[Filter, tuple[str, ...]], ...]

STANDING: Filters = (
    (permission, ("marketing_refused", "marketing_never_asked")),
    (audience, ("not_in_audience",)),
    (asked_for, ("not_asked_for_this",)),
    (reachable, ("no_address", "address_refused")),
    (segment, ("not_in_segment",)),
    (strain, ("strained",)),
    (relationship, ("relationship",)),
)
"""Filters that look at the person and the campaign only, with the reasons they give."""

PASSING: Filters = (
    (due, ("nothing_due", "no_offer", "already_redeemed", "margin_floor")),
    (numbers, ("nothing_to_tell",)),
    (moment, ("no_moment",)),
    (topic, ("told_once", "topic_rests")),
    (giving, ("sold_in_a_row",)),
    (caps, (NAMED, "cap_liked", "cap_wished", "cap_per_month", "cap_per_week", "cap_per_day")),
)
"""Filters that look at what is predicted, at the moment and at what the person has had."""

FILTERS: Filters = (*STANDING, *PASSING)
"""All filters in the order they are applied; the first that removes a candidate decides."""


def first_removal(at: Situation, filters: Filters = FILTERS) -> str | None:
    """The reason of the first of the filters that removes the candidate, or None."""
    return next((reason for apply, _ in filters if (reason := apply(at)) is not None), None)


def closest_call(reasons: list[str]) -> str:
    """Of the reasons of several removed candidates, that of the one which passed the most filters."""
    order = [
        "stopped",
        "not_approved",
        *(reason for _, given in FILTERS for reason in given),
        "not_worth_it",
        "not_measured",
        "thanks_first",
    ]
    return max(reasons, key=lambda reason: order.index(reason.partition(":")[0]), default="no_campaign")


def in_words(reason: str) -> str:
    """A reason in words; the name of the cap behind it is told where there is one.

    >>> in_words("cap_named:text_messages")
    'has had as many messages as a cap of `[caps.more]` allows (text_messages)'
    """
    plain, _, name = reason.partition(":")
    words = REASONS.get(plain, plain)
    return f"{words} ({name})" if name else words
