"""Whether a forecast can be used at all: the last look before predictions are kept."""

from __future__ import annotations

import numpy as np

from vocative.predict.predictor import Forecast, Kind

_RANGES: dict[Kind, tuple[float, float]] = {
    "probability": (0.0, 1.0),
    "hour": (0.0, 24.0),
    "weekday": (0.0, 7.0),
}
_SLACK = 1e-9


def fault(kind: Kind, forecast: Forecast) -> str:
    """What is wrong with a forecast, in words; empty if it can be used."""
    rows = len(forecast.who)
    columns = {"value": forecast.value, "low": forecast.low, "high": forecast.high}
    for name, column in columns.items():
        if len(column) != rows:
            return f"it told {len(column):,} numbers ({name}) of {rows:,} people"
        if bad := int((~np.isfinite(column)).sum()):
            return f"{bad:,} of {rows:,} predictions are no numbers ({name})"
    if kind in _RANGES and rows:
        least, most = _RANGES[kind]
        outside = int(((forecast.value < least - _SLACK) | (forecast.value > most + _SLACK)).sum())
        if outside:
            return f"{outside:,} of {rows:,} predictions lie outside {least:g} to {most:g}"
    return ""
