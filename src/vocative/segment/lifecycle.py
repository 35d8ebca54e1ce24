"""Lifecycle: where each person stands, measured by their own rhythm of buying and not by fixed days.

A person's usual pause is the mean of their own pauses between days of purchase, steadied by two pauses that are usual
in the business, and so is the usual deviation. Somebody is late by the deviations by which the present pause exceeds
the usual one. A weekly shopper is missed after weeks, somebody who comes twice a year only after a year.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vocative.segment.population import Floats, Population

FEATURES = (
    "days_since_purchase",
    "days_since_first_purchase",
    "purchase_days_365d",
    "gap_days_mean",
    "gap_days_deviation",
)
STAGES: dict[str, str] = {
    "prospect": "Known, but nothing bought yet",
    "new": "New customers",
    "active": "Active customers",
    "loyal": "Loyal customers",
    "at_risk": "Later than usual for them",
    "lapsed": "Gone quiet",
    "one_time": "Bought once and never again",
}
"""Stage → its name; in the order people pass through them."""
PLACES: dict[str, Sequence[float]] = {
    "prospect": (-0.5, 0.0),
    "new": (0.0, 0.0),
    "active": (1.0, 0.0),
    "loyal": (2.0, 0.0),
    "at_risk": (1.0, -1.0),
    "lapsed": (1.0, -2.0),
    "one_time": (0.0, -2.0),
}
"""Which stages lie near each other; one with too few people joins the nearest."""

LATE, GONE = 2.0, 6.0
"""Deviations beyond the usual pause from which somebody is late, and from which they have gone quiet."""
_BORROWED_PAUSES = 2.0
_NEW_DAYS, _NEW_PAUSES = 3, 4.0
_LOYAL_SHARE, _LOYAL_DAYS = 2 / 3, 4
_WHERE_NOTHING_REPEATS = 30.0


def lifecycle_stages(everybody: Population) -> list[str]:
    """The stage of each person, one of `STAGES`."""
    since, first, days, _, _ = (everybody.feature(name) for name in FEATURES)
    bought = ~np.isnan(since)
    usual, late = lateness(everybody)
    days = np.nan_to_num(days)
    once = (days <= 1) & (first - since < 1.0)
    often = max(np.quantile(days[bought], _LOYAL_SHARE), _LOYAL_DAYS) if bought.any() else _LOYAL_DAYS
    fresh = (days <= _NEW_DAYS) & (first <= _NEW_PAUSES * usual)
    stages = np.select(
        [~bought, (late >= LATE) & once, late >= GONE, late >= LATE, fresh, days >= often],
        ["prospect", "one_time", "lapsed", "at_risk", "new", "loyal"],
        "active",
    )
    return [str(stage) for stage in stages]


def lateness(everybody: Population) -> tuple[Floats, Floats]:
    """The usual pause of each person in days, and by how many of their usual deviations they are beyond it."""
    since, _, days, mean, deviation = (everybody.feature(name) for name in FEATURES)
    known = ~np.isnan(mean) & (mean > 0)
    usual = float(np.median(mean[known])) if known.any() else _WHERE_NOTHING_REPEATS
    ratio = float(np.median(deviation[known] / mean[known])) if known.any() else 1.0
    pauses = np.where(known, np.maximum(np.nan_to_num(days) - 1.0, 0.0), 0.0)
    own = (pauses * np.nan_to_num(mean) + _BORROWED_PAUSES * usual) / (pauses + _BORROWED_PAUSES)
    # With pauses that never vary, every hour of delay would be alarming: at least a quarter of the pause is allowed.
    spread = (pauses * np.nan_to_num(deviation) + _BORROWED_PAUSES * ratio * own) / (pauses + _BORROWED_PAUSES)
    return own, (since - own) / np.maximum(spread, own / 4)
