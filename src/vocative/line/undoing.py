"""Takes the newest run back, as long as nobody has got anything of it: `vocative run --undo`.

A run at a mistyped moment, or with wrong settings, would stay for good otherwise: no run may lie before it. What it
decided, wrote, queued and learnt goes; what came in through it stays, and so does who did what by hand. What it
deleted for its age cannot come back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from vocative.deliver.relay import CLAIMED, DELIVERED, DROPPED, QUEUED
from vocative.errors import ClockError
from vocative.learn.standing import US
from vocative.line.act.message_files import message_files, rewrite_page
from vocative.line.snapshot.clock import WHOLE_RUN, to_text
from vocative.line.snapshot.journal import UNDOING, UNDONE, Result
from vocative.records.cells import integer
from vocative.records.lake_tables import LAKE_TABLES, MESSAGES
from vocative.records.ledger_tables import (
    APPROVALS,
    ASSIGNMENTS,
    ERASURES,
    IDENTITIES,
    IMPORTS,
    MODEL_CARDS,
    MODEL_DRIFT,
    MODEL_STANDINGS,
    MODEL_WATCHES,
    MODELS,
    NOT_ME,
    OUTBOX,
    PATTERNS,
    PERMISSIONS,
    REFUSED_ADDRESSES,
    RUNS,
    SWITCHES,
    TOLD,
    TREATMENTS,
    VERDICTS,
)
from vocative.records.schema import Row, Table
from vocative.store.protocols import Transaction
from vocative.workspace.opening import OpenWorkspace

BY_MOMENT: tuple[tuple[Table, str], ...] = (
    (ASSIGNMENTS, "assigned_at"),
    (TREATMENTS, "moment"),
    (MODELS, "fitted_at"),
    (MODEL_CARDS, "fitted_at"),
    (VERDICTS, "moment"),
    (MODEL_WATCHES, "moment"),
    (MODEL_DRIFT, "moment"),
    (PATTERNS, "moment"),
)
"""Ledger tables whose rows a run writes, and the column in which its moment stands."""
BY_HAND: tuple[Table, ...] = (RUNS, OUTBOX, TOLD, MODEL_STANDINGS)
"""Ledger tables that are seen to one by one below."""
STAYING: tuple[Table, ...] = (
    PERMISSIONS, IDENTITIES, NOT_ME, IMPORTS, APPROVALS, SWITCHES, ERASURES, REFUSED_ADDRESSES,
)  # fmt: skip
"""Ledger tables that hold nothing of a run: what came in, what servers said, and what people of the business did."""

_ON_DISK = "file"
_IDS_SQL = "SELECT DISTINCT message_id FROM messages WHERE run_id = $run"


class _Run(NamedTuple):
    run_id: str
    moment: int
    rows: list[dict[str, object]]


def undo(workspace: OpenWorkspace, *, not_mailed: bool = False) -> Result:
    """Take the newest run back, done or cut off; the workspace can be run again at its moment or an earlier one.

    May be repeated when it was cut off itself.

    Args:
        workspace: The opened workspace.
        not_mailed: Messages that were written to disk were given to nobody: they are taken back as well, and their
            files deleted. In a simulation that is so anyway.

    Returns:
        `run_id`, `now`; `rows`: table → how many went; `files`: how many messages on disk; `queued_again`: messages
        of earlier runs that it had let go of; `expired`: rows it had deleted for their age, which cannot come back.

    Raises:
        ClockError: there is no run, something of it was handed over, or somebody has changed by hand which model acts
            since.
    """
    ledger = workspace.stores.ledger
    with ledger.lock("run"), ledger.lock("outbox"):
        run = _newest(workspace)
        messages = _messages(workspace, run)
        with ledger.transaction() as transaction:
            _refuse_handed_over(workspace, transaction, run, messages, not_mailed=not_mailed)
            _refuse_changed_by_hand(transaction, run)
            # From here on nothing of it can leave, and whoever cuts this off can do it again.
            gone = {OUTBOX.name: transaction.delete(OUTBOX, {"message_id": messages})}
            gone[TOLD.name] = transaction.delete(TOLD, {"message_id": messages})
            transaction.insert(RUNS, [_whole(run, UNDOING, None)], on_conflict="replace")
        files = message_files(workspace.root, messages)
        for file in files:
            file.unlink(missing_ok=True)
        for table in LAKE_TABLES:
            if "run_id" in table.column_names:
                gone[table.name] = workspace.stores.lake.erase(table, {"run_id": [run.run_id]})
        with ledger.transaction() as transaction:
            gone |= _forget(transaction, run)
            again = _queue_again(transaction, run)
            result: Result = {
                "run_id": run.run_id,
                "now": to_text(run.moment),
                "rows": {name: rows for name, rows in gone.items() if rows},
                "files": len(files),
                "queued_again": again,
                "expired": _expired(run),
            }
            transaction.insert(RUNS, [_whole(run, UNDONE, result)], on_conflict="replace")
    rewrite_page(workspace)
    return result


def _newest(workspace: OpenWorkspace) -> _Run:
    """The newest run that has done anything."""
    with workspace.stores.ledger.transaction() as transaction:
        rows = [row for row in transaction.select(RUNS, order_by=("moment", "stage")) if row["state"] != UNDONE]
    if not rows:
        raise ClockError("there is no run to take back", remedy="`vocative status` tells which runs are done")
    run_id, moment = str(rows[-1]["run_id"]), _moment(rows[-1])
    return _Run(run_id, moment, [dict(row) for row in rows if row["run_id"] == run_id])


def _messages(workspace: OpenWorkspace, run: _Run) -> list[str]:
    stores = workspace.stores
    found = stores.engine.query(_IDS_SQL, {"messages": stores.lake.scan(MESSAGES)}, {"run": run.run_id})
    return [str(one) for one in found["message_id"].to_pylist()]


def _refuse_handed_over(
    workspace: OpenWorkspace, transaction: Transaction, run: _Run, messages: Sequence[str], *, not_mailed: bool
) -> None:
    rows = transaction.select(OUTBOX, {"message_id": list(messages)}, columns=("state", "channel"))
    out = [row for row in rows if row["state"] not in (QUEUED, CLAIMED, DROPPED)]
    written = [row for row in out if row["state"] == DELIVERED and _is_on_disk(workspace, str(row["channel"]))]
    if len(out) > len(written):
        raise ClockError(
            f"{len(out) - len(written):,} messages of the run of {to_text(run.moment)} were handed over, "
            "or may have been: it cannot be taken back",
            remedy="`vocative stop --by NAME` keeps the rest from going out",
        )
    if written and not (not_mailed or workspace.settings.business.simulation):
        raise ClockError(
            f"{len(written):,} messages of the run of {to_text(run.moment)} were written to disk",
            where=str(workspace.root / "outbox"),
            remedy="if nobody has mailed them, `vocative run --undo --not-mailed` takes them back too",
        )


def _is_on_disk(workspace: OpenWorkspace, channel: str) -> bool:
    settings = workspace.settings.channels.get(channel)
    return settings is not None and settings.driver == _ON_DISK


def _refuse_changed_by_hand(transaction: Transaction, run: _Run) -> None:
    """Changes are numbered: those of the run cannot go from under later ones."""
    for row in transaction.select(MODEL_STANDINGS, since=("at", run.moment)):
        if row["by"] != US or _at(row) > run.moment:
            who, module = str(row["by"]), str(row["module"])
            raise ClockError(
                f"{who} has changed which version of {module} acts since the run of {to_text(run.moment)}",
                remedy="it stays: run at a later moment instead; `vocative models list` shows what acts",
            )


def _forget(transaction: Transaction, run: _Run) -> dict[str, int]:
    """Delete what the run noted in the ledger; returns how many rows by table."""
    gone = {table.name: transaction.delete(table, {column: run.moment}) for table, column in BY_MOMENT}
    gone[MODEL_STANDINGS.name] = transaction.delete(MODEL_STANDINGS, {"at": run.moment, "by": US})
    # What it judged waits to be judged again.
    transaction.update(MODEL_WATCHES, {"judged_at": None, "result": None}, {"judged_at": run.moment})
    stages = [str(row["stage"]) for row in run.rows if row["stage"] != WHOLE_RUN]
    gone[RUNS.name] = transaction.delete(RUNS, {"run_id": run.run_id, "stage": stages})
    return gone


def _queue_again(transaction: Transaction, run: _Run) -> int:
    """Messages of earlier runs that this one let go of; those a channel refused were asked about, and stay dropped."""
    dropped = transaction.select(OUTBOX, {"state": DROPPED, "dropped_at": run.moment, "handed_over_at": None})
    waiting: Row = {"state": QUEUED, "dropped_at": None, "reason": None}
    return transaction.update(OUTBOX, waiting, {"message_id": [str(row["message_id"]) for row in dropped]})


def _expired(run: _Run) -> int:
    """How many rows and files the run had deleted for their age."""
    told = next((str(row["result"]) for row in run.rows if row["stage"] == "expire" and row["result"]), "{}")
    result = msgspec.json.decode(told, type=dict[str, object])
    rows = result.get("rows")
    counts = rows.values() if isinstance(rows, Mapping) else ()
    return sum(integer(one) for one in (*counts, result.get("files", 0)))


def _whole(run: _Run, state: str, result: Result | None) -> Row:
    told = None if result is None else msgspec.json.encode(result).decode()
    return {"run_id": run.run_id, "stage": WHOLE_RUN, "moment": run.moment, "state": state, "result": told}


def _moment(row: Mapping[str, object]) -> int:
    return integer(row["moment"])


def _at(row: Mapping[str, object]) -> int:
    return integer(row["at"])
