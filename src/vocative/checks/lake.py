"""What every lake promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from vocative.checks.ageing import LAKE_AGE_CHECKS
from vocative.checks.lake_files import append, build, declare, extend, folder_of, holding, person, read, row_numbers
from vocative.checks.lake_processes import LAKE_PROCESS_CHECKS
from vocative.checks.suite import Check, Make, require, run_checks, same
from vocative.errors import StoreError
from vocative.records.schema import Column
from vocative.store.protocols import Lake

_COMMITS = 110
"""Enough for a driver that keeps its log short to have done so twice."""


def a_table_nobody_wrote_is_empty(make: Make[Lake]) -> None:
    """A declared table without data has no files, its declared columns, no tokens; nothing can be erased or merged."""
    table = declare("empty")
    lake = make()
    scan = lake.scan(table)
    same(scan.files, (), "files")
    same(tuple(scan.schema.names), table.column_names, "columns")
    same(lake.committed(table, "token"), False, "a token")
    same(lake.erase(table, {"user_id": [person(1)]}), 0, "rows erased")
    same(lake.compact(table), 0, "files merged")
    same(lake.scan(table).files, (), "files afterwards")


def appended_rows_are_read_back(make: Make[Lake]) -> None:
    """Rows are read back value for value from the files of a scan, nulls and maps too, also after reopening."""
    table = declare("append")
    data = build(table, range(3))
    values = [[("a b", 1.5), ("ü", -2.0)], None, []]
    data = data.set_column(
        data.schema.get_field_index("numbers"),
        table.columns[5].name,
        pa.array(values, data.schema.field("numbers").type),
    )
    lake = make()
    same(append(lake, table, data, "first"), True, "append")
    same(append(lake, table, build(table, range(3, 5)), "second"), True, "append")
    found = read(make(), table)
    same(found["numbers"].to_pylist(), [*values, None, None], "maps")
    same(found["user_id"].to_pylist(), [person(number) for number in range(5)], "texts")
    same(found["anonymous_id"].null_count, 5, "missing values")
    same(found["moment"].cast(pa.int64()).to_pylist(), list(range(5)), "moments in microseconds")


def a_token_is_used_once(make: Make[Lake]) -> None:
    """A token appends once: again, after reopening, after many commits, after compaction and after an erasure."""
    table, other = declare("token"), declare("token_other")
    lake = make()
    for number in range(_COMMITS):
        same(append(lake, table, build(table, [number]), f"t{number}"), True, f"append {number}")
    steps: dict[str, Callable[[], int]] = {
        "at once": lambda: 0,
        "after compaction": lambda: make().compact(table),
        "after an erasure": lambda: make().erase(table, {"user_id": [person(7)]}),
    }
    for when, step in steps.items():
        step()
        lake = make()
        for number in (0, 1, _COMMITS // 2, _COMMITS - 1):
            same(lake.committed(table, f"t{number}"), True, f"token {number} {when}")
            same(append(lake, table, build(table, [number]), f"t{number}"), False, f"append {number} {when}")
    unused = [token for token in ("t", f"t{_COMMITS}", "T1") if lake.committed(table, token)]
    same(unused, [], "tokens that were never used")
    same(row_numbers(lake, table), [number for number in range(_COMMITS) if number != 7], "rows")
    same(append(lake, other, build(other, [1]), "t1"), True, "the same token on another table")


def an_empty_append_uses_its_token(make: Make[Lake]) -> None:
    """Appending no rows commits the token, so that a step that had nothing to write counts as done."""
    table = declare("norows")
    lake = make()
    same(append(lake, table, build(table, []), "t"), True, "append to a new table")
    same(make().committed(table, "t"), True, "token")
    same(append(lake, table, build(table, []), "u"), True, "append to an old table")
    same(append(lake, table, build(table, [1]), "u"), False, "the same token again")
    same(row_numbers(lake, table), [], "rows")


def a_stream_is_one_commit(make: Make[Lake]) -> None:
    """A reader of many batches is appended as a whole."""
    table = declare("stream")
    lake = make()
    append(lake, table, build(table, [0]), "first")
    before = lake.scan(table).version
    batches = [batch for start in range(1, 5001, 500) for batch in build(table, range(start, start + 500)).to_batches()]
    reader = pa.RecordBatchReader.from_batches(batches[0].schema, batches)
    same(append(lake, table, reader, "stream"), True, "append")
    same(row_numbers(lake, table), list(range(5001)), "rows")
    require(lake.scan(table).version > before, "the version did not change")


def a_broken_stream_changes_nothing(make: Make[Lake]) -> None:
    """If the rows to append fail to come half-way, nothing is appended, and the token can be used again."""
    table = declare("broken")
    lake = make()
    append(lake, table, build(table, [0]), "first")

    def batches() -> Iterator[pa.RecordBatch]:
        yield from build(table, range(1, 500)).to_batches()
        raise InterruptedError

    try:
        append(lake, table, pa.RecordBatchReader.from_batches(build(table, []).schema, batches()), "t")
    except (StoreError, InterruptedError):
        pass
    else:
        raise AssertionError("a stream that broke off was appended")
    same((lake.committed(table, "t"), row_numbers(lake, table)), (False, [0]), "token and rows")
    same(append(lake, table, build(table, [1]), "t"), True, "append with the same token")
    same(row_numbers(make(), table), [0, 1], "rows")


def a_scan_stays_what_it_was(make: Make[Lake]) -> None:
    """A scan is one version: what is appended later is not in it."""
    table = declare("version")
    lake = make()
    append(lake, table, build(table, [0]), "a")
    before = lake.scan(table)
    append(lake, table, build(table, [1]), "b")
    after = lake.scan(table)
    require(before.version < after.version, "the version did not grow")
    require(set(before.files) < set(after.files), "the newer scan does not hold the older one's files and more")


def a_new_column_is_null_before(make: Make[Lake]) -> None:
    """A column declared later is null in older rows; rows of the older declaration can still be appended."""
    table = declare("schema")
    wider = extend(table, Column("key", "text", "named like a part of a map on purpose", optional=True))
    lake = make()
    append(lake, table, build(table, [0]), "a")
    same(read(lake, wider)["key"].to_pylist(), [None], "the new column before it was written")
    data = build(wider, [1])
    data = data.set_column(len(wider.columns) - 1, "key", pa.array(["x"], pa.string()))
    append(lake, wider, data, "b")
    append(lake, table, build(table, [2]), "c")
    same(read(make(), wider)["key"].to_pylist(), [None, "x", None], "the new column")
    same(lake.compact(wider) > 0, True, "files merged")
    same(read(make(), wider)["key"].to_pylist(), [None, "x", None], "the new column after compaction")


def a_new_subject_column_can_be_erased(make: Make[Lake]) -> None:
    """Erasing by a column that was declared but never written finds nobody there, and still erases by the others."""
    table = declare("newsubject")
    wider = extend(table, Column("device", "text", "a new subject", optional=True))
    lake = make()
    append(lake, table, build(table, range(3)), "a")
    same(lake.erase(wider, {"device": [person(1)], "user_id": [person(1)]}), 1, "rows erased")
    same(row_numbers(lake, table), [0, 2], "rows")
    try:
        lake.erase(table, {"nonsense": [person(0)]})
    except StoreError:
        return
    raise AssertionError("erasing by a column that is not declared was not refused")


def compaction_keeps_every_row(make: Make[Lake]) -> None:
    """Merging small files changes no row, leaves fewer files, and a second time has nothing to do."""
    table = declare("compact")
    lake = make()
    for number in range(8):
        append(lake, table, build(table, range(number * 10, number * 10 + 10)), f"t{number}")
    before = len(lake.scan(table).files)
    same(lake.compact(table), before, "files merged")
    require(len(make().scan(table).files) < before, "there are no fewer files")
    same(row_numbers(make(), table), list(range(80)), "rows")
    same(lake.compact(table), 0, "files merged the second time")


def erasure_reaches_every_file(make: Make[Lake]) -> None:
    """An erased person stands in no file any more: old versions, log, checkpoints, statistics; all others stay."""
    table = declare("erase")
    lake = make()
    for number in range(60):
        append(lake, table, build(table, range(number * 20, number * 20 + 20), people=30), f"t{number}")
    devices = build(table, [5000, 5001])
    devices = devices.set_column(3, "anonymous_id", pa.array([person(7), person(777)], pa.string()))
    append(lake, table, devices, "devices")
    lake.compact(table)
    append(lake, table, build(table, [5002], people=5), "last")
    folder = folder_of(lake, table)
    require(folder is None or len(holding(folder, person(7))) > 0, "the person was not found before the erasure")
    erased = lake.erase(table, {"user_id": [person(7), person(404)], "anonymous_id": [person(7)]})
    same(erased, 41, "rows erased")
    same(holding(folder, person(7)) if folder else [], [], "files that still hold the person")
    require(folder is None or len(holding(folder, person(8))) > 0, "another person is gone too")
    kept = [number for number in range(1200) if number % 30 != 7]
    same(row_numbers(make(), table), [*kept, 5001, 5002], "rows left")
    same(make().erase(table, {"user_id": [person(7)]}), 0, "rows erased the second time")


def erasing_nobody_changes_nothing(make: Make[Lake]) -> None:
    """Erasing an unknown person, an empty list or by a hostile text erases no row."""
    table = declare("nobody")
    lake = make()
    append(lake, table, build(table, range(3)), "t")
    for values in ([], [person(99)], ["' OR 1=1 --"], ["%"], [""]):
        same(lake.erase(table, {"user_id": values}), 0, f"rows erased for {values}")
        same(lake.erase(table, {"user_id": values, "anonymous_id": values}), 0, f"rows erased for {values}")
    same(row_numbers(lake, table), [0, 1, 2], "rows")


def no_person_stands_outside_the_data(make: Make[Lake]) -> None:
    """Statistics and log name no person: a subject stands in data files only, and erasing does not write it down."""
    table = declare("statistics")
    lake = make()
    for number in range(_COMMITS // 2 + 5):
        append(lake, table, build(table, [number]), f"t{number}")
    lake.compact(table)
    lake.erase(table, {"user_id": [person(3)]})
    append(lake, table, build(table, [900]), "more")
    folder = folder_of(lake, table)
    if folder is None:
        return
    data = {str((folder / file).relative_to(folder)) for file in lake.scan(table).files}
    same(sorted(set(holding(folder, person(900))) - data), [], "files outside the data that hold a person")
    same(holding(folder, person(3)), [], "files that hold an erased person")
    require(bool(holding(folder, person(900))), "the person was not found at all")


LAKE_CHECKS: tuple[Check[Lake], ...] = (
    a_table_nobody_wrote_is_empty,
    appended_rows_are_read_back,
    a_token_is_used_once,
    an_empty_append_uses_its_token,
    a_stream_is_one_commit,
    a_broken_stream_changes_nothing,
    a_scan_stays_what_it_was,
    a_new_column_is_null_before,
    a_new_subject_column_can_be_erased,
    compaction_keeps_every_row,
    erasure_reaches_every_file,
    erasing_nobody_changes_nothing,
    no_person_stands_outside_the_data,
    *LAKE_AGE_CHECKS,
    *LAKE_PROCESS_CHECKS,
)


def check_lake(make: Make[Lake]) -> None:
    """Run all checks of a lake; `make` opens it, the same one on every call.

    Raises:
        AssertionError: it broke a promise; the text says which.
    """
    run_checks(LAKE_CHECKS, make)
