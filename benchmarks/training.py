"""How long it takes to learn everything, and how much memory, from 10,000 to 100,000 people of a hundred acts each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.features.batch import peak_mb, sources_of
from benchmarks.features.data import write_data
from vocative.cli.demonstration.walking import NOW, demonstration_settings
from vocative.line.snapshot.clock import parse_moment
from vocative.predict.history.event_history import EventHistory
from vocative.predict.registry import predictors_of
from vocative.store.adapters.duckdb_engine import DuckDBEngine

SIZES = (10_000, 30_000, 100_000)
ACTS = 100
"""Of each person."""
MEMORY = "2GB"


def run(sizes: tuple[int, ...] = SIZES) -> Iterator[dict[str, object]]:
    """One row for each size and module, and one for the whole; every size runs in a process of its own."""
    for people in sizes:
        with tempfile.TemporaryDirectory() as folder:
            events, items = write_data(Path(folder), people, acts=ACTS)
            command = [sys.executable, "-m", "benchmarks.training", "one", str(events), str(items)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
        for row in json.loads(done.stdout):
            yield {"people": people, **row}


def _measure(events: Path, items: Path) -> Iterator[dict[str, object]]:
    """Learn every module at one moment and predict for everybody, one after the other, as a run does."""
    settings = demonstration_settings(events.parent / "demo")
    engine = DuckDBEngine(events.parent / "spill", memory=MEMORY)
    sources, acts = sources_of(events, items)
    past = EventHistory(engine, sources, settings, parse_moment(NOW))
    whole, spent = perf_counter(), process_time()
    for name, module in predictors_of(settings).items():
        start, used = perf_counter(), process_time()
        content = module.fit(past, past.now)
        learnt = perf_counter()
        rows = len(module.forecast(past, past.now, content).who)
        yield {
            "module": name,
            "seconds to learn": round(learnt - start, 1),
            "seconds to predict": round(perf_counter() - learnt, 1),
            "cpu seconds": round(process_time() - used, 1),
            "predictions": rows,
            "peak_mb": peak_mb(),
        }
    yield {
        "what": "all modules",
        "acts": acts,
        "seconds": round(perf_counter() - whole, 1),
        "cpu seconds": round(process_time() - spent, 1),
        "peak_mb": peak_mb(),
        "cores": os.cpu_count(),
    }


def main() -> None:
    """Print the rows; or, as a process of its own, measure one size and print JSON."""
    if sys.argv[1:2] == ["one"]:
        print(json.dumps(list(_measure(Path(sys.argv[2]), Path(sys.argv[3])))))
        return
    for row in run(tuple(int(size) for size in sys.argv[1:]) or SIZES):
        print("  ".join(f"{name}={value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
