"""Events that were a gift or somebody else's: marked after they had come, known from a moment on, and undone.

The events stay as they came. A mark stands beside them in the ledger with the moment from which it is known, so that a
feature row of a moment before still sees the event, and every row behind it does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from vocative.records.cells import integer
from vocative.records.ledger_tables import NOT_ME
from vocative.records.schema import Value
from vocative.stats.hashing import stable_id
from vocative.store.protocols import Ledger, Transaction, Where

_AT_ONCE = 500


def mark(ledger: Ledger, events: Mapping[str, str], at: int, source: str) -> list[str]:
    """Mark events as not the person's own; one that is marked already stays as it is.

    Args:
        ledger: holds the marks.
        events: message id → alias of whose event it is, with its kind in front.
        at: from when on it is known, µs UTC.
        source: what marked them.

    Returns:
        The ids of the events that were not marked before.
    """
    with ledger.transaction() as transaction:
        held = {str(row["message_id"]) for row in _holding(transaction, list(events))}
        fresh = [name for name in events if name not in held]
        transaction.insert(
            NOT_ME,
            [
                {
                    "mark_id": stable_id(name, str(at)),
                    "message_id": name,
                    "alias": events[name],
                    "at": at,
                    "source": source,
                    "undone_at": None,
                }
                for name in fresh
            ],
            # Marked again at the very moment it was undone: the mark holds on, as if nothing had been undone.
            on_conflict="replace",
        )
    return fresh


def unmark(ledger: Ledger, message_ids: Sequence[str], at: int) -> list[str]:
    """Undo the marks of events from a moment on (µs UTC); they stay on record. Returns the events that were marked."""
    with ledger.transaction() as transaction:
        held = _holding(transaction, message_ids)
        for row in held:
            transaction.update(NOT_ME, {"undone_at": at}, {"mark_id": row["mark_id"], "undone_at": None})
    undone = {str(row["message_id"]) for row in held}
    return [name for name in message_ids if name in undone]


def marked(ledger: Ledger, message_ids: Sequence[str]) -> set[str]:
    """Which of the events are marked now."""
    with ledger.transaction() as transaction:
        return {str(row["message_id"]) for row in _holding(transaction, message_ids)}


def visibility(ledger: Ledger, aliases: Sequence[str] | None = None) -> pa.Table:
    """When each event that was ever marked was the person's own: `message_id`, `since`, `until` (µs UTC), by event.

    It was at the moments behind `since` up to `until` (empty: for good): before the mark, and again once it was undone.
    With `aliases` (their kind in front) those of these identifiers alone.
    """
    rows: list[dict[str, Value]] = []
    with ledger.transaction() as transaction:
        for where in _wheres(aliases):
            rows += transaction.select(NOT_ME, where, order_by=("message_id", "at"))
    spans: list[tuple[str, int, int | None]] = []
    since: dict[str, int | None] = {}
    for row in rows:
        name, at, undone = str(row["message_id"]), integer(row["at"]), row["undone_at"]
        begun = since.get(name, 0)
        if begun is not None and begun < at:
            spans.append((name, begun, at))
        since[name] = None if undone is None else integer(undone)
    spans += [(name, begun, None) for name, begun in since.items() if begun is not None]
    spans.sort(key=lambda span: span[:2])
    return pa.table(
        {
            "message_id": pa.array([name for name, _, _ in spans], pa.string()),
            "since": pa.array([begun for _, begun, _ in spans], pa.int64()),
            "until": pa.array([until for _, _, until in spans], pa.int64()),
        }
    )


def _wheres(aliases: Sequence[str] | None) -> list[Where | None]:
    """What to ask for, some at once."""
    if aliases is None:
        return [None]
    return [{"alias": list(aliases[start : start + _AT_ONCE])} for start in range(0, len(aliases), _AT_ONCE)]


def _holding(transaction: Transaction, message_ids: Sequence[str]) -> list[dict[str, Value]]:
    """The marks of these events that hold."""
    found: list[dict[str, Value]] = []
    for start in range(0, len(message_ids), _AT_ONCE):
        some = list(message_ids[start : start + _AT_ONCE])
        found += transaction.select(NOT_ME, {"message_id": some, "undone_at": None})
    return found
