"""How unlike the things of a list are, and how unevenly a catalogue is shown."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocative.predict.items.bubble import diversity, gini

things = st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 2), st.integers(-1, 2)), max_size=12)
counts = st.lists(st.integers(0, 50), min_size=1, max_size=12)


@given(things)
def test_diversity_is_the_mean_unlikeness_of_pairs(rows: list[tuple[int, int, int]]) -> None:
    lists, groups = (
        np.array([one[0] for one in rows], np.int64),
        np.array([one[1:] for one in rows], np.int64).reshape(-1, 2),
    )
    expected = []
    for number in sorted(set(lists.tolist())):
        mine = groups[lists == number]
        pairs = [1.0 - float(((first == second) & (first >= 0)).mean()) for first, second in combinations(mine, 2)]
        if pairs:
            expected.append(np.mean(pairs))
    assert diversity(lists, groups).tolist() == pytest.approx(expected)


@given(counts, st.integers(1, 9))
def test_exposure_does_not_depend_on_how_much_is_shown(shown: list[int], times: int) -> None:
    found = gini(np.array(shown, np.float64))
    assert 0.0 <= found < 1.0
    assert gini(np.array(shown, np.float64) * times) == pytest.approx(found)
    assert gini(np.array(shown[::-1], np.float64)) == pytest.approx(found)


@given(st.integers(1, 40))
def test_one_thing_alone_is_the_most_uneven(size: int) -> None:
    alone = np.zeros(size)
    alone[-1] = 3.0
    assert gini(alone) == pytest.approx(1.0 - 1.0 / size)
    assert gini(np.ones(size)) == 0.0
    assert gini(np.zeros(size)) == 0.0
