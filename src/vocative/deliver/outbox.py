"""The outbox: the life of each message, from queued to delivered, dropped or unknown."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence

import pyarrow as pa

from vocative.deliver.channel import Channel, Outgoing, Receipt
from vocative.deliver.recheck import Rules, verdict_now
from vocative.records.lake_tables import MESSAGES
from vocative.records.ledger_tables import OUTBOX
from vocative.records.progress import Progress, no_progress
from vocative.records.schema import Row, Value
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Ledger, Stores

# Enough messages to share one flush of the disk, few enough that an interruption leaves few of unknown outcome.
_TOGETHER = 100
_LOG = logging.getLogger(__name__)
_QUEUED, _HANDING_OVER, _DELIVERED, _DROPPED, _UNKNOWN = "queued", "handing_over", "delivered", "dropped", "unknown"

Rows = list[dict[str, Value]]


def enqueue(ledger: Ledger, rows: Sequence[Row]) -> int:
    """Put messages into the outbox; one that is there already stays as it is. Returns how many were new."""
    with ledger.transaction() as transaction:
        return transaction.insert(OUTBOX, rows, on_conflict="ignore")


def hand_over(
    stores: Stores,
    channels: Mapping[str, Channel],
    rules: Rules,
    now: int,
    progress: Progress = no_progress,
) -> dict[str, int]:
    """Hand over every message that is due at `now` and still allowed; return how many are in which state.

    Permission, quiet hours, caps and expiry are checked again in the transaction that claims a message. A message that
    an earlier process had claimed and not finished is repeated where the channel is idempotent; elsewhere its outcome
    is unknown, and it is counted, never sent again.
    """
    with stores.ledger.lock("outbox"):
        _recover(stores.ledger, channels)
        with stores.ledger.transaction() as transaction:
            queued = transaction.select(OUTBOX, {"state": _QUEUED}, order_by=("send_at", "message_id"))
        due = [row for row in queued if _moment(row, "send_at") <= now and row["channel"] in channels]
        bodies = _bodies(stores, [str(row["message_id"]) for row in due])
        for start in range(0, len(due), _TOGETHER):
            claimed = _claim(stores.ledger, due[start : start + _TOGETHER], bodies, rules, now)
            outcomes = [(row, _push(channels[str(row["channel"])], row, bodies, now)) for row in claimed]
            for name in {str(row["channel"]) for row in claimed}:
                channels[name].flush()
            _record(stores.ledger, outcomes, now)
            progress(min(start + _TOGETHER, len(due)), len(due), "handing over")
    return states(stores.ledger)


def states(ledger: Ledger) -> dict[str, int]:
    """How many messages are in each state."""
    with ledger.transaction() as transaction:
        counted = Counter(str(row["state"]) for row in transaction.select(OUTBOX))
    return {state: counted.get(state, 0) for state in (_QUEUED, _HANDING_OVER, _DELIVERED, _DROPPED, _UNKNOWN)}


def _recover(ledger: Ledger, channels: Mapping[str, Channel]) -> None:
    with ledger.transaction() as transaction:
        for row in transaction.select(OUTBOX, {"state": _HANDING_OVER}):
            channel = channels.get(str(row["channel"]))
            again = channel is not None and channel.idempotent
            changes: Row = (
                {"state": _QUEUED}
                if again
                else {"state": _UNKNOWN, "reason": "interrupted while it was handed over; not repeated"}
            )
            transaction.update(OUTBOX, changes, {"message_id": row["message_id"], "state": _HANDING_OVER})


def _claim(ledger: Ledger, rows: Rows, bodies: Mapping[str, Row], rules: Rules, now: int) -> Rows:
    """Mark the messages that may go now; drop those that may not any more."""
    claimed: Rows = []
    with ledger.transaction() as transaction:
        verdicts = verdict_now(transaction, rows, rules, now)
        for row in rows:
            key = {"message_id": row["message_id"], "state": _QUEUED}
            verdict = verdicts[str(row["message_id"])]
            if verdict.wait:
                continue
            reason = verdict.drop
            if reason is None and row["message_id"] not in bodies:
                reason = "its text is no longer kept"
            if reason is not None:
                transaction.update(OUTBOX, {"state": _DROPPED, "reason": reason}, key)
            elif transaction.update(OUTBOX, {"state": _HANDING_OVER, "local_day": verdict.local_day}, key):
                claimed.append(row)
    return claimed


def _push(channel: Channel, row: Mapping[str, Value], bodies: Mapping[str, Row], now: int) -> Receipt | None:
    """What the channel answered; None when nobody knows what became of the message."""
    body = bodies[str(row["message_id"])]
    outgoing = Outgoing(
        message_id=str(row["message_id"]),
        channel=str(row["channel"]),
        address=str(row["address"]),
        subject=str(body["subject"]),
        body_text=str(body["body_text"]),
        body_html=str(body["body_html"]),
        language=str(body["language"]),
        sent_at=now,
    )
    try:
        return channel.push(outgoing)
    except Exception as error:
        _LOG.warning("channel %s failed on message %s: %s", row["channel"], row["message_id"], error)
        return None


def _record(ledger: Ledger, outcomes: Sequence[tuple[dict[str, Value], Receipt | None]], now: int) -> None:
    with ledger.transaction() as transaction:
        for row, receipt in outcomes:
            transaction.update(
                OUTBOX, _changes(receipt, now), {"message_id": row["message_id"], "state": _HANDING_OVER}
            )


def _changes(receipt: Receipt | None, now: int) -> Row:
    if receipt is None:
        return {"state": _UNKNOWN, "handed_over_at": now, "reason": "the channel failed without an answer"}
    if receipt.accepted:
        return {"state": _DELIVERED, "handed_over_at": now, "receipt": receipt.text}
    return {"state": _DROPPED, "reason": f"refused: {receipt.text}"}


def _bodies(stores: Stores, message_ids: Sequence[str]) -> dict[str, Row]:
    if not message_ids:
        return {}
    wanted = pa.table({"message_id": pa.array(message_ids, pa.string())})
    names = ", ".join(f"m.{name}" for name in arrow_schema(MESSAGES).names)
    found = stores.engine.query(
        f"SELECT {names} FROM messages m SEMI JOIN wanted w ON m.message_id = w.message_id",
        {"messages": stores.lake.scan(MESSAGES), "wanted": wanted},
    )
    return {row["message_id"]: row for row in found.to_pylist()}


def _moment(row: Mapping[str, Value], column: str) -> int:
    value = row[column]
    return value if isinstance(value, int) else 0
