"""Drivers that break a promise on purpose: the suites have to notice, and say which promise it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pytest

from tests.store import drivers
from vocative.checks import ageing, lake_processes
from vocative.checks import engine as engine_checks
from vocative.checks import inbox as inbox_checks
from vocative.checks import lake as lake_checks
from vocative.checks import ledger as ledger_checks
from vocative.checks.suite import Check, run_checks
from vocative.records.schema import Table, Value
from vocative.store.protocols import Accepted, Engine, Inbox, Lake, Ledger, Relation, Scan, Staged, Transaction

S = TypeVar("S")


class ForgetfulInbox:
    """Keeps events in memory only; forgets ids together with bodies."""

    def __init__(self) -> None:
        self._events: dict[str, tuple[int, Accepted]] = {}
        self._last = 0

    def put(self, events: Sequence[Accepted]) -> int:
        before = len(self._events)
        for event in events:
            self._last += 1
            self._events.setdefault(event.message_id, (self._last, event))
        return len(self._events) - before

    def take(self, limit: int, *, after: int = 0) -> tuple[list[Accepted], int]:
        taken = [value for value in self._events.values() if value[0] > after][:limit]
        return [event for _, event in taken], taken[-1][0] if taken else after

    def forget(self, position: int) -> None:
        self._events = {key: value for key, value in self._events.items() if value[0] > position}

    def erase(self, message_ids: Sequence[str]) -> int:
        return len([self._events.pop(name) for name in message_ids if name in self._events])

    def close(self) -> None:
        pass


class CarelessLake:
    """Passes on to a real lake, but forgets tokens, leaves old files behind an erasure, or deletes young rows."""

    def __init__(self, real: Lake, fault: str) -> None:
        self._real = real
        self._fault = fault

    def append(self, table: Table, data: pa.Table | pa.RecordBatchReader, *, token: str) -> bool:
        return self._real.append(table, data, token=token if self._fault != "tokens" else f"{token}{id(data)}")

    def committed(self, table: Table, token: str) -> bool:
        return self._real.committed(table, token)

    def scan(self, table: Table) -> Scan:
        return self._real.scan(table)

    def erase(self, table: Table, where: Mapping[str, Sequence[str]]) -> int:
        if self._fault == "half":
            return int(getattr(self._real, "_delete")(table, "user_id", where["user_id"]))  # noqa: B009
        return self._real.erase(table, where)

    def expire(self, table: Table, column: str, before: int) -> int:
        return self._real.expire(table, column, before + (self._fault == "young"))

    def compact(self, table: Table) -> int:
        return self._real.compact(table)


class LooseLedger:
    """Passes everything on to a real ledger, but commits each verb by itself and hands locks to everybody."""

    def __init__(self, real: Ledger) -> None:
        self._real = real

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._real.transaction() as transaction:
            try:
                yield transaction
            except InterruptedError as error:
                kept = error
            else:
                return
        raise kept

    @contextmanager
    def lock(self, name: str, *, timeout: float = 60.0) -> Iterator[None]:
        yield

    def scrub(self) -> None:
        self._real.scrub()

    def close(self) -> None:
        self._real.close()


class PastingEngine:
    """Pastes parameters into the statement."""

    def __init__(self, real: Engine) -> None:
        self._real = real

    def query(
        self, sql: str, relations: Mapping[str, Relation], parameters: Mapping[str, Value] | None = None
    ) -> pa.Table:
        for key, value in (parameters or {}).items():
            sql = sql.replace(f"${key}", f"'{value!s}'")
        return self._real.query(sql, relations)

    def stream(
        self, sql: str, relations: Mapping[str, Relation], parameters: Mapping[str, Value] | None = None
    ) -> object:
        return self._real.stream(sql, relations, parameters)

    def stage(self, sql: str, relations: Mapping[str, Relation]) -> Staged:
        return self._real.stage(sql, relations)


def broken(checks: Sequence[Check[S]], make: Callable[[], S]) -> str:
    with pytest.raises(AssertionError) as caught:
        run_checks(checks, make)
    return str(caught.value)


def test_an_inbox_that_forgets_is_noticed() -> None:
    kept = ForgetfulInbox()
    same_process = [check for check in inbox_checks.INBOX_CHECKS if "process" not in check.__name__][:7]
    text = broken(same_process, lambda: kept)
    assert "forgotten_ids_stay_known" in text
    assert "An event that was forgotten and comes again changes nothing" in text
    text = broken([inbox_checks.accepted_events_survive_reopening], ForgetfulInbox)
    assert "1 of 1 promises are broken" in text


def lake_that_leaves_files(folder: Path) -> Lake:
    return CarelessLake(drivers.lake(folder), "half")


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        (lake_checks.a_token_is_used_once, "tokens"),
        (lake_checks.an_empty_append_uses_its_token, "tokens"),
        (ageing.old_rows_leave_the_lake, "young"),
        (lake_checks.erasure_reaches_every_file, "half"),
        (lake_checks.no_person_stands_outside_the_data, "half"),
    ],
)
def test_a_careless_lake_is_noticed(check: Check[Lake], fault: str, tmp_path: Path) -> None:
    assert check.__name__ in broken([check], lambda: CarelessLake(drivers.lake(tmp_path), fault))


def test_a_lake_that_leaves_files_after_a_kill_is_noticed(tmp_path: Path) -> None:
    check = lake_processes.a_killed_erasure_is_finished_by_the_next
    assert "files that still hold the person" in broken([check], partial(lake_that_leaves_files, tmp_path))


@pytest.mark.parametrize("check", [ledger_checks.all_or_nothing, ledger_checks.locks_exclude])
def test_a_loose_ledger_is_noticed(check: Check[Ledger], tmp_path: Path) -> None:
    assert check.__name__ in broken([check], lambda: LooseLedger(drivers.ledger(tmp_path)))


def test_an_engine_that_pastes_parameters_is_noticed(tmp_path: Path) -> None:
    def make() -> Engine:
        return PastingEngine(drivers.engine(tmp_path))  # type: ignore[return-value]

    assert "parameters_are_values" in broken([engine_checks.parameters_are_values], make)


def test_real_drivers_pass_as_a_script_would_run_them(tmp_path: Path) -> None:
    engine_checks.check_engine(partial(drivers.engine, tmp_path))


def inbox_type_is_a_protocol(inbox: ForgetfulInbox) -> Inbox:
    return inbox
