"""What people have, as a matrix of people × things, and the people whose having is learnt from.

Of all people some thousand are learnt from, and of all things those that enough of them have; the rest of a catalogue
is reached through its content (`vocative.predict.items.content`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vocative.predict.history.event_history import Flags, Floats, Integers
from vocative.predict.history.person_items import PersonItems

if TYPE_CHECKING:
    from scipy import sparse

LEAST_BUYERS = 5
MOST_THINGS = 6_000
_DENSE = 0.04
Dense = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Columns:
    """Things that are compared: `things` are places of items, ascending; `place` the column of each item (-1: none)."""

    things: Integers
    place: Integers


def columns_of(buyers: Floats) -> Columns:
    """The most bought things, of those that enough people had."""
    things = np.argsort(-buyers, kind="stable")[:MOST_THINGS]
    things = np.sort(things[buyers[things] >= LEAST_BUYERS])
    place = np.full(len(buyers), -1, np.int64)
    place[things] = np.arange(len(things))
    return Columns(things, place)


def matrix(
    pairs: PersonItems, people: Integers, columns: Columns, values: npt.NDArray[np.generic]
) -> sparse.csr_matrix:
    """People (ascending numbers) × columns, holding a value for each pair; pairs without a place are left out."""
    from scipy import sparse

    inside = columns.place[pairs.item] >= 0
    row = np.searchsorted(people, pairs.who)
    inside &= people[np.minimum(row, max(len(people) - 1, 0))] == pairs.who if len(people) else False
    return sparse.csr_matrix(
        (np.asarray(values, np.float32)[inside], (row[inside], columns.place[pairs.item[inside]])),
        shape=(len(people), len(columns.things)),
    )


def lasting_of(pairs: PersonItems, people: Integers, columns: Columns) -> sparse.csr_matrix:
    """Lasting taste: roots of counts that decay slowly."""
    return matrix(pairs, people, columns, np.sqrt(pairs.decayed[:, -1]))


def ever_of(pairs: PersonItems, people: Integers, columns: Columns) -> sparse.csr_matrix:
    """All that was ever had, 1 each."""
    return matrix(pairs, people, columns, np.ones(len(pairs.who)))


def products(some: sparse.csr_matrix, others: sparse.csr_matrix) -> Dense:
    """Inner products of rows of two matrices with the same columns; what is far from empty is multiplied as it is."""
    cells = max(others.shape[0] * others.shape[1], 1)
    if others.nnz > _DENSE * cells:
        return np.asarray(some.toarray() @ others.toarray().T, np.float32)
    return np.asarray((some @ others.T).toarray(), np.float32)


def mixed(weights: sparse.csr_matrix, rows: sparse.csr_matrix) -> Dense:
    """Sums of rows, each with its weight."""
    cells = max(rows.shape[0] * rows.shape[1], 1)
    if rows.nnz > _DENSE * cells:
        return np.asarray(weights @ rows.toarray(), np.float32)
    return np.asarray((weights @ rows).toarray(), np.float32)


def read(scores: Dense, row: Integers, column: Integers) -> Floats:
    """The scores of pairs of row and column; NaN where the column is -1."""
    found = np.full(len(row), np.nan)
    inside: Flags = column >= 0
    found[inside] = scores[row[inside], column[inside]]
    return found
