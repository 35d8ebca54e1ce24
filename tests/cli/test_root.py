"""What a command loads: its list loads none, a refused one nothing heavy, and no command pandas."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from vocative.cli import main
from vocative.workspace.starting import make_workspace

HEAVY = {"numpy", "pyarrow", "scipy", "sqlglot", "lightgbm", "duckdb", "deltalake"}
_TELL = "import sys\nprint('loaded', *sys.modules)"


def loaded(*words: str, code: int = 0) -> set[str]:
    """The modules that a command has loaded when it ends, in a process of its own; `code` is how it has to end."""
    script = f"import sys\nfrom vocative.cli import main\ntry:\n    main({list(words)!r})\nexcept SystemExit as end:\n"
    script += f"    assert end.code == {code}, end.code\n{_TELL}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1].split()
    assert last[0] == "loaded"
    return set(last[1:])


def real(name: str) -> click.Command:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return command


@pytest.mark.parametrize("name", sorted(main.commands))
def test_a_command_is_listed_with_the_first_sentence_of_its_own_help(name: str) -> None:
    listed, long = main.commands[name], 10_000
    assert real(name).name == name
    assert listed.get_short_help_str(long) == real(name).get_short_help_str(long) != ""


def test_the_list_is_the_one_that_would_be_written_with_everything_loaded() -> None:
    written = CliRunner().invoke(main, ["--help"]).stdout
    loaded_whole = click.Group(
        "main",
        commands={name: real(name) for name in main.commands},
        params=main.params,
        help=main.help,
        context_settings=main.context_settings,
    )
    assert written == CliRunner().invoke(loaded_whole, ["--help"]).stdout


def test_a_mistyped_command_is_told_with_the_one_that_was_meant() -> None:
    done = CliRunner().invoke(main, ["campain"])
    assert done.exit_code == 2
    assert "campaign" in done.stderr


@pytest.mark.parametrize(("words", "code"), [(["--help"], 0), (["nonsense"], 2), (["run", "--nonsense"], 2)])
def test_nothing_heavy_is_loaded_for_a_list_or_a_refusal(words: list[str], code: int) -> None:
    assert not loaded(*words, code=code) & HEAVY


def test_another_folder_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    for words in (["status"], ["person", "1", "show"], ["campaign", "list"], ["import", "events", "some.csv"], ["run"]):
        assert not loaded(*words, "-w", str(tmp_path), code=2) & HEAVY


def test_a_list_of_campaigns_needs_no_model(tmp_path: Path) -> None:
    make_workspace(tmp_path / "shop")
    brought = loaded("campaign", "list", "-w", str(tmp_path / "shop"))
    assert not brought & {
        "scipy",
        "sqlglot",
        "lightgbm",
        "pandas",
        "vocative.predict.learners.tabular",
        "vocative.decide.planning",
    }


def test_pyarrow_is_kept_from_pandas_until_somebody_asks_for_it() -> None:
    pytest.importorskip("pandas")
    script = """
import sys
import pyarrow as pa
from vocative.cli.opening import spare_pandas
spare_pandas()
one = pa.chunked_array([pa.array(["a", None]), pa.array(["b"], pa.string())])
pa.table({"text": one, "number": [1, 2, 3]}).to_pylist(), one.to_numpy(), pa.array([1.0, None])
assert "pandas" not in sys.modules
frame = pa.table({"text": one, "number": [1, None, 3]}).to_pandas()
assert list(frame["number"].dropna()) == [1.0, 3.0]
assert pa.Table.from_pandas(frame)["number"].to_pylist() == [1.0, None, 3.0]
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
