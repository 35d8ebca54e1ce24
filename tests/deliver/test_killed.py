"""Processes that are killed in the middle or run at once: nothing is lost, nothing goes twice."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.decide.builders import NOW
from tests.deliver.post import open_stores, outbox_row, permit, states_of, write
from tests.deliver.server import HANG, MailServer, mail_server
from tests.dying import ROOT, dies_at, steps_of
from vocative.deliver.outbox import enqueue

MESSAGES = {f"m{number:04}": f"p{number}" for number in range(400)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    stores = open_stores(tmp_path)
    write(stores, MESSAGES)
    for person in MESSAGES.values():
        permit(stores, person)
    enqueue(stores.ledger, [outbox_row(message, person, send_at=NOW - 1) for message, person in MESSAGES.items()])
    stores.ledger.close()
    stores.inbox.close()
    return tmp_path


def start(folder: Path, kind: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.deliver.office", str(folder), kind], cwd=ROOT)


def steps_undisturbed(folder: Path, kind: str) -> int:
    """How many steps a process takes that hands everything over."""
    whole = folder.with_name(f"{folder.name}-whole")
    shutil.copytree(folder, whole)
    return steps_of("tests.deliver.office", [str(whole), kind], folder / "taken")


def kill_at_random(folder: Path, kind: str, taken: int, rng: random.Random) -> bool:
    """Let a process work, and kill it in the first third; whether it was killed."""
    return dies_at(rng.randint(1, taken // 3), "tests.deliver.office", [str(folder), kind])


def final_states(folder: Path) -> dict[str, str]:
    stores = open_stores(folder)
    found = states_of(stores)
    stores.ledger.close()
    stores.inbox.close()
    return found


@pytest.mark.slow
def test_killed_again_and_again_every_message_ends_as_one_file(folder: Path) -> None:
    rng, taken = random.Random(1), steps_undisturbed(folder, "file")
    assert sum(kill_at_random(folder, "file", taken, rng) for _ in range(4))
    assert start(folder, "file").wait() == 0
    assert final_states(folder) == dict.fromkeys(MESSAGES, "delivered")
    mails = sorted((folder / "mail").glob("*.eml"))
    assert [path.stem for path in mails] == sorted(MESSAGES)
    for path in mails:
        mail = message_from_bytes(path.read_bytes(), policy=default)
        assert mail["To"] == f"{MESSAGES[path.stem]}@example.com"
        assert mail.is_multipart()
        assert path.with_suffix(".html").read_text(encoding="utf-8") == f"<p>Hi {MESSAGES[path.stem]}</p>"


@pytest.mark.slow
def test_killed_again_and_again_nothing_is_repeated_on_a_channel_that_would_double_it(folder: Path) -> None:
    rng, taken = random.Random(2), steps_undisturbed(folder, "log")
    assert sum(kill_at_random(folder, "log", taken, rng) for _ in range(3))
    assert start(folder, "log").wait() == 0
    pushed = Counter((folder / "log").read_text(encoding="utf-8").split())
    found = final_states(folder)
    assert max(pushed.values()) == 1
    assert set(found.values()) <= {"delivered", "unknown"}
    assert {message for message, state in found.items() if state == "delivered"} <= set(pushed)
    assert set(pushed) <= set(found)


def kill_on_text(folder: Path, server: MailServer, mails: int) -> None:
    """Let a process mail until the server has the text of so many more, then kill it before the last is answered."""
    goal, there = len(server.taken) + mails, threading.Event()

    def on_text(told: MailServer) -> None:
        if len(told.taken) >= goal:
            there.set()
            told.over.wait()

    server.over.clear()
    server.on_text = on_text
    office = start(folder, str(server.port))
    while not there.wait(0.05) and office.poll() is None:
        pass
    office.send_signal(signal.SIGKILL)
    assert office.wait() == -signal.SIGKILL
    server.over.set()


def finish(folder: Path, server: MailServer) -> None:
    server.on_text = lambda _: None
    assert start(folder, str(server.port)).wait() == 0


def test_a_mail_that_is_in_flight_at_a_kill_is_the_only_unknown(folder: Path) -> None:
    with mail_server() as server:
        for mails in (1, 7, 120):
            kill_on_text(folder, server, mails)
        finish(folder, server)
        found = final_states(folder)
        assert Counter(found.values()) == {"delivered": len(MESSAGES) - 3, "unknown": 3}
        assert Counter(server.taken) == {f"{person}@example.com": 1 for person in MESSAGES.values()}


@pytest.mark.parametrize("stage", ["connect", "MAIL", "RCPT", "DATA"])
def test_killed_before_the_text_nothing_is_unknown(stage: str, folder: Path) -> None:
    with mail_server() as server:
        server.does[stage] = HANG
        office = start(folder, str(server.port))
        while not server.seen[stage] and office.poll() is None:
            time.sleep(0.01)
        office.send_signal(signal.SIGKILL)
        assert office.wait() == -signal.SIGKILL
        server.over.set()
        server.does.clear()
        finish(folder, server)
        assert final_states(folder) == dict.fromkeys(MESSAGES, "delivered")
        assert Counter(server.taken) == {f"{person}@example.com": 1 for person in MESSAGES.values()}


@pytest.mark.slow
def test_killed_at_any_moment_each_kill_leaves_one_unknown_at_most(folder: Path) -> None:
    rng = random.Random(3)
    with mail_server() as undisturbed:
        taken = steps_undisturbed(folder, str(undisturbed.port))
    with mail_server() as server:
        kills = sum(kill_at_random(folder, str(server.port), taken, rng) for _ in range(12))
        assert kills > 0
        finish(folder, server)
        found = Counter(final_states(folder).values())
        assert found["unknown"] <= kills
        assert found["delivered"] + found["unknown"] == len(MESSAGES)
        assert max(Counter(server.taken).values()) == 1
        assert len(server.taken) >= found["delivered"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["file", "log"])
def test_two_processes_at_once_hand_nothing_over_twice(kind: str, folder: Path) -> None:
    both = [start(folder, kind), start(folder, kind)]
    assert [office.wait() for office in both] == [0, 0]
    assert final_states(folder) == dict.fromkeys(MESSAGES, "delivered")
    if kind == "log":
        assert Counter((folder / "log").read_text(encoding="utf-8").split()) == dict.fromkeys(MESSAGES, 1)
    else:
        assert sorted(path.stem for path in (folder / "mail").glob("*.eml")) == sorted(MESSAGES)
