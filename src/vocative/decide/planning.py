"""Decides for every person: candidates, hard filters, value, arbitration; doing nothing is an action."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from typing import NamedTuple

from msgspec.structs import replace

from vocative.decide.allocation.budgets import Taken, all_limits, channel_budgets
from vocative.decide.allocation.choosing import Choice, choose
from vocative.decide.eligibility.caps import Pressure, pressure_by_person
from vocative.decide.eligibility.channels import best_channel, channels_of
from vocative.decide.eligibility.filters import PASSING, STANDING, Situation, closest_call, first_removal
from vocative.decide.eligibility.languages import written_language
from vocative.decide.eligibility.offer_sizes import TRIED_BY_LOT, best_size
from vocative.decide.eligibility.relating import thanked_first
from vocative.decide.eligibility.send_time import Quiet, hand_over_moment, is_quiet_hour, quiet_for, whereabouts
from vocative.decide.experiment.control import in_control
from vocative.decide.experiment.exploring import draw_lots, settled
from vocative.decide.value.fitting import Terms, fit, numbers_to_tell
from vocative.decide.value.lift import Usual, usual_chances
from vocative.decide.value.worth import expected, may_be_tried, not_chosen
from vocative.records.acting import Candidate, Certificate, Contact, Decision, Offer, Recipient, Target
from vocative.records.experiment import Assignment
from vocative.records.settings import Campaign, Settings
from vocative.stats.calendars import local_date
from vocative.stats.hashing import stable_id
from vocative.trust.claims import Known, claims_that_hold
from vocative.trust.fairness import Floors


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
    used: Mapping[str, float] = field(default_factory=dict)
    """Name in `[limits]` → what was used of it on its days, this local day of the business included."""
    offers: Sequence[Offer] = ()
    """Offers that hold at `now`."""
    floors: Floors = field(default_factory=dict)
    """What occasional buyers saw in the last quarter: loyal people are offered no less."""
    taught: frozenset[str] = frozenset()
    """People from whom what a lot shows was learnt before: drawing again for them would teach nothing."""
    armed: frozenset[str] | None = None
    """Campaigns somebody has approved as they stand; None looks at what would be decided if all were."""
    stopped: bool = False
    """Whether everything has been stopped."""
    usual: Mapping[str, Usual] = field(default_factory=dict)
    """How probable everything is for everybody; deciding for everybody finds that out."""

    @property
    def terms(self) -> Terms:
        """What is the same for everybody."""
        return Terms(self.floors, self.settings.worth, self.usual)


class Planned(NamedTuple):
    """Decisions in the order of the recipients, and how good the plan for marketing is."""

    decisions: list[Decision]
    certificate: Certificate


def decide_all(
    plan: Plan,
    recipients: Iterable[Recipient],
    targets: Mapping[str, Sequence[Target]],
    contacts: Iterable[Contact],
    arms: Mapping[str, Assignment],
) -> Planned:
    """Decide for every recipient.

    Args:
        plan: Campaigns, settings and the moment.
        recipients: Everybody who could be considered, each once.
        targets: Person → what they will probably want; only people who may be profiled have any.
        contacts: Messages of the past and in the outbox.
        arms: Person → recorded assignment to the global control group.
    """
    pressure = pressure_by_person(contacts)
    people = list(recipients)
    plan = replaced(plan, usual=usual_chances(plan.campaigns, targets))
    decisions = [_weighed(plan, one, targets.get(one.person_id, ()), pressure) for one in people]
    # What a person is owed does not compete with what the business would like to say.
    owed, used = _owed(plan, people, decisions)
    return _offered(plan, people, owed, used, arms)


def _weighed(plan: Plan, recipient: Recipient, targets: Sequence[Target], pressure: Mapping[str, Pressure]) -> Decision:
    """Silence, with every candidate and what removed it."""
    mine = pressure.get(recipient.person_id) or Pressure()
    candidates = thanked_first(
        [_over_best_channel(plan, campaign, recipient, targets, mine) for campaign in plan.campaigns],
        plan.campaigns,
        recipient,
        plan.floors,
        mine,
        plan.now,
    )
    return Decision(
        decision_id=stable_id(plan.run_id, recipient.person_id),
        person_id=recipient.person_id,
        moment=plan.now,
        outcome="silence",
        reason=closest_call([candidate.removed for candidate in candidates if candidate.removed]),
        propensity=1.0,
        relationship=recipient.relationship,
        because=recipient.because,
        candidates=candidates,
    )


def _owed(plan: Plan, people: Sequence[Recipient], decisions: Sequence[Decision]) -> tuple[list[Decision], list[Taken]]:
    """Service messages are decided first, as far as the budgets of their channels go; and what they use up."""
    services = {campaign.name for campaign in plan.campaigns if campaign.message_class == "service"}
    standing = [_standing(decision, services) for decision in decisions]
    places = [place for place, candidates in enumerate(standing) if candidates]
    choices = [
        Choice(decisions[place].decision_id, _above_all(standing[place]), people[place].segments) for place in places
    ]
    chosen = choose(choices, channel_budgets(plan.settings, plan.spent, ()), _costs(plan))
    found = list(decisions)
    used: list[Taken] = []
    for place, candidate, lost in zip(places, chosen.candidates, chosen.lost, strict=True):
        decision = found[place]
        if candidate is None:
            found[place] = replace(_without(decision, lost), reason=next(iter(lost.values()), decision.reason))
            continue
        mine = _as_weighed(standing[place], candidate)
        used.append(Taken(mine, people[place].segments))
        candidates = tuple(mine if one.campaign == mine.campaign else one for one in decision.candidates)
        found[place] = replace(
            decision,
            outcome="contact",
            reason=mine.campaign,
            chosen=mine,
            candidates=candidates,
            facts=_facts(mine),
        )
    return found, used


def _offered(
    plan: Plan,
    people: Sequence[Recipient],
    decisions: Sequence[Decision],
    used: Sequence[Taken],
    arms: Mapping[str, Assignment],
) -> Planned:
    """Marketing for everybody who is owed nothing, within all limits."""
    marketing = {campaign.name for campaign in plan.campaigns if campaign.message_class == "marketing"}
    costs = _costs(plan)
    standing, choices, drawn = [], [], []
    for place, decision in enumerate(decisions):
        mine = _standing(decision, marketing)
        share = 0.0 if decision.person_id in plan.taught else plan.settings.exploring.share
        tried = _tried(decision, marketing) if share > 0.0 else ()
        if decision.chosen is None and (mine or tried):
            arm = arms.get(decision.person_id)
            standing.append(place)
            drawn.append(arm)
            choices.append(Choice(decision.decision_id, mine, people[place].segments, in_control(arm), tried, share))
    lots, left = draw_lots(choices, all_limits(plan.settings, plan.spent, plan.used, used), costs)
    # Those for whom it is drawn have used up what they got; what the plan would give them is read at its prices.
    rest = [replaced(one, held_back=one.held_back or lot.drawn) for one, lot in zip(choices, lots, strict=True)]
    chosen = choose(rest, left, costs)
    found = list(decisions)
    for number, (place, lot) in enumerate(zip(standing, lots, strict=True)):
        candidate = chosen.candidates[number]
        lost = lot.lost if lot.drawn else chosen.lost[number]
        decision = _without(found[place], lost)
        if lot.drawn or candidate is None:
            decision = replace(decision, reason=next(iter(lost.values()), decision.reason))
        decision = settled(decision, drawn[number], lot, candidate, chosen.odds[number], choices[number].share)
        if decision.outcome == "contact" and decision.chosen is not None:
            decision = replace(decision, facts=_facts(decision.chosen))
        found[place] = decision
    return Planned(found, chosen.certificate)


def _without(decision: Decision, lost: Mapping[str, str]) -> Decision:
    """The decision with candidates that a limit took away."""
    if not lost:
        return decision
    return replace(
        decision,
        candidates=tuple(
            replace(one, removed=lost[one.campaign]) if one.removed is None and one.campaign in lost else one
            for one in decision.candidates
        ),
    )


def _costs(plan: Plan) -> dict[str, float]:
    return {name: channel.cost for name, channel in plan.settings.channels.items()}


def _standing(decision: Decision, campaigns: Collection[str]) -> tuple[Candidate, ...]:
    return tuple(one for one in decision.candidates if one.removed is None and one.campaign in campaigns)


def _tried(decision: Decision, campaigns: Collection[str]) -> tuple[Candidate, ...]:
    """What no plan would choose, as far as nobody measured that it brings nothing."""
    return tuple(
        one
        for one in decision.candidates
        if one.removed in TRIED_BY_LOT and one.campaign in campaigns and may_be_tried(one)
    )


def _as_weighed(standing: Sequence[Candidate], chosen: Candidate) -> Candidate:
    """A service message that was chosen by its rank, with its worth."""
    first = next(one for one in standing if one.campaign == chosen.campaign)
    ways = {way.channel: replace(way, over=()) for way in first.ways}
    return replace(ways[chosen.channel], over=tuple(ways[way.channel] for way in chosen.over))


def _above_all(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Service is not weighed: each message counts the same, but for the order among those of one person."""
    ranked = sorted(candidates, key=lambda one: (one.score or 0.0, one.campaign))
    return tuple(_at_rank(one, rank, len(ranked)) for rank, one in enumerate(ranked))


def _at_rank(candidate: Candidate, rank: int, ranks: int) -> Candidate:
    """With a worth that tells its rank, and over each channel a little less than over the one before."""
    first, *others = (
        replace(way, score=1.0 + (rank - place / len(candidate.ways)) / ranks)
        for place, way in enumerate(candidate.ways)
    )
    return replace(first, over=tuple(others))


def _over_best_channel(
    plan: Plan, campaign: Campaign, recipient: Recipient, targets: Sequence[Target], pressure: Pressure
) -> Candidate:
    names = channels_of(campaign)
    if len(names) == 1:
        return _candidate(plan, campaign, recipient, targets, pressure)
    over = [replace(campaign, channel=name) for name in names]
    return best_channel([_candidate(plan, one, recipient, targets, pressure) for one in over])


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
    found = fit(campaign, recipient, targets, plan.offers, words, pressure, plan.now, plan.terms)
    quiet = quiet_for(plan.settings.quiet_hours, campaign.channel, campaign.message_class)
    where = whereabouts(recipient.zone, recipient.country, plan.settings.quiet_hours, plan.settings.business)
    send_at = hand_over_moment(_at_own_hour(campaign, recipient, quiet), quiet, where, plan.now)
    zone = recipient.zone or plan.settings.business.timezone
    candidate = replace(
        candidate,
        targets=found.targets,
        offer=next(iter(found.offers), None),
        numbers=numbers_to_tell(campaign, recipient),
        send_at=send_at,
        local_day=local_date(send_at, zone).toordinal() if send_at is not None else None,
    )
    candidate = replace(candidate, claims=_claims(campaign, recipient, candidate))
    situation = Situation(recipient, campaign, candidate, pressure, plan.settings, plan.now, found.lacking)
    if (removed := first_removal(situation, PASSING)) is not None:
        return replace(candidate, removed=removed)
    sizes = [replace(candidate, offer=offer) for offer in found.offers] or [candidate]
    weighed = [_with_worth(plan, campaign, one, recipient, pressure) for one in sizes]
    return best_size(weighed) if found.offers else weighed[0]


def _claims(campaign: Campaign, recipient: Recipient, candidate: Candidate) -> tuple[str, ...]:
    """What a text of the campaign may say of the person; nothing where it rests on no profile."""
    if not campaign.personalized:
        return ()
    by_category = campaign.about == "category"
    return claims_that_hold(
        Known(
            relationship=recipient.relationship,
            acts=recipient.acts,
            features=recipient.numbers,
            targets=candidate.targets,
            by_category=by_category,
            numbers=candidate.numbers,
        )
    )


def _with_worth(
    plan: Plan, campaign: Campaign, candidate: Candidate, recipient: Recipient, pressure: Pressure
) -> Candidate:
    cost = plan.settings.channels[campaign.channel].cost
    found = expected(campaign, candidate, recipient, cost, plan.settings.worth, pressure.messages)
    return replace(
        candidate,
        score=found.value,
        basis=found.basis,
        low=found.low,
        high=found.high,
        removed=not_chosen(found, campaign),
    )


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


def _at_own_hour(campaign: Campaign, recipient: Recipient, quiet: Quiet) -> Campaign:
    """The campaign at the hour at which the person reacts, or else is about, unless all that is quiet."""
    if not campaign.personalized:
        return campaign
    own = (*recipient.hours.get(campaign.channel, ()), *(() if recipient.hour is None else (recipient.hour,)))
    hour = next((one for one in own if not is_quiet_hour(one, quiet)), None)
    return campaign if hour is None else replace(campaign, send_hour=hour)
