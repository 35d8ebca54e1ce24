"""What every ledger promises."""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import numpy as np

from vocative.checks.ageing import LEDGER_AGE_CHECKS
from vocative.checks.suite import Check, Child, Make, fresh, require, run_checks, same, starting, together
from vocative.errors import LockTimeoutError, VocativeError
from vocative.records.ledger_tables import ASSIGNMENTS, OUTBOX, RUNS
from vocative.records.schema import Row, Table, Value
from vocative.store.protocols import Ledger, Transaction, Where

_KILLS = 40
_MANY = 40_001


def _assignment(person: str, experiment: str, arm: str = "treated") -> dict[str, Value]:
    return {"person_id": person, "experiment": experiment, "arm": arm, "share": 0.1, "assigned_at": 1}


def _run(run_id: str, stage: str, moment: int = 1, result: str | None = None) -> dict[str, Value]:
    return {"run_id": run_id, "stage": stage, "moment": moment, "state": "started", "result": result}


def _select(make: Make[Ledger], table: Table, where: Where) -> list[dict[str, Value]]:
    ledger = make()
    try:
        with ledger.transaction() as transaction:
            return transaction.select(table, where, order_by=table.key)
    finally:
        ledger.close()


def _refused(work: Callable[[], object], what: str) -> None:
    try:
        work()
    except VocativeError:
        return
    raise AssertionError(f"{what} was not refused with an error of vocative.errors")


def committed_rows_survive_reopening(make: Make[Ledger]) -> None:
    """What a transaction committed is there after closing and opening again, value for value."""
    name = fresh("reopen")
    rows = [
        _run(name, "empty text", result=""),
        _run(name, "large number", moment=2**62),
        _run(name, "nothing", result=None),
        _run(name, "quotes ' \" ; --", result='{"ü": "漢"}'),
    ]
    ledger = make()
    with ledger.transaction() as transaction:
        same(transaction.insert(RUNS, rows), 4, "rows written")
        same(transaction.select(RUNS, {"run_id": name}, order_by=["stage"]), rows, "rows within the transaction")
    ledger.close()
    same(_select(make, RUNS, {"run_id": name}), rows, "rows after reopening")


def all_or_nothing(make: Make[Ledger]) -> None:
    """A transaction that ends with an exception leaves nothing behind: no insert, no update, no delete."""
    name = fresh("nothing")
    ledger = make()
    with ledger.transaction() as transaction:
        transaction.insert(RUNS, [_run(name, "a"), _run(name, "b")])
    try:
        with ledger.transaction() as transaction:
            transaction.insert(RUNS, [_run(name, "c")])
            transaction.update(RUNS, {"state": "done"}, {"run_id": name, "stage": "a"})
            transaction.delete(RUNS, {"run_id": name, "stage": "b"})
            raise InterruptedError
    except InterruptedError:
        pass
    with ledger.transaction() as transaction:
        found = transaction.select(RUNS, {"run_id": name}, order_by=["stage"])
    same(found, [_run(name, "a"), _run(name, "b")], "rows after the exception")
    ledger.close()


def conflicts_are_met_as_asked(make: Make[Ledger]) -> None:
    """A second row of the same key is an error, is ignored or replaces the first; the count says what was written."""
    name = fresh("conflict")
    ledger = make()

    def insert(arm: str, on_conflict: str) -> int:
        with ledger.transaction() as transaction:
            rows = [_assignment("p", name, arm), _assignment(f"{arm}-{on_conflict}", name)]
            if on_conflict == "ignore":
                return transaction.insert(ASSIGNMENTS, rows, on_conflict="ignore")
            if on_conflict == "replace":
                return transaction.insert(ASSIGNMENTS, rows, on_conflict="replace")
            return transaction.insert(ASSIGNMENTS, rows)

    def arm() -> Value:
        with ledger.transaction() as transaction:
            return transaction.select(ASSIGNMENTS, {"experiment": name, "person_id": "p"})[0]["arm"]

    same(insert("first", "error"), 2, "rows written")
    _refused(lambda: insert("second", "error"), "a second row of the same key")
    same((insert("third", "ignore"), arm()), (1, "first"), "rows written and arm after `ignore`")
    same((insert("fourth", "replace"), arm()), (2, "fourth"), "rows written and arm after `replace`")
    ledger.close()


def a_missing_value_is_never_swallowed(make: Make[Ledger]) -> None:
    """A row without a required value is refused, also when conflicts are ignored or replaced."""
    name = fresh("missing")
    ledger = make()
    row: Row = {"person_id": name, "experiment": name, "arm": None, "share": 0.1, "assigned_at": 1}
    with ledger.transaction() as transaction:
        _refused(lambda: transaction.insert(ASSIGNMENTS, [row]), "a row without a required value")
    with ledger.transaction() as transaction:
        _refused(lambda: transaction.insert(ASSIGNMENTS, [row], on_conflict="ignore"), "such a row with `ignore`")
    with ledger.transaction() as transaction:
        _refused(lambda: transaction.insert(ASSIGNMENTS, [row], on_conflict="replace"), "such a row with `replace`")
    ledger.close()


def unknown_columns_are_refused(make: Make[Ledger]) -> None:
    """A column that is not declared is refused in rows, conditions, changes and order, and changes nothing."""
    name = fresh("column")
    ledger = make()
    with ledger.transaction() as transaction:
        transaction.insert(RUNS, [_run(name, "a")])
    attempts: list[Callable[[Transaction], object]] = [
        lambda transaction: transaction.insert(RUNS, [{**_run(name, "b"), "nonsense": 1}]),
        lambda transaction: transaction.select(RUNS, {"nonsense": 1}),
        lambda transaction: transaction.select(RUNS, {"run_id": name}, order_by=["nonsense"]),
        lambda transaction: transaction.select(RUNS, {"run_id": name}, order_by=['stage" DESC --']),
        lambda transaction: transaction.select(RUNS, {"run_id": name}, columns=["stage", "nonsense"]),
        lambda transaction: transaction.update(RUNS, {"nonsense": 1}, {"run_id": name}),
        lambda transaction: transaction.update(RUNS, {"state": "done"}, {"nonsense": 1}),
        lambda transaction: transaction.delete(RUNS, {'"1"=1 --': 1}),
    ]
    for number, attempt in enumerate(attempts):
        with ledger.transaction() as transaction:
            _refused(lambda attempt=attempt, t=transaction: attempt(t), f"attempt {number}")  # type: ignore[misc]
    ledger.close()
    same(_select(make, RUNS, {"run_id": name}), [_run(name, "a")], "rows")


def conditions_mean_what_they_say(make: Make[Ledger]) -> None:
    """Conditions are joined by *and*; None is a missing value; a sequence is any of its values; an empty one, none.

    Only the columns that are asked for are told.
    """
    name = fresh("where")
    ledger = make()
    rows = [_run(name, "a", 1, "x"), _run(name, "b", 2, None), _run(name, "c", 3, "x"), _run(name, "d", 4, "y")]
    expected: list[tuple[Where, str]] = [
        ({}, "abcd"),
        ({"result": "x"}, "ac"),
        ({"result": "x", "moment": 3}, "c"),
        ({"result": None}, "b"),
        ({"result": ["x", "y"]}, "acd"),
        ({"result": ["y", None]}, "bd"),
        ({"result": ["x", "y"], "moment": [1, 4, 9]}, "ad"),
        ({"result": []}, ""),
        ({"moment": [1], "stage": ("a",)}, "a"),
        ({"stage": "a' OR '1'='1"}, ""),
    ]
    with ledger.transaction() as transaction:
        transaction.insert(RUNS, rows)
        for where, stages in expected:
            found = transaction.select(RUNS, {"run_id": name, **where}, order_by=["stage"])
            same("".join(str(row["stage"]) for row in found), stages, f"stages where {where}")
        some = transaction.select(RUNS, {"run_id": name, "moment": 3}, columns=["result", "stage"])
        same(some, [{"result": "x", "stage": "c"}], "the columns that were asked for")
    ledger.close()


def changes_are_counted(make: Make[Ledger]) -> None:
    """`update` and `delete` change what meets all conditions and say how many rows: compare and set works."""
    name = fresh("count")
    ledger = make()
    with ledger.transaction() as transaction:
        transaction.insert(RUNS, [_run(name, stage) for stage in "abc"])
        started: Where = {"run_id": name, "stage": "a", "state": "started"}
        same(transaction.update(RUNS, {"state": "done"}, started), 1, "rows changed")
        same(transaction.update(RUNS, {"state": "done"}, started), 0, "rows changed the second time")
        same(transaction.update(RUNS, {"result": "r", "moment": 9}, {"run_id": name}), 3, "rows changed")
        same(transaction.delete(RUNS, {"run_id": name, "state": "started"}), 2, "rows deleted")
        same(transaction.select(RUNS, {"run_id": name}), [{**_run(name, "a", 9, "r"), "state": "done"}], "rows left")
    ledger.close()


def rows_are_counted_by_value(make: Make[Ledger]) -> None:
    """`count` tells how many rows there are for each value of a column, and refuses a column that is not declared."""
    name = fresh("count")
    ledger = make()
    with ledger.transaction() as transaction:
        transaction.insert(ASSIGNMENTS, [_assignment(f"p{number}", name) for number in range(3)])
        found = transaction.count(ASSIGNMENTS, "experiment")
    same(found.get(name), 3, "rows of one value")

    def undeclared() -> None:
        with ledger.transaction() as transaction:
            transaction.count(ASSIGNMENTS, "nothing")

    _refused(undeclared, "counting by a column that is not declared")
    ledger.close()


def lists_may_be_long(make: Make[Ledger]) -> None:
    """A condition may list tens of thousands of values, some of them twice; order and counts hold over all."""
    name = fresh("long")
    people = [f"p{number:06}" for number in range(_MANY)]
    members = [*reversed(people), *people[:7]]
    ledger = make()
    with ledger.transaction() as transaction:
        transaction.insert(ASSIGNMENTS, (_assignment(person, name) for person in reversed(people)))
        transaction.insert(ASSIGNMENTS, [_assignment("other", name)])
        where: Where = {"experiment": name, "person_id": members}
        found = transaction.select(ASSIGNMENTS, where, order_by=["person_id"])
        require([row["person_id"] for row in found] == people, "rows are missing, doubled or out of order")
        same(transaction.update(ASSIGNMENTS, {"arm": "control"}, where), _MANY, "rows changed")
        same(transaction.delete(ASSIGNMENTS, where), _MANY, "rows deleted")
        left = transaction.select(ASSIGNMENTS, {"experiment": name})
        same([row["person_id"] for row in left], ["other"], "rows left")
    ledger.close()


def _count_up(say: Connection, gate: Connection, make: Make[Ledger], name: str) -> None:
    with starting(say, gate):
        ledger = make()
        for _ in range(25):
            with ledger.transaction() as transaction:
                moment = transaction.select(RUNS, {"run_id": name})[0]["moment"]
                transaction.update(RUNS, {"moment": int(moment or 0) + 1}, {"run_id": name})
        ledger.close()


def a_second_writer_waits(make: Make[Ledger]) -> None:
    """Processes that read and then write in a transaction do so one after the other: no change is lost."""
    name = fresh("wait")
    ledger = make()
    with ledger.transaction() as transaction:
        transaction.insert(RUNS, [_run(name, "", 0)])
    ledger.close()
    together(_count_up, [(make, name)] * 4)
    same(_select(make, RUNS, {"run_id": name})[0]["moment"], 100, "sum of four times 25 increments")


def _open_and_insert(say: Connection, gate: Connection, make: Make[Ledger], name: str, stage: str) -> None:
    with starting(say, gate):
        ledger = make()
        with ledger.transaction() as transaction:
            transaction.insert(RUNS, [_run(name, stage)])
        ledger.close()


def many_may_open_it_at_once(make: Make[Ledger]) -> None:
    """Processes that open the ledger at the same time, perhaps for the first time ever, all succeed."""
    name = fresh("open")
    together(_open_and_insert, [(make, name, stage) for stage in "abcd"])
    same([row["stage"] for row in _select(make, RUNS, {"run_id": name})], list("abcd"), "stages")


def locks_exclude(make: Make[Ledger]) -> None:
    """A lock that is held is refused to others in time, other names are free, and an exception lets go of it."""
    name = fresh("lock") + "/with: odd * signs"
    ledger, other = make(), make()
    try:
        with ledger.lock(name), other.lock(f"{name}2", timeout=0.1):
            try:
                with other.lock(name, timeout=0.1):
                    raise AssertionError("a lock was given to two holders")
            except LockTimeoutError:
                pass
            raise InterruptedError
    except InterruptedError:
        pass
    with other.lock(name, timeout=0.1):
        pass
    ledger.close()
    other.close()


def _add_under_lock(say: Connection, gate: Connection, make: Make[Ledger], name: str) -> None:
    with starting(say, gate):
        ledger = make()
        for _ in range(10):
            with ledger.lock(name):
                with ledger.transaction() as transaction:
                    moment = transaction.select(RUNS, {"run_id": name})[0]["moment"]
                with ledger.transaction() as transaction:
                    transaction.update(RUNS, {"moment": int(moment or 0) + 1}, {"run_id": name})
        ledger.close()


def locks_exclude_other_processes(make: Make[Ledger]) -> None:
    """Processes that read in one transaction and write in the next lose nothing while they hold the same lock."""
    name = fresh("mutex")
    ledger = make()
    with ledger.transaction() as transaction:
        transaction.insert(RUNS, [_run(name, "", 0)])
    ledger.close()
    together(_add_under_lock, [(make, name)] * 4)
    same(_select(make, RUNS, {"run_id": name})[0]["moment"], 40, "sum of four times 10 increments")


def _hold(say: Connection, make: Make[Ledger], name: str) -> None:
    ledger = make()
    with ledger.lock(name):
        say.send("held")
        time.sleep(600)


def a_killed_holder_frees_its_lock(make: Make[Ledger]) -> None:
    """A lock held by another process is refused; once that process is killed, the lock is free."""
    name = fresh("killed")
    ledger = make()
    child = Child(_hold, make, name)
    child.hear()
    try:
        with ledger.lock(name, timeout=0.1):
            raise AssertionError("a lock held by another process was given away")
    except LockTimeoutError:
        pass
    finally:
        child.kill()
        child.rest()
    with ledger.lock(name, timeout=10.0):
        pass
    ledger.close()


def _write_pairs(say: Connection, make: Make[Ledger], name: str, start: int) -> None:
    ledger = make()
    say.send(-1)
    for number in range(start, start + 1_000_000):
        with ledger.transaction() as transaction:
            transaction.insert(RUNS, [_run(f"{name}-{number}", "first")])
            transaction.insert(ASSIGNMENTS, [_assignment(str(number), name)])
            transaction.insert(RUNS, [_run(f"{name}-{number}", "last")])
        say.send(number)


def killed_writer_leaves_whole_transactions(make: Make[Ledger]) -> None:
    """After `kill -9` at any instant, every committed transaction is there whole, no other in part, and it opens."""
    name = fresh("kill")
    make().close()
    committed: set[int] = set()
    tried: list[int] = []
    for kill, instant in enumerate(np.random.default_rng(2).uniform(0.0, 0.03, _KILLS)):
        # A range of its own: the writer before may have committed one transaction more than it could tell.
        start = kill * 1_000_000
        child = Child(_write_pairs, make, name, start)
        child.hear()
        mine = [number for number in child.kill_after(float(instant)) if isinstance(number, int) and number >= 0]
        committed.update(mine)
        tried.extend(range(start, start + len(mine) + 2))
    require(bool(committed), "no writer lived long enough to commit")
    assigned = {int(str(row["person_id"])) for row in _select(make, ASSIGNMENTS, {"experiment": name})}
    require(committed <= assigned, f"{len(committed - assigned)} committed transactions are lost")
    runs = _select(make, RUNS, {"run_id": [f"{name}-{number}" for number in tried]})
    same(len(runs), 2 * len(assigned), "rows of the other table")


def every_table_is_there(make: Make[Ledger]) -> None:
    """Every declared ledger table can be asked, and a column named like a keyword works."""
    ledger = make()
    with ledger.transaction() as transaction:
        same(transaction.select(OUTBOX, {"class": fresh("none")}), [], "rows")
        same(transaction.update(OUTBOX, {"class": "service"}, {"message_id": fresh("none")}), 0, "rows changed")
    ledger.close()


LEDGER_CHECKS: tuple[Check[Ledger], ...] = (
    many_may_open_it_at_once,
    every_table_is_there,
    committed_rows_survive_reopening,
    all_or_nothing,
    conflicts_are_met_as_asked,
    a_missing_value_is_never_swallowed,
    unknown_columns_are_refused,
    conditions_mean_what_they_say,
    changes_are_counted,
    rows_are_counted_by_value,
    lists_may_be_long,
    *LEDGER_AGE_CHECKS,
    a_second_writer_waits,
    locks_exclude,
    locks_exclude_other_processes,
    a_killed_holder_frees_its_lock,
    killed_writer_leaves_whole_transactions,
)


def check_ledger(make: Make[Ledger]) -> None:
    """Run all checks of a ledger; `make` opens it, the same one on every call.

    Raises:
        AssertionError: it broke a promise; the text says which.
    """
    run_checks(LEDGER_CHECKS, make)
