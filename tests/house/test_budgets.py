"""The budgets hold here, and the script that says so bites."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def budgets(root: Path) -> subprocess.CompletedProcess[str]:
    script = str(ROOT / "scripts" / "budgets.py")
    return subprocess.run([sys.executable, script, str(root)], capture_output=True, text=True, check=False)


def test_the_budgets_hold_here() -> None:
    done = budgets(ROOT)
    assert done.returncode == 0, done.stdout
    assert "0 budgets broken" in done.stdout


@pytest.mark.parametrize(
    ("code", "line", "what"),
    [
        ("x = 1\n" * 401, 1, "401 lines, 400 at most"),
        ("\n\ndef f() -> None:\n" + "    x = 1\n\n" * 31, 3, "'f' has"),
        ("def f(a) -> None: ...\n", 1, "parameter 'a' of 'f' has no type"),
        ("def f(*a: int, **b) -> None: ...\n", 1, "parameter 'b' of 'f' has no type"),
        ("def f(*a, b: int) -> None: ...\n", 1, "parameter 'a' of 'f' has no type"),
        ("def f():\n    pass\n", 1, "'f' has no return type"),
        ("class A:\n    def f(self, a) -> None: ...\n", 2, "parameter 'a' of 'f' has no type"),
        ("class A:\n    @staticmethod\n    def f(a) -> None: ...\n", 3, "parameter 'a' of 'f' has no type"),
        ("def f() -> None:\n    def g(x) -> None: ...\n", 2, "parameter 'x' of 'g' has no type"),
        ("async def f() -> None:\n    async def g(): ...\n", 2, "'g' has no return type"),
    ],
)
@pytest.mark.parametrize("folder", ["src", "tests", "scripts", "benchmarks"])
def test_a_broken_budget_is_named(code: str, line: int, what: str, folder: str, tmp_path: Path) -> None:
    file = tmp_path / folder / "deep" / "module.py"
    file.parent.mkdir(parents=True)
    file.write_text(code, encoding="utf-8")
    done = budgets(tmp_path)
    assert done.returncode == 1
    assert f"{file}:{line}: " in done.stdout
    assert what in done.stdout


def test_a_crowded_folder_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "src" / "room"
    folder.mkdir(parents=True)
    for number in range(25):
        (folder / f"module_{number}.py").write_text("", encoding="utf-8")
    assert budgets(tmp_path).returncode == 0
    (folder / "one_more.py").write_text("", encoding="utf-8")
    assert f"{folder}:1: 26 files, 25 at most" in budgets(tmp_path).stdout


def test_docstrings_of_functions_do_not_count(tmp_path: Path) -> None:
    text = "def f() -> None:\n    '''Say.\n" + "    more\n" * 100 + "    '''\n" + "    x = 1\n" * 59
    file = tmp_path / "src" / "module.py"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    assert budgets(tmp_path).returncode == 0
    file.write_text(text + "    # a comment counts\n    x = 1\n", encoding="utf-8")
    assert "'f' has 62 lines" in budgets(tmp_path).stdout


def test_a_heavy_first_import_is_named(tmp_path: Path) -> None:
    package = tmp_path / "src" / "vocative"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("import pyarrow\n", encoding="utf-8")
    done = budgets(tmp_path)
    assert done.returncode == 1
    assert "`import vocative` brings pyarrow along" in done.stdout
    (package / "__init__.py").write_text("import nothing_of_that_name\n", encoding="utf-8")
    assert "No module named 'nothing_of_that_name'" in budgets(tmp_path).stdout


def test_a_heavy_import_of_the_command_line_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "src" / "vocative" / "cli"
    folder.mkdir(parents=True)
    for package in (folder.parent, folder):
        (package / "__init__.py").write_text("", encoding="utf-8")
    (folder / "root.py").write_text("import numpy\n", encoding="utf-8")
    assert "`import vocative.cli.root` brings numpy along" in budgets(tmp_path).stdout
