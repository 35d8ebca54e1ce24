"""Measures against plain computations, and what must hold of them for any numbers."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from vocative.predict.history.event_history import Floats
from vocative.predict.predictor import Forecast, Outcome
from vocative.prove import measures
from vocative.prove.ranking import judge_lists

CHANCES = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


def split(rows: list[tuple[float, bool]]) -> tuple[Floats, Floats]:
    return np.array([one for one, _ in rows]), np.array([float(came) for _, came in rows])


@given(CHANCES)
def test_area_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[float, bool]]) -> None:
    predicted, truth = split(rows)
    pairs = [(high > low) + 0.5 * (high == low) for high in predicted[truth > 0] for low in predicted[truth == 0]]
    wanted = np.mean(pairs) if pairs else 0.5
    assert measures.area(predicted, truth).value() == pytest.approx(wanted)


@given(CHANCES)
def test_log_loss_is_finite_and_not_negative(rows: list[tuple[float, bool]]) -> None:
    found = measures.surprise(*split(rows)).value()
    assert 0.0 <= found < 14.0


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=3, max_size=40))
def test_money_is_measured_as_elsewhere(rows: list[tuple[float, float]]) -> None:
    predicted, truth = np.array(rows).T
    assert measures.rmse(predicted, truth).value() == pytest.approx(math.sqrt(np.mean((predicted - truth) ** 2)))
    if len(set(predicted)) > 1 and len(set(truth)) > 1:
        assert measures.spearman(predicted, truth).value() == pytest.approx(spearmanr(predicted, truth)[0], abs=1e-6)


def test_calibration_error_is_the_distance_between_told_and_seen() -> None:
    truth = np.tile([1.0, 0.0, 0.0, 0.0], 100)
    assert measures.calibration_error(np.full(400, 0.25), truth).value() == pytest.approx(0.0, abs=1e-9)
    assert measures.calibration_error(np.full(400, 0.45), truth).value() == pytest.approx(0.2, abs=1e-9)


@given(CHANCES)
def test_bins_keep_equal_predictions_together(rows: list[tuple[float, bool]]) -> None:
    predicted, _ = split(rows)
    bins = measures.equal_bins(predicted)
    assert ((bins >= 0) & (bins < measures.BINS)).all()
    for value in set(predicted):
        assert len(set(bins[predicted == value])) == 1
    order = np.argsort(predicted)
    assert (np.diff(bins[order]) >= 0).all()


@given(CHANCES)
def test_lift_grows_to_one(rows: list[tuple[float, bool]]) -> None:
    predicted, truth = split(rows)
    curve = measures.lift(predicted, truth)
    if truth.sum() == 0:
        assert curve == []
        return
    assert curve[-1] == pytest.approx(1.0)
    assert all(0.0 <= low <= high + 1e-9 for low, high in pairwise(curve))


def test_equal_predictions_lift_nothing() -> None:
    truth = np.array([1.0] * 10 + [0.0] * 90)
    assert measures.lift(np.full(100, 0.3), truth) == pytest.approx([place / 10 for place in range(1, 11)])


def forecast(lists: dict[int, list[int]]) -> Forecast:
    who = np.array([person for person, items in lists.items() for _ in items], np.int64)
    item = np.array([one for items in lists.values() for one in items], np.int64)
    zero = np.zeros(len(who))
    return Forecast(who=who, value=zero, low=zero, high=zero, support=(item % 2).astype(float), target=item)


def outcome(pairs: set[tuple[int, int]]) -> Outcome:
    ordered = sorted(pairs)
    who, item = (np.array([pair[place] for pair in ordered], np.int64) for place in (0, 1))
    return Outcome(who=who, value=np.ones(len(who)), target=item)


LISTS = st.dictionaries(st.integers(0, 5), st.lists(st.integers(0, 30), unique=True, max_size=15), max_size=6)
PAIRS = st.sets(st.tuples(st.integers(0, 5), st.integers(0, 30)), min_size=1, max_size=40)


@settings(deadline=None)
@given(LISTS, PAIRS)
def test_lists_are_judged_as_in_plain_python(lists: dict[int, list[int]], pairs: set[tuple[int, int]]) -> None:
    lists = dict(sorted(lists.items()))
    who = np.unique([person for person, _ in pairs])
    found = judge_lists(forecast(lists), outcome(pairs), who)
    for place, person in enumerate(who):
        mine = lists.get(int(person), [])[:10]
        wanted = {item for one, item in pairs if one == person}
        gain = sum(1 / math.log2(rank + 2) for rank, item in enumerate(mine) if item in wanted)
        ideal = sum(1 / math.log2(rank + 2) for rank in range(min(10, len(wanted))))
        assert found.ndcg[place] == pytest.approx(gain / ideal)
        assert found.recall[place] == pytest.approx(len(set(mine) & wanted) / len(wanted))
        assert found.novelty[place] == pytest.approx(sum(item % 2 == 0 for item in mine) / max(len(mine), 1))
    assert ((found.ndcg >= 0) & (found.ndcg <= 1 + 1e-12)).all()


def test_the_perfect_list_scores_one() -> None:
    pairs = {(0, item) for item in range(12)}
    found = judge_lists(forecast({0: list(range(10))}), outcome(pairs), np.array([0]))
    assert found.ndcg[0] == pytest.approx(1.0)
    assert found.recall[0] == pytest.approx(10 / 12)
