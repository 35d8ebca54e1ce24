"""The acting half of a run: decisions, messages, outbox, hand-over."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from types import MappingProxyType
from typing import NamedTuple, cast

import msgspec

from vocative.compose.checking import check_campaign
from vocative.compose.messages import compose_all
from vocative.decide.experiment.assigning import new_assignments
from vocative.decide.experiment.control import GLOBAL, control_group
from vocative.decide.planning import Plan, decide_all
from vocative.deliver.channel import Channel, ChannelContext
from vocative.deliver.outbox import HandOver, Links, enqueue, hand_over, states, waiting
from vocative.deliver.recheck import Rules
from vocative.line.act import approval, decision_inputs
from vocative.line.act.fairness import floors
from vocative.line.act.incoming import take_in
from vocative.line.act.outbox_page import write_page
from vocative.line.act.overtaken import overtaken
from vocative.line.act.studio import studio_of
from vocative.line.snapshot.contact_history import Said, said_before
from vocative.line.snapshot.journal import Result
from vocative.line.snapshot.people import recipients
from vocative.line.snapshot.records_io import (
    Standing,
    addressed_mark,
    decisions_of,
    keep_decisions,
    offer_mark,
    outbox_row,
)
from vocative.line.snapshot.relationships import relationships
from vocative.line.snapshot.snapshot import Scene
from vocative.line.snapshot.treatments import taught
from vocative.line.understand.build import Understood
from vocative.records.acting import Certificate, Decision, Recipient
from vocative.records.experiment import Assignment
from vocative.records.lake_tables import MESSAGES
from vocative.records.ledger_tables import ASSIGNMENTS
from vocative.records.progress import Progress, no_progress
from vocative.records.relationship import STATES
from vocative.store.arrow import rows_to_arrow
from vocative.store.permissions import owners_of
from vocative.store.registry import load_driver
from vocative.trust.fairness import Floors
from vocative.trust.uses import use_of
from vocative.workspace.opening import Workspace

_WORDS = ("message_id", "address", "language", "subject", "body_text", "body_html")


Message = dict[str, str | int]


class Floor(msgspec.Struct, frozen=True):
    """The least size of an offer for a target that a loyal person is made."""

    target: str
    unit: str
    size: float


class Before(NamedTuple):
    """What is taken to have happened before a decision."""

    said: Said
    floors: Floors
    taught: frozenset[str]


class Decided(NamedTuple):
    """Decisions, and how good the plan is; None where decisions of a run that was cut off were found again."""

    decisions: list[Decision]
    certificate: Certificate | None
    reached: Sequence[Recipient] = ()
    """Everybody as deciding saw them."""
    floors: Floors = MappingProxyType({})
    """What loyal people get at least."""


def as_it_was(scene: Scene, told: object = None) -> Before:
    """What did happen before the moment of the scene.

    Args:
        scene: The workspace at the moment.
        told: The floors in the result (`summary`) of the run at that moment, if there was one: the decisions they were
            read from are deleted before its own.
    """
    workspace, now = scene.workspace, scene.now
    lots = workspace.settings.exploring.share > 0.0
    best = floors(scene) if told is None else _floors_in(told)
    return Before(said_before(workspace, now), best, taught(workspace, now) if lots else frozenset())


def _floors_in(told: object) -> Floors:
    return {(one.target, one.unit): one.size for one in msgspec.convert(told, list[Floor])}


def decide(
    scene: Scene,
    run_id: str,
    understood: Understood,
    *,
    keep: bool,
    approved: bool = True,
    before: Before | None = None,
    standing: Standing | None = None,
) -> Decided:
    """Decide for everybody; `keep` the control group and the decisions, or only look.

    Only what has been approved may be chosen, as it stands now or by `standing`; without `approved` everything is taken
    as if it were, and with `before` as if that had happened before.
    """
    workspace, now = scene.workspace, scene.now
    reached = recipients_of(scene, run_id, understood)
    arms = _arms(workspace, [person.person_id for person in reached], now, keep=keep)
    said, best, done = before or as_it_was(scene)
    stands = (standing or standing_now(workspace, now)) if approved else Standing()
    plan = Plan(
        run_id=run_id,
        now=now,
        settings=workspace.settings,
        campaigns=workspace.campaigns,
        wordings={language: frozenset(words.category) for language, words in workspace.wordings.items()},
        spent=said.spent,
        used=said.used,
        offers=decision_inputs.offers(scene),
        floors=best,
        taught=done,
        armed=_as_written(stands.armed, workspace) if approved else None,
        stopped=stands.stopped,
    )
    told = decision_inputs.targets(scene, run_id, understood)
    decisions, certificate = decide_all(plan, reached, told, said.contacts, arms)
    if not keep:
        return Decided(decisions, certificate, reached, best)
    kept = keep_decisions(workspace, run_id, decisions, arms, stands)
    return Decided(kept, certificate if kept is decisions else None, reached, best)


def standing_now(workspace: Workspace, now: int) -> Standing:
    """What stands as of now, whatever clock it was said by; `now` (µs UTC) counts for approvals from later on."""
    studio = studio_of(workspace)
    armed, versions = approval.armed(workspace, studio, now), approval.versions(studio)
    return Standing(armed={name: versions[name] for name in sorted(armed)}, stopped=approval.stopped(workspace))


def _as_written(armed: Mapping[str, str], workspace: Workspace) -> frozenset[str]:
    """The campaigns whose text is still the one that was armed."""
    versions = approval.versions(studio_of(workspace))
    return frozenset(name for name, version in armed.items() if versions.get(name) == version)


def compose(scene: Scene, run_id: str) -> Result:
    """Write the messages of the run's decisions and put them into the outbox."""
    workspace, stores = scene.workspace, scene.workspace.stores
    decisions = decisions_of(stores, run_id, "outcome = 'contact'")
    studio = studio_of(workspace)
    armed = approval.armed(workspace, studio, scene.now)
    for name in sorted(armed):
        check_campaign(studio, studio.campaigns[name])
    # What is told of a person stands in the decision; of the person themselves the address and the greeting are enough.
    by_person = {person.person_id: person for person in recipients(scene.people, workspace.settings, {})}
    composed = compose_all(studio, decisions, by_person, run_id, scene.now, labels=labels_of(scene, decisions))
    messages = composed.rows
    if not stores.lake.append(MESSAGES, rows_to_arrow(MESSAGES, messages), token=f"run:{run_id}"):
        messages = _unchanged(workspace, messages, run_id)
    chosen = {decision.decision_id: decision for decision in decisions}
    versions = approval.versions(studio)
    rows = [
        outbox_row(row, decision, by_person[decision.person_id], workspace, versions, scene.now)
        for row in messages
        if (decision := chosen[str(row["decision_id"])]).chosen is not None and decision.chosen.campaign in armed
    ]
    enqueue(stores.ledger, rows)
    return {
        "composed": len(composed.rows),
        "languages": dict(Counter(str(row["language"]) for row in composed.rows).most_common()),
        "failed": len(composed.failed),
        "why_failed": sorted({nameless(reason) for reason in composed.failed.values()})[:5],
        "withheld": len(composed.rows) - len(rows),
    }


def _unchanged(workspace: Workspace, rows: Sequence[Message], run_id: str) -> list[Message]:
    """Of the messages those that this run had kept word for word before it was cut off.

    What was kept is what would leave; if a text was changed since, nobody has approved it for what it says now.
    """
    found = workspace.stores.engine.query(
        f"SELECT {', '.join(_WORDS)} FROM messages WHERE run_id = $run",
        {"messages": workspace.stores.lake.scan(MESSAGES)},
        {"run": run_id},
    )
    kept_ones = {tuple(row[name] for name in _WORDS) for row in found.to_pylist()}
    return [row for row in rows if tuple(row[name] for name in _WORDS) in kept_ones]


def nameless(reason: str) -> str:
    """Why a text could not be written, up to what it quotes: that may be a name, and a journal forgets nobody."""
    said = re.split(r"['\"‘“]", reason, maxsplit=1)
    return reason if len(said) == 1 else f"{said[0].rstrip()} …\n  → a preview of the campaign shows it"


def send(workspace: Workspace, now: int, progress: Progress = no_progress) -> Result:
    """Take in what has come since the run, hand over what is due at `now` and still true, and renew the page about it.

    Returns:
        How many messages of the outbox are in which state, and under `trouble` the channels that were stopped, or took
        nothing although something was due, each with the reason; nothing is there where all went well.
    """
    take_in(workspace, now, progress)
    return hand_over_due(workspace, now, progress)


def hand_over_due(workspace: Workspace, now: int, progress: Progress = no_progress) -> Result:
    """As `send`, by what is in the lake already."""
    ledger = workspace.stores.ledger
    # What is queued from here on by a run beside this one waits for the next call: its people are not looked at here.
    messages = waiting(ledger, now)
    done = _handed_over(workspace, now, messages, progress) if messages else HandOver(states(ledger), {})
    write_page(workspace)
    return done.result


def _handed_over(workspace: Workspace, now: int, messages: Mapping[str, str], progress: Progress) -> HandOver:
    """Hand over these messages (message → person); nobody but their people is read."""
    settings, addressees = workspace.settings, sorted(set(messages.values()))
    budgets = {name: one.daily_budget for name, one in settings.channels.items() if one.daily_budget is not None}
    with workspace.stores.ledger.transaction() as transaction:
        owners = owners_of(transaction, addressees)
    scene = Scene(workspace, now, among={owners.get(person, person) for person in addressees})
    people = recipients(scene.people, settings, {}, relationships(scene))
    rules = Rules(
        settings.caps,
        settings.quiet_hours,
        settings.business,
        budgets,
        frozenset(offer_mark(offer) for offer in decision_inputs.offers(scene)),
        {(one.person_id, channel): addressed_mark(one, channel) for one in people for channel in settings.channels},
        approval.versions(studio_of(workspace)),
        {one.person_id: one for one in people},
        frozenset(campaign.name for campaign in workspace.campaigns if campaign.once),
        {campaign.name: use_of(campaign) for campaign in workspace.campaigns},
        settings.personalization.covers,
        settings.relationship,
        overtaken(scene, messages, owners, people),
    )
    channels: dict[str, Channel] = {}
    with ExitStack() as opened:
        for name in settings.channels:
            channels[name] = _channel(workspace, name)
            opened.callback(channels[name].close)
        links = Links(settings.sender.links, workspace.key)
        return hand_over(workspace.stores, channels, rules, now, progress, links=links, only=messages)


def labels_of(scene: Scene, decisions: Iterable[Decision]) -> dict[str, str]:
    """Names of the items that the messages of these decisions speak of."""
    by_item = {campaign.name for campaign in scene.workspace.campaigns if campaign.about == "item"}
    return decision_inputs.item_names(
        scene,
        (
            name
            for decision in decisions
            if (chosen := decision.chosen) is not None and chosen.campaign in by_item
            for target in chosen.targets
            for name in (target.target, target.because)
            if name
        ),
    )


def summary(decided: Decided) -> Result:
    """Counts of outcomes and of the reasons for not contacting, the floors, and how good the plan is."""
    decisions, certificate = decided.decisions, decided.certificate
    outcomes = Counter(decision.outcome for decision in decisions)
    reasons = Counter(decision.reason for decision in decisions if decision.outcome != "contact")
    states = Counter(decision.relationship for decision in decisions)
    return {
        "people": len(decisions),
        "contacted": outcomes["contact"],
        "silent": outcomes["silence"],
        "control": outcomes["control"],
        "explored": sum(decision.explored for decision in decisions),
        "by_channel": dict(Counter(d.chosen.channel for d in decisions if d.outcome == "contact" and d.chosen)),
        "by_campaign": dict(Counter(d.reason for d in decisions if d.outcome == "contact").most_common()),
        "by_reason_not": dict(reasons.most_common()),
        "by_relationship": {state: states[state] for state in STATES},
        "floors": msgspec.to_builtins([Floor(*key, size) for key, size in sorted(decided.floors.items())]),
        "plan": msgspec.to_builtins(certificate) if certificate else None,
    }


def recipients_of(scene: Scene, run_id: str, understood: Understood) -> list[Recipient]:
    """Everybody as deciding and composing see them."""
    notes = decision_inputs.notes(scene, run_id, understood)
    return recipients(scene.people, scene.workspace.settings, notes, relationships(scene))


def _arms(workspace: Workspace, people: Sequence[str], now: int, *, keep: bool) -> dict[str, Assignment]:
    with workspace.stores.ledger.transaction() as transaction:
        drawn = msgspec.convert(transaction.select(ASSIGNMENTS, {"experiment": GLOBAL}), list[Assignment])
        experiment = control_group(workspace.settings.control)
        new = new_assignments(experiment, people, {one.person_id for one in drawn}, now)
        if keep:
            transaction.insert(ASSIGNMENTS, [msgspec.structs.asdict(one) for one in new], on_conflict="ignore")
    return {one.person_id: one for one in (*drawn, *new)}


def _channel(workspace: Workspace, name: str) -> Channel:
    settings = workspace.settings.channels[name]
    make = cast("Callable[[ChannelContext], Channel]", load_driver("channel", settings.driver))
    context = ChannelContext(
        name=name, settings=settings, sender=workspace.settings.sender, folder=workspace.root / "outbox"
    )
    return make(context)
