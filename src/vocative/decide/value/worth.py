"""What a message is expected to bring, in money: by its measured effect on the person, or by what is declared.

An effect that was measured by lot and admitted by the past (`prove.uplift`) says what the message changes; then its
worth is incremental. Without one stands the business's own guess: the chance that the person does it anyway, times the
declared value of a success. Nothing of that is causal.

*Measured.* An effect on the probability to act is worth the campaign's declared value of a success, one on spending the
share of it that is margin. Spending is taken to be recorded after discount, so of what a discount costs an effect on
spending holds the part already that the margin takes of it.

A discount is also given to those who would have bought anyway: it costs its size times the chance that the person buys
while it holds. A share on everything is one of the basket that the person usually has.

Both cost what the channel costs, and goodwill: for each message of the last 30 days, and, where the person's reactions
are known, for going unread.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from vocative.decide.eligibility.channels import reach_of
from vocative.records.acting import Candidate, Contact, Effect, Offer, Recipient, Size
from vocative.records.action import Action
from vocative.records.settings import Campaign
from vocative.records.worth import Worth

_LOOK_BACK_US = 30 * 86_400_000_000
_LOOK_AHEAD_US = 28 * 86_400_000_000
"""How far the probability to buy anything reaches."""
_ANY = ""
_CLOSE = 1e-9


class Expected(NamedTuple):
    """Expected worth in money, and the ends of its interval where an effect was measured."""

    value: float
    basis: Literal["measured", "declared"]
    low: float | None = None
    high: float | None = None


def expected(
    campaign: Campaign,
    candidate: Candidate,
    recipient: Recipient,
    cost: float,
    settings: Worth,
    messages: Iterable[Contact] = (),
) -> Expected:
    """What the candidate is expected to bring.

    Args:
        campaign: What is said.
        candidate: With targets, offer and moment.
        recipient: With the effects that were measured on people like them, and with how they react over channels.
        cost: What a message costs, in money.
        settings: Margin and goodwill.
        messages: What the person had; marketing of the last 30 days costs goodwill.
    """
    chance = max((target.probability for target in candidate.targets), default=1.0)
    spent = cost + _unread(candidate, recipient, settings) + settings.goodwill * _lately(messages, candidate.send_at)
    effect = _measured(candidate, recipient)
    discount, anyway = _discount(candidate, campaign, recipient, settings), _anyway(candidate, recipient, chance)
    reach = reach_of(campaign, candidate.channel, recipient, measured=effect is not None)
    if effect is None:
        return Expected(reach * (chance * campaign.value - discount * anyway) - spent, "declared")
    # Without targets nothing is known of who would act anyway.
    before = anyway if candidate.targets else 0.0
    value, low, high = (
        reach * _worth(change, effect.unit, campaign.value, discount, before, settings.margin) - spent
        for change in (effect.value, effect.low, effect.high)
    )
    # More people who act also use more discounts up, so the ends may change places.
    return Expected(value, "measured", min(value, low, high), max(value, low, high))


def not_chosen(found: Expected, campaign: Campaign) -> str | None:
    """Why no plan chooses it; None where it may. What people are owed is not weighed."""
    if campaign.message_class == "service":
        return None
    if campaign.needs_proof and found.basis != "measured":
        return "not_measured"
    return None if found.value > 0.0 else "not_worth_it"


def may_be_tried(one: Candidate | Size) -> bool:
    """Whether it may be drawn by lot: everything but what was measured to bring nothing or to harm."""
    return one.basis != "measured" or (one.high or 0.0) > 0.0


def leaves_floor(offer: Offer, campaign: Campaign, settings: Worth) -> bool:
    """Whether enough margin is left of a success after the discount.

    >>> tenth = Offer(offer_id="a", discount=10.0, unit="percent")
    >>> told = dict.fromkeys(["name", "goal", "channel", "template", "topic"], "coupon")
    >>> coupon = Campaign(**told, personalized=True, value=3.0)
    >>> [leaves_floor(tenth, coupon, Worth(margin=0.3, floor=floor)) for floor in (0.1, 0.2, 0.25)]
    [True, True, False]
    """
    if settings.floor is None or offer.discount is None:
        return True
    if offer.unit == "percent":
        return settings.margin - offer.discount / 100.0 >= settings.floor - _CLOSE
    return campaign.value - offer.discount >= settings.floor * campaign.value / settings.margin - _CLOSE


def _measured(candidate: Candidate, recipient: Recipient) -> Effect | None:
    """The effect of this very action, else of the campaign, else of a contact at all."""
    if not recipient.effects:
        return None
    keys = (candidate.action.compared.key, Action(campaign=candidate.campaign).key, _ANY)
    found = (recipient.effects.get(key) for key in keys)
    return next((effect for effect in found if effect is not None), None)


def _worth(change: float, unit: str, value: float, discount: float, anyway: float, margin: float) -> float:
    """Incremental worth of a change, before what the message itself costs."""
    if unit == "money":
        return margin * change - (1.0 - margin) * discount * anyway
    return change * value - discount * min(max(anyway + change, 0.0), 1.0)


def _discount(candidate: Candidate, campaign: Campaign, recipient: Recipient, settings: Worth) -> float:
    """The size of the offer in money.

    A share on everything is taken of the person's basket; else, and where that is not known, of what a success is
    bought for: its value by the margin.
    """
    offer = candidate.offer
    if offer is None or offer.discount is None:
        return 0.0
    if offer.unit != "percent":
        return offer.discount
    basket = recipient.basket if not offer.targets else None
    return offer.discount / 100.0 * (campaign.value / settings.margin if basket is None else basket)


def _anyway(candidate: Candidate, recipient: Recipient, chance: float) -> float:
    """The chance that the person uses the offer without having been moved by it."""
    offer = candidate.offer
    if offer is None or offer.targets or recipient.buys is None:
        return chance
    if offer.ends_at is None or candidate.send_at is None:
        return recipient.buys
    held = min(max((offer.ends_at - candidate.send_at) / _LOOK_AHEAD_US, 0.0), 1.0)
    return float(1.0 - (1.0 - recipient.buys) ** held)


def _unread(candidate: Candidate, recipient: Recipient, settings: Worth) -> float:
    """What the message costs because the person may not react; nothing where it rests on no profile."""
    reacts = recipient.reacts.get(candidate.channel) if candidate.personalized else None
    return 0.0 if reacts is None else settings.unread * (1.0 - reacts)


def _lately(messages: Iterable[Contact], send_at: int | None) -> int:
    if send_at is None:
        return 0
    return sum(one.message_class == "marketing" and 0 <= send_at - one.sent_at < _LOOK_BACK_US for one in messages)
