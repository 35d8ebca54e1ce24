"""Imports files: every row is accepted, merged or refused with a reason, once, whatever is killed in between.

The account of a file is drawn up in a staging folder, then written into the ledger, then everything is committed
under tokens that hold only once. A run that was killed is simply begun again: what has been committed stays, the rest
follows.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vocative.collect.commit import journal
from vocative.collect.commit.commit import commit
from vocative.collect.commit.erased import keep_out
from vocative.collect.commit.understand import Origin, event_source, understand
from vocative.collect.formats.csv_rows import read_csv
from vocative.collect.formats.json_rows import read_jsonl
from vocative.collect.formats.parquet_rows import read_parquet
from vocative.collect.formats.raw import RawFile
from vocative.collect.formats.source import Source, open_source
from vocative.collect.mapping.mapping import JSON_COLUMN, mapping_or_canonical, used_columns
from vocative.errors import ImportFileError
from vocative.records.lake_tables import EVENTS, QUARANTINE
from vocative.records.progress import Progress, no_progress
from vocative.records.results import ImportAccount
from vocative.records.settings import ImportMapping, Kind, Settings
from vocative.store.private import private_folder
from vocative.store.protocols import Stores

LOCK_SECONDS = 3_600.0


def import_file(
    stores: Stores,
    settings: Settings,
    path: Path,
    *,
    kind: Kind,
    mapping: ImportMapping | None,
    now: int,
    progress: Progress = no_progress,
    scratch: Path | None = None,
    replace: bool = False,
) -> ImportAccount:
    """Import one file and return what became of every row; the same file again changes nothing.

    Args:
        stores: where everything goes.
        settings: of the workspace; its time zone is that of local times.
        path: a CSV, JSON lines or Parquet file; the first two may be gzipped.
        kind: what the rows are.
        mapping: how its columns fill the canonical ones; None when it uses the canonical names.
        now: microseconds since 1970 in UTC; the time of rows that have none, except events, which must have one.
        progress: told how many rows were read and checked.
        scratch: folder for staging; the system's own when missing.
        replace: take back the events that the same file brought with another mapping, instead of refusing it.

    Raises:
        ImportFileError: the whole file cannot be read, or its events are there already, read with another mapping.
        MappingError: the mapping does not fit the file.
    """
    source = open_source(path, mapping.encoding if mapping else "")
    with stores.ledger.lock(f"collect.{kind}", timeout=LOCK_SECONDS):
        import_id = _import_id(stores, source, path, kind, mapping, replace=replace)
        begun = journal.find(stores.ledger, import_id)
        if begun is not None and begun[0] == "done":
            # Whoever did it may have been killed before it cleaned up.
            _clear(scratch, kind)
            return journal.repeated(begun[2])
        with staging(scratch, kind, import_id) as folder:
            raw, fitted = _open(source, kind, mapping)
            # A run that was killed after its account was drawn up goes on with the same account.
            origin = Origin(
                import_id, str(path), path.name, begun[1] if begun else now, source.format == "jsonl", source.digest,
                settings.personalization.covers,
            )  # fmt: skip
            staged = understand(stores.engine, settings.business.timezone, raw, fitted, origin, folder, progress)
            return commit(stores, keep_out(stores, staged, fitted), begun[2] if begun else None)


def _import_id(
    stores: Stores, source: Source, path: Path, kind: Kind, mapping: ImportMapping | None, *, replace: bool
) -> str:
    """The id of this import, once it is sure that its events do not count twice."""
    earlier = journal.earlier(stores.ledger, source.digest, kind)
    replaced = sum(one.state == "replaced" for one in earlier)
    import_id = journal.import_id_of(source.digest, kind, mapping, replaced)
    others = [one for one in earlier if one.import_id != import_id and one.state != "replaced" and one.accepted]
    if kind != "events" or not others:
        return import_id
    if not replace:
        raise ImportFileError(
            "this file has been imported before, with another mapping: its events would count twice",
            where=str(path),
            remedy="say --replace to take back what it brought then, and import it anew",
        )
    take_back(stores, others)
    return journal.import_id_of(source.digest, kind, mapping, replaced + len(others))


def take_back(stores: Stores, imports: Sequence[journal.Earlier]) -> None:
    """Erase the events of imports and what they left in the quarantine; killed in between, it is simply done again."""
    stores.lake.erase(EVENTS, {"source": [event_source(one.file, one.import_id) for one in imports]})
    stores.lake.erase(QUARANTINE, {"import_id": [one.import_id for one in imports]})
    journal.mark_replaced(stores.ledger, [one.import_id for one in imports])


def _open(source: Source, kind: Kind, mapping: ImportMapping | None) -> tuple[RawFile, ImportMapping]:
    if source.format == "jsonl":
        fitted = mapping_or_canonical(mapping, kind, None)
        json_column = JSON_COLUMN[kind]
        used = [*used_columns(fitted), *([json_column] if json_column else [])]
        return read_jsonl(source, list(dict.fromkeys(used)), fitted.ignore, f"{json_column}."), fitted
    if source.format == "parquet":
        raw = read_parquet(source.path)
    else:
        raw = read_csv(source, mapping.delimiter if mapping else "")
    return raw, mapping_or_canonical(mapping, kind, raw.names)


def _clear(scratch: Path | None, kind: Kind) -> None:
    """Remove what killed runs left; whoever calls holds the lock of this kind."""
    for left in scratch.glob(f"import-{kind}-*") if scratch is not None else ():
        shutil.rmtree(left, ignore_errors=True)


@contextmanager
def staging(scratch: Path | None, kind: Kind, name: str) -> Iterator[Path]:
    """A folder of its own that is gone afterwards; what killed runs left below `scratch` is removed first.

    Whoever calls holds the lock of this kind, so every folder of the kind was left by a run that is no more.
    """
    if scratch is None:
        with tempfile.TemporaryDirectory(prefix="vocative-") as folder:
            yield Path(folder)
        return
    _clear(scratch, kind)
    own = scratch / f"import-{kind}-{name}"
    private_folder(own)
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)
