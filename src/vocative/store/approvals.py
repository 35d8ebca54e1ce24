"""Reads from the ledger what a person of the business has approved, and whether everything has been stopped."""

from __future__ import annotations

from typing import NamedTuple

from vocative.records.ledger_tables import APPROVALS, SWITCHES
from vocative.records.schema import Value
from vocative.store.protocols import Transaction

STOP = "stop"


class Approved(NamedTuple):
    """One version of one campaign that a person has looked at (`previewed`) or approved."""

    step: str
    by: str
    at: int
    armed_from: int | None = None

    def armed(self, now: int) -> bool:
        """Whether it may go out at `now` (µs UTC)."""
        return self.step == "approved" and self.armed_from is not None and self.armed_from <= now


def approvals(transaction: Transaction, now: int) -> dict[tuple[str, str], Approved]:
    """(campaign, version) → what holds at `now` (µs UTC); a version that was withdrawn, or never seen, is missing."""
    rows = transaction.select(APPROVALS, order_by=("at", "step"))
    held: dict[tuple[str, str], Approved] = {}
    for row in rows:
        key = str(row["campaign"]), str(row["version"])
        if _micros(row["at"]) > now:
            continue
        if row["step"] == "withdrawn":
            held.pop(key, None)
        elif row["step"] == "approved" or key not in held:
            armed_from = row["armed_from"]
            held[key] = Approved(
                str(row["step"]),
                str(row["by"]),
                _micros(row["at"]),
                armed_from if isinstance(armed_from, int) else None,
            )
    return held


def is_stopped(transaction: Transaction, now: int) -> bool:
    """Whether the emergency stop is on at `now` (µs UTC)."""
    rows = [
        row for row in transaction.select(SWITCHES, {"switch": STOP}, order_by=("at",)) if _micros(row["at"]) <= now
    ]
    return bool(rows) and rows[-1]["state"] == "on"


def _micros(value: Value) -> int:
    return value if isinstance(value, int) else 0
