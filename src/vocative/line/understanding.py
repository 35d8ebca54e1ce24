"""The understanding half of a run: features, affinities and predictions, for those who allowed it."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from vocative.line.journal import Journal, Result
from vocative.line.scene import Scene
from vocative.predict.repeat_rhythm import MODULE, predict_repeats
from vocative.profile.affinity import build_affinities
from vocative.profile.batch import build_features, feature_rows
from vocative.records.lake_tables import AFFINITIES, FEATURES, PREDICTIONS, SEGMENTS
from vocative.records.schema import Table
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Relation
from vocative.workspace.opening import Workspace


@dataclass(frozen=True, slots=True)
class Understood:
    """What the acting half is told: feature rows and predictions, in the columns of their tables."""

    features: Relation
    affinities: Relation
    predictions: Relation
    segments: Relation


def kept(workspace: Workspace) -> Understood:
    """What earlier stages have kept in the lake."""
    lake = workspace.stores.lake
    return Understood(lake.scan(FEATURES), lake.scan(AFFINITIES), lake.scan(PREDICTIONS), lake.scan(SEGMENTS))


def profiles(scene: Scene, run_id: str) -> tuple[pa.Table, pa.Table]:
    """Feature rows and affinities of everybody who may be profiled, in the columns of their tables."""
    engine, settings, now = scene.workspace.stores.engine, scene.workspace.settings, scene.now
    features = feature_rows(build_features(engine, scene.sources, settings, [now]), run_id)
    affinities = build_affinities(engine, scene.sources, settings, now)
    moment = pa.repeat(pa.scalar(now, pa.timestamp("us", tz="UTC")), affinities.num_rows)
    affinities = affinities.append_column("moment", moment)
    return _shaped(features, FEATURES, run_id), _shaped(affinities, AFFINITIES, run_id)


def predictions(scene: Scene, run_id: str) -> pa.Table:
    """Every prediction, in the columns of its table; a module whose data is not ready predicts nothing."""
    if not scene.readiness[MODULE].ready:
        return arrow_schema(PREDICTIONS).empty_table()
    table = predict_repeats(scene.workspace.stores.engine, scene.sources, scene.workspace.settings, scene.now)
    return _shaped(table, PREDICTIONS, run_id)


def build(scene: Scene, journal: Journal) -> Result:
    """Compute features and affinities and keep them in the lake."""
    features, affinities = profiles(scene, journal.run_id)
    features = _keep(scene.workspace, FEATURES, features, journal)
    affinities = _keep(scene.workspace, AFFINITIES, affinities, journal)
    return {"profiles": features.num_rows, "affinities": affinities.num_rows}


def predict(scene: Scene, journal: Journal) -> Result:
    """Make predictions and keep them in the lake."""
    table = _keep(scene.workspace, PREDICTIONS, predictions(scene, journal.run_id), journal)
    people = pc.count_distinct(table["person_id"]).as_py()
    verdict = scene.readiness[MODULE]
    return {MODULE: {"predictions": table.num_rows, "people": people, "ready": verdict.ready, "why": verdict.why}}


def _shaped(table: pa.Table, declared: Table, run_id: str) -> pa.Table:
    if "run_id" not in table.column_names:
        table = table.append_column("run_id", pa.repeat(pa.scalar(run_id, pa.string()), table.num_rows))
    schema = arrow_schema(declared)
    return table.select(schema.names).cast(schema)


def _keep(workspace: Workspace, table: Table, data: pa.Table, journal: Journal) -> pa.Table:
    """Append the rows and return them; or, if this run has kept some before it was cut off, those."""
    stores = workspace.stores
    if stores.lake.append(table, data, token=f"run:{journal.run_id}"):
        return data
    return stores.engine.query(
        "SELECT * FROM rows_kept WHERE run_id = $run", {"rows_kept": stores.lake.scan(table)}, {"run": journal.run_id}
    )
