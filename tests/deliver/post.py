"""A small post office on real stores: texts in the lake, their outbox in the ledger, channels that fail when told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from tests.decide.builders import DAY_US, HOUR_US, NOW
from tests.store import drivers
from vocative.deliver.channel import Begin, Channel, ChannelContext, Outgoing, Receipt, unnoticed
from vocative.deliver.outbox import enqueue, hand_over
from vocative.deliver.recheck import Rules
from vocative.records.caps import Caps, QuietHours
from vocative.records.lake_tables import DECISIONS, MESSAGES
from vocative.records.ledger_tables import APPROVALS, OUTBOX, PERMISSIONS, SWITCHES
from vocative.records.schema import Cell, Value
from vocative.records.settings import Business, ChannelSettings, Sender
from vocative.stats.calendars import local_date
from vocative.store.arrow import rows_to_arrow
from vocative.store.protocols import Stores
from vocative.store.registry import load_driver

NO_CAPS = Caps(per_day=None, per_week=None, per_month=None)
NO_QUIET = QuietHours(start="00:00", end="00:00")
SHOP = Business(name="Shop", timezone="UTC")
FREE = Rules(NO_CAPS, NO_QUIET, SHOP)


@dataclass
class Wire:
    """A channel in memory that takes down what it was given; `does` says what becomes of a message."""

    idempotent: bool = False
    does: Callable[[Outgoing], Receipt] = lambda _: Receipt(accepted=True, text="taken")
    finishes: bool = True
    pushed: list[str] = field(default_factory=list)

    def push(self, message: Outgoing, begin: Begin = unnoticed) -> Receipt:
        begin()
        self.pushed.append(message.message_id)
        return self.does(message)

    def flush(self) -> None:
        if not self.finishes:
            raise OSError("the disk is full")

    def close(self) -> None: ...


def open_stores(folder: Path) -> Stores:
    return Stores(drivers.inbox(folder), drivers.lake(folder), drivers.ledger(folder), drivers.engine(folder))


def file_channel(folder: Path, sender: Sender | None = None) -> Channel:
    make = cast("Callable[[ChannelContext], Channel]", load_driver("channel", "file"))
    context = ChannelContext(
        name="email",
        settings=ChannelSettings(driver="file"),
        sender=sender or Sender(name="Shop", email="hello@example.com"),
        folder=folder,
    )
    return make(context)


def permit(
    stores: Stores, person: str, status: str = "yes", *, purpose: str = "marketing", at: int = 1, channel: str = "*"
) -> None:
    row: dict[str, Value] = {
        "permission_id": f"{person}/{purpose}/{channel}/{status}/{at}",
        "user_id": person,
        "purpose": purpose,
        "channel": channel,
        "status": status,
        "basis": "consent",
        "at": at,
        "known_at": at,
        "source": "test",
    }
    with stores.ledger.transaction() as transaction:
        transaction.insert(PERMISSIONS, [row])


def approve(stores: Stores, step: str = "approved", *, version: str = "v1", at: int = 1) -> None:
    """What a person of the business did about the campaign `news`."""
    row: dict[str, Value] = {
        "approval_id": f"{version}/{step}/{at}",
        "campaign": "news",
        "version": version,
        "step": step,
        "by": "Tester",
        "at": at,
        "armed_from": at if step == "approved" else None,
        "detail": "{}",
    }
    with stores.ledger.transaction() as transaction:
        transaction.insert(APPROVALS, [row], on_conflict="ignore")


def turn_stop(stores: Stores, state: str, at: int) -> None:
    row: dict[str, Value] = {"switch": "stop", "at": at, "state": state, "by": "Tester", "why": ""}
    with stores.ledger.transaction() as transaction:
        transaction.insert(SWITCHES, [row])


def write(
    stores: Stores,
    messages: Mapping[str, str],
    *,
    personalized: Sequence[str] = (),
    token: str = "t",
    decided: bool = True,
    body: str = "news.\n",
) -> None:
    """Put texts (message id → person) into the lake, with their decisions if they were `decided`; approve them."""
    approve(stores)
    stores.lake.append(
        MESSAGES,
        rows_to_arrow(
            MESSAGES,
            [
                {
                    **dict.fromkeys(("template", "template_hash"), "news"),
                    "message_id": message,
                    "decision_id": f"d-{message}",
                    "run_id": "r",
                    "moment": NOW,
                    "person_id": person,
                    "channel": "email",
                    "language": "en",
                    "address": f"{person}@example.com",
                    "subject": f"Hello {person}",
                    "body_text": f"Hi {person},\n\n{body}",
                    "body_html": f"<p>Hi {person}</p>",
                }
                for message, person in messages.items()
            ],
        ),
        token=token,
    )
    if decided:
        decisions = [_decision(one, messages[one], one in personalized) for one in messages]
        stores.lake.append(DECISIONS, rows_to_arrow(DECISIONS, decisions), token=token)


def _decision(message: str, person: str, personalized: bool) -> dict[str, Cell]:
    return {
        "decision_id": f"d-{message}",
        "run_id": "r",
        "moment": NOW,
        "person_id": person,
        "outcome": "contact",
        "campaign": "news",
        "personalized": personalized,
        "propensity": 1.0,
        "probabilities": [],
        "explored": False,
        "reason": "news",
        "relationship": "regular",
        "relationship_reason": "",
        "candidates": "[]",
        "facts": "{}",
        "versions": "{}",
    }


def outbox_row(message: str, person: str, **changes: Value) -> dict[str, Value]:
    send_at = changes.get("send_at", NOW)
    assert isinstance(send_at, int)
    return {
        "message_id": message,
        "decision_id": f"d-{message}",
        "person_id": person,
        "campaign": "news",
        "version": "v1",
        "topics": json.dumps(["news"]),
        "class": "marketing",
        "channel": "email",
        "address": f"{person}@example.com",
        "state": "queued",
        "queued_at": NOW - HOUR_US,
        "send_at": send_at,
        "expires_at": send_at + DAY_US,
        "zone": "UTC",
        "local_day": local_date(send_at, "UTC").isoformat(),
        "cost": 0.0,
        **changes,
    }


def queue(stores: Stores, message: str, person: str, **changes: Value) -> int:
    return enqueue(stores.ledger, [outbox_row(message, person, **changes)])


def rows(stores: Stores) -> dict[str, dict[str, Value]]:
    with stores.ledger.transaction() as transaction:
        return {str(row["message_id"]): row for row in transaction.select(OUTBOX)}


def states_of(stores: Stores) -> dict[str, str]:
    return {message: str(row["state"]) for message, row in rows(stores).items()}


def send(stores: Stores, channel: Channel, *, now: int = NOW, rules: Rules = FREE) -> dict[str, int]:
    """Hand over by e-mail; the counts that were returned are those of the rows."""
    counts = hand_over(stores, {"email": channel}, rules, now).counts
    counted = Counter(states_of(stores).values())
    assert {state: count for state, count in counts.items() if count} == dict(counted)
    return counts
