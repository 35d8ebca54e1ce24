"""Which measured effects deciding is told of: those that were admitted, by person and arm, in money where that was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from vocative.line.act.effects import _EDGE, _SURE, effects
from vocative.line.snapshot.snapshot import Scene
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
            _row("a", "uplift", "coupon offer=10:percent", 0.25),
            _row("a", "buys_28d", "", 0.75),
            _row("b", "uplift", "", -0.5),
            _row("c", "uplift", "news", 0.25, version="baseline:everybody_alike"),
            _row("c", "uplift", "gift", -0.15, version="baseline:everybody_alike"),
            _row("c", "uplift", "calls", -0.25, version="baseline:everybody_alike"),
            _row("a", "uplift", "call", 9.0, run_id="another"),
        ]
    )
    with Workspace.open(tmp_path) as workspace:
        told = effects(Scene(workspace, 0), "r", predictions)
    assert told == {
        "a": {
            "news": Effect(value=2.0, low=1.9, high=2.1, unit="money"),
            "coupon offer=10:percent": Effect(value=0.25, low=0.15, high=0.35, unit="probability"),
        },
        "b": {"": Effect(value=-0.5, low=-0.6, high=-0.4, unit="probability")},
        # A mean effect that harms by more than three standard errors holds for everybody.
        "c": {"calls": Effect(value=-0.25, low=-0.35, high=-0.15, unit="probability")},
    }


def test_effects_of_one_offer_rise_with_its_size(tmp_path: Path) -> None:
    make_workspace(tmp_path)
    sizes = {"coupon offer=5:percent": 0.4, "coupon offer=10:percent": 0.2, "coupon offer=20:percent": 0.6}
    predictions = pa.Table.from_pylist(
        [
            *(_row("a", "uplift", arm, value) for arm, value in sizes.items()),
            *(_row("b", "uplift", arm, value) for arm, value in list(sizes.items())[:2]),
        ]
    )
    with Workspace.open(tmp_path) as workspace:
        told = effects(Scene(workspace, 0), "r", predictions)
    # Five and ten per cent are pooled: a larger discount makes nobody buy less.
    assert [told["a"][arm].value for arm in sizes] == pytest.approx([0.3, 0.3, 0.6])
    assert all(one.low < one.value < one.high for one in told["a"].values())
    assert [told["b"][arm].value for arm in list(sizes)[:2]] == [0.4, 0.2], "known of all sizes or left as it is"


def test_looking_in_every_run_hardly_ever_finds_harm_where_there_is_none() -> None:
    """Looked at 26 times as it grows: by chance it is rarely 3 standard errors low, often below the interval."""
    looks = np.arange(1, 27)
    found = np.cumsum(np.random.default_rng(1).normal(size=(20_000, 26)), axis=1) / np.sqrt(looks)
    lowest = found.min(axis=1)
    assert (lowest < -_SURE).mean() == pytest.approx(0.011, abs=0.003)
    assert (lowest < -_EDGE).mean() == pytest.approx(0.23, abs=0.01)
