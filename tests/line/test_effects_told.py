"""Which measured effects deciding is told of: those that were admitted, by person and arm, in money where that was."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from vocative.line.audience import _effects
from vocative.line.scene import Scene
from vocative.line.understanding import Understood
from vocative.records.acting import Effect
from vocative.workspace.opening import Workspace
from vocative.workspace.starting import make_workspace


def _row(person: str, module: str, target: str, value: float, **fields: object) -> dict[str, object]:
    unit = "money" if module == "uplift_money" else "probability"
    row = {"run_id": "r", "person_id": person, "module": module, "target": target, "value": value, "unit": unit}
    return {**row, "low": value - 0.1, "high": value + 0.1, "version": "v", **fields}


def test_admitted_effects_are_told_by_arm(tmp_path: Path) -> None:
    make_workspace(tmp_path)
    predictions = pa.Table.from_pylist(
        [
            _row("a", "uplift_money", "news", 2.0),
            _row("a", "uplift", "news", 0.5),
            _row("a", "uplift", "coupon @ 10 percent", 0.25),
            _row("a", "buys_28d", "", 0.75),
            _row("b", "uplift", "", -0.5),
            _row("c", "uplift", "news", 0.25, version="baseline:everybody_alike"),
            _row("a", "uplift", "call", 9.0, run_id="another"),
        ]
    )
    nothing = pa.table({"run_id": pa.array([], pa.string())})
    with Workspace.open(tmp_path) as workspace:
        told = _effects(Scene(workspace, 0), "r", Understood(nothing, nothing, predictions, nothing))
    assert told == {
        "a": {
            "news": Effect(value=2.0, low=1.9, high=2.1, unit="money"),
            "coupon @ 10 percent": Effect(value=0.25, low=0.15, high=0.35, unit="probability"),
        },
        "b": {"": Effect(value=-0.5, low=-0.6, high=-0.4, unit="probability")},
    }
