"""What lake and ledger promise when rows have become too old to be kept."""

from __future__ import annotations

from pathlib import Path

from vocative.checks.lake_files import append, build, declare, extend, row_numbers
from vocative.checks.suite import Check, Make, fresh, same
from vocative.errors import StoreError
from vocative.records.ledger_tables import OUTBOX, RUNS
from vocative.records.schema import Column, Value
from vocative.store.protocols import Lake, Ledger


def old_rows_leave_the_lake(make: Make[Lake]) -> None:
    """Exactly the rows before the moment go, from whole files and parts of one; what was scanned stays readable."""
    table = declare("old")
    lake = make()
    same(lake.expire(table, "moment", 10), 0, "rows of a table nobody wrote")
    for start in (0, 10, 20):
        append(lake, table, build(table, range(start, start + 10)), f"t{start}")
    before = lake.scan(table)
    same(lake.expire(table, "moment", 15), 15, "rows deleted")
    same(row_numbers(make(), table), list(range(15, 30)), "rows left")
    gone = [file for file in before.files if Path(file).is_absolute() and not Path(file).exists()]
    same(gone, [], "files that a reader may still need")
    same(make().expire(table, "moment", 15), 0, "rows deleted the second time")
    same(append(lake, table, build(table, [0]), "t0"), False, "the token of rows that are gone")


def rows_without_a_moment_stay(make: Make[Lake]) -> None:
    """A row whose column is empty is never too old; a column that is not declared is refused."""
    table = declare("ageless")
    wider = extend(table, Column("ended", "moment", "when it was over", optional=True))
    lake = make()
    append(lake, table, build(table, [1]), "narrow")
    same(lake.expire(wider, "ended", 100), 0, "rows deleted by a column nobody wrote")
    append(lake, wider, build(wider, [2]), "wide")
    same(lake.expire(wider, "ended", 100), 0, "rows deleted")
    same(row_numbers(lake, wider), [1, 2], "rows left")
    try:
        lake.expire(table, "nonsense", 100)
    except StoreError:
        return
    raise AssertionError("a column that is not declared was not refused")


def old_rows_leave_the_ledger(make: Make[Ledger]) -> None:
    """`delete` with `before` takes rows that are less there and meet the conditions; without a value they stay."""
    name = fresh("old")
    ledger = make()
    rows: list[dict[str, Value]] = [
        {"run_id": name, "stage": str(moment), "moment": moment, "state": "done", "result": None} for moment in range(4)
    ]
    with ledger.transaction() as transaction:
        transaction.insert(RUNS, rows)
        same(transaction.delete(RUNS, {"run_id": name, "stage": ["0", "3"]}, before=("moment", 3)), 1, "rows deleted")
        same(transaction.delete(RUNS, {"run_id": name}, before=("moment", 2)), 1, "rows deleted")
        same(transaction.select(RUNS, {"run_id": name}, order_by=["stage"]), rows[2:], "rows left")
        same(transaction.delete(OUTBOX, {"message_id": fresh("none")}, before=("dropped_at", 2**62)), 0, "no rows")
        try:
            transaction.delete(RUNS, {"run_id": name}, before=("nonsense", 9))
        except StoreError:
            pass
        else:
            raise AssertionError("a column that is not declared was not refused")
    ledger.close()


LAKE_AGE_CHECKS: tuple[Check[Lake], ...] = (old_rows_leave_the_lake, rows_without_a_moment_stay)
LEDGER_AGE_CHECKS: tuple[Check[Ledger], ...] = (old_rows_leave_the_ledger,)
