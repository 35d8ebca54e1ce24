"""Which good rows are new: events by their id, people, items and offers by what the version in force already says.

Only exceptions (repeated rows, rows known already) are kept as lists; all else streams from file to lake.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from vocative.collect.mapping.doubts import MOST_ORDERS
from vocative.collect.mapping.mapping import TABLES
from vocative.collect.mapping.staging import parquet_scan, writing
from vocative.records.schema import Table, Value
from vocative.records.settings import Kind
from vocative.store.protocols import Engine, Relation, Scan

_YEAR = 365 * 86_400_000_000
_ENTITY: dict[Kind, str] = {
    "people": "user_id",
    "items": "item_id",
    "offers": "concat_ws(chr(31), offer_id, coalesce(item_id, ''))",
}
"""What the versions of a kind are versions of, as an expression."""
_NOT_CONTENT = ("version_id", "message_id", "timestamp", "known_at", "doubts", "source")


@dataclass(frozen=True, slots=True)
class Deduplication:
    """What is new in a file: counts, and the query over `relations` that yields the rows to append."""

    accepted: int
    merged: int
    marked: int
    sql: str
    relations: dict[str, Relation]

    def rows(self, engine: Engine) -> AbstractContextManager[pa.RecordBatchReader]:
        """The new rows, as a stream."""
        return engine.stream(self.sql, self.relations)


def settle(engine: Engine, kind: Kind, good: Path, known: Scan, folder: Path, now: int) -> Deduplication:
    """Find out which of the good rows in a staged file are new.

    Args:
        engine: runs the queries.
        kind: events, people, items or offers.
        good: the staged good rows.
        known: the lake's table of that kind.
        folder: where lists of exceptions are staged.
        now: moment of the import, microseconds since 1970 in UTC.
    """
    rows = parquet_scan("good", good)
    if kind == "events":
        return _settle_events(engine, rows, known, folder)
    return _settle_versions(engine, kind, rows, known, now)


def with_ids(kind: Kind, sql: str) -> str:
    """Give the rows of a canonical query their id, or for versions the hash of their content, where they have none."""
    table = TABLES[kind]
    if kind == "events":
        return (
            f"SELECT * REPLACE (coalesce(message_id, {content_sql(table, own_time=True)}) AS message_id) FROM ({sql})"
        )
    if kind == "permissions":
        return sql
    return f"SELECT * REPLACE ({content_sql(table, own_time=False)} AS version_id) FROM ({sql})"


def content_sql(table: Table, *, own_time: bool) -> str:
    """The hash of what a row says, over columns that have the types of `table`; `own_time` adds when it happened."""
    left_out = {*_NOT_CONTENT} - ({"timestamp"} if own_time else set())
    texts = []
    for column in table.columns:
        if column.name in left_out:
            continue
        value = f"epoch_us({column.name})" if column.type == "moment" else f'"{column.name}"'
        text = f"CAST({value} AS VARCHAR)"
        if column.type == "json":
            # A CSV file says "438" where a Parquet file says 438; it is the same row all the same.
            text = f"replace({text}, '\"', '')"
        texts.append(f"coalesce({text}, chr(30))")
    return f"md5(concat_ws(chr(31), {', '.join(texts)}))"


_REPEATED = """
    SELECT _row, nth FROM (
        SELECT _row, row_number() OVER (PARTITION BY message_id ORDER BY _row) AS nth
        FROM good SEMI JOIN (
            SELECT h FROM (SELECT hash(message_id) AS h FROM good) GROUP BY h HAVING count(*) > 1
        ) AS twice ON hash(good.message_id) = twice.h
    ) WHERE nth > 1
"""
_FINAL = """
    SELECT good.* REPLACE (
        CASE WHEN nth IS NULL OR _stated THEN message_id ELSE md5(message_id || '#' || nth) END AS message_id
    ), nth IS NOT NULL AND _stated AS _again
    FROM good LEFT JOIN repeated USING (_row)
"""
_CROWDED = """
    SELECT user_id FROM good
    WHERE order_id IS NOT NULL AND user_id IS NOT NULL
        AND timestamp > (SELECT max(timestamp) FROM good) - to_microseconds($year)
    GROUP BY user_id HAVING approx_count_distinct(order_id) > $most * 0.7
"""
_CROWDED_EXACTLY = """
    SELECT user_id FROM (
        SELECT DISTINCT user_id, order_id FROM good SEMI JOIN maybe USING (user_id)
        WHERE order_id IS NOT NULL AND timestamp > (SELECT max(timestamp) FROM good) - to_microseconds($year)
    ) GROUP BY user_id HAVING count(*) > $most
"""


def _settle_events(engine: Engine, good: Scan, known: Scan, folder: Path) -> Deduplication:
    """An event's id is the file's own or derived from its content; the nth equal line of a file has its own."""
    relations: dict[str, Relation] = {"good": good}
    relations["repeated"] = _write(engine, _REPEATED, relations, folder / "repeated.parquet")
    merged = f"SELECT _row FROM ({_FINAL}) WHERE _again"
    if known.files:
        relations["known"] = known
        merged += f" UNION SELECT _row FROM ({_FINAL}) AS final SEMI JOIN known USING (message_id)"
    relations["merged"] = _write(engine, merged, relations, folder / "merged.parquet")
    relations["crowded"] = _crowded(engine, good)
    doubts = (
        "CASE WHEN user_id IN (SELECT user_id FROM crowded) "
        "THEN concat_ws(',', nullif(doubts, ''), 'row:too_many_orders') ELSE doubts END"
    )
    new = f"FROM ({_FINAL}) AS final ANTI JOIN merged USING (_row)"
    accepted, marked = _numbers(engine, f"SELECT count(*), count(*) FILTER (({doubts}) <> '') {new}", relations)
    (total,) = _numbers(engine, "SELECT count(*) FROM good", relations)
    columns = _columns(TABLES["events"], {"doubts": doubts})
    return Deduplication(accepted, total - accepted, marked, f"SELECT {columns} {new}", relations)


def _crowded(engine: Engine, good: Scan) -> pa.Table:
    """Accounts with more orders than a person makes; estimated first, as an exact count needs much memory."""
    numbers: dict[str, Value] = {"year": _YEAR, "most": MOST_ORDERS}
    maybe = engine.query(_CROWDED, {"good": good}, numbers)
    if not maybe.num_rows:
        return maybe
    return engine.query(_CROWDED_EXACTLY, {"good": good, "maybe": maybe}, numbers)


def _settle_versions(engine: Engine, kind: Kind, good: Scan, known: Scan, now: int) -> Deduplication:
    """A version that says what the one in force before it already said changes nothing.

    One that contradicts a known version of the same time corrects it, and nobody knew of the correction before now.
    """
    table, entity = TABLES[kind], _ENTITY[kind]
    # Without times of its own a file says how things are now; of several rows about one person the last one holds.
    latest = f"row_number() OVER (PARTITION BY {entity}, _stated ORDER BY _row DESC) = 1"
    said = content_sql(table, own_time=False)
    history = f"""
        SELECT {entity} AS entity, timestamp, known_at, 0 AS fresh, 0 AS _row, {said} AS said FROM known
        WHERE {entity} IN (SELECT {entity} FROM good)
        UNION ALL
        SELECT {entity}, timestamp, known_at, 1, _row, version_id FROM good QUALIFY _stated OR {latest}"""
    changed = f"""
        SELECT _row, corrects FROM (
            SELECT *, count(*) FILTER (fresh = 0) OVER (PARTITION BY entity, timestamp) > 0 AS corrects,
                lag(said) OVER (PARTITION BY entity ORDER BY timestamp, fresh, known_at, _row) AS before,
                row_number() OVER (PARTITION BY entity, timestamp, said ORDER BY fresh, _row) AS nth
            FROM ({history})
        ) WHERE fresh = 1 AND nth = 1 AND said IS DISTINCT FROM before"""
    relations: dict[str, Relation] = {"good": good, "known": known}
    relations["changed"] = engine.query(changed, relations)
    new = "FROM good JOIN changed USING (_row)"
    accepted, marked = _numbers(engine, f"SELECT count(*), count(*) FILTER (doubts <> '') {new}", relations)
    (total,) = _numbers(engine, "SELECT count(*) FROM good", relations)
    version = f"md5(concat_ws(chr(31), {entity}, epoch_us(timestamp), version_id))"
    known_at = f"CASE WHEN corrects THEN greatest(known_at, make_timestamptz({now})) ELSE known_at END"
    columns = _columns(table, {"version_id": version, "known_at": known_at})
    return Deduplication(accepted, total - accepted, marked, f"SELECT {columns} {new}", relations)


def _columns(table: Table, replaced: dict[str, str]) -> str:
    return ", ".join(
        f'({replaced[name]}) AS "{name}"' if name in replaced else f'"{name}"' for name in table.column_names
    )


def _numbers(engine: Engine, sql: str, relations: dict[str, Relation]) -> list[int]:
    return [int(value) for value in engine.query(sql, relations).to_pylist()[0].values()]


def _write(engine: Engine, sql: str, relations: dict[str, Relation], path: Path) -> Scan:
    with engine.stream(sql, relations) as reader, writing(path, reader.schema) as file:
        for batch in reader:
            file.write_batch(batch)
    return parquet_scan(path.stem, path)
