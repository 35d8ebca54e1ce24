"""Writing the card of a model when it has been fitted: what it learnt from, and how that was spread."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata

from vocative.learn.drift import strongest
from vocative.learn.importance import importance
from vocative.learn.spread import index, spread
from vocative.line.models.forecasting import attempt
from vocative.line.snapshot.snapshot import Snapshot
from vocative.predict.history.event_history import DAY_US, EventHistory
from vocative.predict.predictor import Parameters, Predictor
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE
from vocative.records.models import DataVersion, ModelCard, Spread


def make_card(
    scene: Snapshot,
    past: EventHistory,
    module: Predictor,
    version: str,
    content: Parameters,
    *,
    seconds: float,
    predicts: bool,
) -> ModelCard:
    """The card of a version that was fitted at the moment of the scene.

    Args:
        scene: The workspace at the moment.
        past: What it learnt from.
        module: The question.
        version: Of what was learnt.
        content: What was learnt.
        seconds: How long fitting took.
        predicts: Whether its predictions now are to be kept as a spread; they are made for that.
    """
    weights, spreads = importance(module, content), past.once("spreads", past.now, _spreads)
    # What a model that does not look at profiles learns from moves with them all the same.
    names = [name for name in weights if name in spreads] or list(spreads)
    told = attempt(module, past, scene.now, version, content) if predicts else None
    return ModelCard(
        module=module.name,
        version=version,
        kind=module.kind,
        unit=module.unit,
        horizon_days=module.horizon_days,
        fitted_at=scene.now,
        seconds=round(seconds, 3),
        code=metadata.version("vocative"),
        data=_data(scene, past),
        needs=module.needs,
        unseen=module.unseen,
        importance=weights,
        inputs=[spreads[name] for name in names],
        scores=spread("prediction", strongest(told.forecast)) if told is not None and told.forecast else None,
    )


def _data(scene: Snapshot, past: EventHistory) -> DataVersion:
    lake, us = scene.workspace.stores.lake, past.acts.us
    return DataVersion(
        tables={table.name: lake.scan(table).version for table in (EVENTS, PEOPLE, ITEMS)},
        acts=len(us),
        people=len(past.people),
        first=int(us.min()) if len(us) else scene.now,
        newest=int(us.max()) if len(us) else scene.now,
    )


def _spreads(past: EventHistory, moment: int) -> Mapping[str, Spread]:
    """Every feature as it is spread now, and how far it usually moves between two moments of the back-test."""
    now = past.features(moment)
    then = past.features(moment - past.settings.proving.step_days * DAY_US)
    found = {}
    for place, name in enumerate(now.names):
        before = spread(name, then.values[:, place])
        found[name] = spread(name, now.values[:, place], round(index(before, now.values[:, place]), 4))
    return found
