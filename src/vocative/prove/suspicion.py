"""What looks too good to be true, or changes from moment to moment: warnings, which do not decide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vocative.predict.history.event_history import FeatureRows, Flags, Floats
from vocative.prove.backtest import MODEL, Trial

TOO_GOOD = 0.98
"""Area under the ROC curve above which one feature alone is taken for the answer itself."""
_GOOD = 0.9
_NEARLY_ALL = 0.97
_UNLIKE = 0.3
_FEWEST = 20
_MOST_ROWS = 4000
_RATE_CHANGE = 1.25
_STANDS_OUT = 3.0


def too_good(then: FeatureRows, came: Flags, model: float, now: FeatureRows) -> list[str]:
    """Features that may know the answer, each in a sentence.

    A feature is suspected if it alone ranks people all but perfectly; or if it alone is about as good as the whole
    model, and looks unlike at present, as a field does that is filled in only after the fact.

    Args:
        then: Features at a moment that is tested.
        came: Whether it happened, for each of the rows.
        model: Area under the ROC curve of the model there.
        now: Features of people now, when nobody knows the answer.
    """
    if min(came.sum(), (~came).sum()) < _FEWEST:
        return []
    some = slice(None, None, max(1, -(-len(came) // _MOST_ROWS)))
    area = areas(then.values[some], came[some])
    present = {name: place for place, name in enumerate(now.names)}
    found = []
    for place in np.argsort(-area, kind="stable"):
        name, good = then.names[place], float(area[place])
        if good < _GOOD:
            break
        if good > TOO_GOOD:
            found.append(
                f"{name} alone tells the answer (AUC {good:.3f}): was it known at that moment, or filled in afterwards?"
            )
        elif name in present and good - 0.5 >= _NEARLY_ALL * (model - 0.5):
            apart = unlike(then.values[some, place], now.values[:, present[name]])
            if apart > _UNLIKE:
                found.append(
                    f"{name} alone is as good as the whole model (AUC {good:.3f} against {model:.3f}), and it looks "
                    f"unlike now ({apart:.0%} of people stand elsewhere): is it filled in only afterwards?"
                )
    return found


def areas(values: Floats, came: Flags) -> Floats:
    """How well each feature (rows × features, NaN for none) ranks alone: area under the ROC curve, in either direction.

    A missing value may stand below or above all others, whichever tells more.
    """
    from scipy.stats import rankdata

    found = np.zeros(values.shape[1])
    hits, misses = came.sum(), (~came).sum()
    for edge in (-np.inf, np.inf):
        ranks = rankdata(np.where(np.isnan(values), edge, values), axis=0)
        area = (ranks[came].sum(axis=0) - hits * (hits + 1) / 2.0) / max(hits * misses, 1)
        found = np.maximum(found, np.maximum(area, 1.0 - area))
    return found


def unlike(then: Floats, now: Floats) -> float:
    """How far two sets of values (NaN for none) lie apart: Kolmogorov's and Smirnov's distance, none being a value."""
    from scipy.stats import ks_2samp

    if not len(then) or not len(now):
        return 0.0
    least = -1.0 + min(np.nanmin(one) if (~np.isnan(one)).any() else 0.0 for one in (then, now))
    return float(ks_2samp(np.nan_to_num(then, nan=least), np.nan_to_num(now, nan=least), method="asymp").statistic)


def drift(trials: Sequence[Trial], metric: str, baseline: str, *, lower: bool) -> list[str]:
    """What differs between the moments (the newest first), each in a sentence."""
    found = []
    sign = 1.0 if lower else -1.0
    gains = [sign * (_figure(trial, baseline, metric) - _figure(trial, MODEL, metric)) for trial in trials]
    worse = sum(gain < 0.0 for gain in gains)
    if 0 < worse < len(trials):
        found.append(f"at {worse} of {len(trials)} moments the model was worse than {baseline.replace('_', ' ')}")
    newest, oldest = trials[0], trials[-1]
    if len(newest.truth) and len(oldest.truth) and MODEL in newest.predicted:
        before, after = float(oldest.truth.mean()), float(newest.truth.mean())
        error = np.hypot(_error(oldest), _error(newest))
        ratio = max(before, after) / max(min(before, after), 1e-9)
        if min(before, after) >= 0.0 and ratio > _RATE_CHANGE and abs(after - before) > _STANDS_OUT * error:
            found.append(
                f"what is predicted has changed: {before:.3g} on average at the oldest moment, then {after:.3g}"
            )
    return found


def _figure(trial: Trial, way: str, metric: str) -> float:
    return next(one.value() for one in trial.judged.ways[way] if one.name == metric)


def _error(trial: Trial) -> float:
    return float(trial.truth.std() / np.sqrt(max(trial.people, 1)))
