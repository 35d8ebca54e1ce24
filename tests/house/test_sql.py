"""SQL stands in its homes: elsewhere it is counted, against a list that only shrinks."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2] / "src" / "vocative"
HOMES = ("collect", "facts", "store", "checks")
"""Where SQL belongs: the writer and the one reader of events, people, items and permissions, the stores and their
suites."""
ELSEWHERE = {
    "deliver": 2,
    "desk": 7,
    "desk/person": 20,
    "desk/recommend": 2,
    "desk/rehearse": 1,
    "desk/report": 4,
    "line": 2,
    "line/act": 27,
    "line/models": 1,
    "line/snapshot": 11,
    "line/understand": 2,
    "predict/events": 1,
    "predict/history": 7,
    "predict/patterns": 1,
    "predict/spending": 1,
    "profile": 37,
    "profile/kinds": 7,
}
"""Folder → how often `SELECT` stands in its strings. What is asked of the tables of runs (features, predictions,
decisions, messages …) or of grains stands here until it has a reader of its own. Lower a number when you have taken SQL
out of a folder; raise none: a question about events, people, items or permissions goes to `facts`."""
SCANNERS = {"line/snapshot/snapshot.py", "desk/person/subject_rows.py"}
"""Who scans events, people and items: a moment that is read once for everybody, and what is kept of one person."""
_SCAN = re.compile(r"scan\((EVENTS|PEOPLE|ITEMS)\)(?!\.(version|files))")
_SELECT = re.compile(r"\bSELECT\b")


def _strings(tree: ast.Module) -> list[str]:
    """Every string of a module but docstrings; an f-string is its constant parts."""
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, holders) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


def selects(source: str) -> int:
    """How often `SELECT` stands in the strings of a module."""
    return sum(len(_SELECT.findall(text)) for text in _strings(ast.parse(source)))


def test_sql_outside_its_homes_only_becomes_less() -> None:
    found: Counter[str] = Counter()
    for path in sorted(ROOT.rglob("*.py")):
        folder = path.parent.relative_to(ROOT).as_posix()
        if folder.partition("/")[0] not in HOMES and (count := selects(path.read_text(encoding="utf-8"))):
            found[folder] += count
    more = {name: f"{count}, allowed {ELSEWHERE.get(name, 0)}" for name, count in found.items()
            if count > ELSEWHERE.get(name, 0)}  # fmt: skip
    assert not more, f"SQL came in; ask `facts`, or give the table a reader: {more}"
    less = {name: found[name] for name, allowed in ELSEWHERE.items() if found[name] < allowed}
    assert not less, f"well done; now lower the numbers in ELSEWHERE to: {less}"


def test_nobody_else_scans_what_facts_reads() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if path.relative_to(ROOT).parts[0] not in HOMES and _SCAN.search(path.read_text(encoding="utf-8"))
    }
    assert found == SCANNERS


def test_strings_are_counted_and_docstrings_are_not() -> None:
    words = '"""SELECT in words."""'
    source = f'{words}\nx = f"SELECT {{y}} FROM (SELECT 1)"\n\ndef f() -> str:\n    {words}\n    return "SELECT"\n'
    assert selects(source) == 3
