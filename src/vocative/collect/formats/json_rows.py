"""JSON lines as raw batches: named fields as text columns, everything else as one JSON object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import msgspec
import pyarrow as pa

from vocative.collect.formats.raw import BATCH_ROWS, UNREADABLE, RawColumn, RawFile, json_text, raw_schema, text_columns
from vocative.collect.formats.source import Source, text_blocks

_SAMPLE = 1_000
_TOO_DEEP = "the line is nested too deeply"
_decode = msgspec.json.Decoder().decode


@dataclass(slots=True)
class _Batch:
    """Columns being filled; `used` are the names that get a column of their own."""

    used: Sequence[str]
    rows: list[int] = field(default_factory=list)
    broken: list[str | None] = field(default_factory=list)
    content: list[str | None] = field(default_factory=list)
    rest: list[str | None] = field(default_factory=list)
    values: list[list[str | None]] = field(default_factory=list)

    def to_arrow(self, schema: pa.Schema) -> pa.RecordBatch:
        columns = [[row[index] for row in self.values] for index in range(len(self.used))]
        texts = [self.broken, self.content, self.rest, *columns]
        arrays: list[pa.Array[Any]] = [pa.array(self.rows, pa.int64())]
        arrays.extend(pa.array(text, pa.string()) for text in texts)
        return pa.RecordBatch.from_arrays(arrays, schema=schema)


def read_jsonl(source: Source, used: Sequence[str], ignored: Iterable[str] = (), prefix: str = "") -> RawFile:
    """Open a file with one JSON object per line.

    Fields of nested objects are named with dots (`properties.color`).

    Args:
        source: the file.
        used: names that get a column of their own; the rest is collected in `_rest`.
        ignored: names that are dropped.
        prefix: taken off names in the rest (`properties.`).
    """
    seen: dict[str, None] = {}
    for _, line in islice(_numbered(source), _SAMPLE):
        seen.update(dict.fromkeys(_object(line)[0] or ()))
    return from_objects(lambda: _numbered(source), tuple(seen), used, ignored, prefix)


def from_objects(
    lines: Callable[[], Iterator[tuple[int, str]]],
    names: Sequence[str],
    used: Sequence[str],
    ignored: Iterable[str],
    prefix: str = "",
) -> RawFile:
    """The raw rows of numbered JSON texts."""
    columns = text_columns(used)
    dropped = frozenset(ignored)
    return RawFile(columns, tuple(names), lambda: _batches(lines(), columns, dropped, prefix))


def _batches(
    lines: Iterator[tuple[int, str]], columns: tuple[RawColumn, ...], dropped: frozenset[str], prefix: str
) -> Iterator[pa.RecordBatch]:
    schema = raw_schema(columns)
    used = [column.name for column in columns]
    batch = _Batch(used)
    for number, line in lines:
        _add(batch, number, line, dropped, prefix)
        if len(batch.rows) >= BATCH_ROWS:
            yield batch.to_arrow(schema)
            batch = _Batch(used)
    if batch.rows:
        yield batch.to_arrow(schema)


def _add(batch: _Batch, number: int, line: str, dropped: frozenset[str], prefix: str) -> None:
    texts: list[str | None] = [None] * len(batch.used)
    rest: str | None = None
    values, fault = _object(line)
    if values is not None:
        try:
            texts, rest = _split(values, batch.used, dropped, prefix)
        except RecursionError:
            fault = _TOO_DEEP
    batch.rows.append(number)
    batch.values.append(texts)
    batch.rest.append(rest)
    batch.broken.append(fault or None)
    batch.content.append(json_text({"_line": line.rstrip("\r\n"), UNREADABLE: fault}) if fault else line.strip())


def _split(
    values: dict[str, object], used: Sequence[str], dropped: frozenset[str], prefix: str
) -> tuple[list[str | None], str | None]:
    """The texts of the used names, and the rest as one JSON object."""
    texts = [_text(values.pop(name, None)) for name in used]
    rest = {
        name.removeprefix(prefix): value
        for name, value in values.items()
        if value is not None and value != "" and name not in dropped
    }
    return texts, json_text(rest) if rest else None


def _object(line: str) -> tuple[dict[str, object] | None, str]:
    try:
        value = _decode(line)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        return None, f"the line is no JSON object ({error})"
    except RecursionError:
        return None, _TOO_DEEP
    if not isinstance(value, dict):
        return None, "the line is no JSON object"
    if UNREADABLE in value:
        return None, str(value[UNREADABLE])
    if any(isinstance(item, dict) for item in value.values()):
        flat: dict[str, object] = {}
        _flatten("", value, flat)
        return flat, ""
    return value, ""


def _flatten(prefix: str, value: dict[str, object], into: dict[str, object]) -> None:
    for name, item in value.items():
        if isinstance(item, dict):
            _flatten(f"{prefix}{name}.", item, into)
        else:
            into[prefix + name] = item


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value) if isinstance(value, int | float) else json_text(value)


def _numbered(source: Source) -> Iterator[tuple[int, str]]:
    number = 0
    for block in text_blocks(source):
        for line in block.removeprefix("\ufeff").split("\n") if number == 0 else block.split("\n"):
            number += 1
            if line and not line.isspace():
                yield number, line
        if block.endswith("\n"):
            number -= 1
