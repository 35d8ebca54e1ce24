"""What comes from data never steers a terminal, whichever command prints it."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

from tests.line.shop import NOW, import_all, prepare
from vocative.cli import main
from vocative.cli.output import PrintableConsole, json_text, table
from vocative.cli.printable import printable
from vocative.line.running import run
from vocative.line.snapshot.clock import to_text
from vocative.workspace.opening import Workspace

EVIL = "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil.example\x1b\\\u202egnp.exe\u2066\x7f\x9b31m\x08[link=http://evil.example]x[/link][/b]"
AT = ("--now", to_text(NOW))


def is_harmless(text: str) -> bool:
    """Whether no sign in it steers a terminal or turns the order of letters around."""
    return not any(
        unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(one) in _TURNING
        for one in text.replace("\n", "").replace("\t", "")
    )


_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def test_the_test_knows_what_is_harmful() -> None:
    assert is_harmless("Anna Žanna Łucja\n")
    for one in "\x1b\x07\x7f\x9b\u202e\u2066\u2028":
        assert not is_harmless(f"a{one}b")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose names, identifiers, items, settings and files are hostile."""
    root = tmp_path_factory.mktemp("hostile") / "shop"
    raw = prepare(root, days=20, people=10)
    rows = list(csv.DictReader((raw / "people.csv").read_text(encoding="utf-8").splitlines()))
    for row in rows:
        row["first_name"] = EVIL
    _write(raw / "people.csv", rows)
    items = list(csv.DictReader((raw / "items.csv").read_text(encoding="utf-8").splitlines()))
    for row in items:
        row["name"] = row["brand"] = EVIL
    _write(raw / "items.csv", items)
    import_all(root)
    with Workspace.open(root) as workspace:
        run(workspace, NOW)
    # With such a name no text can be written, which is said in words too.
    settings = root / "vocative.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('"My business"', json_text(EVIL)), encoding="utf-8")
    hostile = {"user_id": EVIL, "email": "h@example.com", "first_name": EVIL}
    _write(root / "evil.csv", [hostile])
    return root


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


COMMANDS: list[tuple[str, ...]] = [
    ("status",), ("segments",), ("patterns",), ("models", "list"), ("recommend", "p1"), ("person", "p1", "show"),
    ("person", "p1", "why"), ("person", "p1", "identities"), ("person", "p1", "export"), ("campaign", "list"),
    ("campaign", "check"), ("campaign", "preview", "news"), ("run",), ("run", "--dry-run"), ("report",),
    ("campaign", "dry-run"), ("person", EVIL, "show"), ("person", EVIL, "why"), ("recommend", EVIL),
    ("campaign", "preview", EVIL), ("campaign", "approve", "news", "--by", EVIL), (EVIL,), ("run", EVIL),
    ("run", f"--{EVIL}"), ("stop", "--by", EVIL, "--why", EVIL), ("stop", "--lift", "--by", EVIL),
    ("export", EVIL, "--out", "x.csv"), ("export", "events", "--out", EVIL), ("models", "show", EVIL),
    ("import", EVIL, "x.csv"), ("import", "events", EVIL), ("import", "events", "x.csv", "--map", EVIL),
    ("prove", "--module", EVIL), ("simulate", "--policy", EVIL),
]  # fmt: skip


IN_JSON = [("status",), ("recommend", "p1"), ("person", "p1", "show"), ("person", "p1", "why"), ("campaign", "list")]


@pytest.mark.parametrize("words", COMMANDS, ids=range(len(COMMANDS)))
def test_no_command_prints_what_steers_a_terminal(root: Path, words: tuple[str, ...]) -> None:
    arguments = list(words)
    if words[0] in main.commands and words[0] != "simulate":
        arguments += ["-w", str(root)]
    for more in ((), ("--json",)) if words in IN_JSON else ((),):
        done = CliRunner().invoke(main, [*arguments, *more])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert is_harmless(done.output), ascii(done.output)
        if more and done.exit_code == 0:
            msgspec.json.decode(done.stdout)


def test_files_with_hostile_names_and_rows_through_a_process_of_its_own(root: Path) -> None:
    folder = os.fsencode(root)
    name = folder + b"/\x1b[31m\xff\xe2\x80\xae.csv"
    Path(os.fsdecode(name)).write_bytes((root / "evil.csv").read_bytes())
    for path in (name, os.fsencode(root / "evil.csv")):
        for more in ([], [b"--json"], [b"--guess"]):
            words = [b"import", *([] if more == [b"--guess"] else [b"people"]), path, b"-w", folder, *more]
            done = subprocess.run([sys.executable, "-m", "vocative", *words], capture_output=True, check=False)
            told = (done.stdout + done.stderr).decode("utf-8")
            assert is_harmless(told), ascii(told)
            assert "Traceback" not in told


@given(st.text())
def test_whatever_the_text_it_is_harmless_and_as_long(text: str) -> None:
    assert is_harmless(printable(text))
    assert len(printable(text)) == len(text)
    assert printable(printable(text)) == printable(text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_json_is_harmless_and_says_what_there_was(text: str) -> None:
    told = json_text({"name": text, text: [text]})
    assert is_harmless(told)
    assert msgspec.json.decode(told) == {"name": text, text: [text]}


@given(st.text(max_size=60))
def test_a_console_in_a_terminal_passes_on_its_own_styles_only(text: str) -> None:
    shown = io.StringIO()
    console = PrintableConsole(file=shown, force_terminal=True, width=100, color_system=None, highlight=False)
    cells = Table()
    cells.add_column(text)
    cells.add_row(text)
    for one in (table(text, {text: text}), cells, Text(text), text):
        console.print(one)
    console.print(text, markup=False)
    told = shown.getvalue()
    for style in ("\x1b[1m", "\x1b[0m", "\x1b[3m", "\x1b[2m", "\x1b[4m", "\x1b[5m", "\x1b[7m", "\x1b[9m"):
        told = told.replace(style, "")
    assert is_harmless(told), ascii(told)


def test_a_link_that_data_brings_in_is_only_its_text() -> None:
    shown = io.StringIO()
    console = PrintableConsole(file=shown, force_terminal=True, width=100)
    console.print("[link=http://evil.example]gift[/link] [/b] [bold]x")
    console.print("[link=http://evil.example]gift[/link]")
    assert "\x1b]8" not in shown.getvalue()
    assert "gift" in shown.getvalue()
