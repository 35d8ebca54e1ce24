"""What a workspace holds is its owner's alone, by the mode of every file and folder, whoever wrote it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.line.shop import NOW, import_all, prepare
from vocative.collect.live import accept
from vocative.desk.export import export_table
from vocative.desk.report.writing import write_report
from vocative.line.running import run
from vocative.line.snapshot.clock import to_text
from vocative.records.lake_tables import EVENTS
from vocative.store.private import close_all_to_others, private_file, private_folder, write_new, write_private
from vocative.workspace.opening import Workspace

_OPEN = 0o022
_SETTINGS = "vocative.toml"


@contextmanager
def as_open_as_usual() -> Iterator[None]:
    """With the umask most machines have, under which files are made readable by everybody."""
    before = os.umask(_OPEN)
    try:
        yield
    finally:
        os.umask(before)


def open_to_others(root: Path) -> list[str]:
    """Everything in and including a folder that group or others may do anything with."""
    found = []
    for path in (root, *root.rglob("*")):
        mode = path.stat(follow_symlinks=False).st_mode
        if mode & 0o077:
            found.append(f"{stat.filemode(mode)} {path.relative_to(root)}")
    return found


def typed(*words: str | Path) -> None:
    """Type a command as a process of its own."""
    program = "import os, sys; os.umask(0o022); from vocative.cli import main; main(prog_name='vocative')"
    subprocess.run([sys.executable, "-c", program, *map(str, words)], check=True, capture_output=True)


def test_every_file_that_commands_make_is_their_owners(tmp_path: Path) -> None:
    root, shop = tmp_path / "shop", tmp_path / "business"
    raw = prepare(shop, days=60, people=20)
    typed("init", root)
    typed("init", tmp_path / "recipe", "--recipe", "shop", "--people", "20")
    assert not open_to_others(root)
    assert not open_to_others(tmp_path / "recipe")
    # The words of a business, into the files that the command has made.
    for path in shop.rglob("*"):
        if path.is_file() and raw not in path.parents:
            (root / path.relative_to(shop)).write_bytes(path.read_bytes())
    at: list[str | Path] = ["-w", root, "--now", to_text(NOW)]
    for kind in ("items", "people", "permissions", "events"):
        typed("import", kind, raw / f"{kind}.csv", *at)
    names = sorted(path.stem for path in (root / "campaigns").glob("*.yaml"))
    # A run knows what was known before it.
    at = ["-w", root, "--now", to_text(NOW + 3_600_000_000)]
    typed("campaign", "preview", *names, *at)
    typed("campaign", "approve", *names, "--by", "Ada", *at)
    typed("run", *at)
    typed("report", *at)
    typed("export", "events", "--out", root / "rows.parquet", "-w", root)
    known = {path.relative_to(root).parts[0] for path in root.rglob("*")}
    assert {"data", "outbox", "previews", "report.html", "rows.parquet", _SETTINGS} <= known
    assert list((root / "outbox").glob("*.eml"))
    assert list((root / "data" / "lake").rglob("*.parquet"))
    assert not open_to_others(root)


def test_a_program_that_calls_the_line_needs_no_umask_of_its_own(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    with as_open_as_usual():
        prepare(root, days=60, people=20)
        import_all(root)
        event = {"message_id": "m1", "event": "view", "user_id": "p1", "timestamp": to_text(NOW - 1)}
        with Workspace.open(root) as workspace:
            accept(workspace.stores.inbox, [event], NOW)
            run(workspace, NOW)
            write_report(workspace, NOW)
            for name in ("rows.csv", "rows.parquet", "rows.jsonl"):
                export_table(workspace, "events", root / "exports" / name)
            workspace.stores.lake.compact(EVENTS)
            workspace.stores.lake.erase(EVENTS, {"user_id": ["p2"]})
            inside = open_to_others(root)
    # The shop's own files, and what its owner wrote, are guarded by the folder.
    ours = [one for one in inside if not one.split()[1].startswith(("raw", "wording", _SETTINGS))]
    assert ours == []
    assert stat.S_IMODE(root.stat().st_mode) == 0o700


def test_a_workspace_of_an_earlier_time_is_closed_when_it_is_opened(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    with as_open_as_usual():
        prepare(root, days=3, people=5)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine", encoding="utf-8")
    elsewhere.chmod(0o644)
    (root / "link").symlink_to(elsewhere)
    for path in root.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o664)
    (root / "tool.sh").touch()
    (root / "tool.sh").chmod(0o755)
    root.chmod(0o755)
    Workspace.open(root).close()
    assert [one for one in open_to_others(root) if not one.endswith(" link")] == []
    assert stat.S_IMODE((root / "tool.sh").stat().st_mode) == 0o700
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o644, "what a link leads to is not the workspace's"


def test_what_is_not_ours_to_close_does_not_stop_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    tmp_path.chmod(0o755)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refuse)
    close_all_to_others(tmp_path)
    close_all_to_others(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "write",
    [
        lambda path: write_private(path, b"x"),
        lambda path: write_new(path, b"x"),
        lambda path: private_file(path).write_bytes(b"x"),
    ],
)
def test_a_private_file_is_private_from_its_first_byte_on(tmp_path: Path, write: Callable[[Path], object]) -> None:
    with as_open_as_usual():
        folder = private_folder(tmp_path / "a" / "b")
        write(folder / "file")
    assert not open_to_others(tmp_path / "a")


def test_a_file_that_was_open_is_closed_when_it_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o666)
    private_file(path)
    assert path.read_bytes() == b"old"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_new(path, b"new")


def test_init_closes_a_folder_that_was_there(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    root.mkdir(mode=0o755)
    typed("init", root)
    assert not open_to_others(root)
