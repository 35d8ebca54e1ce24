"""Found patterns: on a hundred businesses with nothing to find, and on some with a planted pattern."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import numpy as np
from tests.prove.pattern_worlds import NOW, SETTINGS, TASTES, Planted, world

from vocative.line.understand.pattern_words import measured
from vocative.predict.history.event_history import EventHistory
from vocative.prove.patterns import find_patterns
from vocative.records.patterns import Goal, Patterns
from vocative.store.adapters.duckdb_engine import DuckDBEngine

SEEDS = 100
_PLANTED_SEEDS = 10
_PLANTED = ((300, 0.35), (600, 0.2), (600, 0.35), (1200, 0.1), (1200, 0.2))
_SOON = Goal(deed="act", days=3)


def run(seeds: int = SEEDS) -> Iterator[dict[str, object]]:
    """A row for the noise: in how many data sets anything is told; then a row for each size and planted effect."""
    with tempfile.TemporaryDirectory() as folder:
        engine = DuckDBEngine(Path(folder) / "spill", memory="1GB", threads=1)
        start = process_time()
        noise = [_search(engine, seed, 600, Planted()) for seed in range(seeds)]
        yield {
            "what": "pure noise beyond how often people come, 600 people",
            "data sets": seeds,
            "with any pattern": sum(bool(one.found) for one in noise),
            "looked at, each": round(float(np.mean([one.looked_at for one in noise]))),
            "CPU seconds, each": round((process_time() - start) / seeds, 2),
        }
        for people, more in _PLANTED:
            start = process_time()
            found = [_search(engine, seed, people, Planted(buys_after=more)) for seed in range(_PLANTED_SEEDS)]
            yield {
                "what": f"evening people buy within two days by {more:.0%} more, {people:,} people",
                "data sets": _PLANTED_SEEDS,
                "with the planted one": sum(map(_has_it, found)),
                "CPU seconds, each": round((process_time() - start) / _PLANTED_SEEDS, 2),
            }


def _search(engine: DuckDBEngine, seed: int, people: int, planted: Planted) -> Patterns:
    past = EventHistory(engine, world(seed, people, planted), SETTINGS, NOW)
    return find_patterns(past, measured(), TASTES, "buying", np.random.default_rng(seed))


def _has_it(found: Patterns) -> bool:
    return any(
        one.goal == _SOON and any(clause.name in ("active_evening_share", "active_peak_hour") for clause in one.clauses)
        for one in found.found
    )


if __name__ == "__main__":
    for row in run():
        print("  ".join(f"{name}={value}" for name, value in row.items()), flush=True)
