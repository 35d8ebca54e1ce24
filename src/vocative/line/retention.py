"""Deletes what is older than it is kept: rows of lake and ledger, and the files of messages on disk."""

from __future__ import annotations

from vocative.learn import standing
from vocative.line.act.message_files import message_files
from vocative.line.models.registry import histories
from vocative.line.snapshot.clock import WHOLE_RUN, to_text
from vocative.line.snapshot.journal import Result
from vocative.line.snapshot.snapshot import Snapshot
from vocative.records.cells import integer
from vocative.records.lake_tables import LAKE_TABLES, MESSAGES
from vocative.records.ledger_tables import LEDGER_TABLES, MODEL_CARDS, MODELS, RUNS, VERDICTS
from vocative.records.schema import Table
from vocative.stats.calendars import DAY_US
from vocative.store.protocols import Transaction
from vocative.trust.retention import is_due, kept_days, oldest_kept
from vocative.workspace.opening import OpenWorkspace

MOST_PAUSE_DAYS = 35
"""A month and some days: a run that comes so late after the last one, or a moment that is mistyped, deletes nothing."""

_OF_VERSIONS = (MODELS, MODEL_CARDS)
_OLD_SQL = "SELECT message_id FROM messages WHERE epoch_us(moment) < $before"


def expire(workspace: OpenWorkspace, now: int, *, confirmed: bool = False) -> Result:
    """Delete what is older than it is kept, if this is the first run of a week.

    May be repeated. Versions of models that act, wait or could be gone back to are kept whatever their age.

    Args:
        workspace: The opened workspace.
        now: The moment of the run, µs UTC.
        confirmed: A person wants it now, whatever day it is and however long ago the last run.

    Returns:
        `rows`: table → how many went; `files`: how many. Empty if this is not the first run of a week. Where the
        moment looks wrong nothing goes, and `waits` says why, in sentences.

    Raises:
        StoreError: a store refused; what had gone by then stays gone, and the next call goes on.
    """
    last = _last_run(workspace, now)
    if not (confirmed or is_due(now, last)):
        return {}
    if not confirmed and (why := _doubts(workspace, now, last)):
        return {"waits": why}
    # Files go first: what they belong to is told by the rows.
    files = _delete_files(workspace, now)
    chosen = workspace.settings.retention
    gone = {}
    for table in LAKE_TABLES:
        if (before := oldest_kept(table, chosen, now)) is not None:
            gone[table.name] = workspace.stores.lake.expire(table, table.retention.since, before)
    with workspace.stores.ledger.transaction() as transaction:
        used = _used(transaction, now)
        for table in LEDGER_TABLES:
            if (before := oldest_kept(table, chosen, now)) is not None:
                gone[table.name] = _expire(transaction, table, before, used)
    return {"rows": {name: rows for name, rows in gone.items() if rows}, "files": files}


def _doubts(workspace: OpenWorkspace, now: int, last: int | None) -> list[str]:
    """Why the moment may be a slip of the finger: what should be close behind it lies far back.

    A business that runs every day and brings in what happens has its last run and its newest event a few days ago. A
    year mistyped has neither, and would delete all that is kept for a while.
    """
    found = []
    if last is not None and now - last > MOST_PAUSE_DAYS * DAY_US:
        found.append(f"the last run lies {_days(now - last)} days back ({to_text(last)[:10]})")
    days = [kept_days(table, workspace.settings.retention) for table in (*LAKE_TABLES, *LEDGER_TABLES)]
    shortest = min(one for one in days if one is not None)
    newest = Snapshot(workspace, now).newest_event
    if newest is not None and now - newest > shortest * DAY_US:
        found.append(f"the newest event lies {_days(now - newest)} days back ({to_text(newest)[:10]})")
    return found


def _days(span: int) -> str:
    return f"{span // DAY_US:,}"


def _last_run(workspace: OpenWorkspace, now: int) -> int | None:
    """The moment of the last completed run before this one; None if there was none."""
    with workspace.stores.ledger.transaction() as transaction:
        done = transaction.select(RUNS, {"stage": WHOLE_RUN, "state": "done"}, columns=("moment",))
    return max((moment for row in done if (moment := integer(row["moment"])) < now), default=None)


def _delete_files(workspace: OpenWorkspace, now: int) -> int:
    before = oldest_kept(MESSAGES, workspace.settings.retention, now)
    if before is None:
        return 0
    stores = workspace.stores
    found = stores.engine.query(_OLD_SQL, {"messages": stores.lake.scan(MESSAGES)}, {"before": before})
    files = message_files(workspace.root, [str(name) for name in found["message_id"].to_pylist()])
    for file in files:
        file.unlink(missing_ok=True)
    return len(files)


def _expire(transaction: Transaction, table: Table, before: int, used: set[tuple[str, str]]) -> int:
    since = (table.retention.since, before)
    if table not in _OF_VERSIONS:
        return transaction.delete(table, {}, before=since)
    modules = transaction.count(table, "module")
    gone = 0
    for module in map(str, modules):
        rows = transaction.select(table, {"module": module}, columns=("version",))
        unused = [str(row["version"]) for row in rows if (module, str(row["version"])) not in used]
        gone += transaction.delete(table, {"module": module, "version": unused}, before=since)
    return gone


def _used(transaction: Transaction, now: int) -> set[tuple[str, str]]:
    """Versions that act, wait in shadow or acted last, and the newest that was tested."""
    used = set()
    for module, known in histories(transaction, now).items():
        waiting = [one.version for one in standing.challengers(known)]
        acts = (standing.champion(known), standing.last_good(known))
        used |= {(module, version) for version in (*acts, *waiting) if version is not None}
    tested = transaction.select(VERDICTS, order_by=("moment",), columns=("module", "version"))
    return used | set({str(row["module"]): str(row["version"]) for row in tested}.items())
