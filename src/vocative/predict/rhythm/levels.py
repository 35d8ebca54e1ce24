"""The level of the window to come, from those of windows that are over: how much likelier everything is than learnt.

All that is bought in a week rises and falls together: with the day of the month on which people are paid, with a trend,
and by chance. What each window of the past lay off is regressed on these three, each pulled towards nothing by how much
windows usually differ by it (a normal prior), so a few windows hardly move anything and one odd week does not either.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vocative.predict.history.event_history import DAY_US, Floats, Integers

_MONTH_DAYS = 30.44
# Standard deviations, in log odds: of the level, of each half of the wave over the month, of the trend over a month,
# and of what one window has by chance. Chosen on weeks of The Complete Journey before those it is judged on.
_LEVEL, _WAVE, _TREND, _CHANCE = 0.3, 0.1, 0.1, 0.08


def level_to_come(off: Floats, error: Floats, starts: Sequence[int], moment: int, days: float) -> tuple[float, float]:
    """What has to be added to log odds for the window that begins at the moment, and the standard error of it.

    Args:
        off: What would have had to be added in each window of the past.
        error: Standard errors of these.
        starts: When each window began, µs UTC.
        moment: When the window to come begins.
        days: Length of all windows.
    """
    columns = np.stack([_columns(start, moment, days) for start in starts])
    weight = 1.0 / (_CHANCE**2 + error**2)
    spread = np.linalg.inv((columns.T * weight) @ columns + np.eye(columns.shape[1]))
    asked = _columns(moment, moment, days)
    level = float(asked @ spread @ columns.T @ (weight * off))
    return level, float(np.sqrt(asked @ spread @ asked + _CHANCE**2))


def _columns(start: int, moment: int, days: float) -> Floats:
    """The level, the wave over the month (mean over the window) and the trend, in units of their usual size."""
    phase = 2.0 * np.pi * share_of_month(start // DAY_US + np.arange(max(round(days), 1)))
    ahead = (start - moment) / (DAY_US * _MONTH_DAYS)
    wave = [_WAVE * float(np.cos(phase).mean()), _WAVE * float(np.sin(phase).mean())]
    return np.array([_LEVEL, *wave, _TREND * ahead])


def share_of_month(day: Integers) -> Floats:
    """How much of its month is over at noon of each day, given as days since 1970.

    >>> share_of_month(np.array([0, 30, 31])).round(3).tolist()
    [0.016, 0.984, 0.018]
    """
    dates = np.asarray(day, "datetime64[D]")
    first = dates.astype("datetime64[M]")
    length = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(np.int64)
    since = (dates - first.astype("datetime64[D]")).astype(np.int64)
    return np.asarray((since + 0.5) / length, np.float64)
