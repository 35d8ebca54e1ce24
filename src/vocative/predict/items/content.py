"""Things known by what they are: category, brand, other attributes and price level; for things nobody has had yet.

Each thing is a short vector of tokens, rare tokens weighing more; a person is the sum of what they had. The product of
both says how well a thing fits a person, whether anybody had it or not (content-based filtering; Pazzani & Billsus,
2007, "Content-based recommendation systems").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vocative.predict.history.catalogue import ItemCatalogue
from vocative.predict.history.event_history import Flags, Floats, Integers

if TYPE_CHECKING:
    from scipy import sparse

_PRICE_LEVELS = 5
_NEW_DAYS = 60.0
_FEW_BUYERS = 5


def vectors(catalogue: ItemCatalogue, price: Floats, buyers: Floats) -> sparse.csr_matrix:
    """Items × tokens, each row of length one (or empty, where nothing is known).

    Args:
        catalogue: What is known of the items.
        price: Of each item, NaN for none.
        buyers: Of each item, or the first of them; how rare a token is, is counted among items somebody had.
    """
    from scipy import sparse

    items = len(catalogue.items)
    codes = [one.code for one in catalogue.groupings]
    wide = [len(one.names) for one in catalogue.groupings]
    first = catalogue.grouping(catalogue.groupings[0].name).code if catalogue.groupings else np.full(items, -1)
    codes.append(price_levels(price, first))
    wide.append(_PRICE_LEVELS)
    starts = np.concatenate([[0], np.cumsum(wide)])
    rows = [np.flatnonzero(code >= 0) for code in codes]
    column = [code[row] + start for code, row, start in zip(codes, rows, starts[:-1], strict=True)]
    row, token = np.concatenate(rows), np.concatenate(column)
    met = np.flatnonzero(buyers > 0.0)
    count = np.bincount(token[np.isin(row, met)], minlength=int(starts[-1]))
    weight = np.log((1.0 + len(met)) / np.maximum(count, 1))
    found = sparse.csr_matrix((weight[token], (row, token)), shape=(items, int(starts[-1])))
    length = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags_array(1.0 / np.maximum(length, 1e-9)) @ found).astype(np.float32)


def price_levels(price: Floats, group: Integers) -> Integers:
    """Fifths of price within the group of each item (-1: no price)."""
    level = np.full(len(price), -1, np.int64)
    priced = np.flatnonzero(~np.isnan(price))
    order = priced[np.lexsort((price[priced], group[priced]))]
    if not len(order):
        return level
    fresh = np.concatenate([[True], group[order][1:] != group[order][:-1]])
    starts = np.flatnonzero(fresh)
    size = np.diff([*starts, len(order)])
    rank = np.arange(len(order)) - np.repeat(starts, size)
    level[order] = rank * _PRICE_LEVELS // np.repeat(size, size)
    return level


def newcomers(catalogue: ItemCatalogue, buyers: Floats) -> Integers:
    """Items that came into the catalogue lately and that hardly anybody had: only their content speaks for them.

    Where the whole catalogue is as new, as after a first import, none is.
    """
    fresh: Flags = catalogue.since <= _NEW_DAYS
    if fresh.sum() > 0.5 * max(int((~np.isnan(catalogue.since)).sum()), 1):
        return np.zeros(0, np.int64)
    few = np.pad(buyers, (0, len(catalogue.items) - len(buyers))) < _FEW_BUYERS
    return np.flatnonzero(fresh & few)
