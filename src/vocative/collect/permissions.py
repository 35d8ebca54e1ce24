"""Permissions from files: records that are only ever added, each provable, none invented.

A list that says only who subscribed says nothing about personalization: it yields marketing *yes* or *no*, and
personalization stays never asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from vocative.collect.staging import parquet_scan
from vocative.records.ledger_tables import PERMISSIONS
from vocative.records.schema import Value
from vocative.stats.hashing import stable_id
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Engine, Scan, Transaction

_AT_ONCE = 10_000
_SAID = ("user_id", "purpose", "channel", "status", "basis", "expires_at", "text")

# An address stands for the one person who has it; for several it stands for none of them.
_BY_ADDRESS = """
    SELECT given.user_id AS address, owner.user_id
    FROM (SELECT DISTINCT user_id FROM good WHERE user_id LIKE '%@%') AS given
    JOIN (
        SELECT lower(email) AS email, any_value(user_id) AS user_id FROM people
        WHERE email IS NOT NULL GROUP BY 1 HAVING count(DISTINCT user_id) = 1
    ) AS owner ON lower(given.user_id) = owner.email
    ANTI JOIN people ON given.user_id = people.user_id
"""


@dataclass(slots=True)
class Added:
    """How many records were new and how many were known."""

    accepted: int = 0
    merged: int = 0


def people_by_address(engine: Engine, good: Path, people: Scan) -> dict[str, str]:
    """E-mail addresses that stand where the person should, with the one person who has them."""
    found = engine.query(_BY_ADDRESS, {"good": parquet_scan("good", good), "people": people})
    return {str(row["address"]): str(row["user_id"]) for row in found.to_pylist()}


def add(transaction: Transaction, good: Path, people: dict[str, str]) -> Added:
    """Add the staged permissions to the ledger.

    A record with a time of its own is known when the very same is there. One without says how things are now, and is
    known when the newest record of that person, purpose and channel already says it.
    """
    added = Added()
    for rows in _batches(good):
        newest = _newest(transaction, sorted({people.get(str(row["user_id"]), str(row["user_id"])) for row in rows}))
        fresh = []
        for row in rows:
            stated = bool(row.pop("_stated"))
            row["user_id"] = people.get(str(row["user_id"]), str(row["user_id"]))
            about = (row["user_id"], row["purpose"], row["channel"])
            before = newest.get(about)
            if not stated and before is not None and all(before[name] == row[name] for name in _SAID):
                continue
            row["permission_id"] = stable_id(*(str(row[name]) for name in _SAID), str(row["at"]))
            fresh.append(row)
            if before is None or int(str(before["at"])) <= int(str(row["at"])):
                newest[about] = row
        accepted = transaction.insert(PERMISSIONS, fresh, on_conflict="ignore")
        added.accepted += accepted
        added.merged += len(rows) - accepted
    return added


def _batches(good: Path) -> Iterator[list[dict[str, Value]]]:
    moments = [
        field.name for field in list(arrow_schema(PERMISSIONS)) if field.name in ("at", "known_at", "expires_at")
    ]
    with pq.ParquetFile(good) as file:
        for batch in file.iter_batches(_AT_ONCE):
            for name in moments:
                column = batch[name].cast(pa.int64())
                batch = batch.set_column(batch.schema.get_field_index(name), name, column)
            yield batch.drop_columns(["_row"]).to_pylist()


def _newest(transaction: Transaction, user_ids: list[str]) -> dict[tuple[Value, Value, Value], dict[str, Value]]:
    newest: dict[tuple[Value, Value, Value], dict[str, Value]] = {}
    for row in transaction.select(PERMISSIONS, {"user_id": list(user_ids)}, order_by=("at", "permission_id")):
        newest[row["user_id"], row["purpose"], row["channel"]] = row
    return newest
