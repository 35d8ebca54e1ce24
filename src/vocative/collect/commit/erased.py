"""Keeps erased people out: rows that would bring one back are refused, and nothing of their content is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from vocative.collect.commit.understand import Staged
from vocative.collect.mapping.mapping import used_columns
from vocative.collect.mapping.staging import parquet_scan, writing
from vocative.records.ledger_tables import ERASURES
from vocative.records.settings import ImportMapping, Kind
from vocative.store.protocols import Engine, Ledger, Relation, Stores
from vocative.trust.erasure import ERASED, IDENTITY_COLUMNS, NO_CONTENT, aliases_in, digits, mark_of
from vocative.trust.secret_key import SecretKey

_COLUMNS: dict[Kind, tuple[str, ...]] = {
    "events": ("user_id", "anonymous_id"),
    "people": ("user_id", "email", "phone"),
    "permissions": ("user_id",),
}
_BELONGS: dict[Kind, str] = {
    # Somebody else may use the device of an erased person.
    "events": "user_id IN (FROM erased_user_id) OR (user_id IS NULL AND anonymous_id IN (FROM erased_anonymous_id))",
    # A family may share a telephone, so a number alone tells nothing of who has an address of their own.
    "people": (
        "user_id IN (FROM erased_user_id) OR email IN (FROM erased_email) "
        "OR (email IS NULL AND phone IN (FROM erased_phone))"
    ),
    "permissions": "user_id IN (FROM erased_user_id)",
}
_GOOD = "SELECT * FROM good WHERE NOT coalesce({belongs}, false)"
_BAD = """
    SELECT * EXCLUDE (named) REPLACE (
        CASE WHEN named THEN NULL ELSE "column" END AS "column", CASE WHEN named THEN $reason ELSE reason END AS reason,
        CASE WHEN named THEN $nothing ELSE content END AS content, CASE WHEN named THEN NULL ELSE user_id END AS user_id
    ) FROM (SELECT bad.*, row IN (FROM named_rows) AS named FROM bad)
    UNION ALL
    SELECT $import_id, $kind, $file, _row, NULL, $reason, $nothing, NULL, make_timestamptz($now)
    FROM good WHERE coalesce({belongs}, false)
"""


def keep_out(stores: Stores, staged: Staged, mapping: ImportMapping) -> Staged:
    """Refuse the staged rows of people who were erased; without any marks nothing is done.

    Of a refused row the quarantine keeps its number and the reason. Rows that were refused for another reason and name
    an erased person keep no content either.

    Args:
        stores: the ledger holds the marks; `key` turns identifiers into marks.
        staged: rows that have been understood.
        mapping: tells which columns of the file hold identifiers.
    """
    if staged.kind not in _COLUMNS:
        return staged
    is_erased = _test(stores.ledger, stores.key)
    if is_erased is None:
        return staged
    good, bad = parquet_scan("good", staged.good), parquet_scan("bad", staged.bad)
    relations: dict[str, Relation] = {"good": good, "bad": bad}
    found = 0
    for column in _COLUMNS[staged.kind]:
        values = _distinct(stores.engine, column, relations)
        erased = [value for value in values if any(map(is_erased, _aliases(column, value)))]
        found += len(erased)
        relations[f"erased_{column}"] = pa.table({"name": pa.array(erased, pa.string())})
    named = _naming(stores.engine, relations, _identity_columns(mapping), is_erased)
    if not found and not named:
        return staged
    relations["named_rows"] = pa.table({"row": pa.array(named, pa.int64())})
    return _parted(stores.engine, staged, relations)


def erased_rows(staged: Staged, engine: Engine) -> list[int]:
    """The numbers of the staged rows that were refused because their person was erased."""
    if not staged.refused:
        return []
    rows = engine.query(
        "SELECT row FROM bad WHERE content = $nothing AND reason = $reason",
        {"bad": parquet_scan("bad", staged.bad)},
        {"nothing": NO_CONTENT, "reason": ERASED},
    )
    return [int(row) for row in rows["row"].to_pylist() if row is not None]


def _test(ledger: Ledger, key: SecretKey) -> Callable[[str], bool] | None:
    """Whether an alias is marked; None when nobody is erased."""
    with ledger.transaction() as transaction:
        marks = {str(row["mark"]) for row in transaction.select(ERASURES, {"lifted_at": None})}
    if not marks:
        return None
    return lambda alias: mark_of(alias, key) in marks


def _distinct(engine: Engine, column: str, relations: dict[str, Relation]) -> Iterable[str]:
    sql = f"SELECT DISTINCT {column} AS name FROM good WHERE {column} IS NOT NULL"
    with engine.stream(sql, {"good": relations["good"]}) as reader:
        for batch in reader:
            yield from (str(name) for name in batch["name"].to_pylist())


def _aliases(column: str, value: str) -> tuple[str, ...]:
    if column == "anonymous_id":
        return (f"anonymous:{value}",)
    if column == "phone":
        return (f"phone:{digits(value)}",)
    if column == "email":
        return (f"email:{value.lower()}",)
    return (f"user:{value}", f"email:{value.lower()}") if "@" in value else (f"user:{value}",)


def _identity_columns(mapping: ImportMapping) -> set[str]:
    rules = {name: rule for name, rule in mapping.columns.items() if name in IDENTITY_COLUMNS}
    return {*IDENTITY_COLUMNS, *used_columns(ImportMapping(kind=mapping.kind, columns=rules))}


def _naming(
    engine: Engine, relations: dict[str, Relation], columns: set[str], is_erased: Callable[[str], bool]
) -> list[int]:
    """The refused rows that name an erased person."""
    named: list[int] = []
    with engine.stream("SELECT row, content, user_id FROM bad", {"bad": relations["bad"]}) as reader:
        for batch in reader:
            for row in batch.to_pylist():
                own = _aliases("user_id", row["user_id"]) if row["user_id"] else ()
                if any(map(is_erased, {*own, *aliases_in(row["content"], columns)})):
                    named.append(int(row["row"]))
    return named


def _parted(engine: Engine, staged: Staged, relations: dict[str, Relation]) -> Staged:
    belongs = _BELONGS[staged.kind]
    good = _write(engine, _GOOD.format(belongs=belongs), relations, staged.folder / "others.parquet", {})
    words: dict[str, str | int] = {
        "import_id": staged.import_id,
        "kind": staged.kind,
        "file": staged.name,
        "now": staged.now,
        "reason": ERASED,
        "nothing": NO_CONTENT,
    }
    bad = _write(engine, _BAD.format(belongs=belongs), relations, staged.folder / "refused.parquet", words)
    return replace(staged, good=good[0], bad=bad[0], refused=bad[1])


def _write(
    engine: Engine, sql: str, relations: dict[str, Relation], path: Path, words: dict[str, str | int]
) -> tuple[Path, int]:
    """Write what a query yields into a file; the file and its number of rows."""
    rows = 0
    with engine.stream(sql, relations, words or None) as reader, writing(path, reader.schema) as file:
        for batch in reader:
            file.write_batch(batch)
            rows += batch.num_rows
    return path, rows
