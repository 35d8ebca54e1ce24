"""First occasions on which the engine contacted a person or left them in peace by lot, read from its own decisions.

A decision with outcome `control` holds what would have been said: so both arms are known, with the probability of each.
Where money ran out, people in control were not cut off as the treated were: occasions with a score below the one at
which it ran out count in neither arm, and people with an occasion of that very score are left out.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa

from vocative.decide.control import GLOBAL
from vocative.line.scene import Scene
from vocative.predict.treatments import COLUMNS
from vocative.records.acting import Candidate
from vocative.records.lake_tables import DECISIONS
from vocative.records.ledger_tables import CONTROL
from vocative.store.permissions import owners_of
from vocative.store.protocols import Relation

_CUT: list[pa.Field[Any]] = [
    pa.field("run_id", pa.string()),
    pa.field("channel", pa.string()),
    pa.field("cut", pa.float64()),
]
_REFUSED_SQL = """
SELECT run_id, candidates FROM decisions
WHERE outcome = 'silence' AND reason = 'budget' AND moment < make_timestamptz($now)
"""
_FIRST_SQL = """
WITH asked AS (
  SELECT coalesce(owners.person_id, decisions.person_id) AS person_id, epoch_us(moment) AS moment, decision_id,
    outcome = 'contact' AS treated, propensity, campaign, score, cuts.cut
  FROM decisions
  LEFT JOIN owners ON owners.user_id = decisions.person_id
  LEFT JOIN cuts ON cuts.run_id = decisions.run_id AND cuts.channel = decisions.channel
  WHERE outcome IN ('contact', 'control') AND moment < make_timestamptz($now)
    -- A contact that was certain, as service messages are, tells nothing.
    AND propensity > 0 AND propensity < 1
),
unclear AS (SELECT DISTINCT person_id FROM asked WHERE score = cut),
known AS (SELECT min(epoch_us(moment)) AS first FROM decisions),
assigned AS (
  SELECT coalesce(owners.person_id, control.person_id) AS person_id, min(assigned_at) AS first,
    count(DISTINCT arm) AS arms
  FROM control LEFT JOIN owners ON owners.user_id = control.person_id GROUP BY 1
)
SELECT asked.person_id, asked.moment, treated, CASE WHEN treated THEN propensity ELSE 1 - propensity END AS chance,
  campaign
FROM asked
-- Decisions are not kept for ever: whoever was given an arm before the oldest may have been contacted before it too.
JOIN assigned ON assigned.person_id = asked.person_id AND assigned.arms = 1
JOIN known ON assigned.first >= known.first
WHERE (cut IS NULL OR score > cut) AND asked.person_id NOT IN (SELECT person_id FROM unclear)
QUALIFY row_number() OVER (PARTITION BY asked.person_id ORDER BY asked.moment, decision_id) = 1
ORDER BY asked.person_id
"""


def treatments(scene: Scene) -> pa.Table:
    """First occasions known at the moment of the scene, in the columns of `predict.treatments.COLUMNS`."""
    stores, now = scene.workspace.stores, scene.now
    with stores.ledger.transaction() as transaction:
        drawn = transaction.select(CONTROL, {"experiment": GLOBAL})
        owners = owners_of(transaction)
    decisions = stores.lake.scan(DECISIONS)
    refused = stores.engine.query(_REFUSED_SQL, {"decisions": decisions}, {"now": now})
    relations: dict[str, Relation] = {
        "decisions": decisions,
        "cuts": _cuts(refused),
        "owners": pa.table(
            {"user_id": pa.array(owners, pa.string()), "person_id": pa.array(owners.values(), pa.string())}
        ),
        "control": pa.table(
            {
                "person_id": pa.array([str(row["person_id"]) for row in drawn], pa.string()),
                "arm": pa.array([str(row["arm"]) for row in drawn], pa.string()),
                "assigned_at": pa.array([int(str(row["assigned_at"])) for row in drawn], pa.int64()),
            }
        ),
    }
    return stores.engine.query(_FIRST_SQL, relations, {"now": now}).select(COLUMNS.names).cast(COLUMNS)


def _cuts(refused: pa.Table) -> pa.Table:
    """The highest score for which no money was left, of each run and channel."""
    cuts: dict[tuple[str, str], float] = {}
    for row in refused.to_pylist():
        for one in msgspec.json.decode(row["candidates"], type=tuple[Candidate, ...]):
            if one.removed == "budget":
                key = (str(row["run_id"]), one.channel)
                cuts[key] = max(cuts.get(key, float("-inf")), one.score or 0.0)
    rows = [{"run_id": run, "channel": channel, "cut": cut} for (run, channel), cut in cuts.items()]
    return pa.Table.from_pylist(rows, pa.schema(_CUT))
