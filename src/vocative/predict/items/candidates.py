"""What may be proposed to people: what they had, what goes with it, what people alike took up, what follows, what fits.

Several sources each name their best, for a block of people at a time; one ranker then orders them all
(`vocative.predict.items.ranker`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import EventArrays, Flags, Integers, find, unique
from vocative.predict.history.person_items import PersonItems, pairs_of
from vocative.predict.items.affinity_vectors import Dense, ever_of, lasting_of, matrix, mixed, products
from vocative.predict.items.basket_transitions import follow_ups
from vocative.predict.items.factors import projected
from vocative.predict.items.item_model import ItemModel
from vocative.predict.items.neighbours import neighbours, profiles
from vocative.predict.items.successors import successors
from vocative.predict.items.transitions import Candidates

MOST_OWN = 100
MOST_NEW = {"lasting": 40, "ever": 30, "taken": 15, "follows": 10, "factors": 10}
MOST_POPULAR = 30
MOST_UNKNOWN = 5
_OPEN = 0.05


@dataclass(frozen=True, slots=True)
class Block:
    """Some people (ascending numbers) with what they had and what is said of them; scores are people × columns.

    `scores` has the names of `MOST_NEW` and `alike` (what neighbours have lately), `alike_ever`; `profile` (people ×
    tokens) is what they like by content, `next` what may come next by the order of acts.
    """

    people: Integers
    lines: EventArrays
    pairs: PersonItems
    scores: dict[str, Dense]
    profile: Dense
    had: Flags
    next: Candidates


def block_of(scene: ItemModel, people: Integers, lines: EventArrays) -> Block:
    """Look at some people.

    Args:
        scene: What all share at the moment.
        people: Numbers, ascending.
        lines: Theirs before the moment, ordered by person.
    """
    pairs = pairs_of(lines, scene.moment, len(scene.things.price))
    columns = scene.columns
    lasting, ever = lasting_of(pairs, people, columns), ever_of(pairs, people, columns)
    place, supports = find(scene.supporters, people)
    rows = place if supports.all() else None
    mine = profiles(ever, scene.weight)
    near = neighbours(products(mine, scene.profiles) if rows is None else scene.inner[rows])
    alike_ever, taken = mixed(near, scene.had), mixed(near, scene.fresh)
    lately = matrix(pairs, people, columns, pairs.decayed[:, 0])
    scores: dict[str, Dense] = {
        "lasting": scene.lasting.score(lasting, rows),
        "ever": scene.ever.score(ever, rows),
        # Of people alike who did not have it, the share that took it up.
        "taken": np.asarray(taken / (1.0 - (alike_ever - taken) + _OPEN), np.float32),
        "follows": follow_ups(lately, scene.chain),
        "factors": projected(mine, scene.directions),
        "alike": mixed(near, scene.recent),
        "alike_ever": alike_ever,
    }
    had = np.zeros(ever.shape, bool)
    rows_had = np.repeat(np.arange(len(people)), np.diff(ever.indptr))
    had[rows_had, ever.indices] = True
    following = successors(scene.steps, people, lines)
    return Block(people, lines, pairs, scores, _profile(scene, pairs, people), had, following)


def candidates(scene: ItemModel, block: Block) -> tuple[Integers, Integers]:
    """Person and place of item of everything that may be proposed to the people of a block, ordered by both."""
    width = len(scene.catalogue.items)
    keys = [_own(block.pairs, width), block.next.who * width + block.next.item]
    for name, most in MOST_NEW.items():
        keys.append(_best(block, scene, block.scores[name], most, width))
    popular = np.argsort(-scene.things.month, kind="stable")[:MOST_POPULAR]
    popular = popular[scene.things.month[popular] > 0.0]
    keys.append((block.people[:, None] * width + popular[None, :]).ravel())
    if len(scene.newcomers) and len(block.people):
        most = min(MOST_UNKNOWN, len(scene.newcomers))
        fits = (scene.vectors[scene.newcomers] @ block.profile.T).T
        chosen = np.argpartition(-fits, most - 1, axis=1)[:, :most]
        keys.append((block.people[:, None] * width + scene.newcomers[chosen]).ravel())
    found = unique(np.concatenate(keys))
    return found // width, found % width


def _own(pairs: PersonItems, width: int) -> Integers:
    """What weighs most for each person by lasting taste."""
    if not len(pairs.who):
        return np.zeros(0, np.int64)
    order = np.lexsort((-pairs.decayed[:, -1], pairs.who))
    who = pairs.who[order]
    starts = np.flatnonzero(np.concatenate([[True], who[1:] != who[:-1]]))
    rank = np.arange(len(who)) - np.repeat(starts, np.diff([*starts, len(who)]))
    chosen = order[rank < MOST_OWN]
    return pairs.who[chosen] * width + pairs.item[chosen]


def _best(block: Block, scene: ItemModel, scores: Dense, most: int, width: int) -> Integers:
    """The best columns of each person among those they never had."""
    most = min(most, scores.shape[1])
    if not most or not len(block.people):
        return np.zeros(0, np.int64)
    open_ = np.where(block.had, -np.inf, scores)
    chosen = np.argpartition(-open_, most - 1, axis=1)[:, :most]
    value = np.take_along_axis(open_, chosen, axis=1)
    keys = block.people[:, None] * width + scene.columns.things[chosen]
    return np.asarray(keys[np.isfinite(value)], np.int64)


def _profile(scene: ItemModel, pairs: PersonItems, people: Integers) -> Dense:
    """What people like by content (people × tokens): the sum of what they had, what was lately weighing more."""
    from scipy import sparse

    row = np.searchsorted(people, pairs.who)
    shape = (len(people), len(pairs.who))
    weight = sparse.csr_matrix((pairs.decayed[:, 2], (row, np.arange(len(row)))), shape=shape)
    return np.asarray((weight @ scene.vectors[pairs.item]).toarray(), np.float32)
