"""Addresses that a channel has refused for good: they are not written to again until the person has another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vocative.records.cells import integer
from vocative.records.ledger_tables import REFUSED_ADDRESSES
from vocative.records.schema import Row, Value
from vocative.store.protocols import Transaction

Place = tuple[str, str]
"""A channel and an address over it, as `place` writes it."""


def place(channel: str, address: str) -> Place:
    """An address over a channel, however it is written.

    >>> place("email", "Anna@Example.com")
    ('email', 'anna@example.com')
    """
    return channel, address.strip().lower()


def refused_row(row: Mapping[str, Value], answer: str, now: int) -> Row:
    """What is to be remembered of the address of an outbox row that was refused for good."""
    channel, address = place(str(row["channel"]), str(row["address"]))
    return {"channel": channel, "address": address, "person_id": row["person_id"], "at": now, "answer": answer}


def refused_places(
    transaction: Transaction, before: int | None = None, among: Iterable[str] | None = None
) -> frozenset[Place]:
    """Every address that has been refused for good, or those that had been `before` a moment (µs UTC).

    With `among` some addresses alone are asked for, however they are written.
    """
    where = None if among is None else {"address": sorted({place("", address)[1] for address in among})}
    rows = transaction.select(REFUSED_ADDRESSES, where, columns=("channel", "address", "at"))
    return frozenset(
        (str(row["channel"]), str(row["address"])) for row in rows if before is None or integer(row["at"]) < before
    )


def refused_of(transaction: Transaction, rows: Iterable[Mapping[str, Value]]) -> frozenset[Place]:
    """Those of the addresses of outbox rows that have been refused for good."""
    wanted = {place(str(row["channel"]), str(row["address"])) for row in rows}
    found = transaction.select(REFUSED_ADDRESSES, {"address": sorted({address for _, address in wanted})})
    return frozenset(wanted & {(str(row["channel"]), str(row["address"])) for row in found})
