"""Killed at any instant, the same command again ends in the same state."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dying import dies_at, steps_of
from tests.line.shop import NOW, change, import_all, prepare
from tests.line.state import state_of
from vocative.line.act.stages import Decided, send, summary
from vocative.line.running import run
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.journal import Journal
from vocative.line.snapshot.records_io import decisions_of
from vocative.workspace.opening import Workspace

_KILLS = 5


def command(root: Path) -> list[str]:
    return ["run", "-w", str(root), "--now", to_text(NOW), "--json"]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("killed") / "workspace"
    prepare(root, days=100, people=40)
    import_all(root)
    return root


@pytest.mark.slow
def test_a_killed_run_is_taken_up_and_ends_as_if_nothing_had_happened(imported: Path, tmp_path: Path) -> None:
    reference = Path(shutil.copytree(imported, tmp_path / "reference"))
    taken = steps_of("vocative", command(reference), tmp_path / "taken")
    expected = state_of(reference)
    chance = random.Random(7)
    for attempt in range(_KILLS):
        root = Path(shutil.copytree(imported, tmp_path / f"killed-{attempt}"))
        assert dies_at(chance.randint(1, int(0.9 * taken)), "vocative", command(root))
        # What is left to do may be less than that.
        dies_at(chance.randint(1, taken // 2), "vocative", command(root))
        subprocess.run([sys.executable, "-m", "vocative", *command(root)], check=True, capture_output=True)
        assert state_of(root) == expected


def test_a_stage_that_fails_leaves_the_run_unfinished_and_resumable(
    imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(shutil.copytree(imported, tmp_path / "failing"))

    def broken(*_: object, **__: object) -> dict[str, object]:
        raise OSError("disk full")

    with Workspace.open(root) as workspace, monkeypatch.context() as patched:
        patched.setattr("vocative.line.act.stages.compose_all", broken)
        with pytest.raises(OSError, match="disk full"):
            run(workspace, NOW)
    assert not list((root / "outbox").glob("*.eml"))
    with Workspace.open(root) as workspace:
        result = run(workspace, NOW)
    assert isinstance(result["send"], dict)
    assert result["send"]["delivered"] > 0


def test_a_run_cut_off_before_its_messages_are_queued_hinders_no_hand_over(
    imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(shutil.copytree(imported, tmp_path / "unqueued"))

    def broken(*_: object, **__: object) -> int:
        raise OSError("disk full")

    with Workspace.open(root) as workspace, monkeypatch.context() as patched:
        patched.setattr("vocative.line.act.stages.enqueue", broken)
        with pytest.raises(OSError, match="disk full"):
            run(workspace, NOW)
        assert send(workspace, NOW) == dict.fromkeys(("queued", "handing_over", "delivered", "dropped", "unknown"), 0)
        assert "No message was due" in (root / "outbox" / "index.html").read_text(encoding="utf-8")


def test_what_was_kept_before_a_cut_counts_whatever_changed_since(
    imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(shutil.copytree(imported, tmp_path / "changed"))
    note = Journal.note

    def cut_off(journal: Journal, stage: str, state: str, result: dict[str, object] | None) -> None:
        if (stage, state) == ("decide", "done"):
            raise OSError("power cut")
        note(journal, stage, state, result)

    with Workspace.open(root) as workspace, monkeypatch.context() as patched:
        patched.setattr(Journal, "note", cut_off)
        with pytest.raises(OSError, match="power cut"):
            run(workspace, NOW)
        found = decisions_of(workspace.stores, Journal(workspace.stores.ledger, NOW).run_id)
        kept = summary(Decided(found, None))
    change(root, "per_day = 1", "per_day = 0")
    with Workspace.open(root) as workspace:
        result = run(workspace, NOW)
    decided = result["decide"]
    assert isinstance(decided, dict)
    assert {name: decided[name] for name in kept} == kept
    assert isinstance(result["compose"], dict)
    assert result["compose"]["composed"] == kept["contacted"] != 0
