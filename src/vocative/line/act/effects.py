"""What messages change for each person, as far as it was measured by lot: what deciding is told of effects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow.compute as pc

from vocative.line.snapshot.snapshot import Snapshot
from vocative.predict.registry import predictors_of
from vocative.predict.uplift.dose import Level, ladders, rising
from vocative.records.acting import Effect
from vocative.store.protocols import Relation

_EDGE = 1.6448536269514722
"""The ends of a 90 % interval lie so many standard errors away."""
_SURE = 3.0
"""So many standard errors below 0 a mean effect harms: it is looked at in every run, and what it stops is no longer
learnt of. Over 26 looks chance alone comes as far in about one business of a hundred, instead of one of four."""
_EFFECTS_SQL = """
SELECT person_id, target, value, low, high, unit FROM predictions
WHERE run_id = $run AND list_contains(string_split($modules, chr(31)), module)
  AND (NOT starts_with(version, 'baseline:') OR value + $sure * (high - value) < 0)
ORDER BY NOT starts_with(version, 'baseline:'), unit = 'money'
"""


def effects(scene: Snapshot, run_id: str, predictions: Relation) -> dict[str, dict[str, Effect]]:
    """Person → arm → what it changes; in money where that is known, else in probability.

    Where effects were not admitted to differ between people, a mean effect that surely harms holds for everybody. Any
    other says too little of the single person: who acts anyway may act oftener, and others not at all.
    Effects of several sizes of one offer are made to rise with the size.
    """
    measured = [name for name, one in predictors_of(scene.workspace.settings).items() if one.kind == "effect"]
    found = scene.workspace.stores.engine.query(
        _EFFECTS_SQL,
        {"predictions": predictions},
        {"run": run_id, "modules": chr(31).join(measured), "sure": _SURE / _EDGE},
    )
    told: dict[str, dict[str, Effect]] = {}
    for row in found.to_pylist():
        one = Effect(value=row["value"], low=row["low"], high=row["high"], unit=row["unit"])
        told.setdefault(row["person_id"], {})[row["target"]] = one
    arms = pc.unique(found["target"]).to_pylist() if found.num_rows else []
    for levels in ladders(str(one) for one in arms).values():
        _rise(told, levels)
    return told


def _rise(told: Mapping[str, dict[str, Effect]], levels: Iterable[Level]) -> None:
    """Make the effects of one ladder rise with the size, for those who have all of them in one unit."""
    levels = list(levels)
    rows = [
        mine
        for mine in told.values()
        if all(level.arm in mine for level in levels) and len({mine[level.arm].unit for level in levels}) == 1
    ]
    if not rows:
        return
    value, low, high = (
        np.array([[getattr(mine[level.arm], name) for level in levels] for mine in rows])
        for name in ("value", "low", "high")
    )
    made = rising(np.array([level.size for level in levels]), value, (high - low) / (2.0 * _EDGE))
    for mine, effect, error in zip(rows, made.effect.tolist(), made.error.tolist(), strict=True):
        for level, mean, unsure in zip(levels, effect, error, strict=True):
            unit = mine[level.arm].unit
            mine[level.arm] = Effect(value=mean, low=mean - _EDGE * unsure, high=mean + _EDGE * unsure, unit=unit)
