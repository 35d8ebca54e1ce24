"""What is in a workspace, what may run on it, and who may get what; each number as of one moment."""

from __future__ import annotations

from collections import Counter

import msgspec

from vocative.collect.identity import identity_table
from vocative.deliver.outbox import states
from vocative.line.clock import WHOLE_RUN, to_text
from vocative.line.journal import Result
from vocative.line.people import Everybody, everybody, recipients
from vocative.prove.readiness import DataFacts, assess
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE
from vocative.records.ledger_tables import IMPORTS, RUNS
from vocative.records.results import Readiness
from vocative.workspace.opening import Workspace

_FACTS_SQL = """
WITH linked AS (SELECT substr(alias, 6) AS user_id, min(person_id) AS person_id FROM identity
                WHERE alias LIKE 'user:%' GROUP BY 1),
categories AS (SELECT item_id, arg_max(category, known_at) AS category FROM items GROUP BY 1),
known AS (
  SELECT coalesce(linked.person_id, events.user_id) AS person, events.timestamp, events.item_id,
    list_contains(string_split($purchases, chr(31)), events.event) AND coalesce(events.quantity, 1) > 0 AS bought
  FROM events LEFT JOIN linked ON linked.user_id = events.user_id
  WHERE events.timestamp < make_timestamptz($moment) AND events.known_at < make_timestamptz($moment)
),
people AS (
  SELECT person, count(DISTINCT CASE WHEN bought THEN epoch_us(timestamp) // 86400000000 END) AS days
  FROM known WHERE person IS NOT NULL GROUP BY person
)
SELECT (SELECT count(*) FROM people) AS customers, (SELECT count(*) FROM people WHERE days > 1) AS repeaters,
  count(*) AS interactions, epoch_us(min(timestamp)) AS first, epoch_us(max(timestamp)) AS newest,
  coalesce(sum(CASE WHEN bought THEN 1 ELSE 0 END), 0) AS purchases,
  coalesce(avg(CASE WHEN bought THEN CASE WHEN categories.category IS NOT NULL THEN 1.0 ELSE 0.0 END END), 0.0)
    AS with_category
FROM known LEFT JOIN categories ON categories.item_id = known.item_id
"""


def data_facts(workspace: Workspace, people: Everybody, now: int) -> DataFacts:
    """Count what had been imported and was known at `now` (µs UTC)."""
    stores = workspace.stores
    row = stores.engine.query(
        _FACTS_SQL,
        {
            "events": stores.lake.scan(EVENTS),
            "items": stores.lake.scan(ITEMS),
            "identity": identity_table(stores.ledger),
        },
        {"moment": now, "purchases": "\x1f".join(workspace.settings.events.get("purchase", []))},
    ).to_pylist()[0]
    reached = recipients(people, workspace.settings, {})
    return DataFacts(
        customers=int(row["customers"]),
        interactions=int(row["interactions"]),
        first=row["first"],
        newest=row["newest"],
        purchases=int(row["purchases"]),
        repeaters=int(row["repeaters"]),
        with_category=float(row["with_category"]),
        may_be_profiled=people.allowed().num_rows,
        may_be_contacted=sum(
            any(one.contact.get(f"marketing/{channel}") == "yes" for channel in one.addresses) for one in reached
        ),
        campaigns=len(workspace.campaigns),
    )


def permission_counts(workspace: Workspace, people: Everybody) -> dict[str, dict[str, int]]:
    """For marketing and personalization: how many people said yes, no, or were never asked."""
    verdicts = [people.said.get(str(row["person_id"])) for row in people.rows]
    counts = {
        purpose: Counter("never_asked" if said is None else said.on(purpose) for said in verdicts)
        for purpose in ("marketing", "personalization")
    }
    for channel in workspace.settings.channels:
        counts[f"marketing/{channel}"] = Counter(
            "never_asked" if said is None else said.on("marketing", channel) for said in verdicts
        )
    return {
        purpose: {verdict: count[verdict] for verdict in ("yes", "no", "never_asked")}
        for purpose, count in counts.items()
    }


def readiness(workspace: Workspace, now: int) -> dict[str, Readiness]:
    """Which modules may run at `now`, and why (not)."""
    people = _people(workspace, now)
    return assess(data_facts(workspace, people, now), workspace.settings, now)


def status(workspace: Workspace, now: int) -> Result:
    """Everything `vocative status` shows, as plain values."""
    stores = workspace.stores
    people = _people(workspace, now)
    facts = data_facts(workspace, people, now)
    with stores.ledger.transaction() as transaction:
        imports = transaction.select(IMPORTS, order_by=("at", "import_id"))
        runs = transaction.select(RUNS, {"stage": WHOLE_RUN}, order_by=("moment",))
    return {
        "as_of": to_text(now),
        "business": workspace.settings.business.name,
        "invented": workspace.settings.business.invented,
        "people": len(people.rows),
        "facts": msgspec.to_builtins(facts),
        "history": {
            "months": round(facts.months, 1),
            "first": to_text(facts.first) if facts.first else None,
            "newest": to_text(facts.newest) if facts.newest else None,
        },
        "permissions": permission_counts(workspace, people),
        "readiness": msgspec.to_builtins(assess(facts, workspace.settings, now)),
        "imports": imports,
        "runs": {
            "done": sum(row["state"] == "done" for row in runs),
            "unfinished": [to_text(int(str(row["moment"]))) for row in runs if row["state"] != "done"],
            "last": to_text(max((int(str(row["moment"])) for row in runs), default=0)) if runs else None,
        },
        "outbox": states(stores.ledger),
        "warnings": warnings(workspace),
        "versions": {table.name: stores.lake.scan(table).version for table in (EVENTS, PEOPLE, ITEMS)},
    }


def warnings(workspace: Workspace) -> list[str]:
    """Settings that mean something a reader could overlook: a zero that stops everything, a channel without budget."""
    caps = workspace.settings.caps
    found = [
        f"[caps] {name} = 0: nobody gets any marketing message"
        for name, most in (("per_day", caps.per_day), ("per_week", caps.per_week), ("per_month", caps.per_month))
        if most == 0
    ]
    found += [
        f"[channels.{name}] daily_budget = 0: nothing is sent over this channel"
        for name, channel in workspace.settings.channels.items()
        if channel.daily_budget == 0
    ]
    if not workspace.settings.channels:
        found.append("no channel is set up: nothing can be sent")
    if not workspace.settings.events.get("purchase"):
        found.append("[events] purchase is empty: no event counts as a purchase")
    return found


def _people(workspace: Workspace, now: int) -> Everybody:
    return everybody(workspace.stores, workspace.settings, identity_table(workspace.stores.ledger), now)
