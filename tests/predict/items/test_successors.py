"""What is had in a hidden order, as songs and episodes are, is proposed in that order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.predict.planted import NOW, SETTINGS, TODAY, Bought, names, sources
from tests.store import drivers
from vocative.predict.history.event_history import EventArrays, EventHistory, Integers
from vocative.predict.items import candidates
from vocative.predict.items.next_items import NEXT_ITEMS
from vocative.predict.items.successors import steps_of, successors
from vocative.predict.items.transitions import Candidates, Transitions

PEOPLE, SONGS, SESSION = 50, 250, 5


def acts(who: list[int], us: list[int], item: list[int]) -> EventArrays:
    moment, none = np.array(us, np.int64), np.zeros(len(us))
    return EventArrays(
        np.array(who, np.int64), moment, moment, np.zeros(len(us), np.int64), np.array(item, np.int64), none
    )


def listeners(seed: int = 2) -> tuple[list[Bought], Integers]:
    """People who hear songs in one hidden order, five of them every nine days; and the order."""
    random = np.random.default_rng(seed)
    order = random.permutation(SONGS)
    heard = []
    for person in names(PEOPLE):
        at = int(random.integers(SONGS))
        for day in range(TODAY - 150 + int(random.integers(10)), TODAY, 9):
            for hour in range(SESSION):
                heard.append(Bought(person, f"s{order[at]:03}", day, 8 + hour))
                at = (at + 1) % SONGS if random.random() < 0.9 else int(random.integers(SONGS))
    return heard, order


def share_found(past: EventHistory, place: Integers, last: Integers) -> float:
    """The share of the two songs after everybody's last one that are among the first five proposed."""
    ranker = replace(NEXT_ITEMS, name="next", horizon_days=9.0)
    told = ranker.forecast(past, NOW, ranker.fit(past, NOW))
    assert told.target is not None
    songs = np.array([int(str(one)[1:]) for one in past.items.to_pylist()])
    hits = 0
    for number in range(PEOPLE):
        proposed = songs[told.target[told.who == number][:5]]
        hits += int(np.isin((place[proposed] - last[number]) % SONGS, (1, 2)).sum())
    return hits / (2 * PEOPLE)


def nothing(_: Transitions, __: Integers, ___: EventArrays) -> Candidates:
    none = np.zeros(0, np.int64)
    return Candidates(none, none, np.zeros(0), none, np.zeros(0))


def test_the_next_songs_are_proposed_and_hardly_without_transitions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, order = listeners()
    place, newest = np.argsort(order), {one.person: one.item for one in heard}
    last = np.array([place[int(newest[person][1:])] for person in names(PEOPLE)])
    engine, having = drivers.engine(tmp_path), sources(heard, names(PEOPLE))
    found = share_found(EventHistory(engine, having, SETTINGS, NOW), place, last)
    monkeypatch.setattr(candidates, "successors", nothing)
    # Days are baskets: what follows in the next basket and what people alike had still tell something.
    without = share_found(EventHistory(engine, having, SETTINGS, NOW), place, last)
    assert found > 0.8
    assert found > without + 0.2


def test_what_comes_next_is_told_of_the_people_who_are_asked_about() -> None:
    # 0 → 1 → 2 for two people, and 3, who had 0 last, is asked about together with 7, who had nothing.
    lines = acts([0, 0, 0, 1, 1, 1, 3], [1, 2, 3, 1, 2, 3, 9], [0, 1, 2, 0, 1, 2, 0])
    found = successors(steps_of(lines, 4), np.array([3, 7]), lines.where(lines.who == 3))
    assert found.who.tolist() == [3, 3]
    assert found.item.tolist() == [1, 2]
    assert found.place.tolist() == [0, 1]


def test_what_was_had_at_one_moment_has_no_order() -> None:
    single = acts([0, 0, 1, 1], [1, 2, 1, 2], [0, 1, 0, 2])
    basket = acts([0, 0, 0, 0, 1, 1], [1, 2, 3, 3, 1, 2], [0, 1, 3, 4, 0, 2])
    expected = np.zeros((5, 5))
    expected[:3, :3] = steps_of(single, 3).weights.toarray()
    assert steps_of(basket, 5).weights.toarray() == pytest.approx(expected)


def test_where_most_is_had_in_baskets_nothing_is_learnt() -> None:
    few = acts([0, 0, 0, 0, 0, 0], [1, 2, 3, 3, 4, 4], [0, 1, 2, 3, 2, 3])
    assert steps_of(few.where(few.us < 4), 4).weights.nnz
    assert not steps_of(few, 4).weights.nnz


def test_where_nobody_had_anything_nothing_follows() -> None:
    none = acts([], [], [])
    assert not len(successors(steps_of(none, 3), np.array([0, 4]), none).who)
    assert not len(successors(steps_of(none, 0), np.zeros(0, np.int64), none).who)
