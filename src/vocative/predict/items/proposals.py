"""Candidates of everybody at a moment, block by block: those to learn from, and the best of them by what was learnt."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vocative.predict.history.catalogue import Grouping
from vocative.predict.history.event_history import EventHistory, Flags, Floats, Integers, unique
from vocative.predict.items.candidates import block_of, candidates
from vocative.predict.items.item_model import MOST_PEOPLE, ItemModel, scene_at
from vocative.predict.items.ranker_training import TrainingRows, rows_of, scores
from vocative.predict.items.ranking_features import Wants, describe
from vocative.predict.items.repurchasable import comes_back, days_since_return, may_be_proposed
from vocative.predict.predictor import Parameters

_BLOCK = 512
_MOMENTS_KEPT = 4


@dataclass(frozen=True, slots=True)
class ProposalView:
    """What is told of a moment beside candidates: the targets, the buyers of each, and the group reasons name."""

    targets: pa.Array[Any]
    stock: Floats
    back: Floats
    buyers: Floats
    named: Grouping
    groupings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposals:
    """The best things of people, ordered by person and score, the best first; columns of one length."""

    view: ProposalView
    who: Integers
    item: Integers
    score: Floats
    error: Floats
    times: Floats
    since: Floats
    typical_days: Floats
    new: Flags

    def where(self, chosen: npt.NDArray[Any]) -> Proposals:
        """The rows that are chosen."""
        columns = (self.who, self.item, self.score, self.error, self.times, self.since, self.typical_days, self.new)
        return Proposals(self.view, *(column[chosen] for column in columns))


class _Kept:
    """Candidates of the last few moments, where a business is small enough to keep them."""

    def __init__(self) -> None:
        self.found: OrderedDict[tuple[int, tuple[str, ...]], tuple[ProposalView, list[Wants]]] = OrderedDict()


def proposals(past: EventHistory, moment: int, content: Parameters, most: int) -> Proposals:
    """Everybody's best things at the moment: the first `most` of all, and the first `most` of those they never had."""
    view, blocks = _wants(past, moment, past.present(moment), content.get("groupings"))
    returns = past.returns_before(moment)
    found = []
    for wants in blocks:
        score, error = scores(content, _ordered(wants, content["signs"]))
        returned = days_since_return(returns, moment, wants.who, wants.item, len(view.targets))
        back = np.where(wants.item < len(view.back), view.back[np.minimum(wants.item, len(view.back) - 1)], 1.0)
        allowed = may_be_proposed(view.stock[wants.item], back, wants.known, wants.since.astype(np.float64), returned)
        times, since, typical = (one.astype(np.float64) for one in (wants.times, wants.since, wants.typical_days))
        rows = Proposals(view, wants.who, wants.item, score, error, times, since, typical, ~wants.known)
        found.append(_best(rows.where(allowed), most))
    columns = ("who", "item", "score", "error", "times", "since", "typical_days", "new")
    empty = {"who": np.int64, "item": np.int64, "new": bool}
    return Proposals(
        view,
        *(
            np.concatenate([*(getattr(one, name) for one in found), np.zeros(0, empty.get(name, np.float64))])
            for name in columns
        ),
    )


def learning_rows(
    past: EventHistory, moment: int, horizon_days: float
) -> tuple[TrainingRows, ProposalView, tuple[str, ...]]:
    """Candidates to learn from at a moment, what is told beside them, and the names of their signs."""
    present = past.present(moment)
    people = present[:: max(1, -(-len(present) // MOST_PEOPLE))]
    view, blocks = _wants(past, moment, people, None)
    lines = past.lines_during(moment, horizon_days, past.now)
    width = len(view.targets)
    came = unique(lines.who * width + lines.item)
    order = np.empty(width, np.int64)
    order[np.asarray(pc.sort_indices(view.targets), np.int64)] = np.arange(width)
    rows, names = rows_of(blocks, len(people), width, came, order)
    return rows, view, names


def _wants(
    past: EventHistory, moment: int, people: Integers, groupings: Sequence[str] | None
) -> tuple[ProposalView, Iterator[Wants] | list[Wants]]:
    """Candidates of people in blocks; kept for the next who asks, where everybody fits."""
    kept = past.once("next_items: kept", 0, lambda _, __: _Kept()).found
    key = (moment, () if groupings is None else tuple(groupings))
    for old in (key, (moment, ())):
        found = kept.get(old)
        if found is not None and (groupings is None or found[0].groupings == tuple(groupings)):
            return found
    scene = scene_at(past, moment)
    names = tuple(one.name for one in scene.catalogue.groupings) if groupings is None else tuple(groupings)
    view = _view(scene, names)
    blocks = _blocks(scene, people, names)
    if len(past.present(moment)) > MOST_PEOPLE:
        return view, blocks
    kept[key] = made = (view, list(blocks))
    while len(kept) > _MOMENTS_KEPT:
        kept.popitem(last=False)
    return made


def _blocks(scene: ItemModel, people: Integers, groupings: Sequence[str]) -> Iterator[Wants]:
    for start in range(0, len(people), _BLOCK):
        some = people[start : start + _BLOCK]
        first, last = np.searchsorted(scene.lines.who, [some[0], some[-1] + 1])
        inside = np.zeros(len(scene.lines), bool)
        inside[first:last] = np.isin(scene.lines.who[first:last], some)
        block = block_of(scene, some, scene.lines.where(inside))
        yield describe(scene, block, *candidates(scene, block), groupings)


def _view(scene: ItemModel, groupings: Sequence[str]) -> ProposalView:
    catalogue = scene.catalogue
    named = catalogue.grouping(groupings[0] if groupings else "category")
    back = comes_back(scene.pairs, named.code, len(scene.things.price))
    return ProposalView(catalogue.items, catalogue.stock, back, scene.things.buyers, named, tuple(groupings))


def _ordered(wants: Wants, names: Sequence[str]) -> npt.NDArray[np.float32]:
    """Signs in the order in which they were learnt; one that is not there now is missing."""
    if tuple(names) == wants.names:
        return wants.signs
    place = {name: number for number, name in enumerate(wants.names)}
    found = np.full((len(wants.who), len(names)), np.nan, np.float32)
    for column, name in enumerate(names):
        if name in place:
            found[:, column] = wants.signs[:, place[name]]
    return found


def _best(rows: Proposals, most: int) -> Proposals:
    """The first of each person, of all and of new things, ordered by person and score."""
    rows = rows.where(np.lexsort((rows.item, -rows.score, rows.who)))
    chosen = _rank(rows.who) < most
    fresh = np.flatnonzero(rows.new)
    chosen[fresh[_rank(rows.who[fresh]) < most]] = True
    return rows.where(chosen)


def _rank(who: Integers) -> Integers:
    """The place of each row among those of its person, which stand together."""
    if not len(who):
        return who
    starts = np.flatnonzero(np.concatenate([[True], who[1:] != who[:-1]]))
    return np.asarray(np.arange(len(who)) - np.repeat(starts, np.diff([*starts, len(who)])), np.int64)
