"""The import contracts hold, and each of them bites when a wrong import is planted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_CHECK = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the linter over the package below `root`; the first place on the path is where it is found."""
    return subprocess.run(
        [sys.executable, "-c", _CHECK, "--no-cache", "--config", str(root / "pyproject.toml")],
        capture_output=True,
        text=True,
        check=False,
        cwd=root / "src",
        env={**os.environ, "PYTHONPATH": str(root / "src"), "COLUMNS": "200"},
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def test_the_contracts_hold_here() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout
    assert ", 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("module", "planted", "contract"),
    [
        ("records/planted.py", "import vocative.stats.hashing", "1 the line"),
        ("profile/planted.py", "import vocative.predict", "1 the line"),
        ("collect/planted.py", "import vocative.workspace", "1 the line"),
        ("newcomer/__init__.py", "", "1 the line"),
        ("decide/planted.py", "import vocative.predict", "2 the acting half"),
        ("profile/planted.py", "import duckdb", "3 pure packages"),
        ("trust/planted.py", "def late() -> None:\n    import sqlite3", "3 pure packages"),
        ("predict/planted.py", "import urllib.request", "3 pure packages"),
        ("store/adapters/planted.py", "import vocative.store.adapters.sqlite_inbox", "4 adapters"),
        ("collect/planted.py", "import vocative.store.adapters.delta_lake", "5 adapters"),
        ("collect/planted.py", "import vocative.checks", "6 the product"),
        ("decide/planted.py", "import vocative.market.world", "6 the product"),
        ("records/schema.py", "import vocative.records.lake_tables", "7 no cycles"),
        ("market/planted.py", "import vocative.decide.planning", "8 recipes and the market"),
    ],
)
def test_a_wrong_import_breaks_its_contract(module: str, planted: str, contract: str, copy: Path) -> None:
    file = copy / "src" / "vocative" / module
    before = file.read_text(encoding="utf-8") if file.exists() else None
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{before or ''}\n{planted}\n", encoding="utf-8")
    try:
        done = lint(copy)
    finally:
        if before is not None:
            file.write_text(before, encoding="utf-8")
        elif file.name == "__init__.py":
            shutil.rmtree(file.parent)
        else:
            file.unlink()
    assert done.returncode == 1
    broken = [line for line in done.stdout.splitlines() if line.rstrip().endswith("BROKEN")]
    named = [line for line in broken if line.startswith(contract)]
    assert named or ("newcomer" in module and "newcomer" in done.stdout), done.stdout
