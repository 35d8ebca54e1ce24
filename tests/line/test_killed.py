"""Killed at any instant, the same command again ends in the same state."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.line.shop import NOW, import_all, prepare
from tests.line.state import state_of
from vocative.line.clock import to_text
from vocative.line.running import run
from vocative.workspace.opening import Workspace

_KILLS = 5


def command(root: Path) -> list[str]:
    return [sys.executable, "-m", "vocative", "run", "-w", str(root), "--now", to_text(NOW), "--json"]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("killed") / "workspace"
    prepare(root, days=100, people=40)
    import_all(root)
    return root


def test_a_killed_run_is_taken_up_and_ends_as_if_nothing_had_happened(imported: Path, tmp_path: Path) -> None:
    reference = Path(shutil.copytree(imported, tmp_path / "reference"))
    start = time.perf_counter()
    subprocess.run(command(reference), check=True, capture_output=True)
    whole = time.perf_counter() - start
    expected = state_of(reference)
    chance = random.Random(7)
    interrupted = 0
    for attempt in range(_KILLS):
        root = Path(shutil.copytree(imported, tmp_path / f"killed-{attempt}"))
        for _ in range(2):
            with subprocess.Popen(command(root), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                try:
                    process.wait(timeout=chance.uniform(0.3, 1.0) * whole)
                except subprocess.TimeoutExpired:
                    process.kill()
                    interrupted += 1
        subprocess.run(command(root), check=True, capture_output=True)
        assert state_of(root) == expected
    assert interrupted > 0


def test_a_stage_that_fails_leaves_the_run_unfinished_and_resumable(
    imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(shutil.copytree(imported, tmp_path / "failing"))

    def broken(*_: object, **__: object) -> dict[str, object]:
        raise OSError("disk full")

    with Workspace.open(root) as workspace, monkeypatch.context() as patched:
        patched.setattr("vocative.line.acting.compose_all", broken)
        with pytest.raises(OSError, match="disk full"):
            run(workspace, NOW)
    assert not list((root / "outbox").glob("*.eml"))
    with Workspace.open(root) as workspace:
        result = run(workspace, NOW)
    assert isinstance(result["send"], dict)
    assert result["send"]["delivered"] > 0
