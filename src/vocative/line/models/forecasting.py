"""Letting a version predict, such that one that breaks harms nobody: the next best one predicts in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vocative.learn import standing
from vocative.learn.soundness import fault
from vocative.line.models import registry
from vocative.predict.history.event_history import Past
from vocative.predict.predictor import Content, Forecast, Predictor, as_table
from vocative.records.models import Standing
from vocative.records.proof import Verdict
from vocative.store.protocols import Ledger

NAIVE = "baseline:"
"""Stands before the name of a naive way where a version is told."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A forecast that can be used, or why there is none."""

    forecast: Forecast | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Predictions of a module as rows, by which version, and what went wrong on the way."""

    table: pa.Table
    version: str
    forecast: Forecast
    faults: list[str] = field(default_factory=list)


def attempt(module: Predictor, past: Past, moment: int, version: str, content: Content) -> Attempt:
    """What a version predicts at a moment (µs UTC), made once for all who ask; a fault is told, not raised."""

    def work(known: Past, at: int) -> Attempt:
        try:
            forecast = module.forecast(known, at, content)
            why = fault(module.kind, forecast)
        except Exception as error:  # whatever it is, the run goes on without this version
            return Attempt(None, f"{type(error).__name__}: {error}")
        return Attempt(None, why) if why else Attempt(forecast)

    return past.once(f"forecast of {module.name} {version}", moment, work)


def tell(
    ledger: Ledger, module: Predictor, past: Past, verdict: Verdict | None, known: Sequence[Standing], now: int
) -> Told:
    """The predictions of the version that acts; if it breaks, of the last good one; else of the best naive way.

    Args:
        ledger: Where versions are kept.
        module: The predictor.
        past: What it may look at.
        verdict: The newest verdict on it.
        known: Its changes of standing up to the moment, in order.
        now: The moment (µs UTC).
    """
    acting = standing.champion(known)
    faults: list[str] = []
    # A good version of before may speak only in place of one that acts: where the module is refused, none does.
    for version in () if acting is None else (acting, standing.last_good(known)):
        content = None if version is None else registry.content_of(ledger, module.name, version)
        if version is None or content is None:
            continue
        made = attempt(module, past, now, version, content)
        if made.forecast is not None:
            forecast = _widened(module, made.forecast, verdict)
            table = _arms_alike(module, as_table(module, forecast, past, now, version), past, verdict, now)
            return Told(table, version, forecast, faults)
        faults.append(f"version {version} could not predict: {made.why}")
    baseline = verdict.baseline if verdict is not None else next(iter(module.baselines))
    naive, name = module.baselines[baseline](past, now), f"{NAIVE}{baseline}"
    return Told(as_table(module, naive, past, now, name), name, naive, faults)


def _arms_alike(module: Predictor, table: pa.Table, past: Past, verdict: Verdict | None, now: int) -> pa.Table:
    """The rows; of arms whose effects were refused those of the naive way, by which everybody has the mean effect."""
    refused = [] if verdict is None else [one.name for one in verdict.arms if not one.admitted]
    if verdict is None or not refused:
        return table
    name = verdict.baseline
    naive = as_table(module, module.baselines[name](past, now), past, now, f"{NAIVE}{name}")
    mine = pa.array(refused, pa.string())
    kept = table.filter(pc.invert(pc.is_in(table["target"], mine)))
    return pa.concat_tables([kept, naive.filter(pc.is_in(naive["target"], mine))])


def _widened(module: Predictor, forecast: Forecast, verdict: Verdict | None) -> Forecast:
    """With intervals as wide as they would have had to be on the past to hold what they promise."""
    coverage = None if verdict is None else verdict.coverage
    if coverage is None or coverage.kept:
        return forecast
    low = forecast.value - (forecast.value - forecast.low) * coverage.stretch
    high = forecast.value + (forecast.high - forecast.value) * coverage.stretch
    # Days are told up to the horizon and no further.
    most = module.horizon_days if module.kind == "days" else np.inf
    return replace(forecast, low=np.maximum(low, np.minimum(forecast.low, 0.0)), high=np.minimum(high, most))
