"""Holds the budgets of the code: short files and functions, small folders, every slot typed, a light first import.

Run it from anywhere; it exits with 1 and names file and line when a budget is broken.
A file counts whole; a function counts without docstrings. Complexity is left to ruff (C901).
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 60
FOLDER_FILES = 25
FOLDERS = ("src", "tests", "scripts", "benchmarks")
STORES = ("duckdb", "deltalake")
NUMERICS = ("scipy", "sqlglot", "lightgbm")
HEAVY = {
    "vocative": ("numpy", "pyarrow", *STORES, *NUMERICS),
    "vocative.cli.root": ("numpy", "pyarrow", "rich", "msgspec", *STORES, *NUMERICS),
    "vocative.line.running": (*STORES, *NUMERICS),
}
"""Module → what importing it must not bring along: each costs a tenth of a second or more, of every command."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken budget: where it is and what it is."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


@dataclass(frozen=True, slots=True)
class Measure:
    """What one file holds: its lines, the lines of its functions, and the budgets it breaks."""

    lines: int
    functions: tuple[int, ...]
    breaches: tuple[Breach, ...]


def docstring_lines(node: ast.ClassDef | Function) -> int:
    """How many lines the docstring of this very node takes up."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return (first.end_lineno or first.lineno) - first.lineno + 1
    return 0


def function_lines(node: Function) -> int:
    """Lines of a function from `def` to its end: blank lines and comments count, docstrings do not."""
    inner = [part for part in ast.walk(node) if isinstance(part, ast.ClassDef | Function)]
    return (node.end_lineno or node.lineno) - node.lineno + 1 - sum(docstring_lines(part) for part in inner)


def untyped(node: Function, *, method: bool) -> Iterator[str]:
    """The slots of a function that have no annotation."""
    positional = [*node.args.posonlyargs, *node.args.args]
    static = any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in node.decorator_list)
    if method and not static:
        positional = positional[1:]
    extra = [slot for slot in (node.args.vararg, node.args.kwarg) if slot is not None]
    for slot in [*positional, *node.args.kwonlyargs, *extra]:
        if slot.annotation is None:
            yield f"parameter {slot.arg!r} of {node.name!r} has no type"
    if node.returns is None:
        yield f"{node.name!r} has no return type"


def measure(path: Path) -> Measure:
    """Read one file and compare it with the budgets."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, str(path))
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    methods = {part for cls in classes for part in cls.body if isinstance(part, Function)}
    breaches: list[Breach] = []
    lines = len(text.splitlines())
    if lines > FILE_LINES:
        breaches.append(Breach(path, 1, f"{lines} lines, {FILE_LINES} at most: split it by what it does"))
    sizes: list[int] = []
    for node in ast.walk(tree):
        if not isinstance(node, Function):
            continue
        size = function_lines(node)
        sizes.append(size)
        if size > FUNCTION_LINES:
            breaches.append(
                Breach(path, node.lineno, f"function {node.name!r} has {size} lines, {FUNCTION_LINES} at most")
            )
        breaches.extend(Breach(path, node.lineno, what) for what in untyped(node, method=node in methods))
    return Measure(lines, tuple(sizes), tuple(breaches))


def crowded(paths: list[Path]) -> tuple[Breach, ...]:
    """Folders that hold more Python files than anybody looks through; data files beside them do not count."""
    return tuple(
        Breach(folder, 1, f"{count} files, {FOLDER_FILES} at most: give it rooms by what they are about")
        for folder, count in sorted(Counter(path.parent for path in paths).items())
        if count > FOLDER_FILES
    )


def heavy_imports(source: Path) -> Iterator[Breach]:
    """Import modules, each in a fresh interpreter, and name the heavy ones that came along."""
    for name, heavy in HEAVY.items():
        path = source.joinpath(*name.split("."))
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if not file.is_file():
            continue
        code = f"import sys, {name}; print(*[name for name in {heavy!r} if name in sys.modules])"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={"PYTHONPATH": str(source)}
        )
        if done.returncode:
            yield Breach(file, 1, f"`import {name}` fails: {done.stderr.strip().splitlines()[-1]}")
        for brought in done.stdout.split():
            yield Breach(file, 1, f"`import {name}` brings {brought} along")


def percentile(values: list[int], share: float) -> int:
    """The value below or at which the given share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0


def main(root: Path) -> int:
    """Check everything under `root`, print breaches and a summary; return the exit code."""
    paths = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.py"))]
    measures = {path: measure(path) for path in paths}
    breaches = [*(breach for found in measures.values() for breach in found.breaches), *crowded(paths)]
    if (root / "src" / "vocative").is_dir():
        breaches += heavy_imports(root / "src")
    for breach in breaches:
        print(breach)
    files = [found.lines for found in measures.values() if found.lines > 1]
    functions = [size for found in measures.values() for size in found.functions]
    print(
        f"{len(measures)} files, median {percentile(files, 0.5)} lines, longest {max(files, default=0)}; "
        f"{len(functions)} functions, median {percentile(functions, 0.5)} lines, p90 {percentile(functions, 0.9)}, "
        f"longest {max(functions, default=0)}; {len(breaches)} budgets broken"
    )
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent))
