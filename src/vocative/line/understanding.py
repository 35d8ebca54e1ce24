"""The understanding half of a run: features, affinities and predictions, for those who allowed it."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from vocative.line import proving
from vocative.line.journal import Journal, Result
from vocative.line.scene import Scene
from vocative.predict.module import Forecast, Module, as_table
from vocative.predict.past import Past
from vocative.predict.registry import modules_of
from vocative.profile.affinity import build_affinities
from vocative.profile.batch import feature_rows
from vocative.records.lake_tables import AFFINITIES, FEATURES, PREDICTIONS, SEGMENTS
from vocative.records.progress import Progress, no_progress
from vocative.records.proof import Verdict
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
    features = feature_rows(scene.feature_table, run_id)
    affinities = build_affinities(engine, scene.sources, settings, now)
    moment = pa.repeat(pa.scalar(now, pa.timestamp("us", tz="UTC")), affinities.num_rows)
    affinities = affinities.append_column("moment", moment)
    return _shaped(features, FEATURES, run_id), _shaped(affinities, AFFINITIES, run_id)


def predictions(scene: Scene, run_id: str) -> pa.Table:
    """Every prediction by the verdicts there are, in the columns of its table; nothing is tested and nothing is kept.

    A module whose data is not ready predicts nothing. One that is not admitted lets its best baseline predict, and the
    column `version` says so.
    """
    return _predictions(scene, proving.past_of(scene), run_id)


def build(scene: Scene, journal: Journal) -> Result:
    """Compute features and affinities and keep them in the lake."""
    features, affinities = profiles(scene, journal.run_id)
    features = _keep(scene.workspace, FEATURES, features, journal)
    affinities = _keep(scene.workspace, AFFINITIES, affinities, journal)
    return {"profiles": features.num_rows, "affinities": affinities.num_rows}


def predict(scene: Scene, journal: Journal, progress: Progress = no_progress) -> Result:
    """Test what has to be tested again, make predictions and keep them in the lake."""
    past = proving.past_of(scene)
    proving.prove(scene, past, proving.due(scene), progress)
    table = _keep(scene.workspace, PREDICTIONS, _predictions(scene, past, journal.run_id), journal)
    return modules(scene, table)


def modules(scene: Scene, table: pa.Table) -> Result:
    """Of every module: how much it predicted, whether its data is ready, and what the past says about it."""
    verdicts = proving.verdicts(scene.workspace, scene.now)
    found: Result = {}
    for name in modules_of(scene.workspace.settings):
        mine = table.filter(pc.equal(table["module"], pa.scalar(name)))
        readiness = scene.readiness[name]
        account: Result = {
            "predictions": mine.num_rows,
            "people": pc.count_distinct(mine["person_id"]).as_py(),
            "ready": readiness.ready,
            "why": readiness.why,
        }
        found[name] = {**account, **(proving.summary(verdicts[name]) if name in verdicts else {"admitted": False})}
    return found


def _predictions(scene: Scene, past: Past, run_id: str) -> pa.Table:
    verdicts = proving.verdicts(scene.workspace, scene.now)
    tables = [
        _shaped(_predict_one(scene, past, module, verdicts.get(name)), PREDICTIONS, run_id)
        for name, module in modules_of(scene.workspace.settings).items()
        if scene.readiness[name].ready and past.main >= 0
    ]
    return pa.concat_tables([arrow_schema(PREDICTIONS).empty_table(), *tables])


def _predict_one(scene: Scene, past: Past, module: Module, verdict: Verdict | None) -> pa.Table:
    """The predictions of a module that is admitted, else those of its best baseline."""

    def told(forecast: Forecast, version: str) -> pa.Table:
        return as_table(module, forecast, past, scene.now, version)

    if verdict is not None and verdict.admitted:
        content = proving.model(scene.workspace.stores.ledger, verdict)
        if content is not None:
            return told(module.forecast(past, scene.now, content), verdict.version)
    baseline = verdict.baseline if verdict is not None else next(iter(module.baselines))
    return told(module.baselines[baseline](past, scene.now), f"baseline:{baseline}")


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
