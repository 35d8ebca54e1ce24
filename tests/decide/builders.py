"""Settings, campaigns and people for the tests of the acting half; everything has a default that lets it through."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from vocative.decide.experiment.control import CONTROL, GLOBAL
from vocative.records.acting import Candidate, Contact, Decision, Outcome, Recipient, Target
from vocative.records.experiment import Assignment
from vocative.records.settings import Campaign, Settings
from vocative.records.uses import USES

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
# Monday, 5 January 2026, 09:00 in UTC.
NOW = 1_767_603_600_000_000
NO_QUIET: dict[str, object] = {"start": "00:00", "end": "00:00"}


def settings(**tables: Mapping[str, object]) -> Settings:
    """Settings of a small business in UTC without quiet hours, caps or control group; tables are changed by name."""
    base: dict[str, dict[str, object]] = {
        "business": {"name": "Shop", "timezone": "UTC"},
        "sender": {"name": "Shop", "email": "hello@example.com"},
        "channels": {"email": {"driver": "file", "cost": 0.01}, "sms": {"driver": "file"}},
        "caps": {"per_day": None, "per_week": None, "per_month": None},
        "quiet_hours": NO_QUIET,
        "control": {"share": 0.0},
    }
    for name, table in tables.items():
        base[name] = {**base.get(name, {}), **table}
    return msgspec.convert(base, Settings)


def campaign(name: str = "news", **fields: object) -> Campaign:
    """A generic campaign over e-mail that is worth a euro and may go out at any hour."""
    base = {
        "name": name,
        "goal": "test",
        "channel": "email",
        "personalized": False,
        "topic": name,
        "template": name,
        "value": 1.0,
        "send_hour": 0,
    }
    return msgspec.convert({**base, **fields}, Campaign)


def personal(name: str = "replenish", **fields: object) -> Campaign:
    """A campaign that rests on a prediction."""
    return campaign(name, **{"personalized": True, "module": "repeat_rhythm", "value": 10.0, **fields})


def recipient(person_id: str = "p", **fields: object) -> Recipient:
    """Somebody who allowed everything and lives in UTC."""
    base: dict[str, object] = {
        "person_id": person_id,
        "addresses": {"email": f"{person_id}@example.com", "sms": "+3712"},
        "contact": {f"{kind}/{channel}": "yes" for kind in ("marketing", "service") for channel in ("email", "sms")},
        "personalization": "yes",
        "covered": frozenset(f"{use}/{channel}" for use in USES for channel in ("email", "sms")),
        "first_name": "Anna",
        "language": "en",
        "zone": "UTC",
        "relationship": "regular",
    }
    return msgspec.convert({**base, **fields}, Recipient)


def target(name: str = "Milk", **fields: object) -> Target:
    """A category that is due with near certainty."""
    base = {
        "module": "repeat_rhythm",
        "target": name,
        "probability": 0.9,
        "support": 10.0,
        "typical_days": 7.0,
        "horizon_days": 7.0,
    }
    return msgspec.convert({**base, **fields}, Target)


def contact(person_id: str = "p", *, day: int, kind: str = "marketing", topics: tuple[str, ...] = ()) -> Contact:
    """A message on the given local day (proleptic ordinal), sent at noon UTC."""
    return Contact(
        person_id=person_id,
        topics=topics,
        message_class=kind,
        local_day=day,
        sent_at=(day - 719_163) * DAY_US + 12 * HOUR_US,
    )


def decided(person_id: str, campaign_name: str = "", outcome: Outcome = "contact") -> Decision:
    """What was decided for a person: a message of a campaign, or silence without one."""
    chosen = Candidate(campaign=campaign_name, channel="email", personalized=False) if campaign_name else None
    return Decision(
        decision_id=f"decision {person_id}",
        person_id=person_id,
        moment=NOW,
        outcome=outcome if chosen else "silence",
        reason=campaign_name,
        propensity=1.0,
        chosen=chosen,
        candidates=(chosen,) if chosen else (),
    )


def assigned(person_id: str, arm: str, control: float) -> Assignment:
    """A person's arm in the global control group, which so large a part of the people belongs to."""
    share = control if arm == CONTROL else 1.0 - control
    return Assignment(person_id=person_id, experiment=GLOBAL, arm=arm, share=share, assigned_at=NOW)
