"""What the catalogue says of items as known at a moment: their groups, price, stock, and since when they are in it.

Items are places in one list: those of acts first (as in `Past.items`), then those of the catalogue nobody had yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec import DecodeError, json

from vocative.facts.grain import select
from vocative.facts.items import CATALOGUE
from vocative.predict.history.event_history import DAY_US, Floats, Integers, Past, places

_MOST_GROUPINGS = 4
_MOST_SHARE = 0.5
_LEAST_FILLED = 0.5
_SELECT = "SELECT item, category, brand, attributes, price, stock, since FROM catalogue ORDER BY item"


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way in which items belong together: the code of each item's group (-1: none), and the groups' names."""

    name: str
    code: Integers
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is known of items (`items`, all columns of its length): price and stock are NaN where nothing is told.

    `since` is how many days the item has been in the catalogue (NaN: it is not in it).
    """

    items: pa.Array[Any]
    groupings: tuple[Grouping, ...]
    price: Floats
    stock: Floats
    since: Floats

    def grouping(self, name: str) -> Grouping:
        """A grouping by name; where there is none of this name, one in which no item has a group."""
        found = next((one for one in self.groupings if one.name == name), None)
        return found or Grouping(name, np.full(len(self.items), -1, np.int64), ())


def catalogue_at(past: Past, moment: int) -> Catalogue:
    """The catalogue as known at the moment."""
    scope = past.sources.scope(moment, past.settings)
    table = past.engine.query(select([CATALOGUE], scope, _SELECT), past.sources.relations())
    known = places(table["item"], past.items)
    listed = table["item"].combine_chunks()
    fresh = np.flatnonzero(known < 0)
    items = pa.concat_arrays([past.items, listed.take(pa.array(fresh, pa.int64())).cast(past.items.type)])
    place = known.copy()
    place[fresh] = len(past.items) + np.arange(len(fresh))

    def column(name: str) -> Floats:
        found = np.full(len(items), np.nan)
        found[place] = np.asarray(table[name].cast(pa.float64()).to_numpy(), np.float64)
        return found

    values: dict[str, list[str | None]] = {name: table[name].to_pylist() for name in ("category", "brand")}
    values |= _attributes(table["attributes"].to_pylist())
    groupings = [_grouping(name, texts, place, len(items)) for name, texts in values.items()]
    told = [one for one in groupings if _useful(one, len(table))]
    return Catalogue(
        items,
        tuple(told[:_MOST_GROUPINGS]),
        column("price"),
        column("stock"),
        (moment - column("since")) / DAY_US,
    )


def _attributes(texts: list[str | None]) -> dict[str, list[str | None]]:
    """Attributes that are texts, by name, those that most items have first."""
    found: dict[str, list[str | None]] = {}
    for place, text in enumerate(texts):
        for name, value in _read(text).items():
            if isinstance(value, str) and name not in ("category", "brand"):
                if name not in found:
                    found[name] = [None] * len(texts)
                found[name][place] = value
    return dict(sorted(found.items(), key=lambda one: (one[1].count(None), one[0])))


def _read(text: str | None) -> Mapping[str, object]:
    try:
        found = json.decode(text) if text else {}
    except DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _grouping(name: str, texts: list[str | None], place: Integers, items: int) -> Grouping:
    names = sorted({text for text in texts if text is not None})
    number = {text: code for code, text in enumerate(names)}
    code = np.full(items, -1, np.int64)
    code[place] = [-1 if text is None else number[text] for text in texts]
    return Grouping(name, code, tuple(names))


def _useful(grouping: Grouping, rows: int) -> bool:
    """Whether most items have a group, there is more than one, and groups hold more than one item."""
    filled = int((grouping.code >= 0).sum())
    return len(grouping.names) > 1 and filled >= _LEAST_FILLED * rows and len(grouping.names) <= _MOST_SHARE * filled
