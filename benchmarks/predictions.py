"""How good every prediction is on the households of the demonstration, against naive ways, moment by moment."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import numpy as np

from benchmarks.rhythm import households
from vocative.cli.demonstration.walking import NOW, demonstration_settings
from vocative.line.snapshot.clock import parse_moment, to_text
from vocative.predict.history.event_history import EventHistory
from vocative.predict.registry import STANDARD
from vocative.prove.backtest import MODEL
from vocative.prove.judging import prove_module
from vocative.store.adapters.duckdb_engine import DuckDBEngine


def run() -> Iterator[dict[str, object]]:
    """One row for each module, one for each of its moments, and one for each figure of each way to predict."""
    with tempfile.TemporaryDirectory() as folder:
        settings = demonstration_settings(Path(folder) / "demo")
        engine = DuckDBEngine(Path(folder) / "spill", memory="1GB")
        past = EventHistory(engine, households(), settings, parse_moment(NOW))
        for name, module in STANDARD.items():
            start = process_time()
            verdict = prove_module(module, past, MODEL, np.random.default_rng(settings.seed))
            yield {
                "module": name,
                "admitted": verdict.admitted,
                "metric": verdict.metric,
                "ours": round(verdict.value, 4),
                "baseline": verdict.baseline,
                "naive": round(verdict.baseline_value, 4),
                "low": round(verdict.low, 4),
                "high": round(verdict.high, 4),
                "cpu seconds": round(process_time() - start, 1),
            }
            for one in verdict.origins:
                yield {
                    "module": name,
                    "moment": to_text(one.moment),
                    "people": one.people,
                    "ours": round(one.value, 4),
                    "naive": round(one.baseline, 4),
                }
            for score in verdict.scores:
                yield {"module": name, "way": score.name, "figure": score.metric, "value": round(score.value, 4)}


if __name__ == "__main__":
    for row in run():
        print("  ".join(f"{name}={value}" for name, value in row.items()))
