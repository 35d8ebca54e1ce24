"""CSV, record by record, so that one broken record costs one row and never the rest of the file.

A quote that is opened and not closed would swallow everything behind it. Such a record is noticed when its quotes make
no sense, when it has the wrong number of fields, or when it grows beyond what a record can be; then only its first line
is refused and reading goes on with the second.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import NamedTuple

_LONGEST_LINES = 1_000
_LONGEST_TEXT = 1 << 18
_UNCLOSED = "a quotation mark is opened and not closed"
_DELIMITERS = (",", ";", "\t", "|")


class Record(NamedTuple):
    """One record: the number of its first line, its fields, and why it is broken (empty when it is not)."""

    line: int
    fields: list[str]
    fault: str = ""


class _TooLongError(Exception):
    """A record goes on for longer than a record can be."""


class _Lines:
    """Lines that can be given back; `taken` holds those of the record being read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._back: list[str] = []
        self.taken: list[str] = []
        self.ended = False
        self._size = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self._back:
            line = self._back.pop()
        else:
            try:
                line = next(self._lines)
            except StopIteration:
                self.ended = True
                raise
        self.taken.append(line)
        self._size += len(line)
        if len(self.taken) > 1 and (len(self.taken) > _LONGEST_LINES or self._size > _LONGEST_TEXT):
            raise _TooLongError
        return line

    def begin(self) -> None:
        """Start a new record."""
        self.taken = []
        self._size = 0
        self.ended = False

    def keep_first(self) -> None:
        """Give back every line of the record but its first."""
        self._back.extend(reversed(self.taken[1:]))
        del self.taken[1:]


def records(lines: Iterator[str], delimiter: str, width: int | None, first_line: int = 1) -> Iterator[Record]:
    """Read records from physical lines (with their line ends); blank lines are skipped.

    Args:
        lines: the lines of the file from `first_line` on.
        delimiter: one character.
        width: number of fields of a whole record; None takes any (for a header).
        first_line: number of the first line.
    """
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    number = first_line
    while True:
        source.begin()
        try:
            fields = next(reader, [])
            fault = ""
        except (csv.Error, _TooLongError) as error:
            reader = csv.reader(source, delimiter=delimiter, strict=True)
            fields, fault = _after_error(source, delimiter, width, str(error))
        else:
            if len(fields) != width or len(source.taken) > 1 or source.ended:
                fields, fault = _check(source, delimiter, width, fields)
        if not source.taken:
            return
        blank = len(source.taken) == 1 and not source.taken[0].strip(" \r\n")
        if not blank:
            yield Record(number, fields, fault or _unreadable(fields))
        number += len(source.taken)


def _check(source: _Lines, delimiter: str, width: int | None, fields: list[str]) -> tuple[list[str], str]:
    fields, fault = fit(fields, width)
    if fault and len(source.taken) > 1:
        source.keep_first()
        return _lenient(source.taken[0], delimiter), _UNCLOSED
    return fields, fault


def _after_error(source: _Lines, delimiter: str, width: int | None, error: str) -> tuple[list[str], str]:
    if not source.taken:
        return [], ""
    several = len(source.taken) > 1 or source.ended
    source.keep_first()
    fields = _lenient(source.taken[0], delimiter)
    if several:
        return fields, _UNCLOSED
    if "NUL" in error or "larger than" in error:
        return fields, f"the line cannot be read ({error})"
    # `"Big" Tom` is wrong by the book, yet says plainly what it means as long as the fields are as many as they should.
    return fit(fields, width)


def _lenient(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line.replace("\0", "")], delimiter=delimiter), [])
    except csv.Error:
        return [line.rstrip("\r\n")]


def fit(fields: list[str], width: int | None) -> tuple[list[str], str]:
    """Check the number of fields; empty ones beyond the last column are dropped."""
    if width is None or not fields or len(fields) == width:
        return fields, ""
    if len(fields) > width and not any(field.strip() for field in fields[width:]):
        return fields[:width], ""
    return fields, f"the row has {len(fields)} fields where the header has {width}"


def _unreadable(fields: list[str]) -> str:
    text = "".join(fields)
    if text.isascii() and "\0" not in text:
        return ""
    for field in fields:
        if "\0" in field:
            return "the row holds zero bytes"
        if not field.isascii() and any("\udc80" <= character <= "\udcff" for character in field):
            return "the row holds bytes that are not UTF-8"
    return ""


def guess_delimiter(lines: list[str]) -> str:
    r"""The delimiter that cuts the first lines into the same, largest number of fields.

    >>> guess_delimiter(["a;b;c\n", "1,5;2,5;3\n"])
    ';'
    """
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = [len(record.fields) for record in records(iter(lines), delimiter, None) if not record.fault]
        if not widths or widths[0] < 2:
            continue
        agreeing = sum(1 for width in widths if width == widths[0]) / len(widths)
        score = agreeing + 0.001 * min(widths[0], 100)
        if score > best_score:
            best, best_score = delimiter, score
    return best
