"""When each person will buy a category again: their own rhythm, steadied by everybody's.

The question: given that `age` days have passed since the last purchase, does the next one come within the horizon?
Of the person's own completed pauses longer than `age` (there are m), k ended within the horizon. The same question put
to everybody's pauses in that category gives p, from a life table with open pauses as censored (Kaplan and Meier, 1958,
"Nonparametric estimation from incomplete observations"). The estimate is (k + s p) / (m + s): a prior worth s pauses,
so a person with few pauses is close to everybody and one with many is close to themselves.

It is counting, not learning: the baseline that a learned model has to beat before it may act.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import json
from scipy.special import betaincinv

from vocative.profile.facts import FACTS
from vocative.profile.grain import Grain, with_clause
from vocative.profile.items import CATALOGUE
from vocative.profile.people import KNOWN
from vocative.profile.scope import CODES, SLOTS_PER_DAY, Scope
from vocative.profile.sources import Sources
from vocative.records.settings import Settings
from vocative.store.protocols import Engine

MODULE = "repeat_rhythm"
VERSION = "1"

_PRIOR_PAUSES = 4.0
_CATEGORY_PRIOR = 20.0
_LONGEST = 366
_INTERVAL = (0.05, 0.95)

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Column: TypeAlias = "pa.ChunkedArray[Any] | pa.Array[Any]"


def _pauses(scope: Scope) -> str:
    today = scope.now // SLOTS_PER_DAY
    return f"""SELECT who, target, coalesce(following, {today}) - day AS length, following IS NULL AS open
FROM (
  SELECT who, target, day, lead(day) OVER (PARTITION BY who, target ORDER BY day) AS following
  FROM (
    SELECT DISTINCT facts.who, catalogue.category AS target, facts.slot // {SLOTS_PER_DAY} AS day
    FROM facts JOIN catalogue ON catalogue.item = facts.item
    WHERE facts.role = {CODES["purchase"]} AND catalogue.category IS NOT NULL
  ) AS days
) AS followed"""


PAUSES = Grain("pauses", _pauses, (FACTS, CATALOGUE))
"""One row per pause between two days on which a person bought a category; the last one is open."""


def predict_repeats(
    engine: Engine, sources: Sources, settings: Settings, moment: int, horizon_days: int = 7, *, targets_kept: int = 20
) -> pa.Table:
    """Predict, for each person who may be profiled, which categories they buy within the horizon.

    Args:
        engine: Runs the queries.
        sources: Events, items, identities and the people who may be profiled.
        settings: What events mean.
        moment: Only records with both times before it are used, µs UTC.
        horizon_days: How far ahead to look.
        targets_kept: Targets of each person to return, the most probable.

    Returns:
        The columns of the table `predictions` but `run_id`; one row for each target kept.
        `value` is a probability with a 90 % interval from the Beta posterior; `support` counts the person's own
        completed pauses in the category.
    """
    scope = Scope(moment, settings)
    bound = sources.relations()
    life = engine.query(_life_sql(scope), bound)
    pairs = engine.query(_pairs_sql(scope, horizon_days), bound)
    targets = pa.array(life["target"].unique().to_pylist(), pa.string())
    survival = _survival(life, targets)
    place = _integers(pc.index_in(pairs["target"], value_set=targets))
    age = np.minimum(_integers(pairs["age"]), _LONGEST)
    later = np.minimum(age + horizon_days, _LONGEST)
    prior = 1.0 - survival[place, later] / survival[place, age]
    longer, ended = _floats(pairs["longer"]), _floats(pairs["ended"])
    hits = ended + _PRIOR_PAUSES * prior
    value = hits / (longer + _PRIOR_PAUSES)
    misses = longer + _PRIOR_PAUSES - hits
    table = _table(pairs, value, _posterior(hits, misses), scope, horizon_days)
    return _best(table, targets_kept)


def _life_sql(scope: Scope) -> str:
    return f"""WITH {", ".join(with_clause([PAUSES], scope))}
SELECT target, least(length, {_LONGEST}) AS length, count(*) AS observed,
  sum(CASE WHEN open OR length > {_LONGEST} THEN 0 ELSE 1 END) AS ended
FROM pauses GROUP BY 1, 2 ORDER BY 1, 2"""


def _pairs_sql(scope: Scope, horizon_days: int) -> str:
    return f"""WITH {", ".join(with_clause([PAUSES, KNOWN], scope))},
ages AS (SELECT who, target, length AS age FROM pauses WHERE open)
SELECT known.person_id, ages.target, ages.age, count(*) AS support, median(pauses.length) AS typical_days,
  sum(CASE WHEN pauses.length > ages.age THEN 1 ELSE 0 END) AS longer,
  sum(CASE WHEN pauses.length > ages.age AND pauses.length <= ages.age + {horizon_days} THEN 1 ELSE 0 END) AS ended
FROM ages
JOIN pauses ON pauses.who = ages.who AND pauses.target = ages.target AND NOT pauses.open
JOIN known ON known.who = ages.who
GROUP BY 1, 2, 3 ORDER BY 1, 2"""


def _survival(life: pa.Table, targets: pa.Array[Any]) -> Floats:
    """P(pause > d) per target (rows) and d = 0 … 366 days (columns), each target steadied by all of them."""
    observed = np.zeros((len(targets), _LONGEST + 1))
    ended = np.zeros_like(observed)
    where = (_integers(pc.index_in(life["target"], value_set=targets)), _integers(life["length"]))
    np.add.at(observed, where, _floats(life["observed"]))
    np.add.at(ended, where, _floats(life["ended"]))
    at_risk = observed[:, ::-1].cumsum(axis=1)[:, ::-1]
    shared = ended.sum(axis=0) / np.maximum(at_risk.sum(axis=0), 1.0)
    hazard = (ended + _CATEGORY_PRIOR * shared) / (at_risk + _CATEGORY_PRIOR)
    return np.maximum(np.cumprod(1.0 - hazard, axis=1), 1e-12)


def _posterior(hits: Floats, misses: Floats) -> tuple[Floats, Floats]:
    least = 1e-6
    low, high = (betaincinv(np.maximum(hits, least), np.maximum(misses, least), edge) for edge in _INTERVAL)
    return np.asarray(low, np.float64), np.asarray(high, np.float64)


def _table(
    pairs: pa.Table, value: Floats, interval: tuple[Floats, Floats], scope: Scope, horizon_days: int
) -> pa.Table:
    rows = pairs.num_rows
    typical, age, support = (pairs[name].to_pylist() for name in ("typical_days", "age", "support"))
    reasons = [
        json.encode({"typical_days": pause, "days_since": since, "pauses": count}).decode()
        for pause, since, count in zip(typical, age, support, strict=True)
    ]
    return pa.table(
        {
            "moment": pa.array(np.full(rows, scope.moment), pa.timestamp("us", tz="UTC")),
            "person_id": pairs["person_id"],
            "module": pa.array([MODULE] * rows, pa.string()),
            "target": pairs["target"],
            "value": pa.array(value),
            "low": pa.array(interval[0]),
            "high": pa.array(interval[1]),
            "unit": pa.array(["probability"] * rows, pa.string()),
            "horizon_days": pa.array(np.full(rows, float(horizon_days))),
            "support": pairs["support"].cast(pa.float64()),
            "version": pa.array([VERSION] * rows, pa.string()),
            "reasons": pa.array(reasons, pa.string()),
        }
    )


def _best(table: pa.Table, kept: int) -> pa.Table:
    """The most probable targets of each person."""
    ordered = table.sort_by([("person_id", "ascending"), ("value", "descending"), ("target", "ascending")])
    if not ordered.num_rows:
        return ordered
    person = ordered["person_id"].combine_chunks()
    fresh = np.ones(len(person), dtype=bool)
    fresh[1:] = pc.not_equal(person[1:], person[:-1]).to_numpy(zero_copy_only=False)
    starts = np.flatnonzero(fresh)
    rank = np.arange(len(person)) - np.repeat(starts, np.diff([*starts, len(person)]))
    return ordered.filter(pa.array(rank < kept))


def _floats(column: Column) -> Floats:
    return np.asarray(column, np.float64)


def _integers(column: Column) -> Integers:
    return np.asarray(column, np.int64)
