"""The whole state of a workspace as comparable values."""

from __future__ import annotations

from pathlib import Path

from vocative.records.lake_tables import LAKE_TABLES
from vocative.records.ledger_tables import LEDGER_TABLES
from vocative.workspace.opening import OpenWorkspace

_DIGITS = 9
# Only how long stages took differs between two runs of the same data.
_VARYING = {"runs": {"result"}}


def state_of(root: Path) -> dict[str, list[str]]:
    """Table name → its rows as sorted texts; and the files of the outbox with their content."""
    with OpenWorkspace.open(root) as workspace:
        stores = workspace.stores
        state = {
            table.name: sorted(
                repr(_rounded(row))
                for row in stores.engine.query("SELECT * FROM t", {"t": stores.lake.scan(table)}).to_pylist()
            )
            for table in LAKE_TABLES
        }
        with stores.ledger.transaction() as transaction:
            for table in LEDGER_TABLES:
                varying = _VARYING.get(table.name, set())
                state[table.name] = sorted(
                    repr({name: value for name, value in row.items() if name not in varying})
                    for row in transaction.select(table)
                )
    outbox = root / "outbox"
    state["outbox files"] = sorted(path.name for path in outbox.glob("*.eml")) if outbox.exists() else []
    return state


def _rounded(value: object) -> object:
    """Sums of many numbers differ in the last bits with the order in which threads add them up."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return value
