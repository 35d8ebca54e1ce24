"""Permissions from files: records that are only ever added, each provable, none invented.

A list that says only who subscribed says nothing about personalization: it yields marketing *yes* or *no*, and
personalization stays never asked.

A list may name addresses instead of people. A *yes* of an address counts for the one person who has it, and for nobody
if several have it; a *no* counts for everybody who has it. It makes no difference whether the people or the list were
imported first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from vocative.collect.mapping.staging import parquet_scan
from vocative.records.cells import integer
from vocative.records.lake_tables import PEOPLE
from vocative.records.ledger_tables import PERMISSIONS
from vocative.records.schema import Value
from vocative.stats.hashing import stable_id
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Engine, Relation, Scan, Stores, Transaction

_AT_ONCE = 10_000
_SAID = ("user_id", "purpose", "channel", "status", "basis", "expires_at", "text")

# Who identifies people by their address has people whose own identifier it is: they count as owners too.
_OWNERS = """
    SELECT DISTINCT named.address, named.user_id
    FROM (
        SELECT lower(email) AS address, user_id FROM people WHERE email LIKE '%@%'
        UNION ALL SELECT user_id, user_id FROM people WHERE user_id LIKE '%@%'
    ) AS named SEMI JOIN good ON named.address = good.user_id
    ORDER BY ALL
"""
_ADDRESSES = """
    SELECT DISTINCT lower(people.email) AS user_id FROM people SEMI JOIN good USING (user_id)
    WHERE people.email LIKE '%@%'
"""


@dataclass(slots=True)
class Added:
    """How many records were new and how many were known."""

    accepted: int = 0
    merged: int = 0


Owners = dict[str, list[str]]
"""E-mail address in small letters → the people who have it, sorted."""


def people_by_address(engine: Engine, good: Path, people: Scan) -> Owners:
    """The owners of e-mail addresses that stand where the person should."""
    return _owners(engine, parquet_scan("good", good), people)


def add(transaction: Transaction, good: Path, owners: Owners) -> Added:
    """Add the staged permissions to the ledger.

    A record with a time of its own is known when the very same is there. One without says how things are now, and is
    known when the newest record of that person, purpose and channel already says it.
    """
    added = Added()
    for rows in _batches(good):
        meant = [_meant(row, owners) for row in rows]
        newest = _newest(transaction, sorted({str(row["user_id"]) for group in meant for row in group}))
        for group in meant:
            fresh = [record for row in group if (record := _record(row, newest)) is not None]
            new = bool(transaction.insert(PERMISSIONS, fresh, on_conflict="ignore"))
            added.accepted += new
            added.merged += not new
    return added


def adopt(stores: Stores, good: Path) -> None:
    """Hand people who have just been imported what was recorded for their addresses before they were known."""
    people = stores.lake.scan(PEOPLE)
    if not people.files:
        return
    with stores.engine.stream(_ADDRESSES, {"good": parquet_scan("good", good), "people": people}) as reader:
        for batch in reader:
            _adopt(stores, pa.Table.from_batches([batch]), people)


def _adopt(stores: Stores, addresses: pa.Table, people: Scan) -> None:
    wanted = [str(address) for address in addresses["user_id"].to_pylist()]
    with stores.ledger.transaction() as transaction:
        said = transaction.select(PERMISSIONS, {"user_id": wanted})
    if not said:
        return
    named = pa.table({"user_id": pa.array(sorted({str(row["user_id"]) for row in said}), pa.string())})
    owners = _owners(stores.engine, named, people)
    with stores.ledger.transaction() as transaction:
        for row in said:
            records = [_with_id(meant) for meant in _meant(row, owners)]
            transaction.insert(PERMISSIONS, records, on_conflict="ignore")


def _owners(engine: Engine, given: Relation, people: Scan) -> Owners:
    owners: Owners = {}
    for row in engine.query(_OWNERS, {"good": given, "people": people}).to_pylist():
        owners.setdefault(str(row["address"]), []).append(str(row["user_id"]))
    return owners


def _meant(row: dict[str, Value], owners: Owners) -> list[dict[str, Value]]:
    """The row as it is said by, or for, each person it is about."""
    address = str(row["user_id"])
    people = owners.get(address, [address])
    if row["status"] == "yes" and (len(people) > 1 or address in people):
        people = [address]
    return [{**row, "user_id": person} for person in people]


def _record(
    row: dict[str, Value], newest: dict[tuple[Value, Value, Value], dict[str, Value]]
) -> dict[str, Value] | None:
    """The row as a record of the ledger; None if it says only what is known."""
    stated = bool(row.pop("_stated"))
    about = (row["user_id"], row["purpose"], row["channel"])
    before = newest.get(about)
    if not stated and before is not None and all(before[name] == row[name] for name in _SAID):
        return None
    record = _with_id(row)
    if before is None or integer(before["at"]) <= integer(record["at"]):
        newest[about] = record
    return record


def _with_id(row: dict[str, Value]) -> dict[str, Value]:
    return {**row, "permission_id": stable_id(*(str(row[name]) for name in _SAID), str(row["at"]))}


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
