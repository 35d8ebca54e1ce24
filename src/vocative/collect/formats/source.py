"""What a file is: its format, compression, encoding and the hash of its content, found without holding it."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Literal, cast

from vocative.collect.formats.encodings import SAMPLE_BYTES, Utf8Check, by_mark, guess_single_byte
from vocative.errors import ImportFileError

Format = Literal["csv", "jsonl", "parquet"]

_CHUNK = 1 << 20
_BLOCK = 1 << 23
_LONGEST_LINE = 1 << 26
_STATE_ENCODING = 'state it in the mapping, for example encoding = "{}"'


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was looked at: `encoding` is a Python codec name, empty for Parquet.

    `digest` is the SHA-256 of the bytes on disk, so the same file is recognised under any name.
    """

    path: Path
    format: Format
    compressed: bool
    encoding: str
    digest: str


def open_source(path: Path, encoding: str = "") -> Source:
    """Look at a file once from beginning to end.

    Args:
        path: a CSV, JSON lines or Parquet file; the first two may be gzipped.
        encoding: the encoding that the mapping states; empty means: recognised.

    Raises:
        ImportFileError: the file is missing, empty, truncated, binary or in no encoding that can be recognised.
    """
    where = str(path)
    if not path.exists():
        raise ImportFileError("there is no such file", where=where, remedy="check the path")
    if path.is_dir():
        raise ImportFileError("this is a folder, not a file", where=where, remedy="name the files in it")
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise ImportFileError("the file is empty", where=where, remedy="export it again")
    if start == b"PAR1" or path.suffix.lower() in (".parquet", ".pq"):
        return Source(path, "parquet", compressed=False, encoding="", digest=_digest(path))
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ImportFileError("this is a workbook or an archive", where=where, remedy="save it as CSV, UTF-8")
    compressed = start.startswith(b"\x1f\x8b")
    digest, sample, check = _look(path, compressed)
    found = _encoding(where, sample, check, encoding)
    return Source(path, _format(where, sample, found), compressed=compressed, encoding=found, digest=digest)


def text_blocks(source: Source) -> Iterator[str]:
    r"""The text of a file in blocks of some megabytes that end behind a line; line ends are `\n`.

    Bytes that are not valid in UTF-8 come out as lone surrogates, for the reader to refuse their rows.

    Raises:
        ImportFileError: the stated encoding does not fit, or one line has no end.
    """
    errors = "surrogateescape" if source.encoding.startswith("utf-8") else "strict"
    decoder = codecs.getincrementaldecoder(source.encoding)(errors)
    pending: list[str] = []
    length = 0
    old_mac: bool | None = None
    for data, final in _chunks(source.path, source.compressed, _BLOCK):
        try:
            text = decoder.decode(data, final)
        except UnicodeDecodeError as error:
            raise _not_in(str(source.path), source.encoding, data) from error
        if old_mac is None:
            old_mac = "\r" in text and "\n" not in text
        if old_mac:
            text = text.replace("\r", "\n")
        pending.append(text)
        length += len(text)
        cut = text.rfind("\n") + 1
        if cut:
            pending[-1] = text[:cut]
            yield "".join(pending)
            pending, length = [text[cut:]], len(text) - cut
        elif length > _LONGEST_LINE:
            raise ImportFileError(
                "a line has no end: this is no text file", where=str(source.path), remedy="export it again"
            )
    rest = "".join(pending)
    if rest:
        yield rest


def _look(path: Path, compressed: bool) -> tuple[str, bytes, Utf8Check]:
    """One pass over the file: hash, a sample with text beyond ASCII in it, and the proof of UTF-8."""
    sample = b""
    interesting = bytearray()
    check = Utf8Check()
    for data, final in _chunks(path, compressed, _CHUNK):
        check.feed(data, final=final)
        if len(sample) < SAMPLE_BYTES:
            sample += data[: SAMPLE_BYTES - len(sample)]
        elif len(interesting) < SAMPLE_BYTES and not data.isascii():
            interesting += data
    if not sample:
        raise ImportFileError("the file is empty", where=str(path), remedy="export it again")
    return _digest(path), sample + bytes(interesting[:SAMPLE_BYTES]), check


def _encoding(where: str, sample: bytes, check: Utf8Check, stated: str) -> str:
    marked = by_mark(sample)
    if stated:
        return _stated(where, sample, check, stated, marked)
    if marked is not None:
        return marked
    if b"\x00" in sample[:_CHUNK] and sample.count(0) > 0.1 * len(sample):
        raise ImportFileError("this is a binary file", where=where, remedy="export it as CSV, JSON lines or Parquet")
    if check.holds:
        return "utf-8"
    found = guess_single_byte(sample)
    if found is None:
        raise ImportFileError(
            "the encoding of the file cannot be recognised", where=where, remedy=_STATE_ENCODING.format("cp1251")
        )
    return found


def _stated(where: str, sample: bytes, check: Utf8Check, stated: str, marked: str | None) -> str:
    try:
        name = codecs.lookup(stated).name
    except LookupError as error:
        raise ImportFileError(
            f"{stated!r} is no encoding", where=where, remedy=_STATE_ENCODING.format("utf-8")
        ) from error
    if name == "utf-8":
        if not check.holds:
            raise _not_in(where, stated, sample)
        return "utf-8-sig" if marked == "utf-8-sig" else "utf-8"
    try:
        codecs.getincrementaldecoder(name)("strict").decode(sample)
    except UnicodeDecodeError as error:
        raise _not_in(where, stated, sample) from error
    return name


def _not_in(where: str, stated: str, sample: bytes) -> ImportFileError:
    better = guess_single_byte(sample)
    if better is None or better == stated:
        better = "utf-8" if stated != "utf-8" else "cp1251"
    return ImportFileError(f"the file is not written in {stated}", where=where, remedy=_STATE_ENCODING.format(better))


def _format(where: str, sample: bytes, encoding: str) -> Format:
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample[:_CHUNK]).lstrip()
    if not text:
        raise ImportFileError("the file holds nothing but blanks", where=where, remedy="export it again")
    if text.startswith("["):
        raise ImportFileError("this is one JSON array", where=where, remedy="write JSON lines: one object per line")
    return "jsonl" if text.startswith("{") else "csv"


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            digest.update(data)
    return digest.hexdigest()


@contextmanager
def _opened(path: Path, compressed: bool) -> Iterator[BinaryIO]:
    if compressed:
        with gzip.open(path, "rb") as unpacked:
            yield cast("BinaryIO", unpacked)
    else:
        with path.open("rb") as plain:
            yield plain


def _chunks(path: Path, compressed: bool, size: int) -> Iterator[tuple[bytes, bool]]:
    """Pieces of the (unpacked) file, and at the end an empty one marked as final."""
    with _opened(path, compressed) as file:
        while True:
            try:
                data = file.read(size)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise ImportFileError(
                    f"the gzip file is truncated or damaged ({error})",
                    where=str(path),
                    remedy="export or copy it again",
                ) from error
            if not data:
                yield b"", True
                return
            yield data, False
