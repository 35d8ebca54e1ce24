"""Of what a person has, the thing that speaks most for a new one: what reasons name."""

from __future__ import annotations

import numpy as np

from vocative.predict.history.event_history import Floats, Integers, find
from vocative.predict.history.person_items import PersonItems
from vocative.predict.items.affinity_vectors import columns_of, ever_of

_AT_ONCE = 256
_LEAST_TOGETHER = 3.0
_LEAST_LIFT = 1.5


def companions(pairs: PersonItems, buyers: Floats, who: Integers, item: Integers) -> Integers:
    """For each pair of person and thing the thing of theirs that goes with it best; -1 where nothing goes with it.

    Things go together as far as more people have both than would by chance; the likeness is the cosine.

    Args:
        pairs: What everybody had (or as many of them as are compared), ordered.
        buyers: Number of people who had each item.
        who: Of each pair the person; nothing goes with anything for somebody who had nothing.
        item: Of each pair the thing; one that `buyers` does not reach nobody has had.
    """
    found = np.full(len(who), -1, np.int64)
    columns, people = columns_of(buyers), np.unique(pairs.who)
    column = np.full(len(item), -1, np.int64)
    reached = item < len(buyers)
    column[reached] = columns.place[item[reached]]
    # Somebody who was only seen so far is proposed things too.
    person, known = find(people, who)
    rows = np.flatnonzero((column >= 0) & known)
    # Ordered by thing, each is compared with all others once, not once for every part in which somebody wants it.
    rows = rows[np.argsort(column[rows], kind="stable")]
    if not len(rows) or not len(people):
        return found
    had = ever_of(pairs, people, columns)
    count = np.asarray(had.sum(axis=0), np.float64).ravel()
    across = had.T.tocsr()
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        wanted, place = np.unique(column[part], return_inverse=True)
        together = (across[wanted] @ had).toarray()
        lift = together * len(people) / np.maximum(count[wanted][:, None] * count[None, :], 1.0)
        cosine = together / np.sqrt(np.maximum(count[wanted][:, None] * count[None, :], 1.0))
        cosine[(together < _LEAST_TOGETHER) | (lift < _LEAST_LIFT)] = 0.0
        mine = cosine[place] * had[person[part]].toarray()
        mine[np.arange(len(part)), column[part]] = 0.0
        best = mine.argmax(axis=1)
        certain = mine[np.arange(len(part)), best] > 0.0
        found[part[certain]] = columns.things[best[certain]]
    return found
