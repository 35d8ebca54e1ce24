"""Counts of what has been imported and was known at a moment: what readiness is judged by."""

from __future__ import annotations

import pyarrow as pa

from vocative.line.snapshot.people import LINKED, Everybody, recipients
from vocative.prove.readiness import DataFacts
from vocative.records.lake_tables import EVENTS, ITEMS
from vocative.workspace.opening import Workspace

_FACTS_SQL = f"""
WITH {LINKED},
categories AS (
  SELECT item_id, arg_max(category, known_at) AS category FROM items
  WHERE known_at < make_timestamptz($moment) GROUP BY 1
),
known AS (
  SELECT coalesce(linked.person_id, events.user_id) AS person, events.timestamp, events.item_id,
    list_contains(string_split($purchases, chr(31)), events.event) AND coalesce(events.quantity, 1) > 0 AS bought
  FROM events LEFT JOIN linked ON linked.user_id = events.user_id
  WHERE events.timestamp < make_timestamptz($moment) AND events.known_at < make_timestamptz($moment)
    AND NOT list_contains(string_split($shown, chr(31)), events.event)
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
_NAMED_SQL = """
SELECT event, count(*) AS events FROM events
WHERE timestamp < make_timestamptz($moment) AND known_at < make_timestamptz($moment) GROUP BY event ORDER BY event
"""


def data_facts(workspace: Workspace, identity: pa.Table, people: Everybody, now: int) -> DataFacts:
    """Count what had been imported and was known at `now` (µs UTC)."""
    stores = workspace.stores
    row = stores.engine.query(
        _FACTS_SQL,
        {
            "events": stores.lake.scan(EVENTS),
            "items": stores.lake.scan(ITEMS),
            "identity": identity,
        },
        {
            "moment": now,
            "purchases": "\x1f".join(workspace.settings.events.get("purchase", [])),
            "shown": "\x1f".join(workspace.settings.events.get("shown", [])),
        },
    ).to_pylist()[0]
    named = stores.engine.query(_NAMED_SQL, {"events": stores.lake.scan(EVENTS)}, {"moment": now}).to_pylist()
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
        named={str(one["event"]): int(one["events"]) for one in named},
    )
