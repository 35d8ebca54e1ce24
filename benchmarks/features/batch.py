"""How fast features are built, against hand-written SQL, and how fast one event is folded into a profile.

Each measurement of a batch runs in a process of its own, so that its peak memory can be told.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.features.by_hand import by_hand
from benchmarks.features.data import ZONE, write_data
from vocative.facts.sources import Sources
from vocative.profile.batch import build_features
from vocative.profile.live import LiveProfile
from vocative.profile.reference import reference
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE
from vocative.records.settings import Business, Sender, Settings
from vocative.store.adapters.duckdb_engine import DuckDBEngine
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Scan

MOMENT = 1_514_764_800_000_000
"""The end of 2017, when the data ends."""
SIZES = (2_469, 25_000, 100_000)
MEMORY = "3GB"
ROUNDS = 3
_SETTINGS = Settings(
    business=Business(name="Benchmark", timezone=ZONE),
    sender=Sender(name="Benchmark", email="shop@example.com"),
    events={"purchase": ["purchase"]},
)


def run(data: Path | None = None, sizes: tuple[int, ...] = SIZES) -> list[dict[str, object]]:
    """Measure everything; rows with `what`, `customers`, `events`, and figures with their unit in the name."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        for customers in sizes:
            events, items = write_data(Path(folder), customers, data)
            ours, theirs = (
                _in_process(way, events, items, ROUNDS if customers < 50_000 else 1) for way in ("ours", "by_hand")
            )
            if customers < 50_000:
                _assert_equal(events, items)
            if customers == sizes[0]:
                rows += _live(events, items)
            rows.append(
                {
                    "what": "build features of one moment",
                    "customers": customers,
                    "events": ours["events"],
                    "seconds": ours["seconds"],
                    "by_hand_seconds": theirs["seconds"],
                    "ratio": round(float(str(ours["seconds"])) / float(str(theirs["seconds"])), 2),
                    "peak_mb": ours["peak_mb"],
                    "by_hand_peak_mb": theirs["peak_mb"],
                }
            )
            events.unlink()
    return rows


def main() -> None:
    """Print the table; or, as a process of its own, one measurement as JSON."""
    if len(sys.argv) == 5 and sys.argv[1] in ("ours", "by_hand"):
        print(json.dumps(_measure(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))))
        return
    sizes = tuple(int(size) for size in sys.argv[1:]) or SIZES
    for row in run(sizes=sizes):
        print("  ".join(f"{name}={value}" for name, value in row.items()))


def _in_process(way: str, events: Path, items: Path, rounds: int) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.features.batch", way, str(events), str(items), str(rounds)],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def _measure(way: str, events: Path, items: Path, rounds: int) -> dict[str, object]:
    sources, count = sources_of(events, items)
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        _build(way, sources, events)
        best = min(best, time.perf_counter() - start)
    return {"seconds": round(best, 2), "peak_mb": peak_mb(), "events": count}


def peak_mb() -> int:
    """Peak memory of this process in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike ru_maxrss it does not start from the peak of the process that started this one.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _build(way: str, sources: Sources, events: Path) -> pa.Table:
    engine = DuckDBEngine(events.parent / "spill", memory=MEMORY)
    if way == "ours":
        return build_features(engine, sources, _SETTINGS, [MOMENT])
    return engine.query(by_hand(MOMENT, ZONE), {"events": sources.events, "items": sources.items})


def sources_of(events: Path, items: Path) -> tuple[Sources, int]:
    connection = duckdb.connect()
    people = connection.sql(f"SELECT DISTINCT user_id AS person_id FROM read_parquet('{events}')").to_arrow_table()
    counted = connection.execute(f"SELECT count(*) FROM read_parquet('{events}')").fetchall()
    connection.close()
    sources = Sources(
        events=Scan(EVENTS, 1, (str(events),), arrow_schema(EVENTS)),
        people=arrow_schema(PEOPLE).empty_table(),
        items=Scan(ITEMS, 1, (str(items),), arrow_schema(ITEMS)),
        identity=pa.table({"alias": pa.array([], pa.string()), "person_id": pa.array([], pa.string())}),
        allowed=people,
    )
    return sources, int(counted[0][0])


def _assert_equal(events: Path, items: Path) -> None:
    """Both ways give the same numbers: every column that has a value for anybody, for everybody."""
    sources, _ = sources_of(events, items)
    ours, theirs = (_build(way, sources, events) for way in ("ours", "by_hand"))
    if ours["person_id"].to_pylist() != theirs["person_id"].to_pylist():
        raise AssertionError("rows of different people")
    named = {name for name in ours.column_names[2:] if ours[name].null_count < ours.num_rows}
    if named != set(theirs.column_names) - {"person_id"}:
        raise AssertionError(f"different columns: {named ^ set(theirs.column_names)}")
    for name in sorted(named):
        for person, mine, other in zip(
            *(column.to_pylist() for column in (ours["person_id"], ours[name], theirs[name])), strict=True
        ):
            if (mine is None) != (other is None) or (
                mine is not None and abs(mine - float(other)) > 1e-6 * max(1.0, abs(mine))
            ):
                raise AssertionError(f"{name} of {person}: {mine} is not {other}")


def _live(events: Path, items: Path) -> Iterator[dict[str, object]]:
    """The cost of folding one event and of reading all features, over the customers of one in thirty."""
    sources, _ = sources_of(events, items)
    facts = reference(DuckDBEngine(events.parent / "spill", memory=MEMORY), sources, _SETTINGS, MOMENT)
    connection = duckdb.connect()
    rows = (
        connection.sql(
            "SELECT * REPLACE (epoch_us(timestamp) AS timestamp, epoch_us(known_at) AS known_at) "
            f"FROM read_parquet('{events}') WHERE CAST(user_id AS INTEGER) % 30 = 0 ORDER BY timestamp"
        )
        .to_arrow_table()
        .to_pylist()
    )
    connection.close()
    profiles = {row["user_id"]: LiveProfile(_SETTINGS) for row in rows}
    start = time.perf_counter()
    for row in rows:
        profiles[row["user_id"]].fold(row)
    for profile in profiles.values():
        profile.advance(MOMENT)
    folded = time.perf_counter()
    for profile in profiles.values():
        profile.read(MOMENT, facts)
    done = time.perf_counter()
    size = sum(len(profile.to_bytes()) for profile in profiles.values()) / len(profiles)
    yield {
        "what": "fold one event into a live profile, all features",
        "customers": len(profiles),
        "events": len(rows),
        "microseconds": round((folded - start) / len(rows) * 1e6, 1),
    }
    yield {
        "what": "read all features of a live profile",
        "customers": len(profiles),
        "milliseconds": round((done - folded) / len(profiles) * 1e3, 2),
        "kilobytes": round(size / 1024, 1),
    }


if __name__ == "__main__":
    main()
