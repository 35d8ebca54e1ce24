"""Decides for every person: candidates, hard filters, value, arbitration; doing nothing is an action."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from vocative.decide.caps import Pressure, pressure_by_person
from vocative.decide.control import NOBODY_IN_CONTROL, Assignment
from vocative.decide.filters import PASSING, STANDING, Situation, closest_call, first_removal
from vocative.decide.fitting import fit, numbers_to_tell
from vocative.decide.languages import written_language
from vocative.decide.moment import hand_over_moment, is_quiet_hour
from vocative.records.acting import Candidate, Contact, Decision, Offer, Recipient, Target
from vocative.records.settings import Campaign, QuietHours, Settings
from vocative.stats.calendars import local_date
from vocative.stats.hashing import stable_id


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a decision depends on besides the person: the same inputs give the same decisions."""

    run_id: str
    now: int
    settings: Settings
    campaigns: Sequence[Campaign]
    wordings: Mapping[str, frozenset[str]]
    """Language → targets that have words a customer understands; others are never mentioned."""
    spent: Mapping[str, float] = field(default_factory=dict)
    """Channel → money already committed on this local day of the business."""
    offers: Sequence[Offer] = ()
    """Offers that hold at `now`."""
    armed: frozenset[str] | None = None
    """Campaigns somebody has approved as they stand; None looks at what would be decided if all were."""
    stopped: bool = False
    """Whether everything has been stopped."""


def decide_all(
    plan: Plan,
    recipients: Iterable[Recipient],
    targets: Mapping[str, Sequence[Target]],
    contacts: Iterable[Contact],
    arms: Mapping[str, Assignment],
) -> list[Decision]:
    """Decide for every recipient.

    Args:
        plan: Campaigns, settings and the moment.
        recipients: Everybody who could be considered, each once.
        targets: Person → what they will probably want; only people who may be profiled have any.
        contacts: Messages of the past and in the outbox.
        arms: Person → recorded assignment to the global control group.

    Returns:
        One decision for each recipient, in their order.
    """
    pressure = pressure_by_person(contacts)
    decisions = [
        _decide_one(plan, recipient, targets.get(recipient.person_id, ()), pressure, arms) for recipient in recipients
    ]
    return _within_budgets(decisions, plan)


def _decide_one(
    plan: Plan,
    recipient: Recipient,
    targets: Sequence[Target],
    pressure: Mapping[str, Pressure],
    arms: Mapping[str, Assignment],
) -> Decision:
    mine = pressure.get(recipient.person_id) or Pressure()
    candidates = tuple(_candidate(plan, campaign, recipient, targets, mine) for campaign in plan.campaigns)
    base = Decision(
        decision_id=stable_id(plan.run_id, recipient.person_id),
        person_id=recipient.person_id,
        moment=plan.now,
        outcome="silence",
        reason=closest_call([candidate.removed for candidate in candidates if candidate.removed]),
        propensity=1.0,
        candidates=candidates,
    )
    standing = [candidate for candidate in candidates if candidate.removed is None]
    if not standing:
        return base
    # What a person is owed does not compete with what the business would like to say.
    best = max(standing, key=lambda one: (not _is_marketing(plan, one), one.score or 0.0, one.campaign))
    drawn = arms.get(recipient.person_id, NOBODY_IN_CONTROL)
    chance = drawn.propensity if _is_marketing(plan, best) else 1.0
    if _is_marketing(plan, best) and drawn.arm == "control":
        return replace(base, outcome="control", reason="control_group", propensity=chance, chosen=best)
    return replace(base, outcome="contact", reason=best.campaign, propensity=chance, chosen=best, facts=_facts(best))


def _candidate(
    plan: Plan, campaign: Campaign, recipient: Recipient, targets: Sequence[Target], pressure: Pressure
) -> Candidate:
    candidate = Candidate(campaign=campaign.name, channel=campaign.channel, personalized=campaign.personalized)
    if (barred := _barred(plan, campaign)) is not None:
        return replace(candidate, removed=barred)
    # Most people are out for a reason that asks for neither predictions nor a moment.
    situation = Situation(recipient, campaign, candidate, pressure, plan.settings, plan.now)
    if (removed := first_removal(situation, STANDING)) is not None:
        return replace(candidate, removed=removed)
    words = plan.wordings.get(_language(plan, recipient), frozenset())
    found = fit(campaign, recipient, targets, plan.offers, words, pressure, plan.now)
    send_at = hand_over_moment(
        _at_own_hour(campaign, recipient, plan.settings.quiet_hours),
        plan.settings.quiet_hours,
        recipient.zone,
        plan.settings.business.timezone,
        plan.now,
    )
    zone = recipient.zone or plan.settings.business.timezone
    candidate = replace(
        candidate,
        targets=found.targets,
        offer=found.offer,
        numbers=numbers_to_tell(campaign, recipient),
        send_at=send_at,
        local_day=local_date(send_at, zone).toordinal() if send_at is not None else None,
    )
    situation = Situation(recipient, campaign, candidate, pressure, plan.settings, plan.now, found.lacking)
    if (removed := first_removal(situation, PASSING)) is not None:
        return replace(candidate, removed=removed)
    score = _score(campaign, candidate, plan.settings)
    worth_it = score > 0 or campaign.message_class == "service"
    return replace(candidate, score=score, removed=None if worth_it else "not_worth_it")


def _facts(chosen: Candidate) -> dict[str, object]:
    """What the message may say about the person."""
    facts: dict[str, object] = {}
    if chosen.targets:
        facts["targets"] = [target.target for target in chosen.targets]
    if chosen.offer is not None:
        facts["offer"] = chosen.offer.offer_id
    if chosen.numbers:
        facts["numbers"] = chosen.numbers
    return facts


def _barred(plan: Plan, campaign: Campaign) -> str | None:
    """What keeps a campaign from everybody."""
    if plan.stopped:
        return "stopped"
    return "not_approved" if plan.armed is not None and campaign.name not in plan.armed else None


def _language(plan: Plan, recipient: Recipient) -> str:
    languages = plan.settings.business.languages
    worded = [language for language in languages if language in plan.wordings] or languages
    return written_language(recipient.language, worded)


def _at_own_hour(campaign: Campaign, recipient: Recipient, quiet: QuietHours) -> Campaign:
    """The campaign at the person's own hour, unless that lies in the quiet hours."""
    if recipient.hour is None or not campaign.personalized or is_quiet_hour(recipient.hour, quiet):
        return campaign
    return replace(campaign, send_hour=recipient.hour)


def _score(campaign: Campaign, candidate: Candidate, settings: Settings) -> float:
    """Expected worth of the contact in money: chance times declared value, less what the contact costs.

    The declared value is the business's own guess: without randomised evidence nothing here is causal.
    """
    chance = max((target.probability for target in candidate.targets), default=1.0)
    return chance * campaign.value - settings.channels[campaign.channel].cost


def _is_marketing(plan: Plan, candidate: Candidate) -> bool:
    return any(
        campaign.message_class == "marketing" for campaign in plan.campaigns if campaign.name == candidate.campaign
    )


def _within_budgets(decisions: list[Decision], plan: Plan) -> list[Decision]:
    """Keep each channel within its budget for the day.

    Service messages come first, then the highest scores, ties in a fixed random order.
    """
    wanting: defaultdict[str, list[tuple[tuple[bool, float, str], int]]] = defaultdict(list)
    for index, decision in enumerate(decisions):
        if decision.outcome == "contact" and (chosen := decision.chosen) is not None:
            urgency = (_is_marketing(plan, chosen), -(chosen.score or 0.0), decision.decision_id)
            wanting[chosen.channel].append((urgency, index))
    for channel, wishes in wanting.items():
        budget = plan.settings.channels[channel].daily_budget
        cost = plan.settings.channels[channel].cost
        if budget is None:
            continue
        affordable = _affordable(budget - plan.spent.get(channel, 0.0), cost, len(wishes))
        for _, index in sorted(wishes)[affordable:]:
            decisions[index] = _unaffordable(decisions[index])
    return decisions


def _unaffordable(decision: Decision) -> Decision:
    chosen = decision.chosen
    candidates = tuple(replace(one, removed="budget") if one == chosen else one for one in decision.candidates)
    return replace(
        decision, outcome="silence", reason="budget", propensity=1.0, chosen=None, candidates=candidates, facts={}
    )


def _affordable(money: float, cost: float, wanted: int) -> int:
    """How many messages the money pays for; a free channel with no budget left still sends nothing.

    >>> _affordable(1.0, 0.3, 10), _affordable(0.0, 0.0, 10), _affordable(1.0, 0.0, 10)
    (3, 0, 10)
    """
    if money <= 0:
        return 0
    # The sum of many small costs is not exact in binary; a millionth of a message is forgiven.
    return wanted if cost == 0 else int(money / cost + 1e-6)
