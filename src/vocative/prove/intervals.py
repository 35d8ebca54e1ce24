"""Whether what happened lay within the intervals that were told as often as they promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vocative.predict.history.event_history import Floats
from vocative.predict.predictor import Kind
from vocative.prove.backtest import MODEL, Trial
from vocative.prove.bootstrap import BootstrapDraws
from vocative.records.proof import Coverage

NOMINAL = 0.9
_LEAST, _MOST = 0.80, 0.97
_WIDEST = 10.0


def coverage_of(
    kind: Kind, trials: Sequence[Trial], figures: Mapping[tuple[str, str], BootstrapDraws]
) -> Coverage | None:
    """The coverage of the intervals of a module at the moments that were tested; None where none was measured.

    Promised are 90 %. Kept is that unless the whole 95 % interval of the coverage lies outside 80 to 97 %. The interval
    of a probability is about the probability, which nobody sees: there the reliability of bins answers instead.
    """
    drawn = figures.get((MODEL, "coverage"))
    if kind == "probability" or drawn is None:
        return None
    low, high = drawn.interval()
    kept = high >= _LEAST and low <= _MOST
    return Coverage(
        nominal=NOMINAL, share=drawn.value, low=low, high=high, kept=kept, stretch=1.0 if kept else _stretch(trials)
    )


def warning_of(found: Coverage | None) -> list[str]:
    """What to say of intervals that do not hold what they promise."""
    if found is None or found.kept:
        return []
    held = f"its {found.nominal:.0%} intervals held {found.share:.0%} of what happened"
    return [f"{held}; {found.stretch:.2g} times as wide they would have held what they promise"]


def _stretch(trials: Sequence[Trial]) -> float:
    """The factor of both sides of every interval with which nine rows in ten would have been held."""
    factors = [_factors(trial) for trial in trials if len(trial.low) == len(trial.truth)]
    found = np.concatenate(factors) if factors else np.ones(1)
    return float(np.clip(np.quantile(found, NOMINAL, method="higher"), 1.0 / _WIDEST, _WIDEST)) if len(found) else 1.0


def _factors(trial: Trial) -> Floats:
    """By what the side of each row on which the truth lay would have to be multiplied to reach it."""
    value, off = trial.predicted[MODEL], trial.truth - trial.predicted[MODEL]
    side = np.where(off >= 0.0, trial.high - value, value - trial.low)
    found = np.divide(np.abs(off), side, out=np.full(len(off), _WIDEST), where=side > 0.0)
    found[off == 0.0] = 0.0
    return np.asarray(found[~np.isnan(found)], np.float64)
