"""What every engine promises."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from vocative.checks.lake_files import build, declare, extend
from vocative.checks.suite import Check, Make, require, run_checks, same
from vocative.errors import StoreError
from vocative.records.schema import Column, Table, Value
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Engine, Relation, Scan

_MANY = 250_000


def _scan(folder: Path, table: Table, *parts: pa.Table) -> Scan:
    """A lake table of the given parts, one file each, with file names that need quoting."""
    files: list[str] = []
    for number, part in enumerate(parts):
        path = folder / f"part {number} 'of' many %20 [x].parquet"
        pq.write_table(part, path)
        files.append(str(path))
    return Scan(table, version=1, files=tuple(files), schema=arrow_schema(table))


def _rows(
    make: Make[Engine],
    sql: str,
    relations: Mapping[str, Relation] | None = None,
    parameters: Mapping[str, Value] | None = None,
) -> list[tuple[object, ...]]:
    found = make().query(sql, relations or {}, parameters)
    return [tuple(row.values()) for row in found.to_pylist()]


def _fails(work: Callable[[], object], what: str) -> None:
    try:
        work()
    except StoreError:
        return
    raise AssertionError(f"{what} did not raise a StoreError")


def every_kind_of_relation_can_be_asked(make: Make[Engine]) -> None:
    """A scan, an Arrow table and a reader of batches can be joined in one statement."""
    table = declare("scan")
    with tempfile.TemporaryDirectory() as folder:
        scan = _scan(Path(folder), table, build(table, range(4)), build(table, range(4, 6)))
        names = pa.table({"row": [1, 5], "name": ["one", "five"]})
        batches = pa.table({"row": [1, 2, 5]}).to_batches(max_chunksize=1)
        reader = pa.RecordBatchReader.from_batches(batches[0].schema, batches)
        sql = """
            SELECT names.name, scan.user_id FROM scan JOIN names USING ("row") JOIN reader USING ("row")
            ORDER BY scan."row"
        """
        found = _rows(make, sql, {"scan": scan, "names": names, "reader": reader})
    same(found, [("one", "subject-00001-zq"), ("five", "subject-00005-zq")], "rows")


def an_empty_table_has_its_columns(make: Make[Engine]) -> None:
    """A scan without files is an empty table with the declared columns and types."""
    table = declare("empty")
    scan = Scan(table, version=-1, files=(), schema=arrow_schema(table))
    found = make().query("SELECT * FROM t", {"t": scan})
    same(found.column_names, list(table.column_names), "columns")
    same([str(kind) for kind in found.schema.types], [str(kind) for kind in scan.schema.types], "types")
    same(_rows(make, "SELECT count(*), sum(amount), max(moment) FROM t", {"t": scan}), [(0, None, None)], "aggregates")


def a_column_some_files_lack_is_null(make: Make[Engine]) -> None:
    """A declared column that one file or every file lacks is null there, even if it is named like a part of a map."""
    table = declare("columns")
    new = (Column("key", "text", "a part of a map", optional=True), Column("size", "number", "a size", optional=True))
    wider = extend(table, *new)
    values = pa.array([[("k", 1.0)], None], arrow_schema(table).field("numbers").type)
    old = build(table, range(2)).set_column(5, "numbers", values)
    recent = build(wider, [2]).set_column(6, "key", pa.array(["x"], pa.string()))
    sql = 'SELECT "row", "key", size FROM t ORDER BY "row"'
    with tempfile.TemporaryDirectory() as folder:
        scan = _scan(Path(folder), wider, old)
        same(_rows(make, sql, {"t": scan}), [(0, None, None), (1, None, None)], "rows of old files")
        scan = _scan(Path(folder), wider, old, recent)
        found = _rows(make, sql, {"t": scan})
        same(found, [(0, None, None), (1, None, None), (2, "x", None)], "rows of old and new files")


def a_column_nobody_declared_is_not_seen(make: Make[Engine]) -> None:
    """A column that stands in the files but is no longer declared does not appear."""
    table = declare("narrow")
    wider = extend(table, Column("dropped", "text", "no longer declared", optional=True))
    with tempfile.TemporaryDirectory() as folder:
        scan = _scan(Path(folder), table, build(wider, [1]))
        same(make().query("SELECT * FROM t", {"t": scan}).column_names, list(table.column_names), "columns")


def parameters_are_values(make: Make[Engine]) -> None:
    """Parameters of every kind are passed by name as values, never as part of the statement."""
    values: dict[str, Value] = {
        "text": "it's; DROP TABLE t --",
        "integer": 2**62,
        "number": 0.1,
        "flag": True,
        "nothing": None,
    }
    sql = "SELECT $text AS text, $integer AS integer, $number AS number, $flag AS flag, $nothing AS nothing"
    same(_rows(make, sql, {}, values), [tuple(values.values())], "parameters")
    table = pa.table({"name": ["a", "it's; DROP TABLE t --"]})
    found = _rows(make, "SELECT count(*) FROM t WHERE name = $text", {"t": table}, {"text": values["text"]})
    same(found, [(1,)], "rows that equal a parameter")


def moments_are_utc(make: Make[Engine]) -> None:
    """A moment is read and given back as the same instant, and its hour is the hour in UTC."""
    table = declare("moments")
    noon = dt.datetime(2026, 7, 1, 12, 30, tzinfo=dt.UTC)
    data = build(table, [1])
    moments = pa.array([noon], pa.timestamp("us", tz="UTC"))
    with tempfile.TemporaryDirectory() as folder:
        scan = _scan(Path(folder), table, data.set_column(1, "moment", moments))
        found = _rows(make, "SELECT moment, epoch_us(moment), extract(hour FROM moment) FROM t", {"t": scan})
    same(found, [(noon, int(noon.timestamp()) * 1_000_000, 12)], "moment, microseconds and hour")


def numbers_by_name_can_be_asked(make: Make[Engine]) -> None:
    """A column of names and numbers can be asked for one name; a name without a number is null."""
    table = declare("numbers")
    kind = arrow_schema(table).field("numbers").type
    data = build(table, range(3)).set_column(5, "numbers", pa.array([[("a", 1.5)], [("b", 2.0)], None], kind))
    with tempfile.TemporaryDirectory() as folder:
        found = _rows(make, "SELECT numbers['a'] FROM t ORDER BY \"row\"", {"t": _scan(Path(folder), table, data)})
    same(found, [(1.5,), (None,), (None,)], "numbers")


def a_long_result_comes_in_batches(make: Make[Engine]) -> None:
    """`stream` gives a long result in several batches without a row lost, and may be left before its end."""
    numbers = pa.table({"n": pa.array(range(_MANY), pa.int64())})
    batches, total = 0, 0
    with make().stream("SELECT n FROM t WHERE n % 2 = 0", {"t": numbers}) as reader:
        for batch in reader:
            batches += 1
            total += sum(number for number in batch.column("n").to_pylist() if isinstance(number, int))
    require(batches > 1, "the whole result came in one batch")
    same(total, sum(range(0, _MANY, 2)), "sum over all batches")
    with make().stream("SELECT n FROM t", {"t": numbers}, {}) as reader:
        require(reader.read_next_batch().num_rows < _MANY, "the first batch held everything")


def queries_leave_nothing_behind(make: Make[Engine]) -> None:
    """What one query names or creates is unknown to the next, even on the same engine."""
    engine = make()
    table = pa.table({"n": [1]})
    same(engine.query("SELECT n FROM first", {"first": table}).num_rows, 1, "rows")
    _fails(lambda: engine.query("SELECT n FROM first", {}), "asking for an earlier query's relation")
    same(engine.query("SELECT n FROM first", {"first": pa.table({"n": [7]})})["n"].to_pylist(), [7], "rows")


def what_is_staged_can_be_asked_again(make: Make[Engine]) -> None:
    """A staged result is a relation like any other, as often as it is asked, and the result of an empty one too."""
    engine = make()
    moments = pa.array([1_700_000_000_000_000, None], pa.timestamp("us", tz="UTC"))
    table = pa.table({"n": [1, 2], "t": pa.array(["it's", None]), "since": moments})
    staged = engine.stage("SELECT n + 1 AS more, t, since FROM t", {"t": table})
    same(staged.schema.names, ["more", "t", "since"], "columns")
    for _ in range(2):
        rows = _rows(lambda: engine, "SELECT more, t, epoch_us(since) FROM s ORDER BY more", {"s": staged})
        same(rows, [(2, "it's", 1_700_000_000_000_000), (3, None, None)], "rows")
    joined = _rows(lambda: engine, "SELECT count(*) FROM s JOIN t ON t.n = s.more", {"s": staged, "t": table})
    same(joined, [(1,)], "rows of a join")
    nothing = engine.stage("SELECT * FROM s WHERE more > 9", {"s": staged})
    same(_rows(lambda: engine, "SELECT count(*), max(t) FROM s", {"s": nothing}), [(0, None)], "rows of an empty one")
    _fails(lambda: engine.stage("SELECT * FROM nowhere", {}), "staging what is not there")


def mistakes_are_store_errors(make: Make[Engine]) -> None:
    """A wrong statement, a missing relation, parameter or file raises a StoreError, and the engine goes on."""
    engine = make()
    table = declare("gone")
    gone = Scan(table, version=1, files=("/nowhere/at all.parquet",), schema=arrow_schema(table))
    _fails(lambda: engine.query("SELEC 1", {}), "a wrong statement")
    _fails(lambda: engine.query("SELECT * FROM nowhere", {}), "a missing relation")
    _fails(lambda: engine.query("SELECT $a", {}, {"b": 1}), "a missing parameter")
    _fails(lambda: engine.query("SELECT * FROM t", {"t": gone}), "a missing file")
    same(_rows(lambda: engine, "SELECT 1"), [(1,)], "rows afterwards")


def sorting_more_than_memory_works(make: Make[Engine]) -> None:
    """A sort and a grouping over more rows than a small engine holds in memory give the right result."""
    sql = """
        SELECT n, lag(n) OVER (ORDER BY n) AS before FROM (SELECT DISTINCT hash(i) AS n, i FROM range(3000000) AS r(i))
    """
    checked = f"SELECT count(*), count(before), count(*) FILTER (WHERE before > n) FROM ({sql})"
    same(_rows(make, checked), [(3_000_000, 2_999_999, 0)], "rows, rows with one before, rows out of order")


ENGINE_CHECKS: tuple[Check[Engine], ...] = (
    every_kind_of_relation_can_be_asked,
    an_empty_table_has_its_columns,
    a_column_some_files_lack_is_null,
    a_column_nobody_declared_is_not_seen,
    parameters_are_values,
    moments_are_utc,
    numbers_by_name_can_be_asked,
    a_long_result_comes_in_batches,
    queries_leave_nothing_behind,
    what_is_staged_can_be_asked_again,
    mistakes_are_store_errors,
    sorting_more_than_memory_works,
)


def check_engine(make: Make[Engine]) -> None:
    """Run all checks of an engine; `make` opens one.

    The statements keep to what DuckDB understands: that is the dialect the product writes.

    Raises:
        AssertionError: it broke a promise; the text says which.
    """
    run_checks(ENGINE_CHECKS, make)
