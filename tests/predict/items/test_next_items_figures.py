"""Standard errors of the benchmark of next items: moments share their households, so they are not independent."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.items.next_items import Marks, less, mean_and_error

HOUSEHOLDS = 400


def marks(shared: float, seed: int) -> list[Marks]:
    """Three moments of households, each with a level of its own of the given spread, and chance on top."""
    random = np.random.default_rng(seed)
    level = shared * random.normal(size=HOUSEHOLDS)
    found = []
    for _ in range(3):
        who = np.flatnonzero(random.random(HOUSEHOLDS) < 0.8)
        found.append(Marks(who, 0.5 + level[who] + 0.1 * random.normal(size=len(who))))
    return found


def test_the_error_of_one_moment_is_that_of_a_mean() -> None:
    one = marks(0.2, 0)[0]
    mean, error = mean_and_error([one])
    assert mean == pytest.approx(one.gain.mean())
    assert error == pytest.approx(one.gain.std() / np.sqrt(len(one.gain)))


@pytest.mark.parametrize("shared", [0.0, 0.3])
def test_errors_over_moments_are_as_wide_as_means_scatter(shared: float) -> None:
    told = [mean_and_error(marks(shared, seed)) for seed in range(300)]
    scatter = float(np.std([mean for mean, _ in told]))
    assert np.mean([error for _, error in told]) == pytest.approx(scatter, rel=0.15)


def test_differences_are_taken_household_by_household() -> None:
    some = marks(0.3, 1)
    others = [Marks(one.who, one.gain - 0.01) for one in some]
    above, apart = mean_and_error(less(some, others))
    assert above == pytest.approx(0.01)
    assert apart == pytest.approx(0.0, abs=1e-12)
