"""Whatever moment an import is killed at, the same command again ends in the same state and the same account."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import vocative.collect.commit.commit as commit_module
from tests.collect.conftest import NOW, open_stores, rows, shop
from tests.dying import ROOT, dies_at, steps_of
from vocative.collect.commit import journal
from vocative.collect.commit.files import import_file
from vocative.collect.live import accept
from vocative.records.lake_tables import EVENTS, PEOPLE, QUARANTINE
from vocative.records.ledger_tables import IDENTITIES, IMPORTS, PERMISSIONS
from vocative.store.protocols import Stores

MODULE = "tests.collect.killing"


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


def state(root: Path) -> tuple[list[Any], list[Any], list[str]]:
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
    return ledger, lake, sorted(path.name for path in (root / "scratch").glob("*"))


def finish(root: Path, steps: list[str]) -> None:
    """Let the steps run to their end."""
    subprocess.run([sys.executable, "-m", MODULE, str(root), str(NOW), *steps], cwd=ROOT, check=True)


def killed_and_finished(before: Path, steps: list[str], seed: int) -> Iterator[tuple[Path, Path]]:
    """Copies of a folder in which the steps ran undisturbed once, and were killed again and again before they ended."""
    whole = before.with_name("whole")
    shutil.copytree(before, whole)
    taken = steps_of(MODULE, [str(whole), str(NOW), *steps], before.with_name("taken"))
    chance = random.Random(seed)
    killed = 0
    for attempt in range(4):
        root = before.with_name(f"killed{attempt}")
        shutil.copytree(before, root)
        for _ in range(3):
            if not dies_at(chance.randint(1, int(0.9 * taken)), MODULE, [str(root), str(NOW), *steps]):
                break
            killed += 1
        else:
            finish(root, steps)
        yield whole, root
    assert killed >= 4


@pytest.mark.slow
def test_sigkill_at_random_moments(tmp_path: Path) -> None:
    files = write_files(tmp_path / "files", 20_000)
    (tmp_path / "before").mkdir()
    for whole, root in killed_and_finished(tmp_path / "before", files, 7):
        assert state(root) == state(whole)


@pytest.mark.slow
def test_sigkill_of_a_redrive_loses_nothing_and_counts_nothing_twice(tmp_path: Path) -> None:
    before = tmp_path / "before"
    finish(before, write_files(tmp_path / "files", 20_000))
    for whole, root in killed_and_finished(before, ["redrive"], 8):
        (_, identities, permissions), lake, left = state(root)
        assert ([identities, permissions], lake, left) == (state(whole)[0][1:], *state(whole)[1:])
    events, _, quarantine = lake
    assert (len(events), [row["kind"] for row in quarantine]) == (20_000, ["permissions"])


@pytest.mark.slow
def test_sigkill_of_a_drain_loses_nothing_and_counts_nothing_twice(tmp_path: Path) -> None:
    before = tmp_path / "before"
    stores = open_stores(before)
    day = 86_400_000_000
    tracked: list[dict[str, object]] = [
        {"message_id": f"m{number}", "event": "view", "user_id": f"p{number % 50}", "anonymous_id": f"d{number % 40}",
         "timestamp": NOW + (2 * day if number % 97 == 5 else -number)}
        for number in range(20_000)
    ]  # fmt: skip
    # Accepted by a clock that is ahead of the drain's: what lies in its future is refused there.
    assert accept(stores.inbox, tracked, NOW + 2 * day) == (20_000, 0, [])
    stores.ledger.close()
    stores.inbox.close()
    for whole, root in killed_and_finished(before, ["drain"], 9):
        assert state(root) == state(whole)
        stores = open_stores(root)
        assert stores.inbox.take(1)[0] == []
    _, (events, _, quarantine), _ = state(root)
    refused = len(range(5, 20_000, 97))
    assert (len(events), len(quarantine)) == (20_000 - refused, refused)


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
