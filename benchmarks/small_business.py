"""What a business of some hundred customers can be told: the shipped prior, naive ways and its own model, side by side.

Households of the demonstration are drawn again and again into small businesses. The prior they are served with here was
learnt on the other two public businesses only, not on these households.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.rhythm import households
from vocative.cli.demonstration.walking import NOW, demonstration_settings
from vocative.line.snapshot.clock import parse_moment
from vocative.predict.events.buys_28d import BUYS_28D
from vocative.predict.events.prior import shipped, shipped_prior
from vocative.predict.events.question import Doing
from vocative.predict.events.quiet_56d import QUIET_56D
from vocative.predict.history.event_history import EventHistory, Floats
from vocative.predict.learners.logistic import log_loss
from vocative.predict.predictor import Forecast
from vocative.prove.backtest import origins
from vocative.store.adapters.duckdb_engine import DuckDBEngine

SIZES = (100, 200, 400, 800)
DRAWS = 5
_HERE = "Complete Journey"


def run() -> Iterator[dict[str, object]]:
    """One row for each question and size: log loss of each way, the mean over draws and moments, and its spread."""
    everybody = households()
    weights = next(one.weights for name, one in shipped().learnt_on.items() if name.startswith(_HERE))
    with tempfile.TemporaryDirectory() as folder:
        settings = demonstration_settings(Path(folder) / "demo")
        engine = DuckDBEngine(Path(folder) / "spill", memory="1GB")
        for module, asked in ((BUYS_28D, Doing(28)), (QUIET_56D, Doing(56, away=True))):
            for size in SIZES:
                lost: dict[str, list[float]] = {}
                for seed in range(DRAWS):
                    chosen = np.random.default_rng(seed).choice(everybody.allowed.num_rows, size, replace=False)
                    sources = replace(everybody, allowed=everybody.allowed.take(np.sort(chosen)))
                    past = EventHistory(engine, sources, settings, parse_moment(NOW))
                    for moment in origins(past, module.horizon_days):
                        ways = {name: way(past, moment) for name, way in module.baselines.items()}
                        ways["shipped_prior"] = shipped_prior(asked, past, moment, weights)
                        ways["model"] = module.forecast(past, moment, module.fit(past, moment))
                        truth = module.outcome(past, moment, past.now)
                        for name, told in ways.items():
                            lost.setdefault(name, []).append(_loss(told, truth.who, truth.value))
                found = {name: f"{np.mean(one):.4f} ± {_error(one):.4f}" for name, one in lost.items()}
                yield {"question": module.name, "customers": size, **found}


def _loss(told: Forecast, who: object, value: Floats) -> float:
    return float(log_loss(told.value[np.searchsorted(told.who, np.asarray(who))], value).mean())


def _error(losses: list[float]) -> float:
    """Standard error of the mean."""
    return float(np.std(losses) / np.sqrt(len(losses)))


if __name__ == "__main__":
    for row in run():
        print("  ".join(f"{name}={value}" for name, value in row.items()))
