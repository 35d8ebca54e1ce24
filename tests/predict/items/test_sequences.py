"""What comes next in a sequence, found again where it was planted."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.items.sequence_pairs import count_pairs
from benchmarks.items.sequence_ranker import SequenceRanker
from benchmarks.items.sequence_signs import SIGNS, describe
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from vocative.predict.history.event_history import Floats, Integers
from vocative.predict.history.sequences import Sequences
from vocative.predict.items.transitions import Candidates, Shape, Transitions, pairs_of

ITEMS = 60
QUICK = SequenceRanker(candidates=30, folds=2, rounds=30)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def sequences(*histories: list[int], items: int = ITEMS) -> Sequences:
    who = np.repeat(np.arange(len(histories)), [len(one) for one in histories])
    item = np.array([one for history in histories for one in history], np.int64)
    return Sequences(who, item, len(histories), items)


def planted(people: int, chance: float, seed: int = 0) -> tuple[Sequences, Integers]:
    """Each item is followed by its successor with a chance, else by any; nobody has an item twice."""
    random = rng(seed)
    successor = (np.arange(ITEMS) + 1 + random.integers(0, 5)) % ITEMS
    histories: list[list[int]] = []
    for _ in range(people):
        history = [int(random.integers(ITEMS))]
        for _ in range(int(random.integers(4, 9))):
            wanted = int(successor[history[-1]])
            free = [one for one in range(ITEMS) if one not in history]
            history.append(wanted if random.random() < chance and wanted in free else int(random.choice(free)))
        histories.append(history)
    return sequences(*histories), successor


def hits(found: Candidates, target: Integers, most: int) -> float:
    return float((found.item == target[found.who])[found.place < most].sum() / len(target))


def sign(design: Floats, name: str) -> Floats:
    return design[:, SIGNS.index(name)]


def test_rows_are_ordered_by_person_and_moment_and_what_nobody_knows_is_left_out() -> None:
    made = Sequences.of(np.array([1, 0, 1, 0]), np.array([5, 3, 4, -1]), np.array([9, 2, 1, 1]))
    assert made.who.tolist() == [0, 1, 1]
    assert made.item.tolist() == [3, 4, 5]
    assert made.back().tolist() == [0, 1, 0]
    assert (made.people, made.items) == (2, 6)


def test_the_last_and_the_one_before() -> None:
    made = sequences([3, 1], [], [2])
    assert made.latest().tolist() == [1, -1, 2]
    assert made.latest(1).tolist() == [3, -1, -1]
    assert made.without_last().item.tolist() == [3]
    assert made.without_last(np.array([False, False, True])).item.tolist() == [3, 1]


def test_pairs_never_join_two_people() -> None:
    made = sequences([1, 2, 3], [4, 5])
    found = [(int(made.item[a]), int(made.item[b]), gap) for first, second, gap in pairs_of(made, 9)
             for a, b in zip(first, second, strict=True)]  # fmt: skip
    assert sorted(found) == [(1, 2, 1), (1, 3, 2), (2, 3, 1), (4, 5, 1)]


def test_weights_are_counted_as_the_shape_says() -> None:
    shape = Shape(gap_decay=0.5, backward=0.25, source=0.0, target=0.0)
    weights = Transitions.learn(sequences([0, 1, 2], items=3), shape).weights.toarray()
    assert weights == pytest.approx(np.array([[0, 1, 0.5], [0.25, 0, 1], [0.125, 0.25, 0]]))


def test_what_was_planted_comes_first() -> None:
    known, successor = planted(400, 0.7)
    found = Transitions.learn(known).candidates(known, 5)
    first = found.place == 0
    wanted = successor[known.latest()[found.who[first]]]
    had = {(int(who), int(item)) for who, item in zip(known.who, known.item, strict=True)}
    free = np.array([(int(who), int(item)) not in had for who, item in zip(found.who[first], wanted, strict=True)])
    assert np.mean(found.item[first][free] == wanted[free]) > 0.95


def test_nobody_is_offered_what_they_had_unless_it_is_asked_for() -> None:
    known, _ = planted(80, 0.5)
    learnt = Transitions.learn(known)
    had = set((known.who * ITEMS + known.item).tolist())
    new, every = learnt.candidates(known, 20), learnt.candidates(known, 20, again=True)
    assert not had & set((new.who * ITEMS + new.item).tolist())
    assert had & set((every.who * ITEMS + every.item).tolist())


def test_of_many_candidates_the_best_are_kept() -> None:
    known, _ = planted(80, 0.5)
    learnt = Transitions.learn(known)
    every, some = learnt.candidates(known, ITEMS), learnt.candidates(known, 7)
    first = every.place < 7
    assert some.item.tolist() == every.item[first].tolist()
    assert some.score == pytest.approx(every.score[first])
    assert (np.diff(every.score)[np.diff(every.who) == 0] <= 0).all()


def test_candidates_of_some_people_are_those_of_everybody() -> None:
    known, _ = planted(50, 0.5)
    learnt, asked = Transitions.learn(known), np.array([3, 17, 40])
    every, some = learnt.candidates(known, 9), learnt.candidates(known, 9, asked)
    assert some.item.tolist() == every.item[np.isin(every.who, asked)].tolist()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(0, 8), max_size=7), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_the_numbers_of_people_mean_nothing(histories: list[list[int]], random: object) -> None:
    new = np.array(getattr(random, "sample")(range(len(histories)), len(histories)))  # noqa: B009
    one = sequences(*histories, items=9)
    other = Sequences.of(new[one.who], one.item, np.arange(len(one)), one.people, 9)
    found = [Transitions.learn(known).candidates(known, 9) for known in (one, other)]
    signs = [
        describe(known, count_pairs(known, Shape(), rng()), got) for known, got in zip((one, other), found, strict=True)
    ]
    orders = [np.lexsort((found[0].item, new[found[0].who])), np.lexsort((found[1].item, found[1].who))]
    assert new[found[0].who][orders[0]].tolist() == found[1].who[orders[1]].tolist()
    assert found[0].item[orders[0]].tolist() == found[1].item[orders[1]].tolist()
    told = [name not in ("place", "alike_last", "alike_all") for name in SIGNS]
    np.testing.assert_allclose(signs[0][orders[0]][:, told], signs[1][orders[1]][:, told], rtol=1e-4, atol=1e-4)


def test_the_common_order_of_things_is_found() -> None:
    random = rng(3)
    order = random.permutation(ITEMS)
    histories = [order[np.sort(random.choice(ITEMS, 6, replace=False))].tolist() for _ in range(300)]
    pairs = count_pairs(sequences(*histories), Shape(), rng())
    assert spearmanr(pairs.epoch[order], np.arange(ITEMS)).statistic > 0.9


def test_no_count_holds_what_it_is_to_foretell() -> None:
    # Nothing follows anything here, so the truth must look like every other candidate.
    noise, _ = planted(600, 0.0)
    asked = np.arange(600) % 2 == 0
    target = noise.latest()
    hidden = noise.without_last(asked)
    for name in ("next_0", "forward_near", "score"):
        honest, leaking = _excess(hidden, hidden, target, name), _excess(noise, hidden, target, name)
        assert abs(honest) < 3.5, name
        # The same look at counts that hold the truth finds it, so this test can fail.
        assert leaking > 4.5, name


def _excess(counted: Sequences, hidden: Sequences, target: Integers, name: str) -> float:
    """By how many standard errors the truth shows more of a sign than other candidates of the same people do."""
    asked = np.flatnonzero(np.arange(hidden.people) % 2 == 0)
    pairs = count_pairs(counted, Shape(), rng())
    found = replace(pairs.transitions, shape=Shape()).candidates(hidden, ITEMS, asked)
    value, truth = sign(describe(hidden, pairs, found), name).astype(np.float64), found.item == target[found.who]
    mine, rest = value[truth], value[~truth]
    return float((mine.mean() - rest.mean()) / np.hypot(mine.std() / len(mine) ** 0.5, rest.std() / len(rest) ** 0.5))


def test_the_ranker_mends_a_shape_that_knows_no_order() -> None:
    every, _ = planted(400, 0.7)
    known, target = every.without_last(), every.latest()
    shape = Shape(gap_decay=1.0, backward=1.0, history_decay=1.0)
    plain = Transitions.learn(known, shape).candidates(known, 1)
    ranker = replace(QUICK, shape=shape)
    ranked = ranker.rank(known, ranker.fit(known, rng()), 1, rng())
    assert hits(ranked, target, 1) > hits(plain, target, 1) + 0.1
    assert hits(ranked, target, 1) > 0.5


def test_what_was_learnt_is_json_and_the_same_seed_gives_the_same() -> None:
    known, _ = planted(150, 0.6)
    content = QUICK.fit(known, rng(1))
    assert content == QUICK.fit(known, rng(1))
    again = json.loads(json.dumps(content))
    one, other = QUICK.rank(known, content, 5, rng(1)), QUICK.rank(known, again, 5, rng(1))
    assert one.item.tolist() == other.item.tolist()
    assert one.place.max() == 4
    assert (np.diff(one.score)[np.diff(one.who) == 0] <= 0).all()


@pytest.mark.parametrize("histories", [[], [[]], [[4]], [[4], [5], []], [[1, 1, 1]], [[0, 1], [1, 0]]])
def test_little_or_nothing_is_no_error(histories: list[list[int]]) -> None:
    known = sequences(*histories)
    content = QUICK.fit(known, rng())
    found = QUICK.rank(known, content, 5, rng())
    assert not len(found.who)
    assert not len(Transitions.learn(known).candidates(known, 5).who)


def test_acts_in_any_order_give_candidates() -> None:
    who, item, moment = np.array([1, 0, 0, 1, 2]), np.array([7, 8, 7, 3, 7]), np.array([5, 9, 1, 1, 1])
    found = Transitions.learn(Sequences.of(who, item, moment)).candidates(Sequences.of(who, item, moment), 1)
    person, thing, score = found.who, found.item, found.score
    # Who had 7 last is told of 8, which somebody had after it; who had 8 last of nothing but 3, which came before 7.
    assert dict(zip(person.tolist(), thing.tolist(), strict=True)) == {1: 8, 0: 3, 2: 8}
    assert (score > 0).all()
