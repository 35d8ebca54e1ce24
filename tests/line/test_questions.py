"""A question of a business's own, from `vocative.toml` to the verdict, the predictions and the readiness."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.compute as pc
import pytest
from click.testing import CliRunner

from tests.line.shop import NOW, change, import_all, prepare
from vocative.cli import main
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.understand import build
from vocative.workspace.opening import OpenWorkspace

NAME = "gone_21d"
ASKED = f"""
[questions.{NAME}]
event = "purchase"
days = 21
away = true
active_days = 30

[questions.looks_7d]
event = "view"
days = 7
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("questions") / "workspace"
    prepare(root)
    settings = root / "vocative.toml"
    settings.write_text(settings.read_text() + ASKED + "\n[proving]\nleast_people = 5\nstep_days = 7\n")
    change(root, r"\n\[events\]\n", '\n[events]\nview = ["Looked at"]\n')
    import_all(root)
    return root


def test_it_is_proved_predicted_and_told(root: Path) -> None:
    words = ["prove", "-w", str(root), "--now", to_text(NOW), "--module", NAME, "--json"]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 0, told.output
    verdict = json.loads(told.stdout)["verdicts"][NAME]
    assert len(verdict["origins"]) == 4
    assert verdict["metric"] == "log_loss"
    with OpenWorkspace.open(root) as workspace:
        scene = Snapshot(workspace, NOW)
        assert scene.readiness[NAME].ready
        assert "events 'purchase'" in scene.readiness[NAME].why
        assert "there are no events 'Looked at'" in scene.readiness["looks_7d"].why
        table = build.predictions(scene, "look")
        mine = table.filter(pc.equal(table["module"], NAME))  # type: ignore[call-overload]
        assert mine.num_rows > 10
        assert set(mine["horizon_days"].to_pylist()) == {21.0}
        account = build.modules(scene, table)
        assert account[NAME]["ready"] is True  # type: ignore[index]
        assert account["looks_7d"]["predictions"] == 0  # type: ignore[index]


def test_a_name_that_is_not_there_is_refused_with_those_that_are(root: Path) -> None:
    told = CliRunner().invoke(main, ["prove", "-w", str(root), "--now", to_text(NOW), "--module", "gone"])
    assert told.exit_code == 2
    assert NAME in " ".join(told.output.split())
