"""Daily runs, one after the other, on the real data of the demonstration: seconds of each, memory, size, caps.

The first run has a month of history behind it; each day what happened since the day before is imported, the line runs
at ten in the morning in New York, and in the evening what waits is handed over. After the last day of the data the runs
go on with no new events. Imports are not part of the seconds of a run.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from benchmarks.features.batch import peak_mb
from vocative.cli.demonstration.walking import IMPORTS, approve_everything, demonstration_settings, write_raw
from vocative.collect.commit.files import import_file
from vocative.line.act.stages import send
from vocative.line.running import run as run_line
from vocative.line.snapshot.clock import parse_moment, to_micros
from vocative.records.ledger_tables import OUTBOX, VERDICTS
from vocative.records.settings import Kind
from vocative.workspace.opening import OpenWorkspace

DAYS = 14
FIRST = datetime(2017, 2, 1, 15, tzinfo=UTC)
EVENING = timedelta(hours=9, minutes=50)
PARTS = 10
"""The first and the last runs are compared by tenths."""

_MOMENTS = {
    "transactions.parquet": "transaction_timestamp",
    "mailings.csv": "start_date",
    "redemptions.csv": "redemption_date",
}


@dataclass
class Replay:
    """What is measured: seconds of each run in all and by stage, of imports and evenings, and which runs re-proved."""

    runs: list[float] = field(default_factory=list)
    stages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    imports: list[float] = field(default_factory=list)
    evenings: list[float] = field(default_factory=list)
    proved: list[bool] = field(default_factory=list)


def run(days: int = DAYS) -> Iterator[dict[str, object]]:
    """One row for all runs, one for those that tested predictions anew, and one for each stage."""
    command = [sys.executable, "-m", "benchmarks.days", str(days)]
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    yield from found


def measure(root: Path, days: int) -> Iterator[dict[str, object]]:
    """Replay the days in a folder and yield the rows."""
    replay, tables = Replay(), _prepare(root)
    with OpenWorkspace.open(root) as workspace:
        for day in range(days):
            _live(workspace, tables, replay, day)
            print(f"day {day + 1} of {days}: {replay.runs[-1]:.1f} s", file=sys.stderr)
        yield from _rows(workspace, replay)


def _prepare(root: Path) -> dict[str, pa.Table]:
    """A workspace with everything but events; returns the tables of events, each ordered by its moment."""
    demonstration_settings(root)
    write_raw(root / "raw")
    with OpenWorkspace.open(root) as workspace:
        for kind, name, mapping, now in IMPORTS:
            if kind != "events":
                _bring(workspace, root / "raw" / name, kind, mapping, parse_moment(now))
        approve_everything(workspace, to_micros(FIRST - timedelta(days=1)))
    return {name: _read(root / "raw" / name).sort_by(column) for name, column in _MOMENTS.items()}


def _live(workspace: OpenWorkspace, tables: dict[str, pa.Table], replay: Replay, day: int) -> None:
    now = FIRST + timedelta(days=day)
    since = None if day == 0 else now - timedelta(days=1)
    start = perf_counter()
    for kind, name, mapping, _ in IMPORTS:
        if kind == "events" and (part := _between(tables[name], _MOMENTS[name], since, now)).num_rows:
            path = workspace.root / "raw" / f"{day:03d}-{name}"
            pq.write_table(part, path) if path.suffix == ".parquet" else pa_csv.write_csv(part, path)
            _bring(workspace, path, kind, mapping, to_micros(now))
    replay.imports.append(perf_counter() - start)
    start = perf_counter()
    result = run_line(workspace, to_micros(now))
    replay.runs.append(perf_counter() - start)
    seconds = result["seconds"]
    for stage, taken in (seconds if isinstance(seconds, dict) else {}).items():
        replay.stages[stage].append(float(taken))
    start = perf_counter()
    send(workspace, to_micros(now + EVENING))
    replay.evenings.append(perf_counter() - start)
    with workspace.stores.ledger.transaction() as transaction:
        replay.proved.append(bool(transaction.select(VERDICTS, {"moment": to_micros(now)})))


def _rows(workspace: OpenWorkspace, replay: Replay) -> Iterator[dict[str, object]]:
    plain = [taken for taken, proved in zip(replay.runs, replay.proved, strict=True) if not proved]
    proving = [taken for taken, proved in zip(replay.runs, replay.proved, strict=True) if proved]
    tenth = max(1, len(replay.runs) // PARTS)
    yield {
        "what": "daily runs",
        "runs": len(replay.runs),
        **_spread(plain),
        "first": _median(plain[:tenth]),
        "last": _median(plain[-tenth:]),
        "total_s": round(sum(replay.runs)),
        "with_imports_s": round(sum(replay.runs) + sum(replay.imports) + sum(replay.evenings)),
        "peak_mb": peak_mb(),
    }
    yield {"what": "runs that tested predictions anew", "runs": len(proving), **_spread(proving)}
    for stage, taken in [*replay.stages.items(), ("import", replay.imports), ("evening", replay.evenings)]:
        yield {"what": f"daily: {stage}", "runs": len(taken), **_spread(taken), "first": taken[0], "last": taken[-1]}
    yield {
        "what": "left behind",
        "lake_mb": _megabytes(workspace.root / "data" / "lake"),
        "data_mb": _megabytes(workspace.root / "data"),
        **_caps(workspace),
    }


def _caps(workspace: OpenWorkspace) -> dict[str, object]:
    """Messages handed over, and how many people ever got more than a cap allows; counted anew from the outbox."""
    caps = workspace.settings.caps
    days: defaultdict[str, list[int]] = defaultdict(list)
    with workspace.stores.ledger.transaction() as transaction:
        for row in transaction.select(OUTBOX, {"state": ["delivered", "unknown", "handing_over"]}):
            if row["class"] == "marketing":
                days[str(row["person_id"])].append(date.fromisoformat(str(row["local_day"])).toordinal())
    spans = ((1, caps.per_day), (7, caps.per_week), (30, caps.per_month))
    broken = sum(
        _most(found, length) > most for found in days.values() for length, most in spans if isinstance(most, int)
    )
    return {"messages": sum(map(len, days.values())), "people": len(days), "caps_broken": broken}


def _most(days: list[int], length: int) -> int:
    """The most messages in any span of so many days."""
    count = Counter(days)
    return max(sum(count[first + place] for place in range(length)) for first in count)


def _bring(workspace: OpenWorkspace, path: Path, kind: Kind, mapping: str, now: int) -> None:
    import_file(
        workspace.stores,
        workspace.settings,
        path,
        kind=kind,
        mapping=workspace.settings.imports[mapping],
        now=now,
        scratch=workspace.scratch,
    )


def _between(table: pa.Table, column: str, since: datetime | None, until: datetime) -> pa.Table:
    moments = table[column].cast(pa.timestamp("us"))
    chosen = pc.less(moments, pa.scalar(until.replace(tzinfo=None), pa.timestamp("us")))
    if since is not None:
        later = pc.greater_equal(moments, pa.scalar(since.replace(tzinfo=None), pa.timestamp("us")))
        chosen = pc.and_(chosen, later)
    return table.filter(chosen)


def _read(path: Path) -> pa.Table:
    return pq.read_table(path) if path.suffix == ".parquet" else pa_csv.read_csv(path)


def _spread(taken: list[float]) -> dict[str, object]:
    ordered = sorted(taken) or [0.0]
    return {
        "median_s": _median(ordered),
        "p95_s": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 2),
        "max_s": round(ordered[-1], 2),
    }


def _median(taken: list[float]) -> float:
    return round(statistics.median(taken), 2) if taken else 0.0


def _megabytes(folder: Path) -> float:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6, 1)


def main() -> None:
    """Print the rows of so many days as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(list(measure(Path(folder) / "demo", int(sys.argv[1])))))


if __name__ == "__main__":
    main()
