"""First occasions on which the engine contacted a person or left them in peace by lot, read from its own decisions.

Each run notes those it sees for the first time in the table `treatments`, which is kept longer than decisions are.

An occasion is a decision about somebody who could have got something and could have got nothing, with the probability
of each: the control group is one lot, exploration another. What each could have got, and how likely, stands in the
decision itself (`decide.odds`, `decide.exploring`); it depends on nothing that came after the lots. A decision that
tells no probabilities although it was not certain was made where rounding and not worth decided who gets what is left
of a limit: their first occasion cannot be told, so such people are left out for good.

Decisions of an earlier release hold one probability. There a decision with outcome `control` holds what would have
been said. Where money or another limit ran out, who is in control is cut off at the same price, but for those who stand
at it. A cut is the highest score for which somebody got nothing because of a limit, of a run and a channel: whoever was
not held back and had a candidate above the cut of its channel got something, or the cut would be higher. Where limits
of several prices meet in a channel the cut lies above some of them, so more is left out than need be. Occasions below
the cut count in neither arm, and people with an occasion of that very score are left out. What this does not hold:
who got a second choice because of a limit. Where that lies below the cut of another channel, the person is missing in
one arm alone; else the arms agree on the contact, not always on the campaign. They stand at the margin of two prices,
and are few.
"""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from vocative.decide.experiment.control import GLOBAL
from vocative.line.snapshot.snapshot import Scene
from vocative.predict.history.treatments import COLUMNS
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
WHERE outcome = 'silence' AND reason IN ('budget', 'limit') AND probabilities IS NULL
  AND moment < make_timestamptz($now)
"""
_FIRST_SQL = """
WITH lots AS (
  SELECT *, epoch_us(moment) AS us, outcome = 'contact' AS treated,
    CAST(CAST(probabilities AS JSON) AS MAP(VARCHAR, DOUBLE)) AS odds
  FROM decisions
  -- Of whoever is noted the first occasion is known: nothing later has to be read.
  ANTI JOIN kept ON kept.person_id = decisions.person_id AND kept.moment < epoch_us(decisions.moment)
  -- A contact that was certain, as service messages are, tells nothing.
  WHERE moment < make_timestamptz($now) AND propensity > 0 AND propensity < 1
    AND (probabilities IS NOT NULL OR outcome IN ('contact', 'control'))
),
asked AS (
  SELECT coalesce(owners.person_id, lots.person_id) AS person_id, us AS moment, treated,
    CASE WHEN cardinality(odds) > 0 THEN 1 - odds[''] WHEN odds IS NOT NULL THEN 0
      WHEN treated THEN propensity ELSE 1 - propensity END AS chance,
    CASE WHEN cardinality(odds) > 0 THEN regexp_replace(list_sort(list_transform(
        list_filter(map_entries(odds), lambda one: one.key <> ''), lambda one: {'less': -one.value, 'arm': one.key}
      ))[1].arm, ' @ [^@]*$', '') ELSE coalesce(campaign, '') END AS campaign,
    CASE WHEN NOT treated THEN '' WHEN lots.arm IS NOT NULL THEN lots.arm WHEN cardinality(odds) > 0 THEN list_filter(
        map_keys(odds), lambda one: one = campaign OR starts_with(one, campaign || ' @ ')
      )[1] ELSE campaign END AS arm,
    CASE WHEN cardinality(odds) > 0 THEN probabilities END AS chances,
    score, CASE WHEN odds IS NULL THEN cuts.cut END AS cut
  FROM lots
  LEFT JOIN owners ON owners.user_id = lots.person_id
  LEFT JOIN cuts ON cuts.run_id = lots.run_id AND cuts.channel = lots.channel
),
noted AS (
  SELECT coalesce(owners.person_id, kept.person_id) AS person_id, kept.moment, treated, chance, campaign, arm, chances
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
  SELECT asked.person_id, asked.moment, treated, CASE WHEN score = cut THEN 0 ELSE chance END, campaign, arm, chances
  FROM asked CROSS JOIN known
  -- Nothing is kept for ever: whoever was given an arm before the oldest may have been contacted before it too.
  JOIN assigned ON assigned.person_id = asked.person_id AND assigned.first >= known.first
  WHERE cut IS NULL OR score >= cut
)
SELECT occasions.person_id, occasions.moment, treated, chance, campaign, arm, chances
FROM occasions JOIN assigned ON assigned.person_id = occasions.person_id AND assigned.arms = 1
QUALIFY row_number() OVER (PARTITION BY occasions.person_id ORDER BY occasions.moment, chance, campaign) = 1
ORDER BY occasions.person_id
"""


def treatments(scene: Scene) -> pa.Table:
    """First occasions known at the moment of the scene, in the columns of `predict.treatments.COLUMNS`."""
    found = first_lots(scene.workspace, scene.now)
    return found.filter(pc.field("chance") > 0.0)


def taught(workspace: Workspace, now: int) -> frozenset[str]:
    """People whose first occasion lies before `now` (µs UTC), as far as it was noted."""
    with workspace.stores.ledger.transaction() as transaction:
        owners = owners_of(transaction)
        noted = [str(row["person_id"]) for row in transaction.select(TREATMENTS) if int(str(row["moment"])) < now]
    return frozenset(owners.get(person, person) for person in noted)


def note_treatments(workspace: Workspace, now: int) -> int:
    """Note the first occasions up to and at the moment; returns how many are new.

    May be repeated: who is noted stays as they are.
    """
    rows = cast("list[Row]", first_lots(workspace, now + 1).to_pylist())
    with workspace.stores.ledger.transaction() as transaction:
        return transaction.insert(TREATMENTS, rows, on_conflict="ignore")


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
