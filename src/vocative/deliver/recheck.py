"""The last look before a message leaves: permission, caps, quiet hours and expiry, as they are at this moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from vocative.decide.caps import Pressure
from vocative.decide.moment import outside_all
from vocative.records.acting import Contact
from vocative.records.ledger_tables import OUTBOX
from vocative.records.schema import Value
from vocative.records.settings import Caps, QuietHours
from vocative.stats.calendars import local_date
from vocative.store.permissions import read_permissions
from vocative.store.protocols import Transaction
from vocative.trust.permission import Verdicts, may_be_contacted, verdicts

_COUNTED = ("handing_over", "delivered", "unknown")


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds at the hand-over."""

    caps: Caps
    quiet_hours: QuietHours
    business_zone: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with one message: `drop` it for a reason, let it `wait`, or hand it over as of `local_day`."""

    drop: str | None
    wait: bool
    local_day: str


def verdict_now(
    transaction: Transaction, rows: Sequence[Mapping[str, Value]], rules: Rules, now: int
) -> dict[str, Verdict]:
    """Judge messages, in order, so that two of one person are counted against each other; by message id."""
    people = sorted({str(row["person_id"]) for row in rows})
    said = verdicts(read_permissions(transaction, people), now)
    pressure = _pressure(transaction, people)
    judged: dict[str, Verdict] = {}
    for row in rows:
        zone = str(row["zone"] or "")
        day = local_date(now, zone or rules.business_zone)
        mine = pressure[str(row["person_id"])]
        drop = _reason(row, said, mine, rules, day.toordinal(), now)
        wait = drop is None and _quiet(zone, rules, now)
        judged[str(row["message_id"])] = Verdict(drop, wait, day.isoformat())
        if drop is None and not wait:
            mine.add(contact_of(row, day.toordinal()))
    return judged


def contact_of(row: Mapping[str, Value], local_day: int) -> Contact:
    """An outbox row as something that counts towards caps and pauses."""
    return Contact(
        person_id=str(row["person_id"]),
        topics=tuple(msgspec.json.decode(str(row["topics"]), type=list[str])),
        message_class=str(row["class"]),
        local_day=local_day,
        sent_at=int(str(row["send_at"])),
    )


def _reason(
    row: Mapping[str, Value], said: Mapping[str, Verdicts], pressure: Pressure, rules: Rules, day: int, now: int
) -> str | None:
    if int(str(row["expires_at"])) <= now:
        return "expired before it could be handed over"
    if may_be_contacted(said.get(str(row["person_id"])), str(row["class"]), str(row["channel"])) != "yes":
        return "permission is gone"
    if row["class"] == "marketing":
        return pressure.cap_reached(rules.caps, day)
    return None


def _quiet(zone: str, rules: Rules, now: int) -> bool:
    zones = [zone] if zone else (rules.quiet_hours.unknown_zones or [rules.business_zone])
    return outside_all(now, zones, rules.quiet_hours) != now


def _pressure(transaction: Transaction, people: Sequence[str]) -> defaultdict[str, Pressure]:
    pressure: defaultdict[str, Pressure] = defaultdict(Pressure)
    for row in transaction.select(OUTBOX, {"person_id": list(people)}):
        if row["state"] in _COUNTED:
            day = date.fromisoformat(str(row["local_day"])).toordinal()
            pressure[str(row["person_id"])].add(contact_of(row, day))
    return pressure
