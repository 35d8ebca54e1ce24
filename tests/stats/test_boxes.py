"""Parabolas in boxes: the point found is the lowest."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from vocative.stats.boxes import lowest_in_box

EXTREME = (0.0, 5e-324, -1e-310, 1e-300, -1e-160, 1e-30, -1e-9, 0.3, -1.0, 2.0, 1e6)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_no_point_of_the_box_is_lower(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 9))
    root = rng.normal(size=(size, size))
    bend = root @ root.T + 0.1 * np.eye(size)
    slope = rng.normal(size=size) * 3.0
    low, high = -rng.uniform(0.0, 1.0, size), rng.uniform(0.0, 1.0, size)
    found = lowest_in_box(bend, slope, low, high)

    def height(x: np.ndarray) -> float:
        return float(slope @ x + 0.5 * x @ bend @ x)

    other = minimize(height, np.zeros(size), bounds=list(zip(low, high, strict=True)), method="L-BFGS-B")
    assert (found >= low).all()
    assert (found <= high).all()
    assert height(found) <= other.fun + 1e-7


@given(
    root=st.lists(st.sampled_from(EXTREME), min_size=9, max_size=9),
    slope=st.lists(st.sampled_from(EXTREME), min_size=3, max_size=3),
    sides=st.lists(st.sampled_from(EXTREME), min_size=6, max_size=6),
)
def test_numbers_of_any_size_give_a_point_of_the_box(root: list[float], slope: list[float], sides: list[float]) -> None:
    """A step so small that a bound is infinitely many of them away divides nothing."""
    square = np.array(root).reshape(3, 3)
    bend = square @ square.T + np.eye(3)
    low, high = -np.abs(sides[:3]), np.abs(sides[3:])
    found = lowest_in_box(bend, np.array(slope), low, high)
    assert ((found >= low) & (found <= high)).all()
    assert float(np.array(slope) @ found + 0.5 * found @ bend @ found) <= 1e-9 * float(np.abs(slope).max())
