"""The understanding half of a run: features, affinities and predictions, for those who allowed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from vocative.line.models import forecasting, monitoring, proving
from vocative.line.models.forecasting import Told
from vocative.line.models.standings import standings_of
from vocative.line.models.threads import small_matrices
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.journal import Journal, Result
from vocative.line.snapshot.snapshot import Scene
from vocative.line.understand import patterns
from vocative.line.understand.list_predictions import beside
from vocative.predict.history.event_history import Past
from vocative.predict.registry import predictors_of
from vocative.profile.affinity import build_affinities
from vocative.profile.batch import feature_rows
from vocative.records.lake_tables import AFFINITIES, FEATURES, PREDICTIONS, SEGMENTS
from vocative.records.models import Drift, Standing
from vocative.records.progress import Progress, no_progress
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


@small_matrices()
def predictions(scene: Scene, run_id: str) -> pa.Table:
    """Every prediction by the versions that act, in the columns of its table; nothing is tested and nothing is kept.

    A module whose data is not ready predicts nothing. One that is not admitted lets its best baseline predict, and the
    column `version` says so.
    """
    past = proving.past_of(scene)
    return _table(scene, past, _told(scene, past), run_id)


def build(scene: Scene, journal: Journal) -> Result:
    """Compute features and affinities and keep them in the lake."""
    features, affinities = profiles(scene, journal.run_id)
    features = _keep(scene.workspace, FEATURES, features, journal)
    affinities = _keep(scene.workspace, AFFINITIES, affinities, journal)
    return {"profiles": features.num_rows, "affinities": affinities.num_rows}


@small_matrices()
def predict(scene: Scene, journal: Journal, progress: Progress = no_progress) -> Result:
    """Judge what is over, test what has to be tested again, make predictions and keep them in the lake."""
    past = proving.past_of(scene)
    verdicts = proving.verdicts(scene.workspace, scene.now)
    monitoring.review(scene, past, verdicts)
    early = monitoring.due(scene, past, verdicts)
    faults: dict[str, str] = {}
    proving.prove(scene, past, dict.fromkeys([*proving.due(scene), *early]), progress, faults=faults)
    verdicts, told = proving.verdicts(scene.workspace, scene.now), _told(scene, past)
    table = _keep(scene.workspace, PREDICTIONS, _table(scene, past, told, journal.run_id), journal)
    drifts = monitoring.look(scene, past, told, verdicts)
    monitoring.keep_drift(scene, drifts)
    monitoring.note_watches(scene, past, told, verdicts, journal.run_id)
    found = modules(scene, table)
    for name, account in found.items():
        if isinstance(account, dict):
            history = standings_of(scene).at(name, scene.now)
            account |= _looked_after(scene, told.get(name), history, drifts.get(name), faults.get(name))
    patterns.renew(scene, past)
    return found


def _looked_after(
    scene: Scene, told: Told | None, history: Sequence[Standing], drift: Drift | None, fault: str | None
) -> Result:
    """Of a module in a run: which version predicted, what changed, what went wrong, how far the world has moved."""
    changed = [one for one in history if one.at == scene.now]
    return {
        "acts": told.version if told is not None else None,
        "changed": [f"{one.version} is {one.state}: {one.why}" for one in changed],
        "faults": [*(told.faults if told is not None else ()), *([fault] if fault else ())],
        "drift": None if drift is None else {"level": drift.level, "why": drift.why, "as_of": to_text(drift.moment)},
    }


def modules(scene: Scene, table: pa.Table) -> Result:
    """Of every module: how much it predicted, whether its data is ready, and what the past says about it."""
    verdicts = proving.verdicts(scene.workspace, scene.now)
    found: Result = {}
    for name in predictors_of(scene.workspace.settings):
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


def _told(scene: Scene, past: Past) -> dict[str, Told]:
    """What each module whose data is ready predicts, by the version that acts."""
    ledger, verdicts = scene.workspace.stores.ledger, proving.verdicts(scene.workspace, scene.now)
    standings = standings_of(scene)
    return {
        name: forecasting.tell(ledger, module, past, verdicts.get(name), standings.at(name, scene.now), scene.now)
        for name, module in predictors_of(scene.workspace.settings).items()
        if scene.readiness[name].ready and past.main >= 0
    }


def _table(scene: Scene, past: Past, told: Mapping[str, Told], run_id: str) -> pa.Table:
    tables = [_shaped(one.table, PREDICTIONS, run_id) for one in told.values()]
    made = pa.concat_tables([arrow_schema(PREDICTIONS).empty_table(), *tables])
    return pa.concat_tables([made, *(_shaped(one, PREDICTIONS, run_id) for one in beside(scene, past, told, made))])


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
