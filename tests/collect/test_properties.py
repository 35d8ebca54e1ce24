"""What must hold for any file."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.collect.conftest import NOW, open_stores, rows, shop
from vocative.collect.commit.files import import_file
from vocative.collect.formats.csv_lines import records
from vocative.collect.formats.csv_rows import read_csv
from vocative.collect.formats.raw import ROW
from vocative.collect.formats.source import open_source
from vocative.records.lake_tables import EVENTS, QUARANTINE

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
# Python's reader ends a record at a lone carriage return; files with such line ends are read as lines beforehand.
PLAIN_CELL = CELL.map(lambda text: text.replace("\r", ""))
ROWS = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(PLAIN_CELL, min_size=width, max_size=width), min_size=1, max_size=12)
)


@given(ROWS, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_well_formed_csv_reads_as_python_reads_it(
    table: list[list[str]], delimiter: str, end: str, quote_all: bool
) -> None:
    text = io.StringIO()
    csv.writer(
        text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    ).writerows(table)
    lines = _lines(text.getvalue())
    expected = [row for row in csv.reader(iter(lines), delimiter=delimiter) if row]
    found = list(records(iter(lines), delimiter, len(table[0])))
    assert [record.fields for record in found] == expected
    assert not any(record.fault for record in found)


def _lines(text: str) -> list[str]:
    return [line + "\n" for line in text.split("\n")[:-1]]


@given(ROWS, st.booleans())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_csv_file_reads_as_python_reads_it(table: list[list[str]], quote_all: bool) -> None:
    """Through the block reader, which reads plain blocks in another way."""
    header = [f"c{number}" for number in range(len(table[0]))]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL).writerows(
        [header, *table]
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text(text.getvalue(), encoding="utf-8", newline="")
        raw = read_csv(open_source(path, "utf-8"), ",")
        found = [list(row.values()) for batch in raw.batches() for row in batch.to_pylist()]
    expected = [row for row in csv.reader(io.StringIO(text.getvalue(), newline="")) if row]
    assert [row[4:] for row in found] == expected[1:]
    assert all(row[1] is None for row in found)
    assert ROW == "_row"


@given(st.text(st.sampled_from('ab,"\n\r;\0é'), max_size=80), st.integers(1, 4))
def test_junk_never_loses_a_line(text: str, width: int) -> None:
    """Each line is in exactly one record, good or broken; blank lines are the only ones left out."""
    lines = text.splitlines(keepends=True)
    assume(all("\r" not in line.rstrip("\r\n") for line in lines))
    starts = [record.line for record in records(iter(lines), ",", width)]
    assert starts == sorted(set(starts))
    assert all(1 <= start <= len(lines) for start in starts)
    whole = [number for number, line in enumerate(lines, 1) if line.strip("\r\n")]
    assert not whole or starts


JUNK = st.sampled_from(
    ["", "2024-05-01", "2024-05-01T10:00:00Z", "01.05.2024", "yesterday", "p1", "p2", "1", "-2", "1,5", "x", '"',
     "a\nb", "\x00", "2099-01-01", "true", "é"]
)  # fmt: skip


@given(st.lists(st.lists(JUNK, min_size=3, max_size=6), min_size=1, max_size=25), st.booleans())
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_every_row_is_accounted_for(table: list[list[str]], quoted: bool) -> None:
    """Read = accepted + merged + rejected, and each part is where it should be; a second time changes nothing."""
    header = "timestamp,event,user_id,quantity,not_me"
    body = "\n".join(",".join(_quoted(cell) if quoted else cell.replace("\n", "") for cell in row) for row in table)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        first = "2024-05-01,view,p0,1,no"
        path.write_text(f"{header}\n{first}\n{body}\n", encoding="utf-8", newline="")
        stores = open_stores(Path(folder) / "data")
        account = import_file(stores, shop(), path, kind="events", mapping=None, now=NOW)
        assert account.read == account.accepted + account.merged + account.rejected
        assert len(rows(stores, EVENTS, "message_id")) == account.accepted >= 1
        refused = rows(stores, QUARANTINE, "row")
        assert len(refused) == account.rejected
        assert len({row["row"] for row in refused}) == len(refused)
        assert all(row["reason"] for row in refused)
        again = import_file(stores, shop(), path, kind="events", mapping=None, now=NOW + 5)
        assert (again.accepted, again.read) == (0, account.read)
        stores.ledger.close()
        stores.inbox.close()


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'
