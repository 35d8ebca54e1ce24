"""What all people share at a moment: figures of things, the catalogue, and what is learnt from people alike.

It is learnt from some thousand people at most, so that its cost does not grow with a business; people are then
described in blocks (`vocative.predict.items.candidates`, `vocative.predict.items.ranking_features`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vocative.predict.history.catalogue import ItemCatalogue, catalogue_at
from vocative.predict.history.event_history import EventArrays, EventHistory, Floats, Integers
from vocative.predict.history.item_statistics import ItemStatistics, things_of
from vocative.predict.history.person_items import PersonItems, pairs_of
from vocative.predict.items.affinity_vectors import Columns, Dense, columns_of, ever_of, lasting_of, matrix, products
from vocative.predict.items.basket_transitions import transitions
from vocative.predict.items.content import newcomers, vectors
from vocative.predict.items.factors import directions
from vocative.predict.items.neighbours import profiles, rarity
from vocative.predict.items.similarity import Similarity
from vocative.predict.items.successors import steps_of
from vocative.predict.items.transitions import Transitions

if TYPE_CHECKING:
    from scipy import sparse

MOST_PEOPLE = 4_000
"""People that are learnt from."""
_MOST_SUPPORTERS = 2_500
_LASTING_RIDGE = 100.0
_EVER_RIDGE = 200.0
FRESH_DAYS = 84.0
"""What was had for the first time within so many days is fresh."""


@dataclass(frozen=True, slots=True)
class ItemModel:
    """The state at a moment (µs UTC).

    `lines` are everybody's before it; `people` those that are learnt from, `supporters` a part of them. Matrices have
    a row for each supporter and the `columns`: `had` (0 or 1), `recent` (decayed, at most 1), `fresh` (first had
    lately), `profiles` (weighted by rarity); `inner` their
    inner products. `lasting` and `ever` speak from lasting taste and from all that was ever
    had; `chain` tells which thing follows in the next basket, `steps` which in the order of single acts.
    """

    moment: int
    lines: EventArrays
    people: Integers
    pairs: PersonItems
    supporters: Integers
    catalogue: ItemCatalogue
    things: ItemStatistics
    columns: Columns
    lasting: Similarity
    ever: Similarity
    weight: Dense
    profiles: sparse.csr_matrix
    inner: Dense
    had: sparse.csr_matrix
    recent: sparse.csr_matrix
    fresh: sparse.csr_matrix
    chain: sparse.csr_matrix
    steps: Transitions
    directions: Dense
    vectors: sparse.csr_matrix
    newcomers: Integers


def scene_at(past: EventHistory, moment: int) -> ItemModel:
    """What all people share at the moment."""
    lines, present = past.lines_before(moment), past.present(moment)
    people = present[:: max(1, -(-len(present) // MOST_PEOPLE))]
    mine = lines if len(people) == len(present) else lines.where(_among(lines.who, people, len(past.people)))
    items = len(past.items)
    pairs = pairs_of(mine, moment, items)
    things = things_of(lines, pairs, moment, items, len(present))
    catalogue, columns = catalogue_at(past, moment), columns_of(things.buyers)
    supporters = people[:: max(1, -(-len(people) // _MOST_SUPPORTERS))]
    had = ever_of(pairs, supporters, columns)
    weight = rarity(had)
    known = profiles(had, weight)
    inner = products(known, known)
    price = prices(catalogue, things)
    return ItemModel(
        moment,
        lines,
        people,
        pairs,
        supporters,
        catalogue,
        things,
        columns,
        Similarity(lasting_of(pairs, supporters, columns), _LASTING_RIDGE),
        Similarity(had, _EVER_RIDGE),
        weight,
        known,
        inner,
        had,
        matrix(pairs, supporters, columns, np.minimum(pairs.decayed[:, 2], 1.0)),
        matrix(pairs, supporters, columns, pairs.first <= FRESH_DAYS),
        transitions(mine, columns),
        steps_of(mine, items),
        directions(known, inner),
        vectors(catalogue, price, things.buyers),
        newcomers(catalogue, things.buyers),
    )


def prices(catalogue: ItemCatalogue, things: ItemStatistics) -> Floats:
    """The price of each item of the catalogue: what was paid for it, else what the catalogue asks."""
    paid = np.full(len(catalogue.items), np.nan)
    paid[: len(things.price)] = things.price
    return np.where(np.isnan(paid), catalogue.price, paid)


def _among(who: Integers, people: Integers, everybody: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    chosen = np.zeros(everybody, bool)
    chosen[people] = True
    return chosen[who]
