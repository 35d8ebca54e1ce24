"""What every lake promises when several processes use it, or one of them is killed."""

from __future__ import annotations

from multiprocessing.connection import Connection

import numpy as np

from vocative.checks.lake_files import append, build, declare, folder_of, holding, person, row_numbers
from vocative.checks.suite import Check, Child, Make, require, same, starting, together
from vocative.records.schema import Table
from vocative.store.protocols import Lake

_KILLS = 40
_BATCH = 50


def _rows_of(token: int) -> range:
    return range(token * _BATCH, token * _BATCH + _BATCH)


def _append_all(say: Connection, gate: Connection, make: Make[Lake], table: Table, tokens: range) -> None:
    with starting(say, gate):
        lake = make()
        for token in tokens:
            rows = build(table, _rows_of(token), people=_BATCH)
            say.send(append(lake, table, rows, f"t{token}"))


def concurrent_first_appends_both_count(make: Make[Lake]) -> None:
    """Processes that append to a table nobody has written yet, at the same time, all succeed."""
    for attempt in range(3):
        table = declare(f"first{attempt}")
        together(_append_all, [(make, table, range(number, number + 1)) for number in range(3)])
        same(row_numbers(make(), table), list(range(3 * _BATCH)), "rows")


def a_token_counts_once_over_processes(make: Make[Lake]) -> None:
    """Processes that append with the same tokens at the same time: each token appends exactly once."""
    table = declare("race")
    said = together(_append_all, [(make, table, range(8))] * 3)
    same(sum(answer is True for answers in said for answer in answers), 8, "appends that say they were new")
    same(row_numbers(make(), table), list(range(8 * _BATCH)), "rows")


def _disturb(say: Connection, gate: Connection, make: Make[Lake], table: Table, people: range) -> None:
    with starting(say, gate):
        lake = make()
        for number in people:
            lake.erase(table, {"user_id": [person(number)], "anonymous_id": [person(number)]})
            lake.compact(table)
            lake.scan(table)


def _scan_often(say: Connection, gate: Connection, make: Make[Lake], table: Table, times: int) -> None:
    with starting(say, gate):
        lake = make()
        last = -1
        for _ in range(times):
            version = lake.scan(table).version
            require(version >= last, f"the version went back from {last} to {version}")
            last = version


def _work(say: Connection, gate: Connection, make: Make[Lake], table: Table, kind: str, what: range) -> None:
    if kind == "append":
        _append_all(say, gate, make, table, what)
    elif kind == "erase":
        _disturb(say, gate, make, table, what)
    else:
        _scan_often(say, gate, make, table, len(what))


def appenders_beside_a_deleter_lose_nothing(make: Make[Lake]) -> None:
    """Appends from several processes beside erasures, compactions and scans: nothing is lost, nobody comes back."""
    table = declare("beside")
    lake = make()
    append(lake, table, build(table, range(10**6, 10**6 + _BATCH), people=_BATCH), "start")
    together(
        _work,
        [
            (make, table, "append", range(10)),
            (make, table, "append", range(10, 20)),
            (make, table, "erase", range(4)),
            (make, table, "scan", range(40)),
        ],
    )
    lake.erase(table, {"user_id": [person(number) for number in range(4)]})
    kept = [number for number in (*range(20 * _BATCH), *range(10**6, 10**6 + _BATCH)) if number % _BATCH >= 4]
    same(row_numbers(make(), table), kept, "rows")


def _append_forever(say: Connection, make: Make[Lake], table: Table, start: int) -> None:
    lake = make()
    say.send(-1)
    for token in range(start, start + 1_000_000):
        append(lake, table, build(table, _rows_of(token)), f"t{token}")
        say.send(token)


def killed_appender_loses_nothing(make: Make[Lake]) -> None:
    """After `kill -9` at any instant every append that returned is there, none in part, and the rest can be redone."""
    table = declare("kill")
    acknowledged: set[int] = set()
    for instant in np.random.default_rng(3).uniform(0.0, 0.4, _KILLS):
        child = Child(_append_forever, make, table, max(acknowledged, default=-1) + 1)
        child.hear()
        acknowledged.update(
            token for token in child.kill_after(float(instant)) if isinstance(token, int) and token >= 0
        )
    require(bool(acknowledged), "no appender lived long enough to append")
    lake = make()
    last = max(acknowledged) + 1
    found = set(row_numbers(lake, table))
    for token in range(last + 1):
        rows = set(_rows_of(token))
        require(not rows & found or rows <= found, f"append {token} is there in part")
        same(rows <= found, lake.committed(table, f"t{token}"), f"rows of append {token} are there: token")
        require(token not in acknowledged or rows <= found, f"append {token} had returned and is lost")
        same(append(lake, table, build(table, sorted(rows)), f"t{token}"), not rows <= found, f"redo {token}")
    same(row_numbers(make(), table), list(range((last + 1) * _BATCH)), "rows after doing the rest again")


def _erase_once(say: Connection, make: Make[Lake], table: Table, number: int) -> None:
    lake = make()
    say.send("ready")
    lake.erase(table, {"user_id": [person(number)]})


def a_killed_erasure_is_finished_by_the_next(make: Make[Lake]) -> None:
    """After `kill -9` within an erasure the table opens; the same call again leaves the person in no file."""
    table = declare("killerase")
    lake = make()
    for token in range(12):
        lake.append(table, build(table, _rows_of(token), people=_BATCH), token=f"t{token}")
    folder = folder_of(lake, table)
    for number, instant in enumerate(np.random.default_rng(4).uniform(0.0, 0.3, 12)):
        child = Child(_erase_once, make, table, number)
        child.hear()
        child.kill_after(float(instant))
        make().erase(table, {"user_id": [person(number)]})
        same(holding(folder, person(number)) if folder else [], [], "files that still hold the person")
    same(row_numbers(make(), table), [n for n in range(12 * _BATCH) if n % _BATCH >= 12], "rows")


LAKE_PROCESS_CHECKS: tuple[Check[Lake], ...] = (
    concurrent_first_appends_both_count,
    a_token_counts_once_over_processes,
    appenders_beside_a_deleter_lose_nothing,
    killed_appender_loses_nothing,
    a_killed_erasure_is_finished_by_the_next,
)
