"""Rows of the newest run, as of a moment."""

from __future__ import annotations

from vocative.desk.rows import Rows
from vocative.records.lake_tables import PREDICTIONS
from vocative.records.schema import Table
from vocative.workspace.opening import OpenWorkspace

_NEWEST = """
SELECT * EXCLUDE (run_id) FROM kept
WHERE moment = (SELECT max(moment) FROM kept WHERE moment <= make_timestamptz($now))
"""
_NEWEST_OF = """
SELECT * EXCLUDE (run_id) FROM kept
WHERE module = $module
  AND moment = (SELECT max(moment) FROM kept WHERE module = $module AND moment <= make_timestamptz($now))
ORDER BY person_id, value DESC
"""


def newest_rows(workspace: OpenWorkspace, table: Table, now: int) -> Rows:
    """The rows of a table of the lake that the newest run up to `now` (µs UTC) kept; none before the first."""
    relation = {"kept": workspace.stores.lake.scan(table)}
    return Rows(workspace.stores.engine.query(_NEWEST, relation, {"now": now}))


def newest_predictions(workspace: OpenWorkspace, module: str, now: int) -> Rows:
    """The newest predictions of one module up to `now` (µs UTC); none before the first."""
    relation = {"kept": workspace.stores.lake.scan(PREDICTIONS)}
    return Rows(workspace.stores.engine.query(_NEWEST_OF, relation, {"now": now, "module": module}))
