"""Grains: the derived tables that features aggregate, and how they build on each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vocative.facts.scope import Scope


@dataclass(frozen=True, slots=True)
class Grain:
    """A named query (DuckDB's dialect) over the sources and over other grains.

    Every grain that features read has a column `who`, the number of the person in this query.
    """

    name: str
    query: Callable[[Scope], str]
    needs: tuple[Grain, ...] = ()


def with_clause(grains: Iterable[Grain], scope: Scope) -> list[str]:
    """`name AS (query)` of the grains and of all they need, each once, needed ones first; what is staged is there."""
    written: dict[str, str] = {}

    def write(grain: Grain) -> None:
        if grain.name not in written and grain.name not in scope.staged:
            for needed in grain.needs:
                write(needed)
            written[grain.name] = f"{grain.name} AS (\n{grain.query(scope)}\n)"

    for grain in grains:
        write(grain)
    return list(written.values())


def select(grains: Iterable[Grain], scope: Scope, query: str, **parts: str) -> str:
    """The statement that runs a query over grains, and over `parts` of its own, each a query under its name."""
    written = [*with_clause(grains, scope), *(f"{name} AS (\n{part}\n)" for name, part in parts.items())]
    return f"WITH {', '.join(written)}\n{query}" if written else query
