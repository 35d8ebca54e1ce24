"""Weights over all strengths of a pull, beside what solving one system for each strength gives."""

from __future__ import annotations

import numpy as np
import pytest

from vocative.predict.history.event_history import Flags, Floats
from vocative.predict.uplift.evidence import STRENGTHS, best_pull


def one_by_one(weights: Floats, slope: Floats, curve: Floats, held: Floats, pulled: Flags) -> tuple[Floats, Floats]:
    """The mean and covariance by inverting the curvature anew for every strength."""
    towards = slope + curve @ weights
    inverses, told = [], []
    for strength in np.array(STRENGTHS) * np.diag(curve)[pulled].mean():
        whole = curve + np.diag(np.where(pulled, strength, held))
        inverses.append(np.linalg.inv(whole))
        evidence = towards @ inverses[-1] @ towards + pulled.sum() * np.log(strength)
        told.append(0.5 * (evidence - np.linalg.slogdet(whole)[1]))
    chance = np.exp(np.array(told) - max(told))
    chance /= chance.sum()
    found = np.array([inverse @ towards for inverse in inverses])
    mean = chance @ found
    apart = found - mean
    return mean, np.tensordot(chance, np.array(inverses), 1) + (apart.T * chance) @ apart


@pytest.mark.parametrize("effect", [0.0, 0.05, 1.0])
@pytest.mark.parametrize("free", [1, 4])
def test_all_strengths_at_once_are_as_one_by_one(effect: float, free: int) -> None:
    random = np.random.default_rng(7)
    design = np.column_stack([np.ones(300), random.normal(size=(300, 11))])
    design[:, 6] = design[:, 5]  # A column that tells nothing new.
    target = effect * design @ random.normal(size=12) + random.normal(size=300)
    pulled = np.arange(12) >= free
    asked = (random.normal(size=12), design.T @ target, design.T @ design, np.full(12, 1e-3), pulled)
    found = best_pull(*asked)
    mean, covariance = one_by_one(*asked)
    assert found.weights == pytest.approx(mean, rel=1e-7, abs=1e-9)
    assert found.covariance == pytest.approx(covariance, rel=1e-7, abs=1e-9)


def test_where_nothing_is_pulled_the_system_is_solved_as_it_is() -> None:
    curve = np.array([[2.0, 0.5], [0.5, 1.0]])
    found = best_pull(np.zeros(2), np.array([1.0, -1.0]), curve, np.full(2, 0.1), np.zeros(2, bool))
    assert found.covariance == pytest.approx(np.linalg.inv(curve + 0.1 * np.eye(2)))
    assert found.weights == pytest.approx(found.covariance @ [1.0, -1.0])
