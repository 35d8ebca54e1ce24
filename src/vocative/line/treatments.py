"""First occasions on which the engine contacted a person or left them in peace by lot, read from its own decisions.

Each run notes those it sees for the first time in the table `treatments`, which is kept longer than decisions are.

A decision with outcome `control` holds what would have been said: so both arms are known, with the probability of each.
Where money or another limit ran out, who is in control is cut off at the same price, but for those who stand at it:
occasions with a score below the one at which it ran out count in neither arm, and people with an occasion of that very
score are left out.
"""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from vocative.decide.control import GLOBAL
from vocative.line.scene import Scene
from vocative.predict.past import DAY_US
from vocative.predict.treatments import COLUMNS
from vocative.records.acting import Candidate
from vocative.records.lake_tables import DECISIONS
from vocative.records.ledger_tables import CONTROL, TREATMENTS
from vocative.records.schema import Row
from vocative.store.permissions import owners_of
from vocative.store.protocols import Relation
from vocative.workspace.opening import Workspace

_CUT: list[pa.Field[Any]] = [
    pa.field("run_id", pa.string()),
    pa.field("channel", pa.string()),
    pa.field("cut", pa.float64()),
]
_REFUSED_SQL = """
SELECT run_id, candidates FROM decisions
WHERE outcome = 'silence' AND reason IN ('budget', 'limit') AND moment < make_timestamptz($now)
"""
_FIRST_SQL = """
WITH asked AS (
  SELECT coalesce(owners.person_id, decisions.person_id) AS person_id, epoch_us(moment) AS moment, decision_id,
    outcome = 'contact' AS treated, CASE WHEN outcome = 'contact' THEN propensity ELSE 1 - propensity END AS chance,
    campaign, score, cuts.cut
  FROM decisions
  LEFT JOIN owners ON owners.user_id = decisions.person_id
  LEFT JOIN cuts ON cuts.run_id = decisions.run_id AND cuts.channel = decisions.channel
  WHERE outcome IN ('contact', 'control') AND moment < make_timestamptz($now)
    -- A contact that was certain, as service messages are, tells nothing.
    AND propensity > 0 AND propensity < 1
),
noted AS (
  SELECT coalesce(owners.person_id, kept.person_id) AS person_id, kept.moment, treated, chance, campaign
  FROM kept LEFT JOIN owners ON owners.user_id = kept.person_id
  WHERE kept.moment < $now
),
known AS (
  SELECT min(first) AS first FROM (
    SELECT min(epoch_us(moment)) AS first FROM decisions UNION ALL SELECT min(moment) FROM kept WHERE kept.moment < $now
  )
),
assigned AS (
  SELECT coalesce(owners.person_id, control.person_id) AS person_id, min(assigned_at) AS first,
    count(DISTINCT arm) AS arms
  FROM control LEFT JOIN owners ON owners.user_id = control.person_id GROUP BY 1
),
occasions AS (
  SELECT * FROM noted
  UNION ALL
  -- Whoever stood exactly where money ran out cannot be told: the lot was not the only thing that decided.
  SELECT asked.person_id, asked.moment, treated, CASE WHEN score = cut THEN 0 ELSE chance END, campaign
  FROM asked CROSS JOIN known
  -- Nothing is kept for ever: whoever was given an arm before the oldest may have been contacted before it too.
  JOIN assigned ON assigned.person_id = asked.person_id AND assigned.first >= known.first
  WHERE cut IS NULL OR score >= cut
)
SELECT occasions.person_id, occasions.moment, treated, chance, campaign
FROM occasions JOIN assigned ON assigned.person_id = occasions.person_id AND assigned.arms = 1
QUALIFY row_number() OVER (PARTITION BY occasions.person_id ORDER BY occasions.moment, chance, campaign) = 1
ORDER BY occasions.person_id
"""


def treatments(scene: Scene) -> pa.Table:
    """First occasions known at the moment of the scene, in the columns of `predict.treatments.COLUMNS`."""
    found = first_lots(scene.workspace, scene.now)
    return found.filter(pc.field("chance") > 0.0)


def note_treatments(workspace: Workspace, now: int) -> int:
    """Note the first occasions up to and at the moment, drop those that are too old; returns how many are new.

    May be repeated: who is noted stays as they are.
    """
    rows = cast("list[Row]", first_lots(workspace, now + 1).to_pylist())
    oldest = now - _kept_days() * DAY_US
    with workspace.stores.ledger.transaction() as transaction:
        noted = transaction.insert(TREATMENTS, rows, on_conflict="ignore")
        old = [moment for moment in transaction.count(TREATMENTS, "moment") if int(str(moment)) < oldest]
        transaction.delete(TREATMENTS, {"moment": old})
    return noted


def _kept_days() -> int:
    days = TREATMENTS.retention.days
    assert days is not None
    return days


def first_lots(workspace: Workspace, now: int) -> pa.Table:
    """The first occasion of everybody before `now` (µs UTC); `chance` is 0 where it cannot be told."""
    stores = workspace.stores
    with stores.ledger.transaction() as transaction:
        drawn = transaction.select(CONTROL, {"experiment": GLOBAL})
        kept = transaction.select(TREATMENTS)
        owners = owners_of(transaction)
    decisions = stores.lake.scan(DECISIONS)
    refused = stores.engine.query(_REFUSED_SQL, {"decisions": decisions}, {"now": now})
    relations: dict[str, Relation] = {
        "decisions": decisions,
        "cuts": _cuts(refused),
        "kept": pa.Table.from_pylist([{**row, "treated": bool(row["treated"])} for row in kept], COLUMNS),
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
    """The highest score for which nothing was left, of each run and channel."""
    cuts: dict[tuple[str, str], float] = {}
    for row in refused.to_pylist():
        for one in msgspec.json.decode(row["candidates"], type=tuple[Candidate, ...]):
            if one.removed in ("budget", "limit"):
                key = (str(row["run_id"]), one.channel)
                cuts[key] = max(cuts.get(key, float("-inf")), one.score or 0.0)
    rows = [{"run_id": run, "channel": channel, "cut": cut} for (run, channel), cut in cuts.items()]
    return pa.Table.from_pylist(rows, pa.schema(_CUT))
