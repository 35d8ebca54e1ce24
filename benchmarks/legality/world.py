"""An invented business for decisions at scale: people in every zone, who change their minds, merge and ask for less.

Everything is invented from a seed. The rules of the business stand here as settings; `legality_checker` states them
once more in its own words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import msgspec
import numpy as np

from benchmarks.legality.checker import Person
from vocative.records.acting import Recipient
from vocative.records.ledger_tables import APPROVALS, IDENTITIES, OUTBOX, PERMISSIONS, TOLD
from vocative.records.schema import Row, Table, Value
from vocative.records.settings import Campaign, Settings
from vocative.store.permissions import owners_of, read_permissions
from vocative.store.protocols import Transaction
from vocative.trust.permission import may_be_contacted, verdicts

DAY_US = 86_400_000_000
COSTS = {"email": 0.01, "sms": 0.07}
# The two seasons in which clocks change somewhere.
SEASONS = ((datetime(2026, 2, 10, tzinfo=UTC), 82), (datetime(2026, 8, 31, tzinfo=UTC), 72))
_COUNTRIES = ("LV", "US", "JP", "IL", "BR", "AU", "")


def settings(budgets: Mapping[str, float]) -> Settings:
    """The rules of the business; budgets are money for one of its days."""
    return msgspec.convert(
        {
            "business": {"name": "Shop", "timezone": "Europe/Riga", "country": "LV"},
            "sender": {"name": "Shop", "email": "hello@example.com"},
            "channels": {
                name: {"driver": "file", "cost": cost, "daily_budget": budgets[name]} for name, cost in COSTS.items()
            },
            "caps": {
                "per_day": 1,
                "per_week": 2,
                "per_month": 5,
                "more": {
                    "texts": {"at_most": 1, "hours": 100, "channels": ["sms"]},
                    "owed": {"at_most": 2, "hours": 72, "classes": ["service"]},
                },
            },
            "quiet_hours": {
                "start": "20:00",
                "end": "08:00",
                "days": ["sunday"],
                "holidays": True,
                "channels": {"sms": {"start": "18:30", "end": "09:15", "days": ["saturday", "sunday"]}},
            },
            "control": {"share": 0.0},
        },
        Settings,
    )


def campaigns() -> dict[str, Campaign]:
    """Four campaigns: news, short texts, a launch that is told once, and a service message."""
    plain = {"goal": "invented", "personalized": False, "template": "none", "value": 1.0, "sells": False}
    made: list[dict[str, object]] = [
        {"name": "news", "channel": "email", "topic": "news", "pause_days": 1, "send_hour": 10, "valid_hours": 60},
        {"name": "texts", "channel": "sms", "topic": "texts", "pause_days": 1, "send_hour": 2, "valid_hours": 40},
        {"name": "launch", "channel": "email", "topic": "launch", "once": True, "send_hour": 0, "valid_hours": 60},
        {"name": "owed", "channel": "email", "topic": "owed", "pause_days": 1, "message_class": "service",
         "send_hour": 19, "valid_hours": 72},
    ]  # fmt: skip
    return {str(one["name"]): msgspec.convert({**plain, **one}, Campaign) for one in made}


# Which campaigns each of the eight planners looks at.
PLANNERS: tuple[tuple[str, ...], ...] = (
    *(("news", "texts"),) * 4,
    *(("launch", "texts"),) * 2,
    *(("owed", "news"),) * 2,
)


def people(count: int, rng: np.random.Generator) -> list[Person]:
    """People of every zone in turn; of a tenth only the country is known, of a few not even that."""
    zones = (files("tzdata") / "zones").read_text(encoding="ascii").split()
    wishes = rng.choice([0, 1, 3, 9, -1], count, p=[0.02, 0.05, 0.05, 0.03, 0.85])
    unknown = rng.random(count) < 0.1
    countries = rng.choice(len(_COUNTRIES), count)
    return [
        Person(
            name=f"p{number}",
            zone="" if unknown[number] else zones[number % len(zones)],
            country=_COUNTRIES[countries[number]],
            wish=None if wishes[number] < 0 else int(wishes[number]),
        )
        for number in range(count)
    ]


def permission(person: str, status: str, at: int) -> Row:
    """A record of marketing permission for all channels."""
    return {
        "permission_id": f"{person}/{at}",
        "user_id": person,
        "purpose": "marketing",
        "channel": "*",
        "status": status,
        "basis": "consent",
        "at": at,
        "known_at": at,
        "expires_at": None,
        "source": "invented",
        "text": None,
    }


def link(user: str, person: str, at: int) -> Row:
    """A record that two identifiers are one person."""
    return {"link_id": user, "alias": f"user:{user}", "person_id": person, "at": at, "source": "invented"}


def outbox_row(message: str, person: Person, campaign: Campaign, now: int, send_at: int, day: int) -> dict[str, Value]:
    """A message in the outbox; `day` is a proleptic ordinal."""
    return {
        "message_id": message,
        "decision_id": message,
        "person_id": person.name,
        "campaign": campaign.name,
        "version": "v1",
        "offer": None,
        "addressed": None,
        "topics": f'["{campaign.topic}"]',
        "class": campaign.message_class,
        "channel": campaign.channel,
        "address": f"{person.name}@example.com",
        "state": "queued",
        "queued_at": now,
        "send_at": send_at,
        "expires_at": now + campaign.valid_hours * 3_600_000_000,
        "zone": person.zone or None,
        "local_day": datetime.fromordinal(day).date().isoformat(),
        "cost": COSTS[campaign.channel],
        "handed_over_at": None,
        "dropped_at": None,
    }


def approved(names: Iterable[str]) -> list[Row]:
    """Every campaign approved as it stands."""
    return [
        {"approval_id": name, "campaign": name, "version": "v1", "step": "approved", "by": "Invented", "at": 1,
         "armed_from": 1, "detail": "{}"}
        for name in names
    ]  # fmt: skip


def recipients_now(
    transaction: Transaction, known: Mapping[str, Person], names: Sequence[str], now: int
) -> list[Recipient]:
    """Those of the people named who are themselves and nobody else, with what they allow at `now`."""
    owners = owners_of(transaction, names)
    said = verdicts(read_permissions(transaction, names), now)
    return [
        Recipient(
            person_id=name,
            addresses=dict.fromkeys(COSTS, f"{name}@example.com"),
            contact={
                f"{kind}/{channel}": may_be_contacted(said.get(name), kind, channel)
                for kind in ("marketing", "service")
                for channel in COSTS
            },
            personalization="no",
            zone=known[name].zone or None,
            country=known[name].country or None,
            most_per_month=known[name].wish,
            relationship="regular",
        )
        for name in names
        if name not in owners
    ]


def moments(day: datetime, rng: np.random.Generator) -> tuple[int, list[int]]:
    """When a day is planned, and the moments after it at which what is due is handed over (µs UTC)."""
    begin = round(day.timestamp()) * 1_000_000
    plan = begin + int(rng.integers(0, 6 * 3_600)) * 1_000_000
    steps = sorted(int(second) for second in rng.integers(1, 86_400, 6))
    return plan, [plan + second * 1_000_000 for second in steps if plan + second * 1_000_000 < begin + DAY_US]


def days() -> list[datetime]:
    """All days of both seasons."""
    return [begin + timedelta(days=number) for begin, count in SEASONS for number in range(count)]


class Memory:
    """The tables a hand-over reads, in memory and by person, so that millions of decisions take minutes.

    It answers those questions that are asked; anything else is an error.
    """

    def __init__(self) -> None:
        self.rows: defaultdict[str, defaultdict[str, dict[str, dict[str, Value]]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        self.queued: dict[str, dict[str, Value]] = {}
        self.lately: list[dict[str, Value]] = []
        self._approvals: list[dict[str, Value]] = []

    def insert(self, table: Table, rows: Iterable[Row], *, on_conflict: str = "error") -> int:  # noqa: ARG002
        """Keep rows by person."""
        fresh = [dict(row) for row in rows]
        for row in fresh:
            if table is APPROVALS:
                self._approvals.append(row)
            elif table is IDENTITIES:
                self.rows["alias"][str(row["alias"])][str(row["link_id"])] = row
                self.rows["owner"][str(row["person_id"])][str(row["link_id"])] = row
            else:
                key = "/".join(str(row[name]) for name in table.key)
                self.rows[table.name][str(row["user_id" if table is PERMISSIONS else "person_id"])][key] = row
            if table is OUTBOX:
                self.queued[str(row["message_id"])] = row
        return len(fresh)

    def select(
        self,
        table: Table,
        where: Mapping[str, object] | None = None,
        order_by: Sequence[str] = (),  # noqa: ARG002
        *,
        since: tuple[str, int] | None = None,
        columns: Sequence[str] = (),  # noqa: ARG002
    ) -> list[dict[str, Value]]:
        """Rows of people, links of people, approvals, or what was handed over lately."""
        asked = dict(where or {})
        if table is APPROVALS:
            return self._approvals
        if table is IDENTITIES:
            kind, names = ("alias", asked["alias"]) if "alias" in asked else ("owner", asked["person_id"])
            return [row for name in _texts(names) for row in self.rows[kind].get(name, {}).values()]
        if table is OUTBOX and since is not None:
            self.lately = [row for row in self.lately if int(str(row["handed_over_at"])) >= since[1]]
            return self.lately
        if table in (OUTBOX, TOLD, PERMISSIONS):
            held = self.rows[table.name]
            names = asked["user_id" if table is PERMISSIONS else "person_id"]
            found = [row for name in _texts(names) for row in held.get(name, {}).values()]
            states = set(_texts(asked["state"])) if "state" in asked else None
            return [row for row in found if states is None or row["state"] in states]
        return []

    def count(self, table: Table, by: str) -> dict[Value, int]:
        """Nobody asks."""
        raise NotImplementedError

    def update(self, table: Table, changes: Row, where: Mapping[str, object]) -> int:
        """Nobody asks."""
        raise NotImplementedError

    def delete(self, table: Table, where: Mapping[str, object], *, before: tuple[str, int] | None = None) -> int:
        """Nobody asks."""
        raise NotImplementedError

    def settle(self, row: dict[str, Value], changes: Row) -> None:
        """Change a message for good: handed over or dropped."""
        row.update(changes)
        self.queued.pop(str(row["message_id"]), None)
        if row["state"] == "delivered":
            self.lately.append(row)
        else:
            del self.rows[OUTBOX.name][str(row["person_id"])][str(row["message_id"])]

    def forget(self, before: int) -> None:
        """Let go of messages that were handed over before a moment; what was told once is kept."""
        for held in self.rows[OUTBOX.name].values():
            for key in [
                key for key, row in held.items() if row["handed_over_at"] and int(str(row["handed_over_at"])) < before
            ]:
                del held[key]


def _texts(names: object) -> list[str]:
    return [str(name) for name in names] if isinstance(names, (list, tuple, set)) else [str(names)]
