"""Fitting every module and testing it on the past: `vocative prove`, and part of a run when a verdict has grown old."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter

import msgspec
import numpy as np

from vocative.learn.standing import after_verdict
from vocative.line.models.cards import make_card
from vocative.line.models.standings import Standings, standings_of
from vocative.line.models.threads import side_by_side, small_matrices
from vocative.line.snapshot.audit_groups import traits
from vocative.line.snapshot.clock import refuse_going_back, to_text
from vocative.line.snapshot.deliveries import handed
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.snapshot.treatments import treatments
from vocative.predict.history.event_history import DAY_US, EventHistory
from vocative.predict.predictor import Parameters, Predictor
from vocative.predict.registry import predictors_of
from vocative.prove.judging import NO_VERSION, missing, needed, prove_module, refused
from vocative.records.cells import integer
from vocative.records.ledger_tables import MODEL_CARDS, MODELS, VERDICTS
from vocative.records.models import ModelCard
from vocative.records.progress import Progress, no_progress
from vocative.records.proof import Verdict
from vocative.records.schema import Row
from vocative.stats.hashing import stable_id
from vocative.store.protocols import Ledger
from vocative.workspace.opening import OpenWorkspace

_VERSION_DIGITS = 16
_UNTESTED_DAYS = 7


def past_of(scene: Snapshot) -> EventHistory:
    """Everything modules may look at."""
    workspace = scene.workspace
    return EventHistory(
        workspace.stores.engine,
        scene.sources,
        workspace.settings,
        scene.now,
        present=lambda: scene.feature_table,
        treated=lambda: treatments(scene),
        handed=lambda: handed(scene),
    )


def verdicts(workspace: OpenWorkspace, now: int) -> dict[str, Verdict]:
    """The newest verdict on each module at or before the moment, in the order of the modules."""
    newest: dict[str, tuple[int, str]] = {}
    with workspace.stores.ledger.transaction() as transaction:
        for row in transaction.select(VERDICTS, order_by=("moment",)):
            if integer(row["moment"]) <= now:
                newest[str(row["module"])] = (integer(row["moment"]), str(row["result"]))
    return {
        name: msgspec.json.decode(newest[name][1], type=Verdict)
        for name in predictors_of(workspace.settings)
        if name in newest
    }


def due(scene: Snapshot) -> list[str]:
    """Modules without a verdict, or with one older than `proving.retrain_every` days.

    What could not be tested is looked at again after a week: there may be data enough by then.
    """
    known, days = verdicts(scene.workspace, scene.now), scene.workspace.settings.proving.retrain_every

    def is_due(name: str) -> bool:
        if name not in known:
            return True
        kept = min(days, _UNTESTED_DAYS) if known[name].version == NO_VERSION else days
        return known[name].moment <= scene.now - kept * DAY_US

    return [name for name in predictors_of(scene.workspace.settings) if is_due(name)]


@small_matrices()
def prove(
    scene: Snapshot,
    past: EventHistory,
    names: Iterable[str],
    progress: Progress = no_progress,
    *,
    keep: bool = True,
    force: bool = False,
    faults: dict[str, str] | None = None,
) -> dict[str, Verdict]:
    """Fit modules, test them on the past and write down model and verdict, two modules at a time.

    A module that has a verdict for this very moment is left alone, so a run that was cut off goes on where it stopped.

    Args:
        scene: The workspace at the moment.
        past: What modules may look at.
        names: The modules.
        progress: Told how many modules are tested.
        keep: Whether models and verdicts are written to the ledger.
        force: Test again although there is a verdict for this moment; it is replaced.
        faults: Where it is given, a module that cannot be fitted is noted here by its name, and the others go on.

    Returns:
        Name → verdict.
    """
    names, ledger = list(names), scene.workspace.stores.ledger
    known, modules = verdicts(scene.workspace, scene.now), predictors_of(scene.workspace.settings)
    found = {name: known[name] for name in names if not force and name in known and known[name].moment == scene.now}
    left = [name for name in names if name not in found]
    if left:
        past.read()
        scene.readiness  # noqa: B018 (read once, before several ask)
    with side_by_side(lambda name: _prove_one(scene, past, modules[name]), left) as proofs:
        for place, (name, proof) in enumerate(proofs.items()):
            progress(place, len(left), f"proving {name}")
            try:
                verdict, content, card = proof.result()
            except Exception as error:  # one module that breaks must not keep the others from their work
                if faults is None:
                    raise
                faults[name] = f"it could not be fitted anew: {type(error).__name__}: {error}"
                continue
            if keep:
                _write(ledger, standings_of(scene), scene.now, verdict, content, card)
            found[name] = verdict
    progress(len(left), len(left), "proving")
    return {name: found[name] for name in names if name in found}


def prove_workspace(
    workspace: OpenWorkspace, now: int, names: Iterable[str], progress: Progress = no_progress, *, force: bool = False
) -> dict[str, Verdict]:
    """Fit and test modules of a workspace at a moment (µs UTC), with nobody else at work in it.

    Raises:
        ClockError: `now` lies before the last completed run.
    """
    with workspace.stores.ledger.lock("run"):
        refuse_going_back(workspace.stores.ledger, now)
        scene = Snapshot(workspace, now)
        return prove(scene, past_of(scene), names, progress, force=force)


def summary(verdict: Verdict) -> dict[str, object]:
    """A verdict in short, for accounts of a run."""
    return {
        "admitted": verdict.admitted,
        "verdict": verdict.why,
        "as_of": to_text(verdict.moment),
        "version": verdict.version,
        "metric": verdict.metric,
        "value": verdict.value,
        "baseline": {"name": verdict.baseline, "value": verdict.baseline_value},
        "interval": [verdict.low, verdict.high],
        "origins": [
            {"moment": to_text(one.moment), "people": one.people, "value": one.value, "baseline": one.baseline}
            for one in verdict.origins
        ],
    }


def _prove_one(
    scene: Snapshot, past: EventHistory, module: Predictor
) -> tuple[Verdict, Parameters | None, ModelCard | None]:
    readiness = scene.readiness.get(module.name)
    if readiness is not None and not readiness.ready:
        return refused(module, scene.now, NO_VERSION, readiness.why, needed(module, past)), None, None
    if why := missing(module, past):
        return refused(module, scene.now, NO_VERSION, why, needed(module, past)), None, None
    start = perf_counter()
    content = module.fit(past, scene.now)
    seconds = perf_counter() - start
    version = stable_id(module.name, msgspec.json.encode(content).decode())[:_VERSION_DIGITS]
    seed = int(stable_id(str(scene.workspace.settings.seed), module.name, str(scene.now)), 16)
    groups = past.once("traits", scene.now, lambda known, _: traits(scene, known))
    verdict = prove_module(module, past, version, np.random.default_rng(seed), traits=groups)
    card = make_card(scene, past, module, version, content, seconds=seconds, predicts=verdict.admitted)
    return verdict, content, card


def _write(
    ledger: Ledger,
    standings: Standings,
    now: int,
    verdict: Verdict,
    content: Parameters | None,
    card: ModelCard | None,
) -> None:
    with ledger.transaction() as transaction:
        if content is not None and card is not None:
            kept: Row = {"module": verdict.module, "version": verdict.version, "fitted_at": now}
            learnt: Row = {**kept, "content": msgspec.json.encode(content).decode()}
            transaction.insert(MODELS, [learnt], on_conflict="ignore")
            described: Row = {**kept, "card": msgspec.json.encode(card).decode()}
            transaction.insert(MODEL_CARDS, [described], on_conflict="ignore")
        row: Row = {
            "module": verdict.module,
            "moment": now,
            "version": verdict.version,
            "admitted": verdict.admitted,
            "result": msgspec.json.encode(verdict).decode(),
        }
        transaction.insert(VERDICTS, [row], on_conflict="replace")
        known = standings.at(verdict.module, now)
        changes = after_verdict(known, verdict.version, admitted=verdict.admitted, why=verdict.why)
        standings.note(transaction, verdict.module, changes, now)
