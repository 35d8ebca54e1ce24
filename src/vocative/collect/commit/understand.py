"""From raw rows to good and refused ones, staged: the part that a file, a redrive and a preview have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

from vocative.collect.commit.deduplicate import with_ids
from vocative.collect.formats.raw import RawFile
from vocative.collect.mapping.canonical import Reading, canonical_query
from vocative.collect.mapping.mapping import fit
from vocative.collect.mapping.staging import find_orders, parquet_scan, stage_raw, stage_rows
from vocative.errors import MappingError
from vocative.records.progress import Progress
from vocative.records.settings import ImportMapping, Kind
from vocative.store.protocols import Engine


def event_source(file: str, import_id: str) -> str:
    """The `source` of events that came through an import."""
    return f"{file}#{import_id[:12]}"


@dataclass(frozen=True, slots=True)
class RowOrigin:
    """Where rows come from: the import, the place for messages, the name that is kept, and the import's moment (µs).

    `loose` says that the reader collects columns without a field of their own in `_rest`.
    """

    import_id: str
    where: str
    name: str
    now: int
    loose: bool
    content: str | None = None
    """Hash of the file's content; None where there is no file."""
    covers: Sequence[str] = ()
    """Uses that a permission covers which names none, as people are told at the import's moment."""

    @property
    def event_source(self) -> str:
        """What stands in the column `source` of events: by it an import can be taken back."""
        return self.name if self.content is None else event_source(self.name, self.import_id)


@dataclass(frozen=True, slots=True)
class StagedRows:
    """Rows that have been understood: `good` and `bad` are Parquet files, the bad ones as they go into quarantine."""

    import_id: str
    kind: Kind
    name: str
    content: str | None
    now: int
    read: int
    refused: int
    good: Path
    bad: Path
    folder: Path


def understand(
    engine: Engine,
    timezone: str,
    raw: RawFile,
    mapping: ImportMapping,
    origin: RowOrigin,
    folder: Path,
    progress: Progress,
) -> StagedRows:
    """Read and check every row, and stage the outcome in `folder`.

    `timezone` is the zone of local times where the mapping states none.

    Raises:
        ImportFileError: the file turns out to be damaged.
        MappingError: the mapping does not fit the file, or a column of dates cannot be told.
    """
    fitted = fit(mapping, raw.columns, raw.names, origin.where)
    zone = zone_of(mapping, timezone, origin.where)
    raw_path, good, bad = folder / "raw.parquet", folder / "good.parquet", folder / "bad.parquet"
    read = stage_raw(raw, raw_path, progress)
    rows = parquet_scan("raw", raw_path)
    reading = Reading(fitted, zone, origin.now, origin.name, origin.event_source, origin.covers, origin.loose)
    reading.orders.update(find_orders(engine, rows, reading))
    sql = with_ids(fitted.kind, canonical_query(reading))
    refused = stage_rows(engine, sql, rows, reading, {"good": good, "bad": bad}, origin.import_id, progress)
    raw_path.unlink()
    return StagedRows(
        origin.import_id, fitted.kind, origin.name, origin.content, origin.now, read, refused, good, bad, folder
    )


def zone_of(mapping: ImportMapping, timezone: str, where: str) -> str:
    """The zone of local times in a file.

    Raises:
        MappingError: the stated one does not exist.
    """
    zone = mapping.timezone or timezone
    if zone not in available_timezones():
        raise MappingError(
            f"{zone!r} is no time zone", where=where, remedy='state one such as timezone = "Europe/Riga"'
        )
    return zone
