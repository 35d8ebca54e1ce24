"""The understanding half of a run: features, affinities and predictions, for those who allowed it."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from vocative.collect.identity import identity_table
from vocative.line.journal import Journal, Result
from vocative.line.people import everybody
from vocative.line.status import readiness
from vocative.predict.repeat_rhythm import MODULE, predict_repeats
from vocative.profile.affinity import build_affinities
from vocative.profile.batch import build_features, feature_rows
from vocative.profile.sources import Sources
from vocative.records.lake_tables import AFFINITIES, EVENTS, FEATURES, ITEMS, PEOPLE, PREDICTIONS
from vocative.records.schema import Table
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Relation
from vocative.workspace.opening import Workspace


def sources(workspace: Workspace, now: int) -> Sources:
    """What profiling may read: the newest version of each table, and only the people who allowed it."""
    stores = workspace.stores
    identity = identity_table(stores.ledger)
    return Sources(
        events=stores.lake.scan(EVENTS),
        people=stores.lake.scan(PEOPLE),
        items=stores.lake.scan(ITEMS),
        identity=identity,
        allowed=everybody(stores, workspace.settings, identity, now).allowed(),
    )


@dataclass(frozen=True, slots=True)
class Understood:
    """What the acting half is told: feature rows and predictions, in the columns of their tables."""

    features: Relation
    affinities: Relation
    predictions: Relation


def kept(workspace: Workspace) -> Understood:
    """What earlier stages have kept in the lake."""
    lake = workspace.stores.lake
    return Understood(lake.scan(FEATURES), lake.scan(AFFINITIES), lake.scan(PREDICTIONS))


def profiles(workspace: Workspace, run_id: str, now: int) -> tuple[pa.Table, pa.Table]:
    """Feature rows and affinities of everybody who may be profiled, in the columns of their tables."""
    read = sources(workspace, now)
    engine = workspace.stores.engine
    features = feature_rows(build_features(engine, read, workspace.settings, [now]), run_id)
    affinities = build_affinities(engine, read, workspace.settings, now)
    affinities = affinities.append_column("moment", pa.array([now] * affinities.num_rows, pa.timestamp("us", tz="UTC")))
    return _shaped(features, FEATURES, run_id), _shaped(affinities, AFFINITIES, run_id)


def predictions(workspace: Workspace, run_id: str, now: int) -> pa.Table:
    """Every prediction, in the columns of its table; a module whose data is not ready predicts nothing."""
    if not readiness(workspace, now)[MODULE].ready:
        return arrow_schema(PREDICTIONS).empty_table()
    table = predict_repeats(workspace.stores.engine, sources(workspace, now), workspace.settings, now)
    return _shaped(table, PREDICTIONS, run_id)


def build(workspace: Workspace, journal: Journal, now: int) -> Result:
    """Compute features and affinities and keep them in the lake."""
    features, affinities = profiles(workspace, journal.run_id, now)
    _keep(workspace, FEATURES, features, journal)
    _keep(workspace, AFFINITIES, affinities, journal)
    return {"profiles": features.num_rows, "affinities": affinities.num_rows}


def predict(workspace: Workspace, journal: Journal, now: int) -> Result:
    """Make predictions and keep them in the lake."""
    table = predictions(workspace, journal.run_id, now)
    _keep(workspace, PREDICTIONS, table, journal)
    people = pc.count_distinct(table["person_id"]).as_py()
    verdict = readiness(workspace, now)[MODULE]
    return {MODULE: {"predictions": table.num_rows, "people": people, "ready": verdict.ready, "why": verdict.why}}


def _shaped(table: pa.Table, declared: Table, run_id: str) -> pa.Table:
    if "run_id" not in table.column_names:
        table = table.append_column("run_id", pa.array([run_id] * table.num_rows, pa.string()))
    schema = arrow_schema(declared)
    return table.select(schema.names).cast(schema)


def _keep(workspace: Workspace, table: Table, data: pa.Table, journal: Journal) -> None:
    workspace.stores.lake.append(table, data, token=f"run:{journal.run_id}")
