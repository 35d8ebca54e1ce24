"""Parabolas in boxes: the point found is the lowest."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from vocative.stats.boxes import lowest_in_box


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
