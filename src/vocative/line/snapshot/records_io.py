"""Decisions and messages as rows of their tables, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import cast

import msgspec
import pyarrow as pa
from msgspec import Struct, field
from msgspec.structs import asdict

from vocative.decide.experiment.control import exposed
from vocative.decide.options import options_of
from vocative.records.acting import Candidate, Decision, Offer, Option, Recipient
from vocative.records.experiment import Assignment
from vocative.records.lake_tables import DECISIONS, EXPOSURES, OPTIONS
from vocative.records.schema import Cell, Value
from vocative.records.settings import Campaign
from vocative.stats.hashing import stable_id
from vocative.store.arrow import arrow_schema, rows_to_arrow
from vocative.store.protocols import Stores
from vocative.workspace.opening import Workspace

_HOUR_US = 3_600_000_000
_TOGETHER = 10_000


class Standing(Struct, frozen=True, kw_only=True):
    """What of the business stood when a run decided: it rests on the order in which people acted, and on no clock."""

    armed: dict[str, str] = field(default_factory=dict)
    """Campaign that may go out → its version."""
    stopped: bool = False


class Versions(Standing, frozen=True, kw_only=True):
    """What a decision was made under, as it stands in its column `versions`."""

    settings: str
    """Hash of settings and campaigns."""
    campaign: str


def keep_decisions(
    workspace: Workspace,
    run_id: str,
    decisions: list[Decision],
    arms: Mapping[str, Assignment] = MappingProxyType({}),
    standing: Standing | None = None,
) -> list[Decision]:
    """Keep what a run decided, all it could have been, and for whom an experiment made a difference.

    Args:
        workspace: Whose lake keeps it.
        run_id: The run.
        decisions: What was decided; ignored where decisions of the run are kept already.
        arms: Person → their arm in the global control group.
        standing: What of the business stood.

    Returns:
        The decisions that count: the first that were kept for this run.
    """
    lake, token = workspace.stores.lake, f"run:{run_id}"
    rows = decision_rows(decisions, run_id, workspace, standing)
    if not lake.append(DECISIONS, rows_to_arrow(DECISIONS, rows), token=token):
        # Cut off right after the decisions were kept: those count, whatever has changed since.
        decisions = decisions_of(workspace.stores, run_id)
    lake.append(OPTIONS, _options_table(decisions, run_id, workspace), token=token)
    met = [{**asdict(one), "run_id": run_id} for one in exposed(decisions, arms, workspace.campaigns)]
    lake.append(EXPOSURES, rows_to_arrow(EXPOSURES, met), token=token)
    return decisions


def decision_rows(
    decisions: Iterable[Decision], run_id: str, workspace: Workspace, standing: Standing | None = None
) -> list[dict[str, Cell]]:
    """Rows of the table `decisions`; `candidates` holds all that is needed to read a decision back."""
    campaigns = _campaigns(workspace)
    settings, stands = settings_mark(workspace), standing or Standing()
    versions = {
        name: Versions(settings=settings, campaign=name, armed=stands.armed, stopped=stands.stopped)
        for name in ("", *campaigns)
    }
    told = {name: msgspec.json.encode(one).decode() for name, one in versions.items()}
    return [_decision_row(decision, run_id, campaigns, told) for decision in decisions]


def settings_mark(workspace: Workspace) -> str:
    """A hash of settings and campaigns, by which a decision remembers them."""
    return stable_id(msgspec.json.encode([workspace.settings, workspace.campaigns], order="sorted").decode())


def _decision_row(
    decision: Decision, run_id: str, campaigns: Mapping[str, Campaign], versions: Mapping[str, str]
) -> dict[str, Cell]:
    chosen = decision.chosen
    action = chosen.action if chosen else None
    level = action.offer if action else None
    campaign = campaigns.get(chosen.campaign) if chosen else None
    return {
        "decision_id": decision.decision_id,
        "run_id": run_id,
        "moment": decision.moment,
        "person_id": decision.person_id,
        "outcome": decision.outcome,
        "campaign": action.campaign if action else None,
        "variant": action.variant if action else None,
        "medium": action.medium if action else None,
        "channel": action.channel if action else None,
        "offer_discount": level.discount if level else None,
        "offer_unit": level.unit if level else None,
        "action_key": action.key if action else None,
        "about": _about(chosen) if chosen else None,
        "send_at": chosen.send_at if chosen else None,
        "expires_at": _expires(decision, chosen, campaign) if campaign and chosen else None,
        "personalized": bool(chosen and _rests_on_profile(chosen, campaign)),
        "score": chosen.score if chosen else None,
        "propensity": decision.propensity,
        "probabilities": list(decision.probabilities.items()),
        "explored": decision.explored,
        "reason": decision.reason,
        "relationship": decision.relationship,
        "relationship_reason": decision.because,
        "candidates": msgspec.json.encode(decision.candidates).decode(),
        "facts": msgspec.json.encode(decision.facts).decode(),
        "versions": versions[campaign.name if campaign else ""],
    }


def decisions_of(stores: Stores, run_id: str, wanted: str = "true") -> list[Decision]:
    """The decisions of a run, as they were made; of many those that meet a condition in SQL."""
    found = stores.engine.query(
        f"SELECT * REPLACE (epoch_us(moment) AS moment) FROM decisions WHERE run_id = $run AND {wanted} "
        "ORDER BY person_id",
        {"decisions": stores.lake.scan(DECISIONS)},
        {"run": run_id},
    )
    return [decision_of(row) for row in found.to_pylist()]


def decision_of(row: Mapping[str, object]) -> Decision:
    """A decision from its row; `moment` in µs UTC."""
    candidates = msgspec.json.decode(str(row["candidates"]), type=tuple[Candidate, ...])
    chosen = next((one for one in candidates if one.removed is None and one.campaign == row["campaign"]), None)
    return msgspec.convert(
        {
            **{name: row[name] for name in ("decision_id", "person_id", "moment", "outcome", "reason", "propensity")},
            "relationship": row["relationship"],
            "because": row["relationship_reason"],
            "probabilities": dict(cast("list[tuple[str, float]]", row["probabilities"])),
            "explored": row["explored"],
            "facts": msgspec.json.decode(str(row["facts"])),
            "candidates": candidates,
            "chosen": chosen,
        },
        Decision,
    )


def _options_table(decisions: Sequence[Decision], run_id: str, workspace: Workspace) -> pa.Table:
    """Everything the decisions could have been, as rows of the table `options`."""
    costs = {name: channel.cost for name, channel in workspace.settings.channels.items()}
    # A person has many options: as Python objects only those of some people are there at a time.
    made = [
        rows_to_arrow(OPTIONS, _option_rows(decisions[first : first + _TOGETHER], run_id, costs))
        for first in range(0, len(decisions), _TOGETHER)
    ]
    return pa.concat_tables([arrow_schema(OPTIONS).empty_table(), *made])


def _option_rows(decisions: Iterable[Decision], run_id: str, costs: Mapping[str, float]) -> Iterator[dict[str, Value]]:
    for decision in decisions:
        common: dict[str, Value] = {
            "decision_id": decision.decision_id,
            "run_id": run_id,
            "moment": decision.moment,
            "person_id": decision.person_id,
        }
        for option in options_of(decision, costs):
            yield {**common, **_option_row(option)}


def _option_row(option: Option) -> dict[str, Value]:
    action, level = option.action, option.action.offer
    return {
        "action_key": action.key,
        "campaign": action.campaign,
        "variant": action.variant,
        "medium": action.medium,
        "channel": action.channel,
        "offer_id": option.offer_id or "",
        "offer_discount": level.discount if level else None,
        "offer_unit": level.unit if level else None,
        "target": next(iter(option.targets), None),
        "targets": len(option.targets),
        "best": option.best,
        "given": option.given,
        "score": option.score,
        "low": option.low,
        "high": option.high,
        "basis": option.basis,
        "cost": option.cost,
        "propensity": option.propensity,
        "removed": option.removed,
    }


def outbox_row(
    message: Mapping[str, str | int],
    decision: Decision,
    recipient: Recipient,
    workspace: Workspace,
    versions: Mapping[str, str],
    now: int,
) -> dict[str, Value]:
    """A row of the outbox for a message that was just composed by the `versions` of the campaigns."""
    chosen = decision.chosen
    if chosen is None or chosen.send_at is None or chosen.local_day is None:
        raise ValueError(f"decision {decision.decision_id} has no message to send")
    campaign = _campaigns(workspace)[chosen.campaign]
    topics = [f"{campaign.topic}/{target.target}" for target in chosen.targets] or [campaign.topic]
    return {
        "message_id": message["message_id"],
        "decision_id": decision.decision_id,
        "person_id": decision.person_id,
        "campaign": campaign.name,
        "version": versions[campaign.name],
        "offer": offer_mark(chosen.offer) if chosen.offer else None,
        "addressed": addressed_mark(recipient, chosen.channel),
        "topics": msgspec.json.encode(topics).decode(),
        "class": campaign.message_class,
        "sells": campaign.sells,
        "channel": chosen.channel,
        "address": message["address"],
        "state": "queued",
        "queued_at": now,
        "send_at": chosen.send_at,
        "expires_at": _expires(decision, chosen, campaign),
        "zone": recipient.zone,
        "local_day": date.fromordinal(chosen.local_day).isoformat(),
        "cost": workspace.settings.channels[chosen.channel].cost,
    }


def offer_mark(offer: Offer) -> str:
    """The offer and a hash of what a message says of it: it changes when the offer is changed."""
    told = [offer.name, offer.code, offer.discount, offer.unit, offer.ends_at]
    return f"{offer.offer_id}#{stable_id(msgspec.json.encode(told).decode())[:12]}"


def addressed_mark(recipient: Recipient, channel: str) -> str:
    """A hash of what a message is addressed by: it changes when the person is called or reached otherwise."""
    address = recipient.addresses.get(channel, "")
    return stable_id(recipient.first_name or "", recipient.gender or "", address)[:12]


def _rests_on_profile(chosen: Candidate, campaign: Campaign | None) -> bool:
    """Whether the profile decided what a message says or who gets it; what people are owed is not weighed."""
    owed = campaign is not None and campaign.message_class == "service"
    return chosen.personalized or (chosen.basis == "measured" and not owed)


def _about(chosen: Candidate) -> str:
    said = [target.target for target in chosen.targets] + ([f"offer {chosen.offer.offer_id}"] if chosen.offer else [])
    return ", ".join(said)


def _expires(decision: Decision, chosen: Candidate, campaign: Campaign) -> int:
    """When the message is no longer true: its hours are over, or its offer is."""
    hours = decision.moment + campaign.valid_hours * _HOUR_US
    ends_at = chosen.offer.ends_at if chosen.offer else None
    return hours if ends_at is None else min(hours, ends_at)


def _campaigns(workspace: Workspace) -> dict[str, Campaign]:
    return {campaign.name: campaign for campaign in workspace.campaigns}
