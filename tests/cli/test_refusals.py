"""What a machine refuses, and what nobody can count or read, is told in a sentence with a remedy; no traceback."""

from __future__ import annotations

import csv
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.line.shop import NOW, import_all, prepare
from vocative.cli import main
from vocative.line.running import run
from vocative.line.snapshot.clock import to_text
from vocative.records.lake_tables import QUARANTINE
from vocative.workspace.opening import Workspace

DAY = 86_400_000_000
LATER = to_text(NOW + DAY)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop")
    prepare(root, days=60, people=10)
    import_all(root)
    with Workspace.open(root) as workspace:
        run(workspace, NOW)
    return root


@pytest.fixture
def root(shop: Path, tmp_path: Path) -> Path:
    """A copy that may be spoilt."""
    return Path(shutil.copytree(shop, tmp_path / "shop"))


def vocative(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "-w", str(root)])


def told(result: Result, code: int) -> str:
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit)
    assert "→" in result.stderr or "read-only:" in result.stderr, "there has to be a remedy"
    return " ".join(result.stderr.split())


@pytest.fixture
def read_only(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace that this user may only read; whoever is root has no such folders, so the rights are asked of us."""
    for folder, _, files in os.walk(root):
        for name in (*files, "."):
            path = Path(folder, name)
            path.chmod(path.stat().st_mode & ~0o222)
    if os.access(root, os.W_OK):
        asked = os.access

        def access(path: Path | str, mode: int) -> bool:
            return asked(path, mode) and not (mode == os.W_OK and Path(path).is_relative_to(root))

        monkeypatch.setattr(os, "access", access)
    return root


@pytest.mark.parametrize(
    "words",
    [("status", "--now", LATER), ("person", "p0", "show", "--now", LATER), ("person", "p0", "why", "--now", LATER)],
    ids=lambda words: " ".join(words[:3]),
)
def test_a_workspace_that_can_only_be_read_is_read(words: tuple[str, ...], read_only: Path) -> None:
    before = files(read_only)
    assert vocative(read_only, *words).exit_code == 0
    assert files(read_only) == before


def files(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("words", [("run", "--now", LATER), ("send", "--now", LATER), ("stop", "--by", "me")])
def test_a_workspace_that_can_only_be_read_is_not_changed(words: tuple[str, ...], read_only: Path) -> None:
    before = files(read_only)
    told(vocative(read_only, *words), 1)
    assert files(read_only) == before


def _only_small_files(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("size", [4_096, 65_536])
def test_a_disk_that_takes_no_more_is_told(root: Path, size: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vocative", "run", "--now", LATER, "-w", str(root)],
        preexec_fn=_only_small_files(size),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "→" in done.stderr


@pytest.mark.parametrize("number", [".inf", "-.inf", ".nan"])
def test_a_campaign_with_a_number_that_is_none(root: Path, number: str) -> None:
    path = root / "campaigns" / "ask.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("value: ", f"value: {number} # "), encoding="utf-8")
    assert "`value` is infinite or no number" in told(vocative(root, "run", "--now", LATER), 2)


@pytest.mark.parametrize("number", ["inf", "nan"])
def test_a_setting_with_a_number_that_is_none(root: Path, number: str) -> None:
    path = root / "vocative.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("cost = 0.001", f"cost = {number}"), encoding="utf-8")
    assert "`channels.email.cost` is infinite or no number" in told(vocative(root, "run", "--now", LATER), 2)


@pytest.mark.parametrize("name", ["vocative.toml", "campaigns/ask.yaml"])
def test_a_file_that_is_nested_without_end(root: Path, name: str) -> None:
    path = root / name
    sign = " = " if name.endswith("toml") else ": "
    path.write_text(f"x{sign}{'[' * 5_000}{']' * 5_000}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    assert name in told(vocative(root, "run", "--now", LATER), 2)


def test_a_template_that_is_nested_without_end(root: Path) -> None:
    path = root / "templates" / "ask" / "en.txt"
    deep = "{% if language %}" * 3_000 + "x" + "{% endif %}" * 3_000
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{deep}\n", encoding="utf-8")
    told(vocative(root, "campaign", "preview", "ask", "--now", LATER), 2)


def test_a_file_of_thousands_of_columns_is_refused_in_words(root: Path) -> None:
    path = root / "wide.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", *(f"column {number}" for number in range(2_000))])
        writer.writerow(["p0", *range(2_000)])
    assert "2,000 columns that the mapping does not name" in told(vocative(root, "import", "people", str(path)), 2)


def test_an_identifier_of_many_hundred_characters_is_a_rejected_row(root: Path) -> None:
    path = root / "long.csv"
    path.write_text(f"user_id,country\n{'x' * 501},LV\n{'y' * 500},LV\n", encoding="utf-8")
    result = vocative(root, "import", "people", str(path), "--json")
    assert '"rejected": 1' in result.stdout
    with Workspace.open(root) as workspace:
        rows = workspace.stores.engine.query(
            "SELECT reason FROM quarantine", {"quarantine": workspace.stores.lake.scan(QUARANTINE)}
        )
    assert [str(row["reason"]) for row in rows.to_pylist()] == ["user_id is longer than 500 characters"]
