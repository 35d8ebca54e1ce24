"""Decisions and messages as rows of their tables, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec
from msgspec import Struct, field

from vocative.decide.eligibility.offer_sizes import arm
from vocative.records.acting import Candidate, Decision, Offer, Recipient
from vocative.records.lake_tables import DECISIONS
from vocative.records.schema import Value
from vocative.records.settings import Campaign
from vocative.stats.hashing import stable_id
from vocative.store.protocols import Stores
from vocative.workspace.opening import Workspace

_HOUR_US = 3_600_000_000


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


def decision_rows(
    decisions: Iterable[Decision], run_id: str, workspace: Workspace, standing: Standing | None = None
) -> list[dict[str, Value]]:
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
) -> dict[str, Value]:
    chosen = decision.chosen
    campaign = campaigns.get(chosen.campaign) if chosen else None
    return {
        "decision_id": decision.decision_id,
        "run_id": run_id,
        "moment": decision.moment,
        "person_id": decision.person_id,
        "outcome": decision.outcome,
        "campaign": chosen.campaign if chosen else None,
        "action": _action(chosen) if chosen else None,
        "arm": arm(chosen.campaign, chosen.offer) if chosen else None,
        "channel": chosen.channel if chosen else None,
        "send_at": chosen.send_at if chosen else None,
        "expires_at": _expires(decision, chosen, campaign) if campaign and chosen else None,
        "personalized": bool(chosen and _rests_on_profile(chosen, campaign)),
        "score": chosen.score if chosen else None,
        "propensity": decision.propensity,
        "probabilities": msgspec.json.encode(decision.probabilities).decode(),
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
            "relationship": row["relationship"] or "stranger",
            "because": row["relationship_reason"] or "",
            "probabilities": msgspec.json.decode(str(row["probabilities"] or "{}")),
            "explored": bool(row["explored"]),
            "facts": msgspec.json.decode(str(row["facts"])),
            "candidates": candidates,
            "chosen": chosen,
        },
        Decision,
    )


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


def _action(chosen: Candidate) -> str:
    said = [target.target for target in chosen.targets] + ([f"offer {chosen.offer.offer_id}"] if chosen.offer else [])
    return ", ".join(said)


def _expires(decision: Decision, chosen: Candidate, campaign: Campaign) -> int:
    """When the message is no longer true: its hours are over, or its offer is."""
    hours = decision.moment + campaign.valid_hours * _HOUR_US
    ends_at = chosen.offer.ends_at if chosen.offer else None
    return hours if ends_at is None else min(hours, ends_at)


def _campaigns(workspace: Workspace) -> dict[str, Campaign]:
    return {campaign.name: campaign for campaign in workspace.campaigns}
