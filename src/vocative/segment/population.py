"""Everybody who has a profile, as columns of numbers: what rules, grids and discovery look at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cells:
    """Few values for many people and keys: cell `i` is what person `rows[i]` has under key number `codes[i]`."""

    keys: dict[str, int]
    rows: Integers
    codes: Integers
    columns: dict[str, Floats]
    """Name of a number → its value in each cell."""

    def dense(self, keys: Sequence[str], column: str, count: int, missing: float) -> Floats:
        """One column for each key over `count` people; `missing` where a person has nothing under the key."""
        found = np.full((count, len(keys)), missing)
        if not self.keys:
            return found
        place = np.full(len(self.keys) + 1, -1, dtype=np.int64)
        for number, key in enumerate(keys):
            place[self.keys.get(key, len(self.keys))] = number
        place[len(self.keys)] = -1
        wanted = place[self.codes] >= 0
        found[self.rows[wanted], place[self.codes[wanted]]] = self.columns[column][wanted]
        return found


def _no_cells() -> Cells:
    return Cells({}, np.zeros(0, np.int64), np.zeros(0, np.int64), {})


@dataclass(frozen=True, slots=True)
class Population:
    """People in the order of their identifiers, with one array of numbers for each thing known; NaN is unknown."""

    people: tuple[str, ...]
    features: dict[str, Floats]
    likings: Cells = field(default_factory=_no_cells)
    """Under `attribute:value`: `affinity`, `share` and `support`."""
    predictions: Cells = field(default_factory=_no_cells)
    """Under `module`, or `module:target`: `value`."""

    def feature(self, name: str) -> Floats:
        """The feature of everybody; unknown for all if there is none of that name."""
        return self.features.get(name, np.full(len(self.people), np.nan))

    def liking(self, key: str) -> Floats:
        """The affinity of everybody to `attribute:value`."""
        return self._one(self.likings, key, "affinity")

    def prediction(self, key: str) -> Floats:
        """The prediction for everybody, by `module` or `module:target`."""
        return self._one(self.predictions, key, "value")

    def _one(self, cells: Cells, key: str, column: str) -> Floats:
        if key not in cells.keys:
            return np.full(len(self.people), np.nan)
        return cells.dense([key], column, len(self.people), np.nan)[:, 0]


def population(
    features: pa.Table,
    affinities: pa.Table | None = None,
    predictions: pa.Table | None = None,
    *,
    wanted: Collection[str] | None = None,
) -> Population:
    """Read tables in the columns of `features`, `affinities` and `predictions`, of one moment each.

    Args:
        features: Everybody who has a profile; nobody else is among the people.
        affinities: What they like; people without a profile in it are left out.
        predictions: What they will probably do; likewise.
        wanted: Names of the features to read; None for all.
    """
    column = _text(features["person_id"])
    order = pc.sort_indices(column)
    people = tuple(str(name) for name in column.take(order).to_pylist())
    known = pa.array(people, pa.string())
    maps = features["features"].combine_chunks().take(order)
    return Population(
        people,
        _columns(maps, len(people), wanted),
        _cells(affinities, known, ("attribute", "value"), ("affinity", "share", "support")),
        _cells(predictions, known, ("module", "target"), ("value",)),
    )


def _columns(maps: Any, count: int, wanted: Collection[str] | None) -> dict[str, Floats]:  # noqa: ANN401 -- pyarrow
    if isinstance(maps, pa.ChunkedArray):
        maps = maps.combine_chunks()
    offsets = np.asarray(maps.offsets)
    rows = np.repeat(np.arange(count), np.diff(offsets))
    inner = slice(int(offsets[0]), int(offsets[-1]))
    names = maps.keys.dictionary_encode()
    codes = names.indices.to_numpy(zero_copy_only=False)[inner]
    values = maps.items.to_numpy(zero_copy_only=False)[inner]
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(names.dictionary) + 1))
    found: dict[str, Floats] = {}
    for code, name in enumerate(names.dictionary.to_pylist()):
        cells = order[bounds[code] : bounds[code + 1]]
        if len(cells) and (wanted is None or name in wanted):
            found[name] = np.full(count, np.nan)
            found[name][rows[cells]] = values[cells]
    return found


def _cells(table: pa.Table | None, known: Any, names: tuple[str, str], numbers: Sequence[str]) -> Cells:  # noqa: ANN401
    if table is None or not table.num_rows:
        return _no_cells()
    rows = pc.index_in(_text(table["person_id"]), value_set=known)
    first, second = (_text(table[name]) for name in names)
    alone = pc.equal(second, pa.scalar("", pa.string()))
    keys = pc.if_else(alone, first, pc.binary_join_element_wise(first, second, ":")).dictionary_encode()
    inside = np.asarray(rows.is_valid())
    return Cells(
        {str(key): code for code, key in enumerate(keys.dictionary.to_pylist())},
        np.asarray(rows.fill_null(0), dtype=np.int64)[inside],
        np.asarray(keys.indices, dtype=np.int64)[inside],
        {name: _floats(table[name])[inside] for name in numbers},
    )


def _text(column: Any) -> Any:  # noqa: ANN401 -- pyarrow's stubs do not follow the kinds of arrays
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.cast(pa.string())


def _floats(column: Any) -> Floats:  # noqa: ANN401
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)
