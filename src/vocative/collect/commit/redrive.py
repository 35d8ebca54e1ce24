"""Takes refused rows through a mended mapping again; those that now pass leave the quarantine.

Rows are appended first and erased from the quarantine afterwards. Killed in between, the next redrive finds their ids
in the lake, merges them and erases them then: nothing is lost and nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from vocative.collect.commit import journal
from vocative.collect.commit.commit import commit_again
from vocative.collect.commit.erased import erased_rows, keep_out
from vocative.collect.commit.files import LOCK_SECONDS, staging
from vocative.collect.commit.understand import RowOrigin, StagedRows, understand
from vocative.collect.formats.json_rows import from_objects
from vocative.collect.formats.raw import ROW
from vocative.collect.mapping.mapping import JSON_COLUMN, mapping_or_canonical, mapping_text, used_columns
from vocative.collect.mapping.staging import parquet_scan, writing
from vocative.records.lake_tables import QUARANTINE
from vocative.records.progress import Progress, no_progress
from vocative.records.results import ImportAccount
from vocative.records.settings import ImportMapping, Kind, Settings
from vocative.stats.hashing import stable_id
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Relation, Stores

_AT_ONCE = 50_000
_CHOSEN = """
    SELECT any_value(content) AS content, import_id, file, row, min(known_at) AS known_at
    FROM quarantine WHERE kind = $kind AND ($import_id = '' OR import_id = $import_id) AND content <> '{}'
    GROUP BY import_id, file, row ORDER BY known_at, import_id, row
"""
# Rows of another kind or import whose content is the same to the letter, and which must stay.
_TWINS = """
    SELECT quarantine.* REPLACE (content || ' ' AS content) FROM quarantine
    SEMI JOIN passed USING (content)
    WHERE NOT (kind = $kind AND ($import_id = '' OR import_id = $import_id))
"""
"""Content is JSON, where a blank at the end says nothing, but makes it another text."""


def redrive(
    stores: Stores,
    settings: Settings,
    *,
    kind: Kind,
    mapping: ImportMapping | None,
    now: int,
    import_id: str | None = None,
    progress: Progress = no_progress,
    scratch: Path | None = None,
) -> ImportAccount:
    """Take refused rows through the mapping again.

    Args:
        stores: where the rows are and go.
        settings: of the workspace.
        kind: which rows.
        mapping: the mended mapping; None for canonical columns.
        now: microseconds since 1970 in UTC.
        import_id: only rows refused by this import; None takes all of the kind.
        progress: told how many rows were checked.
        scratch: folder for staging; the system's own when missing.

    Returns:
        The account of the rows that were taken: `rejected` of them stay in the quarantine as they are.

    Raises:
        MappingError: the mapping does not fit the rows.
    """
    name = stable_id("redrive", kind, mapping_text(mapping), import_id or "", str(now))
    with stores.ledger.lock(f"collect.{kind}", timeout=LOCK_SECONDS), staging(scratch, kind, name) as folder:
        chosen = _choose(stores, kind, import_id or "", folder)
        if not pq.read_metadata(chosen).num_rows:
            return ImportAccount(import_id=name, kind=kind, file="quarantine", read=0, accepted=0, merged=0, rejected=0)
        fitted = mapping_or_canonical(mapping, kind, None)
        json_column = JSON_COLUMN[kind]
        used = dict.fromkeys([*used_columns(fitted), *([json_column] if json_column else [])])
        raw = from_objects(lambda: _contents(chosen), _names(chosen), list(used), fitted.ignore, f"{json_column}.")
        origin = RowOrigin(name, "quarantine", "quarantine", now, loose=True, covers=settings.personalization.covers)
        staged = understand(stores.engine, settings.business.timezone, raw, fitted, origin, folder, progress)
        staged = keep_out(stores, staged, fitted)
        account = commit_again(stores, staged)
        _strip(stores, staged, chosen)
        _leave(stores, staged, chosen, kind, import_id or "")
        if account.accepted or account.merged:
            with stores.ledger.transaction() as transaction:
                journal.insert(transaction, account, "done", now)
        return account


def _choose(stores: Stores, kind: Kind, import_id: str, folder: Path) -> Path:
    """The rows in question, numbered; a killed redrive can have left a row twice, which is one row all the same."""
    path = folder / "chosen.parquet"
    fields: list[pa.Field[Any]] = [pa.field(ROW, pa.int64()), pa.field("content", pa.string())]
    schema = pa.schema(fields)
    relations = {"quarantine": stores.lake.scan(QUARANTINE)}
    number = 1
    with (
        stores.engine.stream(_CHOSEN, relations, {"kind": kind, "import_id": import_id}) as reader,
        writing(path, schema) as file,
    ):
        for batch in reader:
            numbers = pa.array(range(number, number + batch.num_rows), pa.int64())
            file.write_batch(pa.RecordBatch.from_arrays([numbers, batch["content"]], schema=schema))
            number += batch.num_rows
    return path


def _contents(chosen: Path) -> Iterator[tuple[int, str]]:
    with pq.ParquetFile(chosen) as file:
        for batch in file.iter_batches(_AT_ONCE):
            yield from zip(batch[ROW].to_pylist(), batch["content"].to_pylist(), strict=True)


def _names(chosen: Path) -> Sequence[str]:
    names: dict[str, None] = {}
    for _, content in _contents(chosen):
        names.update(dict.fromkeys(msgspec.json.decode(content)))
    return list(names)


def _strip(stores: Stores, staged: StagedRows, chosen: Path) -> None:
    """Of rows that turn out to be an erased person's, the quarantine keeps number and reason only."""
    rows = erased_rows(staged, stores.engine)
    if not rows:
        return
    relations: dict[str, Relation] = {
        "bad": parquet_scan("bad", staged.bad),
        "chosen": parquet_scan("chosen", chosen),
        "erased": pa.table({"_row": pa.array(rows, pa.int64())}),
    }
    stripped = stores.engine.query("SELECT bad.* FROM bad SEMI JOIN erased ON bad.row = erased._row", relations)
    contents = stores.engine.query("SELECT DISTINCT content FROM chosen SEMI JOIN erased USING (_row)", relations)
    schema = arrow_schema(QUARANTINE)
    token = f"erased:{staged.import_id}:{stores.lake.scan(QUARANTINE).version}"
    stores.lake.append(QUARANTINE, stripped.select(schema.names).cast(schema), token=token)
    stores.lake.erase(QUARANTINE, {"content": [str(content) for content in contents["content"].to_pylist()]})


def _leave(stores: Stores, staged: StagedRows, chosen: Path, kind: Kind, import_id: str) -> None:
    """Erase the rows that passed; the only text by which one row can be erased is its content."""
    passed = stores.engine.query(
        "SELECT DISTINCT content FROM chosen SEMI JOIN good USING (_row) ANTI JOIN "
        "(SELECT content FROM chosen ANTI JOIN good USING (_row)) AS failed USING (content)",
        {"chosen": parquet_scan("chosen", chosen), "good": parquet_scan("good", staged.good)},
    )
    if not passed.num_rows:
        return
    quarantine = stores.lake.scan(QUARANTINE)
    relations: dict[str, Relation] = {"quarantine": quarantine, "passed": passed}
    twins = stores.engine.query(_TWINS, relations, {"kind": kind, "import_id": import_id})
    if twins.num_rows:
        schema = arrow_schema(QUARANTINE)
        token = f"redrive:{staged.import_id}:{quarantine.version}"
        stores.lake.append(QUARANTINE, twins.select(schema.names).cast(schema), token=token)
    stores.lake.erase(QUARANTINE, {"content": [str(content) for content in passed["content"].to_pylist()]})
