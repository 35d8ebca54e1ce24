"""An address that was refused for good is left alone, over the whole line, until the person has another one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.deliver.server import HANG_UP, MailServer, mail_server
from tests.line.shop import NOW, change, import_all, prepare
from vocative.cli import main
from vocative.collect.commit.files import import_file
from vocative.desk.person.erasure import erase_person
from vocative.desk.person.subject_access import personal_data, why_of
from vocative.desk.status import status
from vocative.line.running import run
from vocative.line.snapshot.clock import to_text
from vocative.records.ledger_tables import REFUSED_ADDRESSES
from vocative.workspace.opening import OpenWorkspace

HOUR = 3_600_000_000
# Longer than any campaign rests, so that everybody is spoken to again.
LATER = 120 * 24 * HOUR
GONE, PEOPLE = "p1", 20


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as told:
        yield told


@pytest.fixture
def root(tmp_path: Path, server: MailServer) -> Path:
    prepare(tmp_path, days=30, people=PEOPLE)
    options = f'host = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\ntimeout = 1\n'
    change(tmp_path, r'driver = "file"', f'driver = "smtp"\noptions = {{{", ".join(options.splitlines())}}}')
    change(tmp_path, r"\[control\]\nshare = 0.1", "[control]\nshare = 0.0")
    import_all(tmp_path)
    return tmp_path


def remembered(workspace: OpenWorkspace) -> set[str]:
    with workspace.stores.ledger.transaction() as transaction:
        return {str(row["address"]) for row in transaction.select(REFUSED_ADDRESSES)}


def new_address(workspace: OpenWorkspace, person: str, address: str, at: int) -> None:
    path = workspace.root / "raw" / "moved.csv"
    path.write_text(f"user_id,email,updated_at\n{person},{address},{to_text(at)}\n", encoding="utf-8")
    import_file(workspace.stores, workspace.settings, path, kind="people", mapping=None, now=at)


def test_whose_address_is_gone_is_not_chosen_again_until_it_changes(root: Path, server: MailServer) -> None:
    dead = f"{GONE}@example.com"
    server.to = {dead: "550 5.1.1 no such user"}
    with OpenWorkspace.open(root) as workspace:
        run(workspace, NOW)
        assert server.taken, "the others got their mails"
        assert remembered(workspace) == {dead}
        assert status(workspace, NOW + HOUR)["refused_addresses"] == {"email": 1}
        server.to.clear()
        run(workspace, NOW + LATER)
        assert dead not in server.taken
        (why, *_) = why_of(workspace, GONE, NOW + LATER)
        assert why.outcome == "silence"
        assert "refused for good" in why.because
        new_address(workspace, GONE, "alive@example.com", NOW + LATER + HOUR)
        run(workspace, NOW + LATER + 24 * HOUR)
        assert "alive@example.com" in server.taken
        assert status(workspace, NOW + LATER + 25 * HOUR)["refused_addresses"] == {}


def test_export_and_erasure_reach_what_is_remembered_of_an_address(root: Path, server: MailServer) -> None:
    server.to = {f"{GONE}@example.com": "550 5.1.1 no such user"}
    with OpenWorkspace.open(root) as workspace:
        run(workspace, NOW)
        (row,) = personal_data(workspace, GONE, NOW + HOUR).tables["refused_addresses"].rows
        assert row["address"] == f"{GONE}@example.com"
        erase_person(workspace, GONE, NOW + HOUR)
        assert remembered(workspace) == set()


def vocative(root: Path, command: str, now: int, *more: str) -> Result:
    return CliRunner().invoke(main, [command, "-w", str(root), "--now", to_text(now), *more])


def test_a_channel_that_takes_nothing_is_told_loudly_and_ends_in_exit_code_1(root: Path, server: MailServer) -> None:
    server.does["MAIL"] = "550 5.7.1 you are blocked"
    ran = vocative(root, "run", NOW)
    assert ran.exit_code == 1
    for told in (ran.stdout, ran.stderr):
        assert "channel email: took none of 3 messages" in " ".join(told.split())
        assert "you are blocked" in told
    sent = vocative(root, "send", NOW + HOUR, "--json")
    assert sent.exit_code == 1
    told = json.loads(sent.stdout)
    assert told["delivered"] == told["unknown"] == told["dropped"] == 0
    assert "you are blocked" in told["trouble"]["email"]
    server.does.clear()
    sent = vocative(root, "send", NOW + 2 * HOUR, "--json")
    assert (sent.exit_code, json.loads(sent.stdout)["delivered"]) == (0, len(server.taken))
    assert server.taken
    assert "trouble" not in json.loads(sent.stdout)
    assert vocative(root, "send", NOW + 3 * HOUR).exit_code == 0, "nothing was due, so nothing is wrong"


def test_a_server_that_breaks_halfway_is_told_too(root: Path, server: MailServer) -> None:
    def break_down(told: MailServer) -> None:
        if len(told.taken) == 2:
            told.does["MAIL"] = HANG_UP

    server.on_text = break_down
    ran = vocative(root, "run", NOW)
    assert ran.exit_code == 1
    assert "took 2 of" in " ".join(ran.stderr.split())
