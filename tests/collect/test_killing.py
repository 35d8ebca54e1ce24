"""Whatever moment an import is killed at, the same command again ends in the same state and the same account."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import vocative.collect.commit as commit_module
from tests.collect.conftest import NOW, open_stores, rows, shop
from vocative.collect import journal
from vocative.collect.files import import_file
from vocative.records.lake_tables import EVENTS, PEOPLE, QUARANTINE
from vocative.records.ledger_tables import IDENTITIES, IMPORTS, PERMISSIONS
from vocative.store.protocols import Stores

ROOT = Path(__file__).parents[2]


def write_files(folder: Path, lines: int) -> list[str]:
    """Events with equal lines, shared devices and bad rows, people, and permissions."""
    folder.mkdir()
    events = ["timestamp,event,user_id,anonymous_id,order_id,amount"]
    for number in range(lines):
        day = 1 + number % 28
        amount = "x" if number % 97 == 5 else str(number % 7)
        events.append(f"2024-03-{day:02},purchase,p{number % 50},d{number % 40},o{number // 3},{amount}")
    (folder / "events.csv").write_text("\n".join(events))
    (folder / "people.csv").write_text("user_id,timezone\np1,Europe/Riga\np2,Mars/Base\n")
    (folder / "permissions.csv").write_text("user_id,status\np1,yes\np2,no\np3,perhaps\n")
    return [f"{kind}={folder / kind}.csv" for kind in ("events", "people", "permissions")]


def state(root: Path) -> list[object]:
    """Everything the imports have left behind, in order."""
    stores = open_stores(root)
    with stores.ledger.transaction() as transaction:
        ledger = [transaction.select(table, order_by=table.key) for table in (IMPORTS, IDENTITIES, PERMISSIONS)]
    lake = [
        rows(stores, table, order)
        for table, order in ((EVENTS, "message_id"), (PEOPLE, "version_id"), (QUARANTINE, "kind, row"))
    ]
    stores.ledger.close()
    stores.inbox.close()
    return [ledger, lake, sorted(path.name for path in (root / "scratch").glob("*"))]


def start(root: Path, files: list[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.collect.killing", str(root), str(NOW), *files]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.slow
def test_sigkill_at_random_moments(tmp_path: Path) -> None:
    files = write_files(tmp_path / "files", 20_000)
    whole = start(tmp_path / "whole", files)
    began = time.monotonic()
    assert whole.communicate()[0] == b"done\n"
    lasting = time.monotonic() - began
    expected = state(tmp_path / "whole")
    chance = random.Random(7)
    killed = 0
    for attempt in range(6):
        root = tmp_path / f"killed{attempt}"
        for _ in range(4):
            process = start(root, files)
            try:
                process.wait(chance.uniform(0.3, 1.0) * lasting)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                killed += 1
            process.communicate()
        last = start(root, files)
        out, errors = last.communicate()
        assert out == b"done\n", errors.decode()
        assert state(root) == expected
    assert killed >= 6


STEPS = ("prepare", "append", "declare", "commit_refused", "finish")


class KilledError(BaseException):
    """Stands for the end of the process: nothing catches it."""


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("step", STEPS)
def test_killed_before_and_after_each_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, before: bool
) -> None:
    files = write_files(tmp_path / "files", 300)
    path = Path(files[0].partition("=")[2])
    accounts = []
    for name in ("whole", "killed"):
        stores = open_stores(tmp_path / name)
        scratch = tmp_path / name / "scratch"
        if name == "killed":
            with monkeypatch.context() as patch:
                _dying(patch, stores, step, before)
                with pytest.raises(KilledError):
                    import_file(stores, shop(), path, kind="events", mapping=None, now=NOW, scratch=scratch)
        account = import_file(stores, shop(), path, kind="events", mapping=None, now=NOW, scratch=scratch)
        accounts.append(account)
        stores.ledger.close()
        stores.inbox.close()
    if step == "finish" and not before:
        assert accounts[1] == journal.repeated(accounts[0])
    else:
        assert accounts[1] == accounts[0]
    assert state(tmp_path / "killed") == state(tmp_path / "whole")


def _dying(patch: pytest.MonkeyPatch, stores: Stores, step: str, before: bool) -> None:
    owner: object = {"append": stores.lake, "prepare": journal, "finish": journal}.get(step, commit_module)
    whole = getattr(owner, step)

    def dies(*args: object, **named: object) -> None:
        if not before:
            whole(*args, **named)
        raise KilledError

    patch.setattr(owner, step, dies)
