"""RFM, lifecycle, sizes and stability."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.segment.worlds import people
from vocative.segment.lifecycle import PLACES, STAGES, lifecycle_stages
from vocative.segment.population import Population
from vocative.segment.rfm import CELLS, cell_places, rfm_cells, rfm_grid, rfm_scores
from vocative.segment.sizes import merge_small
from vocative.segment.stability import adjusted_rand, best_matches, in_words

LABELS = st.lists(st.sampled_from("abcd"), min_size=2, max_size=40)


def buyers(recency: list[float], frequency: list[float] | None = None) -> Population:
    frequency = frequency or [1.0] * len(recency)
    return people(
        [
            {"days_since_purchase": days, "orders_365d": orders, "money_365d": 10.0 * orders}
            for days, orders in zip(recency, frequency, strict=True)
        ]
    )


@given(st.lists(st.integers(0, 9), min_size=1, max_size=160))
def test_people_with_the_same_value_have_the_same_score_and_more_is_never_less(orders: list[int]) -> None:
    scores = rfm_scores(buyers([1.0] * len(orders), [float(one) for one in orders])).frequency.tolist()
    pairs = sorted(zip(orders, scores, strict=True))
    assert all(1 <= score <= 5 for score in scores)
    assert all(low[1] <= high[1] for low, high in pairwise(pairs))
    assert len(set(pairs)) == len(set(orders))


def test_fifths_are_fifths_and_the_most_recent_is_best() -> None:
    scores = rfm_scores(buyers([float(day) for day in range(200)]))
    assert Counter(scores.recency.tolist()) == {5: 40, 4: 40, 3: 40, 2: 40, 1: 40}
    assert scores.recency[0] == 5


def test_a_small_business_has_fewer_steps() -> None:
    assert set(rfm_scores(buyers([float(day) for day in range(15)])).recency.tolist()) == {3}
    assert set(rfm_scores(buyers([float(day) for day in range(45)])).recency.tolist()) == {2, 4}


def test_who_never_bought_is_in_no_cell() -> None:
    crowd = people([{"tenure_days": 3.0}, *({"days_since_purchase": float(d), "orders_365d": 2.0} for d in range(40))])
    scores = rfm_scores(crowd)
    assert rfm_cells(scores)[0] == ""
    assert rfm_grid(scores).sum() == 40


def test_recent_and_frequent_people_are_the_best_and_every_cell_has_a_name_and_a_place() -> None:
    days = [float(day) for day in range(100)]
    cells = rfm_cells(rfm_scores(buyers(days, list(reversed(days)))))
    assert cells[0] == "champions"
    assert cells[-1] == "hibernating"
    assert set(cell_places()) == set(CELLS)


def rhythm(pause: float, since: float, times: int = 20) -> dict[str, float]:
    return {
        "days_since_purchase": since,
        "days_since_first_purchase": pause * (times - 1) + since,
        "purchase_days_365d": float(times),
        "gap_days_mean": pause,
        "gap_days_deviation": pause / 4,
    }


def stage(one: dict[str, float]) -> str:
    crowd = people([one, *(rhythm(10.0, 4.0, 20) for _ in range(30)), *(rhythm(20.0, 8.0, 8) for _ in range(60))])
    return lifecycle_stages(crowd)[0]


def test_the_same_absence_means_different_things_for_different_rhythms() -> None:
    assert stage(rhythm(3.0, 20.0, 60)) == "lapsed"
    assert stage(rhythm(10.0, 20.0)) == "at_risk"
    assert stage(rhythm(40.0, 20.0, 6)) == "active"


def test_every_stage_can_be_reached() -> None:
    once_long_ago = {"days_since_purchase": 200.0, "days_since_first_purchase": 200.0, "purchase_days_365d": 1.0}
    once_just_now = {"days_since_purchase": 2.0, "days_since_first_purchase": 2.0, "purchase_days_365d": 1.0}
    assert stage({"tenure_days": 4.0}) == "prospect"
    assert stage(once_long_ago) == "one_time"
    assert stage(once_just_now) == "new"
    assert stage(rhythm(7.0, 3.0, 50)) == "loyal"
    assert set(PLACES) == set(STAGES)


@given(LABELS, st.integers(1, 30))
def test_no_segment_is_below_the_minimum_size(labels: list[str], minimum: int) -> None:
    places = {"a": (0.0,), "b": (1.0,), "c": (3.0,), "d": (3.5,)}
    merged = merge_small(labels, places, minimum)
    sizes = Counter(label for label in merged if label)
    assert all(size >= minimum for size in sizes.values())
    assert set(sizes) <= set(labels)
    assert bool(sizes) == (len(labels) >= minimum)
    kept = {label for label, size in Counter(labels).items() if size >= minimum}
    assert all(new == old for old, new in zip(labels, merged, strict=True) if old in kept)


def test_nobody_is_put_into_a_segment_who_was_in_none() -> None:
    assert merge_small(["", "a", "b", "b"], {"a": [0.0], "b": [1.0]}, 2) == ["", "b", "b", "b"]


@given(LABELS)
def test_a_division_agrees_with_itself_under_other_names(labels: list[str]) -> None:
    assert adjusted_rand(labels, [label.upper() for label in labels]) == pytest.approx(1.0)
    same = {str(place): label for place, label in enumerate(labels)}
    assert all(alike == 1.0 for _, alike in best_matches(same, same).values())


@given(LABELS)
def test_agreement_is_symmetric_and_needs_no_order(labels: list[str]) -> None:
    other = list(reversed(labels))
    assert adjusted_rand(labels, other) == pytest.approx(adjusted_rand(other, labels))
    order = sorted(range(len(labels)), key=lambda place: (labels[place], place))
    moved = adjusted_rand([labels[place] for place in order], [other[place] for place in order])
    assert moved == pytest.approx(adjusted_rand(labels, other))


def test_chance_agrees_to_nothing() -> None:
    random = np.random.default_rng(1)
    one, other = (random.integers(0, 4, 5_000).astype(str).tolist() for _ in range(2))
    assert abs(adjusted_rand(one, other)) < 0.01


def test_agreement_is_that_of_a_case_worked_by_hand() -> None:
    # Pairs together in both: 1; in the first: 2; in the second: 3; of 10 pairs. (1 - 0.6) / (2.5 - 0.6).
    assert adjusted_rand(list("aabbc"), list("xxyzx")) == pytest.approx((1 - 0.6) / (2.5 - 0.6))


def test_a_segment_is_compared_with_the_one_that_fits_best_among_those_who_were_there() -> None:
    now = {"1": "a", "2": "a", "3": "a", "4": "b", "new": "b"}
    before = {"1": "x", "2": "x", "3": "y", "4": "y", "gone": "y"}
    found = best_matches(now, before)
    assert {name: other for name, (other, _) in found.items()} == {"a": "x", "b": "y"}
    assert [alike for _, alike in found.values()] == pytest.approx([2 / 3, 1 / 2])


def test_stability_is_told_in_different_words_as_it_falls() -> None:
    assert len({in_words(value) for value in (None, 0.9, 0.6, 0.4, 0.1)}) == 5
