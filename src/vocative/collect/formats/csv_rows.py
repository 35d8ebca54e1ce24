"""CSV files as raw batches: whole blocks at once while they are plain, record by record where they are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import chain, islice

import pyarrow as pa
import pyarrow.csv as pacsv

from vocative.collect.formats.csv_lines import Record, guess_delimiter, records
from vocative.collect.formats.raw import (
    BATCH_ROWS,
    UNREADABLE,
    RawColumn,
    RawFile,
    broken_batch,
    json_text,
    raw_schema,
    text_columns,
)
from vocative.collect.formats.source import Source, text_blocks
from vocative.errors import ImportFileError

_SAMPLE_LINES = 100


@dataclass(frozen=True, slots=True)
class _Layout:
    delimiter: str
    columns: tuple[RawColumn, ...]
    header_line: int
    """Number of the last line of the header."""


def read_csv(source: Source, delimiter: str = "") -> RawFile:
    """Open a CSV file whose first line names the columns.

    Raises:
        ImportFileError: there is no header, or the delimiter is not one character.
    """
    layout = _layout(source, delimiter)
    return RawFile(
        columns=layout.columns,
        names=tuple(column.name for column in layout.columns),
        batches=lambda: _batches(source, layout),
    )


def _layout(source: Source, delimiter: str) -> _Layout:
    where = str(source.path)
    if delimiter and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise ImportFileError(f"{delimiter!r} cannot be a delimiter", where=where, remedy='state one such as ";"')
    first = next(text_blocks(source), "").removeprefix("\ufeff")
    lines = list(islice(_lines(first), _SAMPLE_LINES))
    skipped = 0
    while lines and not lines[0].strip():
        skipped += 1
        del lines[0]
    # Excel writes its delimiter into a line of its own.
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].strip()) == 5:
        delimiter = delimiter or lines[0][4]
        skipped += 1
        del lines[0]
    delimiter = delimiter or guess_delimiter(lines)
    header = next(records(iter(lines), delimiter, None), None)
    if header is None or header.fault or not any(field.strip() for field in header.fields):
        raise ImportFileError(
            "the first line does not name the columns", where=where, remedy="export the file with a header line"
        )
    used = sum(field.count("\n") for field in header.fields)
    return _Layout(delimiter, text_columns(header.fields), skipped + header.line + used)


def _batches(source: Source, layout: _Layout) -> Iterator[pa.RecordBatch]:
    """Plain blocks in one go; from a block with quotes or faults on a few records the careful way."""
    schema = raw_schema(layout.columns)
    blocks = text_blocks(source)
    line = layout.header_line + 1
    to_skip = layout.header_line
    for block in blocks:
        text = block
        while to_skip and text:
            cut = text.find("\n") + 1 or len(text)
            text = text[cut:]
            to_skip -= 1
        count = text.count("\n") + (not text.endswith("\n"))
        plain = _plain(text, count, line, layout, schema) if text else None
        if plain is not None:
            yield from plain
        elif '"' in text:
            # A record may go on in the next block, so from here on lines are read across blocks.
            yield from _careful(chain(_lines(text), *map(_lines, blocks)), line, layout, schema)
            return
        elif text:
            yield from _careful(_lines(text), line, layout, schema)
        line += count if text else 0


def _plain(text: str, count: int, line: int, layout: _Layout, schema: pa.Schema) -> Iterator[pa.RecordBatch] | None:
    """The block by Arrow's reader, if nothing in it can mean anything else than it says; None otherwise."""
    if '"' in text or "\0" in text or "\n\n" in text or "\r" in text.replace("\r\n", ""):
        return None
    if text.startswith(("\n", "\r")) or "\n\r\n" in text or len(layout.columns) == 1:
        return None
    try:
        table = pacsv.read_csv(
            BytesIO(text.encode()),
            read_options=pacsv.ReadOptions(
                column_names=[column.field for column in layout.columns], block_size=1 << 24, use_threads=False
            ),
            parse_options=pacsv.ParseOptions(delimiter=layout.delimiter, quote_char=False, escape_char=False),
            convert_options=pacsv.ConvertOptions(
                column_types={column.field: pa.string() for column in layout.columns}, strings_can_be_null=False
            ),
        )
    except (pa.ArrowInvalid, UnicodeEncodeError):
        return None
    if table.num_rows != count:
        return None
    nothing = pa.nulls(count, pa.string())
    numbers = pa.array(range(line, line + count), pa.int64())
    whole = pa.table([numbers, nothing, nothing, nothing, *table.columns], schema=schema)
    return iter(whole.to_batches(max_chunksize=BATCH_ROWS))


def _careful(lines: Iterator[str], line: int, layout: _Layout, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    good: list[Record] = []
    bad: list[tuple[int, str, str]] = []
    names = [column.name for column in layout.columns]
    for record in records(lines, layout.delimiter, len(names), line):
        if record.fault:
            bad.append((record.line, record.fault, _content(names, record)))
        else:
            good.append(record)
        if len(good) >= BATCH_ROWS or len(bad) >= BATCH_ROWS:
            yield from _flush(good, bad, schema)
            good, bad = [], []
    yield from _flush(good, bad, schema)


def _flush(good: list[Record], bad: list[tuple[int, str, str]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    if good:
        nothing = pa.nulls(len(good), pa.string())
        columns = zip(*(record.fields for record in good), strict=True)
        yield pa.RecordBatch.from_arrays(
            [
                pa.array([record.line for record in good], pa.int64()),
                nothing,
                nothing,
                nothing,
                *(pa.array(column, pa.string()) for column in columns),
            ],
            schema=schema,
        )
    if bad:
        yield broken_batch(schema, bad)


def _content(names: list[str], record: Record) -> str:
    content: dict[str, object] = dict(zip(names, record.fields, strict=False))
    content[UNREADABLE] = record.fault
    if len(record.fields) > len(names):
        content["_more"] = record.fields[len(names) :]
    return json_text(content)


def _lines(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        cut = text.find("\n", start) + 1 or len(text)
        yield text[start:cut]
        start = cut
