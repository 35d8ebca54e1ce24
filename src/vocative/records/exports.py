"""The tables that can be exported, by the names people use."""

from __future__ import annotations

from collections.abc import Mapping

from vocative.records.lake_tables import LAKE_TABLES
from vocative.records.ledger_tables import ASSIGNMENTS, OUTBOX
from vocative.records.schema import Table

_RENAMED = {"features": "profiles"}

EXPORTS: Mapping[str, Table] = {
    **{_RENAMED.get(table.name, table.name): table for table in LAKE_TABLES},
    "receipts": OUTBOX,
    "assignments": ASSIGNMENTS,
}
"""What can be exported: name → table."""
