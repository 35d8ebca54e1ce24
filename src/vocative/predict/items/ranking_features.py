"""The signs of candidates: what is known of a person and a thing before a moment, as numbers, NaN where nothing is.

Own repeats with their decay and rhythm, how the thing stands with everybody, how active and how curious the person is,
what people and things alike say, how much the person likes the groups the thing belongs to, price, season (its growth).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vocative.predict.history.catalogue import Grouping
from vocative.predict.history.event_history import Flags, Floats, Integers, find
from vocative.predict.history.item_statistics import WINDOW
from vocative.predict.history.person_items import HALF_LIVES, ItemVisits, Numbers, visits_of
from vocative.predict.items.affinity_vectors import read
from vocative.predict.items.candidates import Block
from vocative.predict.items.item_model import FRESH_DAYS, ItemModel, prices

Named = Iterator[tuple[str, npt.NDArray[np.generic]]]
_LITTLE = 0.05
_TINY_SHARE = 0.002
_TINY_TAKEN = 0.0005


@dataclass(frozen=True, slots=True)
class Wants:
    """Candidates as columns, ordered by person and item: the signs (rows × names), and facts that reasons rest on."""

    who: Integers
    item: Integers
    names: tuple[str, ...]
    signs: Numbers
    times: Numbers
    since: Numbers
    typical_days: Numbers

    @property
    def known(self) -> Flags:
        """Whether the person had it before."""
        return self.times > 0


@dataclass(frozen=True, slots=True)
class _Rows:
    """Candidates with their places: of the pair (where `known`), of the item among those of acts (where `met`)."""

    who: Integers
    item: Integers
    row: Integers
    pair: Integers
    known: Flags
    met: Flags

    def had(self, values: npt.NDArray[np.generic], otherwise: float = np.nan) -> Floats:
        """Values of pairs; of what was never had, what is given instead."""
        if not len(values):
            return np.full(len(self.who), otherwise)
        return np.where(self.known, values[self.pair], otherwise)

    def of(self, values: Floats, otherwise: float = 0.0) -> Floats:
        """Values of items; of items nobody had, what is given instead."""
        if not len(values):
            return np.full(len(self.who), otherwise)
        return np.where(self.met, values[np.minimum(self.item, len(values) - 1)], otherwise)


def describe(scene: ItemModel, block: Block, who: Integers, item: Integers, groupings: Sequence[str]) -> Wants:
    """The signs of candidates of a block.

    Args:
        scene: What all share at the moment.
        block: The people.
        who: Of each candidate, the person.
        item: Its place in the catalogue.
        groupings: Names of groupings of the catalogue that are looked at.
    """
    width = len(scene.catalogue.items)
    pair, known = find(block.pairs.keys(width), who * width + item)
    rows = _Rows(who, item, np.searchsorted(block.people, who), pair, known, item < len(scene.things.price))
    visits = visits_of(block.lines, scene.moment, int(block.people.max(initial=-1)) + 1)
    named: dict[str, Numbers] = {}
    typical = _typical(scene, block, rows)
    sources = [
        _own(block, rows, visits, typical),
        _everybody(scene, rows),
        _person(block, rows, visits),
        _money(scene, block, rows),
        ((name, read(score, rows.row, _columns(scene, rows))) for name, score in block.scores.items()),
        _next(block, rows, width),
        [("fits", _fits(scene, block, rows))],
        *(_group(scene, block, rows, scene.catalogue.grouping(name)) for name in groupings),
    ]
    for source in sources:
        named.update((name, np.asarray(values, np.float32)) for name, values in source)
    times = rows.had(block.pairs.times, 0.0)
    return Wants(
        who,
        item,
        tuple(named),
        np.stack(list(named.values()), axis=1),
        np.asarray(times, np.float32),
        np.asarray(rows.had(block.pairs.last), np.float32),
        np.asarray(np.where(times > 1, typical, np.nan), np.float32),
    )


def _columns(scene: ItemModel, rows: _Rows) -> Integers:
    """The column of each candidate; -1 where it has none."""
    place = scene.columns.place
    if not len(place):
        return np.full(len(rows.item), -1, np.int64)
    return np.where(rows.met, place[np.minimum(rows.item, len(place) - 1)], -1)


def _typical(scene: ItemModel, block: Block, rows: _Rows) -> Floats:
    """The usual pause of a pair; of what was had once, that of everybody."""
    pairs = block.pairs
    span = rows.had(pairs.first - pairs.last)
    return (span + rows.of(scene.things.usual)) / np.maximum(rows.had(pairs.times, 1.0), 1.0)


def _own(block: Block, rows: _Rows, visits: ItemVisits, typical: Floats) -> Named:
    """Repeats: decayed counts, rhythm in days and in visits."""
    pairs = block.pairs
    for place, life in enumerate(HALF_LIVES):
        own = rows.had(pairs.decayed[:, place], 0.0)
        yield f"had_{life:g}d", own
        yield f"share_{life:g}d", own / np.maximum(visits.decayed[rows.who, place], _LITTLE)
    since, usual_visits = (
        rows.had(pairs.last),
        (pairs.visits_within - pairs.visits_since) / np.maximum(pairs.times, 1.0),
    )
    yield "times", rows.had(pairs.times, 0.0)
    yield "days_since", since
    yield "days_known", rows.had(pairs.first)
    yield "last_pause", rows.had(pairs.pause)
    yield "typical_pause", typical
    yield "late", since / (typical + 1.0)
    yield "uneven", rows.had(pairs.uneven)
    yield "visits_since", rows.had(pairs.visits_since)
    yield "share_of_visits", rows.had(pairs.times / np.maximum(pairs.visits_within, 1.0))
    yield "late_in_visits", rows.had(pairs.visits_since / (usual_visits + 1.0))


def _everybody(scene: ItemModel, rows: _Rows) -> Named:
    """How the thing stands with everybody, and its season: the growth of those who want it and who take it up."""
    things = scene.things
    month, taken = rows.of(things.month), rows.of(things.taken)
    yield "popular_week", rows.of(things.week)
    yield "popular_month", month
    yield "popular_quarter", rows.of(things.quarter)
    yield "growth", (month + _TINY_SHARE) / (rows.of(things.before) + _TINY_SHARE)
    yield "growth_week", (rows.of(things.week) * WINDOW / 7.0 + _TINY_SHARE) / (month + _TINY_SHARE)
    yield "buyers", rows.of(things.buyers) / max(len(scene.people), 1)
    yield "comes_back", rows.of(things.back)
    yield "had_again", rows.of(things.again)
    yield "taken_up", taken
    yield "taken_up_long", rows.of(things.taken_long)
    growth = (taken + _TINY_TAKEN) / (rows.of(things.taken_long) * WINDOW / FRESH_DAYS + _TINY_TAKEN)
    yield "taken_up_growth", growth
    yield "usual_pause", rows.of(things.usual, np.nan)
    yield "days_in_catalogue", scene.catalogue.since[rows.item]
    stock = scene.catalogue.stock[rows.item]
    yield "stock", stock


def _person(block: Block, rows: _Rows, visits: ItemVisits) -> Named:
    """How active and how curious the person is."""
    pairs, people = block.pairs, len(visits.count)
    yield "visits", visits.count[rows.who]
    for place in (1, 2):
        yield f"visits_{HALF_LIVES[place]:g}d", visits.decayed[rows.who, place]
    yield "last_visit", visits.last[rows.who]
    fresh = np.bincount(pairs.who[pairs.first <= FRESH_DAYS], minlength=people)
    yield "different", np.bincount(pairs.who, minlength=people)[rows.who]
    yield "different_month", np.bincount(pairs.who[pairs.last <= WINDOW], minlength=people)[rows.who]
    yield "fresh", fresh[rows.who]
    yield "fresh_month", np.bincount(pairs.who[pairs.first <= WINDOW], minlength=people)[rows.who]
    yield "fresh_of_visits", (fresh / np.maximum(visits.decayed[:, 2], 2 * _LITTLE))[rows.who]
    basket = np.bincount(pairs.who, pairs.times, people) / np.maximum(visits.count, 1.0)
    yield "basket", basket[rows.who]


def _money(scene: ItemModel, block: Block, rows: _Rows) -> Named:
    """What the thing costs, and against what the person usually pays for a line."""
    people = int(block.people.max(initial=-1)) + 1
    lines = block.lines
    paid = np.bincount(lines.who, lines.money, people) / np.maximum(np.bincount(lines.who, minlength=people), 1)
    price = prices(scene.catalogue, scene.things)[rows.item]
    yield "price", price
    yield "price_level", price / (paid[rows.who] + _LITTLE)
    yield "paid", paid[rows.who]


def _next(block: Block, rows: _Rows, width: int) -> Named:
    """What comes next by the order of acts: the score against the person's best and against the sum, and the place."""
    found = block.next
    best = np.zeros(int(block.people.max(initial=-1)) + 1)
    best[found.who[found.place == 0]] = found.score[found.place == 0]
    keys = found.who * width + found.item
    order = np.argsort(keys)
    place, there = find(keys[order], rows.who * width + rows.item)
    columns = {
        "next_to_best": found.score / np.maximum(best[found.who], _TINY_TAKEN),
        "next_share": found.score / np.maximum(found.total, _TINY_TAKEN),
        "next_place": found.place.astype(np.float64),
    }
    for name, values in columns.items():
        told = np.full(len(rows.who), np.nan)
        told[there] = values[order][place[there]]
        yield name, told


def _fits(scene: ItemModel, block: Block, rows: _Rows) -> Floats:
    """How well the thing's content fits what the person likes."""
    total = np.maximum(block.profile.sum(axis=1), _LITTLE)
    tokens = scene.vectors[rows.item]
    owner = np.repeat(rows.row, np.diff(tokens.indptr))
    weighed = tokens.data * block.profile[owner, tokens.indices] / total[owner]
    return np.asarray(
        np.bincount(np.repeat(np.arange(len(rows.item)), np.diff(tokens.indptr)), weighed, len(rows.item)), np.float64
    )


def _group(scene: ItemModel, block: Block, rows: _Rows, grouping: Grouping) -> Named:
    """How much the person likes the thing's group, how lately they had it, and how much of it they know."""
    pairs, wide = block.pairs, len(grouping.names) + 1
    count = len(block.people)
    cell = np.searchsorted(block.people, pairs.who) * wide + grouping.code[pairs.item] + 1
    lately = pairs.decayed[:, 2]
    liked = np.bincount(cell, lately, count * wide).reshape(count, wide)
    last = np.full(count * wide, np.inf)
    np.minimum.at(last, cell, pairs.last)
    last[np.isinf(last)] = np.nan
    group = grouping.code[rows.item] + 1
    mine = rows.row * wide + group
    everybody = np.bincount(grouping.code[scene.pairs.item] + 1, scene.pairs.decayed[:, 2], wide)
    size = np.bincount(grouping.code[: len(scene.things.month)] + 1, scene.things.month, wide)
    share = liked.ravel()[mine] / np.maximum(liked.sum(axis=1), 0.1)[rows.row]
    name = grouping.name
    none = group == 0
    columns = {
        "liked": liked.ravel()[mine],
        "different": np.bincount(cell, minlength=count * wide)[mine],
        "fresh": np.bincount(cell, pairs.first <= FRESH_DAYS, count * wide)[mine],
        "last": last[mine],
        "share": rows.of(scene.things.month) / np.maximum(size[group], _TINY_TAKEN),
        "affinity": (share + 0.001) / (everybody[group] / max(float(everybody.sum()), 1.0) + 0.001),
    }
    for told, values in columns.items():
        yield f"{name}: {told}", np.where(none, np.nan, values)
