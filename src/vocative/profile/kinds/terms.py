"""Terms: a measure of a role, added or subtracted; sums and shares are made of them."""

from __future__ import annotations

from dataclasses import dataclass

from vocative.facts.scope import Measure, Scope, scale_of
from vocative.facts.slots import column
from vocative.profile.history import History
from vocative.records.settings import Role


@dataclass(frozen=True, slots=True)
class Term:
    """`sign` times a measure of a role."""

    role: Role
    measure: Measure = "lines"
    sign: float = 1.0


def sum_sql(terms: tuple[Term, ...], scope: Scope, start: int, end: int | None = None) -> str:
    """The sum of the terms over slots from `start` to before `end`, an expression over the grain `slots`."""
    present = [term for term in terms if term.role in scope.roles]
    inside = f"slot >= {start}" if end is None else f"slot >= {start} AND slot < {end}"
    parts = [
        f"{term.sign / scale_of(term.measure)!r} * "
        f"sum(CASE WHEN {inside} THEN {column(term.role, term.measure)} ELSE 0 END)"
        for term in present
    ]
    return f"({' + '.join(parts)})" if parts else "0.0"


def sum_read(terms: tuple[Term, ...], history: History, start: int, end: int | None = None) -> float:
    """The same sum from the live history."""
    return sum(
        term.sign / scale_of(term.measure) * history.slots(term.role).total(term.measure, start, end)
        for term in terms
        if term.role in history.scope.roles
    )
