"""What the embedded drivers promise beyond the suites, and faults they once had."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest

from tests.store import drivers
from vocative.checks.lake_files import append, build, declare, folder_of, holding, person, row_numbers
from vocative.checks.lake_processes import concurrent_first_appends_both_count
from vocative.errors import DriverError, StoreError
from vocative.records.ledger_tables import RUNS
from vocative.records.schema import Table, Value
from vocative.store.protocols import Accepted
from vocative.store.registry import driver_names, load_driver


def test_first_appends_of_writers_that_know_no_lock_are_done_again(tmp_path: Path) -> None:
    concurrent_first_appends_both_count(partial(drivers.unlocked_lake, tmp_path))


def test_a_commit_that_was_overtaken_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake, foreign, table = drivers.lake(tmp_path), drivers.unlocked_lake(tmp_path), declare("overtaken")
    append(lake, table, build(table, range(100), people=10), "t")
    open_table, delete = getattr(lake, "_open"), getattr(foreign, "_delete")  # noqa: B009 - not in the protocol
    tried: list[int] = []

    def open_and_be_overtaken(asked: Table) -> object:
        opened = open_table(asked)
        if len(tried) < 4:
            delete(table, "user_id", [person(len(tried) + 4)])
            tried.append(len(tried))
        return opened

    monkeypatch.setattr(lake, "_open", open_and_be_overtaken)
    assert lake.erase(table, {"user_id": [person(3)]}) == 10
    assert len(tried) == 4
    assert row_numbers(drivers.lake(tmp_path), table) == [n for n in range(100) if n % 10 not in (3, 4, 5, 6, 7)]


def holders(folder: Path, text: str) -> list[str]:
    """Names of the files in a folder that hold a text."""
    return [path.name for path in folder.iterdir() if path.is_file() and text.encode() in path.read_bytes()]


def test_erased_events_are_in_no_file_of_the_inbox(tmp_path: Path) -> None:
    inbox = drivers.inbox(tmp_path)
    inbox.put([Accepted(f"id-of-anna-{number}", b'{"who": "anna-body"}', 1) for number in range(50)])
    inbox.put([Accepted("id-of-bert", b'{"who": "bert-body"}', 1)])
    assert holders(tmp_path, "id-of-anna")
    assert holders(tmp_path, "anna-body")
    assert inbox.erase([f"id-of-anna-{number}" for number in range(50)]) == 50
    assert not holders(tmp_path, "id-of-anna") + holders(tmp_path, "anna-body")
    assert holders(tmp_path, "bert-body")
    assert (tmp_path / "inbox.sqlite-wal").stat().st_size == 0


def test_deleted_and_changed_rows_are_in_no_file_of_the_ledger(tmp_path: Path) -> None:
    ledger = drivers.ledger(tmp_path)
    row: dict[str, Value] = {"run_id": "r", "stage": "s", "moment": 1, "state": "started"}
    with ledger.transaction() as transaction:
        transaction.insert(RUNS, [{**row, "stage": f"anna-{number}"} for number in range(200)])
        transaction.insert(RUNS, [{**row, "result": '"about bert"'}])
    with ledger.transaction() as transaction:
        transaction.delete(RUNS, {"stage": [f"anna-{number}" for number in range(200)]})
        transaction.update(RUNS, {"result": '"about carl"'}, {"stage": "s"})
    assert holders(tmp_path, "anna-")
    ledger.scrub()
    assert not holders(tmp_path, "anna-") + holders(tmp_path, "about bert")
    assert holders(tmp_path, "about carl") == ["ledger.sqlite"]
    with ledger.transaction(), pytest.raises(StoreError):
        ledger.scrub()


def test_a_reader_that_does_not_end_is_named_when_files_cannot_be_cleaned(tmp_path: Path) -> None:
    ledger = drivers.ledger(tmp_path)
    with ledger.transaction() as transaction:
        transaction.insert(RUNS, [{"run_id": "r", "stage": "s", "moment": 1, "state": "started"}])
    reader = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM runs").fetchall()
    connection = getattr(ledger, "_connection")()  # noqa: B009 - waiting for a minute is no test
    connection.execute("PRAGMA busy_timeout = 10")
    with pytest.raises(StoreError, match="another process is reading"):
        ledger.scrub()
    reader.close()
    ledger.scrub()


def test_an_erasure_that_stopped_half_way_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake, table = drivers.lake(tmp_path), declare("half")
    append(lake, table, build(table, range(100), people=10), "t")
    folder = folder_of(lake, table)
    assert folder is not None

    def stop(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(lake), "_purge", stop)
        with pytest.raises(KeyboardInterrupt):
            lake.erase(table, {"user_id": [person(3)]})
    assert holding(folder, person(3)) != []
    assert lake.erase(table, {"user_id": [person(3)]}) == 0
    assert holding(folder, person(3)) == []
    assert len(row_numbers(lake, table)) == 90


def test_data_of_the_wrong_type_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    lake, table = drivers.lake(tmp_path), declare("types")
    append(lake, table, build(table, range(2)), "a")
    wrong = build(table, [2]).set_column(0, "row", pa.array(["two"], pa.string()))
    with pytest.raises(StoreError, match="types_"):
        append(lake, table, wrong, "b")
    assert (lake.committed(table, "b"), row_numbers(lake, table)) == (False, [0, 1])


def test_a_damaged_lake_table_is_named(tmp_path: Path) -> None:
    lake, table = drivers.lake(tmp_path), declare("damaged")
    append(lake, table, build(table, range(2)), "a")
    folder = folder_of(lake, table)
    assert folder is not None
    for entry in (folder / "_delta_log").glob("*.json"):
        entry.write_text("{ torn", encoding="utf-8")
    with pytest.raises(StoreError, match=table.name):
        lake.scan(table)


def test_one_callers_fault_does_not_cost_the_others(tmp_path: Path) -> None:
    inbox = drivers.inbox(tmp_path)
    good = [Accepted(f"good-{number}", b"{}", 1) for number in range(20)]
    bad = [Accepted("\ud800", b"{}", 1), Accepted("no body", None, 1), Accepted("late", b"{}", 2**70)]  # type: ignore[arg-type]
    refused: list[BaseException] = []
    accepted: list[int] = []

    def put(event: Accepted) -> None:
        try:
            accepted.append(inbox.put([event]))
        except StoreError as error:
            refused.append(error)

    threads = [threading.Thread(target=put, args=(event,)) for event in [*good[:10], *bad, *good[10:]]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(accepted), len(refused)) == (20, 3)
    assert {event.message_id for event in inbox.take(100)[0]} == {event.message_id for event in good}
    inbox.close()


def test_a_refused_call_accepts_none_of_its_events(tmp_path: Path) -> None:
    inbox = drivers.inbox(tmp_path)
    with pytest.raises(StoreError, match="2 events"):
        inbox.put([Accepted("a", b"{}", 1), Accepted("b", b"{}", 2**70)])
    assert inbox.take(10)[0] == []
    assert inbox.put([Accepted("a", b"{}", 1)]) == 1
    inbox.close()


def test_files_that_are_no_database_are_refused(tmp_path: Path) -> None:
    for name in ("inbox.sqlite", "ledger.sqlite"):
        (tmp_path / name).write_bytes(b"something else entirely" * 100)
    with pytest.raises(StoreError, match=r"inbox\.sqlite"):
        drivers.inbox(tmp_path)
    with pytest.raises(StoreError, match=r"ledger\.sqlite"):
        drivers.ledger(tmp_path)


def test_a_transaction_inside_another_is_refused(tmp_path: Path) -> None:
    ledger = drivers.ledger(tmp_path)
    with pytest.raises(StoreError, match="inside another"), ledger.transaction(), ledger.transaction():
        pass
    with ledger.transaction() as transaction:
        assert transaction.select(RUNS) == []
    ledger.close()


def test_a_ledger_written_before_a_column_was_declared_gets_it(tmp_path: Path) -> None:
    drivers.ledger(tmp_path).close()
    old = sqlite3.connect(tmp_path / "ledger.sqlite")
    old.executescript(
        "INSERT INTO runs (run_id, stage, moment, state) VALUES ('r', '', 1, 'done');"
        "ALTER TABLE runs DROP COLUMN result;"
    )
    old.close()
    ledger = drivers.ledger(tmp_path)
    with ledger.transaction() as transaction:
        assert transaction.update(RUNS, {"result": "{}"}, {"run_id": "r", "result": None}) == 1
        assert [row["result"] for row in transaction.select(RUNS)] == ["{}"]
    ledger.close()


_STREAM = """
import sys
from pathlib import Path
from tests.peak import peak_bytes
from tests.store import drivers
rows = 0
with drivers.engine(Path(sys.argv[1])).stream(
    "SELECT i, hash(i) AS h, repeat('x', 40) || i AS s FROM range(8000000) AS r(i) ORDER BY h", {}
) as reader:
    for batch in reader:
        rows += batch.num_rows
assert rows == 8_000_000, rows
print(peak_bytes())
"""


def test_a_stream_larger_than_memory_is_spilled(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", _STREAM, str(tmp_path)],
        check=True,
        cwd=root,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    peak = int(done.stdout)
    # The rows take some 550 MB, the engine may use 200 MB, Python with Arrow needs the rest.
    assert peak < 500e6
    assert list((tmp_path / "scratch").iterdir()) == []


def test_drivers_are_found_by_name() -> None:
    assert "delta" in driver_names("lake")
    assert "sqlite" in driver_names("ledger")
    with pytest.raises(DriverError, match=r"'nosuch'.*installed: .*sqlite"):
        load_driver("inbox", "nosuch")


_SPILLING = """
import sys
from pathlib import Path
from tests.store import drivers
with drivers.engine(Path(sys.argv[1])).stream(
    "SELECT i, hash(i) AS h, repeat('x', 40) || i AS s FROM range(8000000) AS r(i) ORDER BY h", {}
) as reader:
    next(reader)
    sys.stdout.write("spilled\\n")
    sys.stdout.flush()
    sys.stdin.read()
"""


def test_what_a_killed_query_spilled_is_gone_after_the_next_one(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", _SPILLING, str(tmp_path)]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"spilled\n"
        spilled = list((tmp_path / "scratch").glob("engine-*/*"))
        assert sum(path.stat().st_size for path in spilled) > 1e6
        engine = drivers.engine(tmp_path)
        engine.query("SELECT 1", {})
        assert all(path.exists() for path in spilled)
        killed.kill()
    second = drivers.engine(tmp_path)
    second.query("SELECT 1", {})
    assert not any(path.exists() for path in spilled)
    del engine, second
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_query_creates_nothing_that_lasts(tmp_path: Path) -> None:
    engine = drivers.engine(tmp_path)
    with pytest.raises(StoreError, match="TEMPORARY"):
        engine.query("CREATE TABLE made AS SELECT 1", {})
    assert engine.query("CREATE TEMP TABLE made AS SELECT 1 AS n; SELECT n FROM made", {}).num_rows == 1
    with pytest.raises(StoreError, match="made"):
        engine.query("SELECT * FROM made", {})


def test_queries_of_several_threads_do_not_see_each_others_relations(tmp_path: Path) -> None:
    engine = drivers.engine(tmp_path)
    found: dict[int, list[dict[str, object]]] = {}

    def ask(number: int) -> None:
        found[number] = engine.query("SELECT n FROM mine", {"mine": pa.table({"n": [number]})}).to_pylist()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [{"n": number}] for number in range(16)}
