"""What must not be proposed, lists as they are asked for, places in lists, what goes with what, and visitors."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from tests.predict.planted import NOW, SETTINGS, Bought, habits, names, sources
from tests.store import drivers
from vocative.predict.history.event_history import DAY_US, EventArrays, EventHistory
from vocative.predict.history.person_items import PersonItems, pairs_of
from vocative.predict.history.position_bias import examination
from vocative.predict.items.co_purchases import companions
from vocative.predict.items.cold_start import welcome
from vocative.predict.items.diversity import Wish, rerank
from vocative.predict.items.repurchasable import comes_back, days_since_return, may_be_proposed
from vocative.predict.items.similarity import Similarity

HOUR_US = DAY_US // 24


def acts(who: list[int], day: list[int], item: list[int]) -> EventArrays:
    us = np.array(day, np.int64) * DAY_US
    person = np.array(who, np.int64)
    order = np.lexsort((us, person))
    none = np.zeros(len(us))
    return EventArrays(
        person[order], us[order], us[order], np.zeros(len(us), np.int64), np.array(item, np.int64)[order], none
    )


def had(who: list[int], day: list[int], item: list[int], items: int) -> PersonItems:
    return pairs_of(acts(who, day, item), 400 * DAY_US, items)


def test_pairs_tell_the_rhythm() -> None:
    pairs = had([0, 0, 0, 0, 1], [300, 310, 330, 390, 395], [0, 0, 0, 1, 1], 2)
    assert pairs.who.tolist() == [0, 0, 1]
    assert pairs.times.tolist() == [3, 1, 1]
    assert (pairs.first[0], pairs.last[0], pairs.pause[0]) == (100, 70, 20)
    assert pairs.visits_since.tolist() == [1, 0, 0]
    assert pairs.visits_within.tolist() == [4, 1, 1]
    assert np.isnan(pairs.pause[1])


@pytest.mark.parametrize("people", [3, 30])
def test_similarity_is_the_ridge_regression_of_every_thing_on_all_others(people: int) -> None:
    random = np.random.default_rng(3)
    taste = (random.random((people, 6)) < 0.5) * random.random((people, 6))
    ridge = 2.0
    weights = np.zeros((6, 6))
    for thing in range(6):
        rest = np.delete(np.arange(6), thing)
        gram = taste[:, rest].T @ taste[:, rest] + ridge * np.eye(5)
        weights[rest, thing] = np.linalg.solve(gram, taste[:, rest].T @ taste[:, thing])
    found = Similarity(sparse.csr_matrix(taste.astype(np.float32)), ridge)
    other = (random.random((4, 6)) < 0.5) * 1.0
    assert found.score(sparse.csr_matrix(other.astype(np.float32))) == pytest.approx(other @ weights, abs=1e-4)
    mine = sparse.csr_matrix(taste.astype(np.float32))
    assert found.score(mine, np.arange(people)) == pytest.approx(taste @ weights, abs=1e-4)


def test_what_is_had_once_and_for_all_is_learnt() -> None:
    people = list(range(200))
    sofa, milk = people, [*people, *people]
    pairs = had(sofa + milk, [100] * 200 + [100] * 200 + [200] * 200, [0] * 200 + [1] * 400, 3)
    back = comes_back(pairs, np.array([0, 1, 1]), 3)
    assert back[0] < 0.1 < 0.9 < back[1]
    # What nobody had yet is taken for what its group is.
    assert back[2] > 0.5
    known = np.array([True, True, False])
    none, since = np.full(3, np.nan), np.full(3, 300.0)
    stock = np.full(3, np.nan)
    allowed = may_be_proposed(stock, np.array([0.001, 0.9, 0.001]), known, since, none)
    assert allowed.tolist() == [False, True, True]


def test_what_is_out_of_stock_or_was_sent_back_is_not_proposed() -> None:
    stock, back = np.array([0.0, 3.0, np.nan, np.nan]), np.ones(4)
    known = np.array([False, False, True, True])
    last, returned = np.array([np.nan, np.nan, 30.0, 5.0]), np.array([np.nan, np.nan, 20.0, 20.0])
    assert may_be_proposed(stock, back, known, last, returned).tolist() == [False, True, False, True]


def test_the_newest_return_counts() -> None:
    returns = acts([1, 1, 2], [100, 150, 120], [7, 7, 7])
    found = days_since_return(returns, 200 * DAY_US, np.array([1, 2, 2]), np.array([7, 7, 8]), 10)
    assert found[:2].tolist() == [50, 80]
    assert np.isnan(found[2])


def test_how_often_a_place_is_looked_at_is_found() -> None:
    """Planted: examination falls with the place, and wanted things stand further up."""
    random = np.random.default_rng(11)
    truth = np.array([1.0, 0.7, 0.45, 0.25])
    wanted = random.uniform(0.05, 0.5, 60)
    thing = random.integers(60, size=120_000)
    # A logging policy that likes what is wanted, with some chance.
    place = np.clip((3.5 - 6.0 * wanted[thing] + random.normal(0.0, 1.2, len(thing))).astype(int), 0, 3)
    answered = random.random(len(thing)) < truth[place] * wanted[thing]
    found = examination(place, thing, answered)
    assert found == pytest.approx(truth, abs=0.05)
    naive = np.array([answered[place == one].mean() for one in range(4)])
    assert abs(naive / naive[0] - truth).max() > 0.1, "the policy hides the truth from plain rates"
    # By the inverse of what was found, answers at every place tell how wanted things are.
    deep = place == 3
    assert answered[deep].mean() / found[3] == pytest.approx(wanted[thing[deep]].mean(), rel=0.1)


@given(st.data())
def test_lists_keep_what_was_asked_for(data: st.DataObject) -> None:
    rows = data.draw(st.integers(1, 25))
    flags = st.lists(st.booleans(), min_size=rows, max_size=rows)
    new, unknown = np.array(data.draw(flags)), np.array(data.draw(flags))
    share = st.sampled_from([0.0, 0.1, 0.3, 0.5])
    wish = Wish(
        length=data.draw(st.integers(1, 12)),
        diversity=data.draw(st.sampled_from([0.0, 0.4, 1.0])),
        discovery=data.draw(share),
        exploration=data.draw(share),
    )
    value = np.array(data.draw(st.lists(st.floats(0, 1), min_size=rows, max_size=rows)))
    groups = np.array(data.draw(st.lists(st.integers(-1, 3), min_size=rows, max_size=rows)))[:, None]
    found = rerank(value, groups, new, unknown, wish)
    length = min(wish.length, rows)
    assert len(set(found.tolist())) == len(found) == length
    asked = [min(int(np.ceil(one * length - 1e-9)), int(flag.sum())) for flag, one in
             ((new, wish.discovery), (unknown, wish.exploration))]  # fmt: skip
    assert new[found].sum() >= asked[0]
    spare = length - asked[0] + min(*asked, int((new & unknown).sum()))
    assert unknown[found].sum() >= min(asked[1], spare)


def test_value_alone_and_unlikeness_alone() -> None:
    value, groups = np.array([0.9, 0.8, 0.7, 0.1]), np.array([[0], [0], [0], [1]])
    none = np.zeros(4, bool)
    assert rerank(value, groups, none, none, Wish(length=4)).tolist() == [0, 1, 2, 3]
    assert rerank(value, groups, none, none, Wish(length=2, diversity=1.0)).tolist() == [0, 3]
    with pytest.raises(ValueError, match="between 0 and 1"):
        Wish(diversity=2.0)


def test_reasons_name_what_a_thing_goes_with() -> None:
    """Planted: coffee (0) and filters (1) go together, milk (2) is had by all, and one person lacks filters."""
    both, others = list(range(20)), list(range(20, 60))
    who = [*both, *both, *range(61), 60]
    item = [0] * 20 + [1] * 20 + [2] * 61 + [0]
    pairs = had(who, [300] * len(who), item, 3)
    buyers = np.bincount(pairs.item, minlength=3).astype(float)
    assert companions(pairs, buyers, np.array([60, others[0]]), np.array([1, 1])).tolist() == [0, -1]
    # Somebody who was only seen has nothing it could go with, nor has a thing that nobody had yet.
    seen, new = max(who) + 1, len(buyers)
    assert companions(pairs, buyers, np.array([seen, 60, 60]), np.array([1, new, 1])).tolist() == [-1, -1, 0]


def test_visitors_get_what_they_declared_then_what_many_have(tmp_path: object) -> None:
    bought = [*habits(), *(Bought("p000", "i07", 330, 21) for _ in range(1))]
    engine = drivers.engine(tmp_path)  # type: ignore[arg-type]
    past = EventHistory(engine, sources(bought, names(120)), SETTINGS, NOW)
    plain = welcome(past, NOW)
    assert (np.diff(plain.value) <= 0).all()
    assert set(plain.because) == {""}
    tea = welcome(past, NOW, {"category": "Tea"}, length=3)
    assert tea.because == ("category: Tea",) * 3
    assert isinstance(past.items, pa.StringArray)
