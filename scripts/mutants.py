"""Small faults that can be planted in a file of Python, and in the SQL that its strings hold.

Each is one change of the kind that people make: a comparison off by one, `and` for `or`, a clause forgotten, the wrong
kind of join (DeMillo, Lipton and Sayward, 1978, "Hints on test data selection").
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

_COMPARES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_SUMS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_NAMES = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all", "all": "any"}
_SQL = re.compile(r"\b(SELECT|FROM|WHERE|JOIN)\b")
_SQL_SWAPS = (
    (r"\bLEFT JOIN\b", "JOIN"), (r"(?<!LEFT )(?<!SEMI )(?<!ANTI )\bJOIN\b", "LEFT JOIN"),
    (r"\bSEMI JOIN\b", "ANTI JOIN"), (r"\bANTI JOIN\b", "SEMI JOIN"),
    (r"(?<=\.)user_id\b", "item_id"), (r"(?<=\.)item_id\b", "user_id"),
    (r"(?<= )<(?= )", "<="), (r"(?<= )<=(?= )", "<"), (r"(?<= )>(?= )", ">="),
    (r"(?<= )>=(?= )", ">"), (r"(?<= )=(?= )", "<>"), (r"(?<= )\+(?= )", "-"), (r"(?<= )-(?= )", "+"),
    (r"\bAND\b", "OR"), (r"\bOR\b", "AND"), (r"\bNOT (?!NULL|DISTINCT)", ""), (r"\bIS NOT NULL\b", "IS NULL"),
    (r"\bIS NULL\b", "IS NOT NULL"), (r"\bDISTINCT ", ""), (r" DESC\b", ""), (r"\barg_max\(", "arg_min("),
    (r"\bmax\(", "min("), (r"\bmin\(", "max("), (r"\bbool_or\(", "bool_and("), (r"\bbool_and\(", "bool_or("),
)  # fmt: skip
_CLAUSE_ENDS = re.compile(r"\b(AND|OR|GROUP|ORDER|QUALIFY|HAVING|UNION|LIMIT|WINDOW|FROM|LEFT|JOIN)\b|\n\S|[\"')]|\Z")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: where it starts and ends in the text of the file, what stands there and what comes instead."""

    path: Path
    line: int
    start: int
    end: int
    old: str
    new: str
    lines: frozenset[int]
    """The lines whose tests can notice it; none where it stands outside of every function."""
    sql: bool = False

    def planted(self, text: str) -> str:
        """The file with the fault."""
        return text[: self.start] + self.new + text[self.end :]

    def __str__(self) -> str:
        old, new = (" ".join(one.split()) for one in (self.old, self.new))
        return f"{self.path}:{self.line}: {old}  →  {new or 'nothing'}"


def mutants_of(path: Path, text: str) -> Iterator[Mutant]:
    """Every fault that can be planted in a file, in the order of the text."""
    tree = ast.parse(text)
    starts = [0, *accumulate(len(line.encode()) for line in text.splitlines(keepends=True))]
    data = text.encode()

    def place(line: int, column: int) -> int:
        return len(data[: starts[line - 1] + column].decode())

    for node, inside in _worth_it(tree, frozenset()):
        lines = inside and frozenset(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        start = place(node.lineno, node.col_offset)
        end = place(node.end_lineno or node.lineno, node.end_col_offset or 0)
        old = text[start:end]
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            for first, last, new in _in_sql(old):
                line = node.lineno + old[:first].count("\n")
                yield Mutant(path, line, start + first, start + last, old[first:last], new, lines, sql=True)
            continue
        for changed in _changes(node):
            new = ast.unparse(changed)
            wrapped = new if isinstance(node, ast.Constant | ast.Name | ast.Attribute) else f"({new})"
            yield Mutant(path, node.lineno, start, end, old, wrapped, lines)


def _worth_it(node: ast.AST, inside: frozenset[int]) -> Iterator[tuple[ast.expr, frozenset[int]]]:
    """Expressions whose change is a fault: no annotations, texts for people or decorators, nothing in an f-string."""
    if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.Assert):
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        inside = frozenset({node.lineno})
    if isinstance(node, ast.expr):
        yield node, inside
    if isinstance(node, ast.JoinedStr):
        return
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases", "slice"):
            continue
        for child in value if isinstance(value, list) else [value]:
            is_text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if isinstance(child, ast.AST) and not is_text:
                yield from _worth_it(child, inside)


def _changes(node: ast.expr) -> Iterator[ast.expr]:
    """Faults of one expression."""
    made = deepcopy(node)
    if isinstance(made, ast.Compare) and len(made.ops) == 1 and type(made.ops[0]) in _COMPARES:
        made.ops = [_COMPARES[type(made.ops[0])]()]
        yield made
    elif isinstance(made, ast.BinOp) and type(made.op) in _SUMS and not _joins(made):
        made.op = _SUMS[type(made.op)]()
        yield made
    elif isinstance(made, ast.BoolOp):
        made.op = ast.Or() if isinstance(made.op, ast.And) else ast.And()
        yield made
    elif isinstance(made, ast.UnaryOp) and isinstance(made.op, ast.Not | ast.USub | ast.Invert):
        yield made.operand
    elif isinstance(made, ast.IfExp):
        yield ast.IfExp(made.test, made.orelse, made.body)
    elif isinstance(made, ast.Constant) and isinstance(made.value, bool | int | float):
        yield ast.Constant(not made.value if isinstance(made.value, bool) else made.value + 1)
    elif isinstance(made, ast.Call):
        yield from _other_function(made)


def _other_function(call: ast.Call) -> Iterator[ast.expr]:
    """`max` for `min`, and so on."""
    if isinstance(call.func, ast.Name) and call.func.id in _NAMES:
        call.func.id = _NAMES[call.func.id]
        yield call
    elif isinstance(call.func, ast.Attribute) and call.func.attr in _NAMES:
        call.func.attr = _NAMES[call.func.attr]
        yield call


def _joins(node: ast.BinOp) -> bool:
    """Whether it puts texts, paths or types together rather than numbers."""
    return any(
        isinstance(side, ast.JoinedStr) or (isinstance(side, ast.Constant) and not isinstance(side.value, int | float))
        for side in (node.left, node.right)
    )


def _in_sql(source: str) -> Iterator[tuple[int, int, str]]:
    """Faults in SQL as it stands in the source of a string: start, end and what comes instead."""
    if not _SQL.search(source):
        return
    for pattern, new in _SQL_SWAPS:
        for found in re.finditer(pattern, source):
            yield found.start(), found.end(), new
    for found in re.finditer(r"\bAND\s+", source):
        if "BETWEEN" not in source[max(found.start() - 40, 0) : found.start()]:
            yield found.start(), _clause_end(source, found.end()), ""
    for found in re.finditer(r"\bWHERE\s+", source):
        after = re.match(r"\s*AND\s+", source[(end := _clause_end(source, found.end())) :])
        if after:
            yield found.end(), end + after.end(), ""


def _clause_end(source: str, start: int) -> int:
    """Where a clause of a condition ends that starts there."""
    depth, place = 0, start
    while place < len(source):
        if source[place] in "({":
            depth += 1
        elif source[place] in ")}" and depth:
            depth -= 1
        elif not depth and (found := _CLAUSE_ENDS.match(source, place)) and found.end() >= place:
            if source[place] != "'":
                return place
            place = source.find("'", place + 1)
        place += 1
    return len(source)
