"""First occasions on which the engine contacted a person or left them in peace by lot, read from its own decisions.

Each run notes those it sees for the first time in the table `treatments`, which is kept longer than decisions are.

An occasion is a decision about somebody who could have got something and could have got nothing, with the probability
of each: the control group is one lot, exploration another. What each could have got, and how likely, stands in the
decision itself (`decide.allocation.odds`, `decide.experiment.exploring`); it depends on nothing that came after the
lots. A decision that tells no probabilities although it was not certain was made where rounding and not worth decided
who gets what is left of a limit: their first occasion cannot be told, so such people are left out for good.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from vocative.decide.experiment.control import GLOBAL
from vocative.line.snapshot.snapshot import Snapshot
from vocative.predict.history.treatments import COLUMNS
from vocative.records.action import SILENCE, action_of
from vocative.records.cells import integer
from vocative.records.lake_tables import DECISIONS
from vocative.records.ledger_tables import ASSIGNMENTS, TREATMENTS
from vocative.records.schema import Row
from vocative.store.permissions import owners_of
from vocative.store.protocols import Relation
from vocative.workspace.opening import OpenWorkspace

_FIRST_SQL = """
WITH lots AS (
  SELECT coalesce(owners.person_id, decisions.person_id) AS person_id, epoch_us(moment) AS moment,
    outcome = 'contact' AS treated,
    -- Where no probabilities are told, rounding decided and not a lot alone.
    CASE WHEN cardinality(probabilities) > 0 THEN 1 - coalesce(probabilities[''], 0) ELSE 0 END AS chance,
    coalesce(campaign, '') AS campaign, CASE WHEN outcome = 'contact' THEN action_key ELSE '' END AS action_key,
    probabilities AS chances
  FROM decisions
  -- Of whoever is noted the first occasion is known: nothing later has to be read.
  ANTI JOIN kept ON kept.person_id = decisions.person_id AND kept.moment < epoch_us(decisions.moment)
  LEFT JOIN owners ON owners.user_id = decisions.person_id
  -- A contact that was certain, as service messages are, tells nothing.
  WHERE moment < make_timestamptz($now) AND propensity > 0 AND propensity < 1
),
noted AS (
  SELECT coalesce(owners.person_id, kept.person_id) AS person_id, kept.moment, treated, chance, campaign, action_key,
    chances
  FROM kept LEFT JOIN owners ON owners.user_id = kept.person_id
  WHERE kept.moment < $now
),
known AS (
  SELECT min(first) AS first FROM (
    SELECT min(epoch_us(moment)) AS first FROM decisions UNION ALL SELECT min(moment) FROM kept WHERE kept.moment < $now
  )
),
assigned AS (
  SELECT coalesce(owners.person_id, assignments.person_id) AS person_id, min(assigned_at) AS first,
    count(DISTINCT arm) AS arms
  FROM assignments LEFT JOIN owners ON owners.user_id = assignments.person_id GROUP BY 1
),
occasions AS (
  SELECT * FROM noted
  UNION ALL
  SELECT lots.* FROM lots CROSS JOIN known
  -- Nothing is kept for ever: whoever was given an arm before the oldest may have been contacted before it too.
  JOIN assigned ON assigned.person_id = lots.person_id AND assigned.first >= known.first
)
SELECT occasions.* FROM occasions JOIN assigned ON assigned.person_id = occasions.person_id AND assigned.arms = 1
QUALIFY row_number() OVER (PARTITION BY occasions.person_id ORDER BY occasions.moment, chance, campaign) = 1
ORDER BY occasions.person_id
"""


def treatments(scene: Snapshot) -> pa.Table:
    """First occasions known at the moment of the scene, in the columns of `predict.treatments.COLUMNS`."""
    found = first_lots(scene.workspace, scene.now)
    return found.filter(pc.field("chance") > 0.0)


def taught(workspace: OpenWorkspace, now: int) -> frozenset[str]:
    """People whose first occasion lies before `now` (µs UTC), as far as it was noted."""
    with workspace.stores.ledger.transaction() as transaction:
        owners = owners_of(transaction)
        noted = [str(row["person_id"]) for row in transaction.select(TREATMENTS) if integer(row["moment"]) < now]
    return frozenset(owners.get(person, person) for person in noted)


def note_treatments(workspace: OpenWorkspace, now: int) -> int:
    """Note the first occasions up to and at the moment; returns how many are new.

    May be repeated: who is noted stays as they are.
    """
    rows: list[Row] = [
        {**row, "chances": msgspec.json.encode(dict(row["chances"])).decode()}
        for row in first_lots(workspace, now + 1).to_pylist()
    ]
    with workspace.stores.ledger.transaction() as transaction:
        return transaction.insert(TREATMENTS, rows, on_conflict="ignore")


def first_lots(workspace: OpenWorkspace, now: int) -> pa.Table:
    """The first occasion of everybody before `now` (µs UTC); `chance` is 0 where it cannot be told."""
    stores = workspace.stores
    with stores.ledger.transaction() as transaction:
        drawn = transaction.select(ASSIGNMENTS, {"experiment": GLOBAL})
        kept = transaction.select(TREATMENTS)
        owners = owners_of(transaction)
    relations: dict[str, Relation] = {
        "decisions": stores.lake.scan(DECISIONS),
        "kept": pa.Table.from_pylist([_kept(row) for row in kept], COLUMNS),
        "owners": pa.table(
            {"user_id": pa.array(owners, pa.string()), "person_id": pa.array(owners.values(), pa.string())}
        ),
        "assignments": pa.table(
            {
                "person_id": pa.array([str(row["person_id"]) for row in drawn], pa.string()),
                "arm": pa.array([str(row["arm"]) for row in drawn], pa.string()),
                "assigned_at": pa.array([integer(row["assigned_at"]) for row in drawn], pa.int64()),
            }
        ),
    }
    rows = stores.engine.query(_FIRST_SQL, relations, {"now": now}).select(COLUMNS.names).to_pylist()
    return pa.Table.from_pylist([_compared(row) for row in rows], COLUMNS)


def _kept(row: Row) -> dict[str, object]:
    chances = msgspec.json.decode(str(row["chances"]), type=dict[str, float])
    return {**row, "treated": bool(row["treated"]), "chances": list(chances.items())}


def _compared(row: dict[str, Any]) -> dict[str, object]:
    """An occasion by what lots compare, and by the campaign that was likeliest to be said."""
    chances, key = dict(row["chances"]), row["action_key"]
    likeliest = min(((-chance, one) for one, chance in chances.items() if one != SILENCE), default=None)
    return {
        **row,
        "campaign": row["campaign"] if likeliest is None else action_of(likeliest[1]).campaign,
        "action_key": action_of(key).compared.key if key != SILENCE else SILENCE,
        "chances": list(chances.items()),
    }
