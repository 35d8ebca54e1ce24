"""`vocative person ID export | erase | readmit`, as typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.line.shop import NOW, import_all, prepare
from vocative.cli import main
from vocative.line.snapshot.clock import to_text

AT = ["--now", to_text(NOW)]


def vocative(*words: str, answer: str | None = None) -> Result:
    """Run a command; anything but an exit is a failure of ours."""
    result = CliRunner().invoke(main, list(words), input=answer)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("personal") / "workspace"
    prepare(root, days=40, people=8)
    import_all(root)
    return str(root)


def test_export_writes_one_object(shop: str, tmp_path: Path) -> None:
    out = tmp_path / "answers" / "p2.json"
    done = vocative("person", "p2", "export", "--out", str(out), "-w", shop, *AT)
    assert done.exit_code == 0, done.output
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["person_id"] == "p2"
    assert {"events", "people", "permissions"} <= set(told["tables"])
    assert json.loads(vocative("person", "p2", "export", "-w", shop, *AT).stdout) == told
    refused = vocative("person", "p2", "export", "--out", str(out / "x.json"), "-w", shop, *AT)
    assert refused.exit_code == 2
    assert "cannot be written" in refused.stderr
    assert vocative("person", "nobody", "export", "-w", shop, *AT).exit_code == 2


def test_erase_asks_shows_what_there_is_and_gives_a_receipt(shop: str) -> None:
    asked = vocative("person", "p3", "erase", "-w", shop, *AT, answer="n\n")
    assert asked.exit_code == 1
    assert "email:p3@example.com" in asked.stdout
    assert vocative("person", "p3", "show", "-w", shop, *AT).exit_code == 0
    done = vocative("person", "p3", "erase", "--by", "Anna Boss", "-w", shop, *AT, answer="y\n")
    assert done.exit_code == 0
    assert "Receipt" in done.stdout
    assert "Anna Boss" in done.stdout
    assert "raw/people.csv" in done.stdout.replace("\n", "")
    assert vocative("person", "p3", "show", "-w", shop, *AT).exit_code == 2


def test_programs_have_to_say_yes(shop: str) -> None:
    refused = vocative("person", "p4", "erase", "--json", "-w", shop, *AT)
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    receipt = json.loads(vocative("person", "p4", "erase", "--json", "--yes", "-w", shop, *AT).stdout)
    assert receipt["erased"]["people"] == 1
    again = json.loads(vocative("person", "p4", "erase", "--json", "--yes", "-w", shop, *AT).stdout)
    assert again["receipt_id"] == receipt["receipt_id"]
    assert vocative("person", "nobody", "erase", "--yes", "-w", shop, *AT).exit_code == 2


def test_readmit_lifts_the_marks_once(shop: str) -> None:
    vocative("person", "p5", "erase", "--yes", "-w", shop, *AT)
    assert vocative("person", "p5", "readmit", "-w", shop, *AT).exit_code == 2
    lifted = json.loads(vocative("person", "p5", "readmit", "--by", "Anna", "--json", "-w", shop, *AT).stdout)
    assert lifted["lifted"] == 3
    assert (
        "may be taken in again"
        in vocative("person", "p6", "erase", "--yes", "-w", shop, *AT).stdout
        + vocative("person", "p6", "readmit", "--by", "Anna", "-w", shop, *AT).stdout
    )
    assert vocative("person", "p5", "readmit", "--by", "Anna", "-w", shop, *AT).exit_code == 2
