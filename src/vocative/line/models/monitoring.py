"""Looking after models while they act: what they and the ones in shadow came to, and who acts from now on.

`note_watches` says, every `registry.watch_every` days, what is to be judged later; `review` judges what is over by now
and changes standings. Both write only what a repeated run would write again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec
import numpy as np
import pyarrow as pa

from vocative.learn import standing
from vocative.learn.drift import Fresh, assess, freshness, inputs_level, moved
from vocative.learn.judging import answer, compare, fails, pooled
from vocative.line.models import registry
from vocative.line.models.forecasting import NAIVE, Forecasts, attempt
from vocative.line.models.standings import standings_of
from vocative.line.snapshot.snapshot import Snapshot
from vocative.predict.history.event_history import DAY_US, EventHistory, places
from vocative.predict.predictor import Forecast, Predictor, as_table
from vocative.predict.registry import predictors_of
from vocative.records.cells import integer
from vocative.records.lake_tables import PREDICTIONS, SHADOWS
from vocative.records.ledger_tables import MODEL_DRIFT, MODEL_WATCHES
from vocative.records.models import Comparison, Drift, ModelCard, Shift, Standing
from vocative.records.proof import Verdict
from vocative.records.schema import Row
from vocative.stats.hashing import stable_id
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Transaction

_LATELY = 2
"""Of a version that acts, so many of the newest judged moments count: a fault must not hide behind a good past."""
_LATE_US = DAY_US
"""Outcomes count as known when the newest act is at most so much older than their end."""

_MADE_SQL = """
SELECT person_id, target, value, support, version FROM made
WHERE moment = make_timestamptz($moment) AND module = $module
"""


def review(scene: Snapshot, past: EventHistory, verdicts: Mapping[str, Verdict]) -> list[Standing]:
    """Judge what is over by now, and let follow what follows from it; the changes are noted and returned."""
    _judge(scene, past)
    changes: list[Standing] = []
    known = standings_of(scene).all_at(scene.now)
    with scene.workspace.stores.ledger.transaction() as transaction:
        judged = _judged(transaction, scene.now)
        for name in predictors_of(scene.workspace.settings):
            mine = known.get(name, [])
            found = _failures(scene, transaction, mine, judged.get(name, ()))
            found += _successions(scene, transaction, [*mine, *found], judged.get(name, ()), verdicts.get(name))
            changes += found
    return changes


def due(scene: Snapshot, past: EventHistory, verdicts: Mapping[str, Verdict]) -> list[str]:
    """Modules to be fitted anew before their time: the version that acted failed, or its inputs moved too far."""
    ledger, now = scene.workspace.stores.ledger, scene.now
    recent = now - scene.workspace.settings.models.watch_every * DAY_US
    known = standings_of(scene).all_at(now)
    found = []
    for name, verdict in verdicts.items():
        mine = known.get(name, [])
        broke = any(one.at > verdict.moment and one.by == standing.US for one in standing.falls(mine))
        acting = standing.champion(mine)
        card = None if acting is None or verdict.moment > recent else registry.card_of(ledger, name, acting)
        if broke or (card is not None and inputs_level(moved(card, past.features(now))) == "red"):
            found.append(name)
    return found


def look(
    scene: Snapshot, past: EventHistory, told: Mapping[str, Forecasts], verdicts: Mapping[str, Verdict]
) -> dict[str, Drift]:
    """How far the world has moved away from each model that acts, or that was taken out; nothing is kept."""
    ledger, now, fresh = scene.workspace.stores.ledger, scene.now, freshness(past)
    known = standings_of(scene).all_at(now)
    with ledger.transaction() as transaction:
        judged = _judged(transaction, now)
    found = {}
    for name in told:
        mine = known.get(name, [])
        acting = standing.champion(mine)
        card = None if acting is None else registry.card_of(ledger, name, acting)
        out = next((one for one in reversed(mine) if one.state == "failed" and one.at == now), None)
        if card is not None:
            drift = _look(scene, past, card, told[name], judged.get(name, ()), fresh)
        elif mine and standing.champion(mine) is None and any(one.state == "failed" for one in mine):
            drift = _nobody(name, verdicts[name], now, fresh)
            out = out or next(one for one in reversed(mine) if one.state == "failed")
        else:
            continue
        if out is not None:
            why = f"version {out.version} was taken out: {out.why}"
            drift = msgspec.structs.replace(drift, level="red", outcomes="red", why=[why, *drift.why])
        found[name] = drift
    return found


def keep_drift(scene: Snapshot, drifts: Mapping[str, Drift]) -> None:
    """Write down what was found."""
    rows: list[Row] = [
        {
            "module": name,
            "moment": scene.now,
            "version": drift.version,
            "level": drift.level,
            "result": msgspec.json.encode(drift).decode(),
        }
        for name, drift in drifts.items()
    ]
    with scene.workspace.stores.ledger.transaction() as transaction:
        transaction.insert(MODEL_DRIFT, rows, on_conflict="replace")


def note_watches(
    scene: Snapshot, past: EventHistory, told: Mapping[str, Forecasts], verdicts: Mapping[str, Verdict], run_id: str
) -> None:
    """Where it is time, let versions in shadow predict, and note what is to be judged when it is over."""
    stores, now = scene.workspace.stores, scene.now
    every = scene.workspace.settings.models.watch_every * DAY_US
    known = standings_of(scene).all_at(now)
    with stores.ledger.transaction() as transaction:
        before = [row for row in transaction.select(MODEL_WATCHES) if integer(row["moment"]) < now]
    rows: list[Row] = []
    shadows: list[pa.Table] = []
    for name, module in predictors_of(scene.workspace.settings).items():
        waiting = [one.version for one in standing.challengers(known.get(name, ()))]
        acting = standing.champion(known.get(name, ()))
        mine = [row for row in before if row["module"] == name]
        seen = {str(row["version"]) for row in mine}
        wanted = {one for one in (acting, *waiting) if one is not None}
        newest = max((integer(row["moment"]) for row in mine), default=0)
        if name not in told or not wanted or (wanted <= seen and now - newest < every):
            continue
        naive = f"{NAIVE}{verdicts[name].baseline}"
        made = [table for one in waiting if (table := _shadow(scene, past, module, one)) is not None]
        shadows += made
        if acting is not None and told[name].version == acting:
            rows.append(_watch(module, now, acting, naive))
        against = told[name].version
        rows += [_watch(module, now, version, against) for version in waiting if version != against]
    if shadows:
        moment_run = pa.concat_tables(shadows)
        table = moment_run.append_column("run_id", pa.repeat(pa.scalar(run_id, pa.string()), moment_run.num_rows))
        schema = arrow_schema(SHADOWS)
        stores.lake.append(SHADOWS, table.select(schema.names).cast(schema), token=f"run:{run_id}")
    with stores.ledger.transaction() as transaction:
        transaction.insert(MODEL_WATCHES, rows, on_conflict="ignore")


def _failures(
    scene: Snapshot, transaction: Transaction, mine: Sequence[Standing], judged: Sequence[Comparison]
) -> list[Standing]:
    """Take out the version that acts if it failed, and then the one that takes its place if that had failed too."""
    rules, noted = scene.workspace.settings.models, list[Standing]()
    while (acting := standing.champion([*mine, *noted])) is not None:
        found = pooled(_against_naive(judged, acting))
        if not fails(found, rules) or found is None:
            break
        why = (
            f"its predictions came to {found.metric} {found.value:.3g} against {found.against_value:.3g} of "
            f"{found.against.removeprefix(NAIVE).replace('_', ' ')}, worse by more than chance"
        )
        noted += standings_of(scene).note(transaction, found.module, standing.failed([*mine, *noted], why), scene.now)
    return noted


def _successions(
    scene: Snapshot,
    transaction: Transaction,
    mine: Sequence[Standing],
    judged: Sequence[Comparison],
    verdict: Verdict | None,
) -> list[Standing]:
    """Drop versions in shadow that were worse, and promote the newest that may be."""
    rules, noted = scene.workspace.settings.models, list[Standing]()
    acting = standing.champion(mine)
    ours = verdict if acting is not None else None
    for one in standing.challengers(mine):
        against = [
            found
            for found in judged
            if found.version == one.version
            and (found.against == acting if acting is not None else found.against.startswith(NAIVE))
        ]
        found = pooled(against)
        said = answer(found, ours, (scene.now - one.at) / DAY_US, rules)
        told = "" if found is None or not found.people else f": {found.metric} {found.value:.3g}, "
        told += f"that acts {found.against_value:.3g}" if told and found is not None else ""
        if said == "drop":
            changes = standing.lost(one.version, f"worse in shadow than what acts{told}")
        elif said == "promote" and rules.automatic:
            why = f"not worse in shadow{told}" if told else "nothing spoke against it while it waited"
            changes = standing.promoted([*mine, *noted], one.version, f"{why}; it knows newer data")
        else:
            continue
        noted += standings_of(scene).note(transaction, one.module, changes, scene.now)
        if said == "promote":
            break
    return noted


def _against_naive(judged: Sequence[Comparison], version: str) -> list[Comparison]:
    """The newest judged moments of a version against the best naive way."""
    mine = [one for one in judged if one.version == version and one.against.startswith(NAIVE) and one.people]
    return sorted(mine, key=lambda one: one.moment)[-_LATELY:]


def _judged(transaction: Transaction, now: int) -> dict[str, list[Comparison]]:
    found: dict[str, list[Comparison]] = {}
    for row in transaction.select(MODEL_WATCHES, order_by=("module", "moment")):
        if row["judged_at"] is not None and integer(row["judged_at"]) <= now:
            one = msgspec.json.decode(str(row["result"]), type=Comparison)
            found.setdefault(one.module, []).append(one)
    return found


def _judge(scene: Snapshot, past: EventHistory) -> None:
    """Judge what is over and whose outcomes are known: an outcome that has not been imported yet is none."""
    ledger, known = scene.workspace.stores.ledger, predictors_of(scene.workspace.settings)
    with ledger.transaction() as transaction:
        rows = [row for row in transaction.select(MODEL_WATCHES) if row["judged_at"] is None]
    if not rows:
        return
    newest = int(past.acts.us.max()) if len(past.acts) else 0
    by = min(scene.now, newest + _LATE_US)
    rows = [row for row in rows if integer(row["complete_at"]) <= by and str(row["module"]) in known]
    for row in rows:
        found = _compare(scene, past, known[str(row["module"])], row)
        changes: Row = {"judged_at": scene.now, "result": msgspec.json.encode(found).decode()}
        key = {name: row[name] for name in ("module", "moment", "version", "against")}
        with ledger.transaction() as transaction:
            transaction.update(MODEL_WATCHES, changes, key)


def _compare(scene: Snapshot, past: EventHistory, module: Predictor, row: Row) -> Comparison:
    moment, version, against = integer(row["moment"]), str(row["version"]), str(row["against"])
    naive = against.removeprefix(NAIVE) if against.startswith(NAIVE) else ""
    baseline = module.baselines.get(naive) or next(iter(module.baselines.values()))
    plain = past.once(f"naive {module.name} {naive}", moment, baseline)
    made = past.once(f"made {module.name}", moment, lambda _, at: _made(scene, module.name, at))
    ways = [_forecast(past, made, one, plain) for one in (version, against) if one != f"{NAIVE}{naive}"]
    outcome = past.once(f"outcome {module.name}", moment, lambda known, at: module.outcome(known, at, scene.now))
    seed = int(stable_id(str(scene.workspace.settings.seed), module.name, version, against, str(moment)), 16)
    return compare(
        module.name,
        module.kind,
        (version, against),
        (ways[0], ways[1] if len(ways) > 1 else plain),
        outcome,
        (moment, scene.now),
        np.random.default_rng(seed),
        module.horizon_days,
    )


def _made(scene: Snapshot, module: str, moment: int) -> pa.Table:
    """What was predicted at a moment, by the version that acted and by those in shadow."""
    stores = scene.workspace.stores
    asked: Row = {"moment": moment, "module": module}
    tables = [
        stores.engine.query(_MADE_SQL, {"made": stores.lake.scan(table)}, asked) for table in (PREDICTIONS, SHADOWS)
    ]
    return pa.concat_tables(tables)


def _forecast(past: EventHistory, made: pa.Table, version: str, like: Forecast) -> Forecast:
    """Predictions that were kept, as a forecast with the targets of another one of the same module and moment."""
    mine = made.filter(pa.compute.equal(made["version"], pa.scalar(version)))
    who = places(mine["person_id"], past.people)
    target = None if like.targets is None else places(mine["target"], like.targets)
    known = who >= 0 if target is None else (who >= 0) & (target >= 0)
    value = np.asarray(mine["value"], np.float64)
    order = np.flatnonzero(known)
    order = order[np.lexsort((-value[order], who[order]))]
    return Forecast(
        who=who[order],
        value=value[order],
        low=value[order],
        high=value[order],
        support=np.asarray(mine["support"], np.float64)[order],
        target=None if target is None else target[order],
        targets=like.targets,
    )


def _shadow(scene: Snapshot, past: EventHistory, module: Predictor, version: str) -> pa.Table | None:
    content = registry.content_of(scene.workspace.stores.ledger, module.name, version)
    made = None if content is None else attempt(module, past, scene.now, version, content)
    if made is None or made.forecast is None:
        return None
    table = as_table(module, replace(made.forecast, reasons=None), past, scene.now, version)
    return table.select([name for name in arrow_schema(SHADOWS).names if name != "run_id"])


def _watch(module: Predictor, now: int, version: str, against: str) -> Row:
    return {
        "module": module.name,
        "moment": now,
        "version": version,
        "against": against,
        "complete_at": now + round(module.horizon_days * DAY_US),
        "judged_at": None,
        "result": None,
    }


def _look(
    scene: Snapshot, past: EventHistory, card: ModelCard, told: Forecasts, judged: Sequence[Comparison], fresh: Fresh
) -> Drift:
    ledger, now = scene.workspace.stores.ledger, scene.now
    shifts: list[Shift] = moved(card, past.features(now)) if card.fitted_at < now else []
    return assess(
        card,
        now,
        shifts=shifts,
        forecast=told.forecast if told.version == card.version else None,
        compared=pooled(_against_naive(judged, card.version)),
        verdict=registry.verdict_of(ledger, card.module, card.version, now),
        fresh=fresh,
        retrain_every=scene.workspace.settings.proving.retrain_every,
    )


def _nobody(module: str, verdict: Verdict, now: int, fresh: Fresh) -> Drift:
    return Drift(
        module=module,
        version=f"{NAIVE}{verdict.baseline}",
        moment=now,
        level="red",
        inputs="green",
        scores="green",
        outcomes="red",
        freshness="green",
        why=[],
        event_age_days=round(min(fresh.age, 36_500.0), 3),
    )
