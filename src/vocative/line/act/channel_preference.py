"""How likely people react to messages, over which channel and at which hour: what deciding is told of it."""

from __future__ import annotations

from vocative.line.snapshot.snapshot import Snapshot
from vocative.predict.response.reacts import REACTS
from vocative.predict.response.reacts_when import REACTS_WHEN
from vocative.records.cells import number
from vocative.store.protocols import Relation

_LIKING_SQL = """
SELECT person_id, target AS channel, value,
  sum(value * support) OVER () / nullif(sum(support) OVER (), 0.0) AS everybodys
FROM predictions WHERE run_id = $run AND module = $module AND NOT starts_with(version, 'baseline:')
"""
_REACTS_SQL = """
SELECT person_id, target AS channel, value FROM predictions WHERE run_id = $run AND module = $module
"""
_HOURS_SQL = """
SELECT person_id, json_extract_string(reasons, '$.channel') AS channel,
  list(CAST(json_extract_string(reasons, '$.hour') AS INTEGER) ORDER BY value DESC, target) AS hours
FROM predictions WHERE run_id = $run AND module = $module AND NOT starts_with(version, 'baseline:')
GROUP BY 1, 2
"""


def likings(scene: Snapshot, run_id: str, predictions: Relation) -> dict[str, dict[str, float]]:
    """Person → channel → the chance that they react, as a multiple of that of all messages over all channels.

    Only where that was admitted: a multiple of the same rate for all says nothing.
    """
    found: dict[str, dict[str, float]] = {}
    for row in _rows(scene, _LIKING_SQL, predictions, run_id, REACTS.name):
        if everybodys := number(row["everybodys"] or 0.0):
            found.setdefault(str(row["person_id"]), {})[str(row["channel"])] = number(row["value"]) / everybodys
    return found


def reactions(scene: Snapshot, run_id: str, predictions: Relation) -> dict[str, dict[str, float]]:
    """Person → channel → the probability that they react to the next message, by whichever way acts."""
    found: dict[str, dict[str, float]] = {}
    for row in _rows(scene, _REACTS_SQL, predictions, run_id, REACTS.name):
        found.setdefault(str(row["person_id"]), {})[str(row["channel"])] = number(row["value"])
    return found


def best_hours(scene: Snapshot, run_id: str, predictions: Relation) -> dict[str, dict[str, tuple[int, ...]]]:
    """Person → channel → an hour for each part of their day at which messages went, the likeliest to be read first."""
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for row in _rows(scene, _HOURS_SQL, predictions, run_id, REACTS_WHEN.name):
        hours = row["hours"]
        if isinstance(hours, list):
            found.setdefault(str(row["person_id"]), {})[str(row["channel"])] = tuple(hours)
    return found


def _rows(scene: Snapshot, sql: str, predictions: Relation, run_id: str, module: str) -> list[dict[str, object]]:
    engine = scene.workspace.stores.engine
    return engine.query(sql, {"predictions": predictions}, {"run": run_id, "module": module}).to_pylist()
