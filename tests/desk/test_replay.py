"""A decision can be made again from what is kept, to the last byte, whatever has happened since."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.line.shop import NOW, approve_all, import_all, prepare
from vocative.cli import main
from vocative.collect.commit.files import import_file
from vocative.desk.rehearse.replay import replay
from vocative.line.act import approval
from vocative.line.act.stages import send
from vocative.line.act.studio import studio_of
from vocative.line.running import run
from vocative.line.snapshot.clock import to_text
from vocative.workspace.opening import OpenWorkspace

DAY = 86_400_000_000


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented shop after two days: the second day's decisions rest on what the first day sent."""
    folder = tmp_path_factory.mktemp("shop")
    prepare(folder)
    import_all(folder)
    with OpenWorkspace.open(folder) as workspace:
        for now in (NOW, NOW + DAY):
            run(workspace, now)
    return folder


def test_whatever_happens_later_the_same_decisions_come_out(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        first, second = replay(workspace, NOW), replay(workspace, NOW + DAY)
        assert (first.same, second.same) == (first.decisions, second.decisions)
        assert first.decisions > 0
        # What waits leaves later, some of it is dropped, people change their minds, and one thing is sold.
        send(workspace, NOW + DAY + DAY // 2)
        send(workspace, NOW + 5 * DAY)
        said = root / "raw" / "later.csv"
        said.write_text(
            "user_id,purpose,status,at,source,text\n"
            + "".join(f"p{person},marketing,no,{to_text(NOW + 2 * DAY)},test,May we?\n" for person in range(20)),
            encoding="utf-8",
        )
        import_file(workspace.stores, workspace.settings, said, kind="permissions", mapping=None, now=NOW + 2 * DAY)
        bought = root / "raw" / "bought.csv"
        bought.write_text(
            "message_id,timestamp,event,user_id,item_id,quantity,amount\n"
            + "".join(f"n{p},{to_text(NOW + DAY)},purchase,p{p},item-Milk,1,2\n" for p in range(20)),
            encoding="utf-8",
        )
        import_file(workspace.stores, workspace.settings, bought, kind="events", mapping=None, now=NOW + 2 * DAY)
        for name in studio_of(workspace).campaigns:
            approval.withdraw(workspace, studio_of(workspace), name, "Tester", NOW + 3 * DAY)
        assert replay(workspace, NOW) == first
        assert replay(workspace, NOW + DAY) == second
        approve_all(workspace, NOW + 4 * DAY)


def test_changed_settings_are_named_as_the_reason(root: Path) -> None:
    path = root / "campaigns" / "news.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("value: 0.05", "value: 0.06"), encoding="utf-8")
    with OpenWorkspace.open(root) as workspace:
        found = replay(workspace, NOW)
    path.write_text(text, encoding="utf-8")
    assert found.settings_changed
    assert found.same < found.decisions
    assert found.differing


def test_a_moment_without_a_run_is_told(root: Path) -> None:
    result = CliRunner().invoke(main, ["decide", "--replay", "-w", str(root), "--now", "2025-01-02T00:00Z"])
    assert result.exit_code == 2
    assert "no run has decided anything" in result.stderr
    late = CliRunner().invoke(main, ["decide", "--replay", "-w", str(root), "--now", to_text(NOW + 1)])
    assert late.exit_code == 2
    # A run by the machine's clock has microseconds; people see and write seconds.
    early = CliRunner().invoke(main, ["decide", "--replay", "-w", str(root), "--now", to_text(NOW - 999_999)])
    assert early.exit_code == 0
    fine = CliRunner().invoke(main, ["decide", "--replay", "-w", str(root), "--now", to_text(NOW)])
    assert fine.exit_code == 0
    assert "come out the same" in fine.stdout


def test_what_was_approved_at_the_very_moment_of_the_run_counts_for_its_replay(tmp_path: Path) -> None:
    """With `--now` a preview, an approval and a run all happen at one moment; the approval came before the run."""
    prepare(tmp_path)
    import_all(tmp_path)
    with OpenWorkspace.open(tmp_path) as workspace:
        studio = studio_of(workspace)
        for name in studio.campaigns:
            approval.withdraw(workspace, studio, name, "Tester", NOW)
            approval.note_preview(workspace, studio, name, NOW, {})
            approval.approve(workspace, studio, name, "Tester", NOW)
        told = run(workspace, NOW)["decide"]
        assert isinstance(told, dict)
        assert told["contacted"]
        found = replay(workspace, NOW)
        assert (found.same, found.settings_changed) == (found.decisions, False)
        for name in studio.campaigns:
            approval.withdraw(workspace, studio, name, "Tester", NOW)
        approval.turn_stop(workspace, "on", "", "", NOW)
        assert replay(workspace, NOW) == found


def test_what_was_stopped_or_not_yet_approved_stays_so_in_the_replay(tmp_path: Path) -> None:
    prepare(tmp_path)
    import_all(tmp_path)
    with OpenWorkspace.open(tmp_path) as workspace:
        approval.turn_stop(workspace, "on", "", "", NOW)
        run(workspace, NOW)
        approval.turn_stop(workspace, "off", "Tester", "", NOW)
        found = replay(workspace, NOW)
        assert found.same == found.decisions > 0
