"""What the relationship to a person allows: lower caps, messages that give between those that sell, thanks first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from vocative.decide.eligibility.caps import ContactLoad
from vocative.decide.eligibility.offer_sizes import TRIED_BY_LOT
from vocative.records.acting import Candidate, Contact, Recipient
from vocative.records.caps import Caps, Most
from vocative.records.relationship import LOYAL, StateCaps
from vocative.records.settings import Campaign
from vocative.trust.fairness import QUARTER_DAYS, Floors


def lower(caps: Caps, state: StateCaps) -> Caps:
    """The caps for people in one state of relationship: never above those for everybody.

    >>> found = lower(Caps(per_day=1, per_week=2, per_month="none"), StateCaps(per_week=1, per_month=9))
    >>> found.per_day, found.per_week, found.per_month
    (1, 1, 9)
    """
    return replace(
        caps,
        per_day=_lower(caps.per_day, state.per_day),
        per_week=_lower(caps.per_week, state.per_week),
        per_month=_lower(caps.per_month, state.per_month),
    )


def sold_in_a_row(messages: Iterable[Contact], since: int) -> int:
    """Marketing messages that sold something since the last one that did not, and not before `since` (µs UTC).

    Of messages of one moment, those that sell count as the later ones.
    """
    marketing = [one for one in messages if one.message_class == "marketing" and one.sent_at >= since]
    given = max((one.sent_at for one in marketing if not one.sells), default=since)
    return sum(one.sells and one.sent_at >= given for one in marketing)


def thanked_first(
    candidates: Sequence[Candidate],
    campaigns: Sequence[Campaign],
    recipient: Recipient,
    floors: Floors,
    pressure: ContactLoad,
    now: int,
) -> tuple[Candidate, ...]:
    """The candidates of one person; what sells is removed where the person is to be thanked before.

    That is a loyal person who could have an offer that others saw within the quarter, whom nobody has thanked in that
    time, and whom a campaign could thank now.

    Args:
        candidates: Of each campaign one.
        campaigns: The same campaigns.
        recipient: The person.
        floors: What occasional buyers saw within the quarter.
        pressure: When which topic was last used.
        now: The moment, µs UTC.
    """
    if recipient.relationship not in LOYAL or not any(_others_saw(one, floors) for one in candidates):
        return tuple(candidates)
    pairs = list(zip(candidates, campaigns, strict=True))
    thanking = [(one, of) for one, of in pairs if of.personalized and not of.sells]
    thanked = any(pressure.rests(of.topic, QUARTER_DAYS, now) for _, of in thanking)
    if thanked or not any(one.removed is None for one, _ in thanking):
        return tuple(candidates)
    return tuple(
        replace(one, removed="thanks_first")
        if one.removed in (None, *TRIED_BY_LOT) and of.sells and of.message_class == "marketing"
        else one
        for one, of in pairs
    )


def _others_saw(one: Candidate, floors: Floors) -> bool:
    return one.offer is not None and any((target.target, one.offer.unit) in floors for target in one.targets)


def _lower(one: Most, other: int | None) -> Most:
    return min((cap for cap in (one, other) if isinstance(cap, int)), default=one)
