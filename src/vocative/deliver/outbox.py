"""The outbox: the life of each message, from queued to delivered, dropped or unknown."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from vocative.deliver.channel import Channel, Outgoing
from vocative.deliver.recheck import Rules, Verdict, spent_today, told_rows, verdict_now
from vocative.records.lake_tables import DECISIONS, MESSAGES
from vocative.records.ledger_tables import OUTBOX, TOLD
from vocative.records.progress import Progress, no_progress
from vocative.records.schema import Row, Value
from vocative.store.protocols import Ledger, Stores
from vocative.trust.links import signed_link
from vocative.trust.secret_key import NO_KEY, SecretKey

# Enough messages to share one flush of the disk, few enough that an interruption leaves few of unknown outcome.
_TOGETHER = 100
_DAY_US = 86_400_000_000
_LOG = logging.getLogger(__name__)
QUEUED, DELIVERED, DROPPED = "queued", "delivered", "dropped"
_HANDING_OVER, _UNKNOWN = "handing_over", "unknown"
_INTERRUPTED = "interrupted while it was handed over"
_UNREADABLE = Verdict("its text is no longer kept", wait=False, local_day="")

Rows = list[dict[str, Value]]


class Links(NamedTuple):
    """Where the pages behind "off" are, and the key that signs their addresses; no base while there are none."""

    base: str
    key: SecretKey

    def unsubscribe(self, message_id: str) -> str:
        """The address that ends such messages with one click; empty without a base."""
        return signed_link(self.base, "unsubscribe", message_id, self.key) if self.base else ""


NO_LINKS = Links("", NO_KEY)


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
    *,
    links: Links = NO_LINKS,
    only: Collection[str] | None = None,
) -> dict[str, int]:
    """Hand over every message that is due at `now` and still allowed; return how many are in which state.

    With `only` (message ids, as `waiting` tells them) the others wait for the next call: `rules` knows the people of
    these and nobody else.

    Permission, quiet hours, caps, budgets and expiry are checked again in the transaction that claims a message. A
    message that an earlier process had claimed and not finished is repeated where the channel is idempotent; elsewhere
    its outcome is unknown, and it is counted, never sent again.
    """
    with stores.ledger.lock("outbox"):
        due = [row for row in _due(stores.ledger, channels, now) if only is None or row["message_id"] in only]
        bodies = _bodies(stores, due)
        spent: defaultdict[str, float] | None = None
        for start in range(0, len(due), _TOGETHER):
            some = due[start : start + _TOGETHER]
            claimed, spent = _claim(stores.ledger, some, bodies, rules, now, spent)
            outcomes = [(row, _push(channels[str(row["channel"])], row, bodies, now, links)) for row in claimed]
            final = _flush(channels, {str(row["channel"]) for row in claimed})
            _record(stores.ledger, [(row, changes) for row, changes in outcomes if row["channel"] in final])
            if not _all_paid(some, outcomes):
                spent = None
            progress(min(start + _TOGETHER, len(due)), len(due), "handing over")
    return states(stores.ledger)


def waiting(ledger: Ledger, now: int) -> dict[str, str]:
    """Message → person of every message that a hand-over at `now` would look at: it is due, or was interrupted.

    The person is the one it was written to, under the identifier of that time.
    """
    with ledger.transaction() as transaction:
        rows = transaction.select(OUTBOX, {"state": [QUEUED, _HANDING_OVER]})
    return {
        str(row["message_id"]): str(row["person_id"])
        for row in rows
        if row["state"] == _HANDING_OVER or _moment(row, "send_at") <= now
    }


def states(ledger: Ledger) -> dict[str, int]:
    """How many messages are in each state."""
    with ledger.transaction() as transaction:
        counted = transaction.count(OUTBOX, "state")
    return {state: counted.get(state, 0) for state in (QUEUED, _HANDING_OVER, DELIVERED, DROPPED, _UNKNOWN)}


def _due(ledger: Ledger, channels: Mapping[str, Channel], now: int) -> Rows:
    """What is to be judged now: interrupted messages, which may have been received, before all others."""
    with ledger.transaction() as transaction:
        interrupted = transaction.select(OUTBOX, {"state": _HANDING_OVER}, order_by=("send_at", "message_id"))
        again = [row for row in interrupted if _is_idempotent(channels.get(str(row["channel"])))]
        for row in interrupted:
            if row not in again:
                changes = {"state": _UNKNOWN, "reason": f"{_INTERRUPTED}; not repeated"}
                transaction.update(OUTBOX, changes, {"message_id": row["message_id"]})
        queued = transaction.select(OUTBOX, {"state": QUEUED}, order_by=("send_at", "message_id"))
    return again + [
        row
        for row in queued
        if _moment(row, "send_at") <= now and (row["channel"] in channels or _moment(row, "expires_at") <= now)
    ]


def _is_idempotent(channel: Channel | None) -> bool:
    return channel is not None and channel.idempotent


def _all_paid(rows: Rows, outcomes: Sequence[tuple[Mapping[str, Value], Row]]) -> bool:
    """Whether what a day has cost can go on being counted by hand: nothing was paid for before, nothing was refused."""
    return all(row["state"] == QUEUED for row in rows) and all(
        changes["state"] in (DELIVERED, _UNKNOWN) for _, changes in outcomes
    )


def _claim(
    ledger: Ledger,
    rows: Rows,
    bodies: Mapping[str, Row],
    rules: Rules,
    now: int,
    spent: defaultdict[str, float] | None,
) -> tuple[Rows, defaultdict[str, float]]:
    """Mark the messages that may go now; let go of those that may not any more.

    Nobody else hands over meanwhile: what a day has cost is read once (`spent` is None) and then added up.
    """
    claimed: Rows = []
    readable = [row for row in rows if row["message_id"] in bodies]
    personalized = {str(row["message_id"]) for row in readable if bodies[str(row["message_id"])]["personalized"]}
    with ledger.transaction() as transaction:
        spent = spent_today(transaction, rules, now) if spent is None else spent
        verdicts = verdict_now(transaction, readable, rules, now, personalized, spent)
        for row in rows:
            key = {"message_id": row["message_id"], "state": row["state"]}
            verdict = verdicts.get(str(row["message_id"]), _UNREADABLE)
            if verdict.drop is not None:
                transaction.update(OUTBOX, _let_go(row, verdict.drop, now), key)
            elif not verdict.wait:
                # Written before the channel is asked, so that money and caps are counted whatever happens next.
                changes: Row = {"state": _HANDING_OVER, "local_day": verdict.local_day, "handed_over_at": now}
                if transaction.update(OUTBOX, changes, key):
                    claimed.append(row)
                    if row["campaign"] in rules.once:
                        transaction.insert(TOLD, told_rows(row, now), on_conflict="ignore")
    return claimed, spent


def _let_go(row: Mapping[str, Value], reason: str, now: int) -> Row:
    """An interrupted message may have been received: it goes on counting."""
    if row["state"] == _HANDING_OVER:
        return {"state": _UNKNOWN, "reason": f"{_INTERRUPTED}; not repeated: {reason}"}
    return {"state": DROPPED, "reason": reason, "dropped_at": now}


def _push(channel: Channel, row: Mapping[str, Value], bodies: Mapping[str, Row], now: int, links: Links) -> Row:
    """Hand one message over; what is to be recorded of it."""
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
        unsubscribe=links.unsubscribe(str(row["message_id"])),
    )
    try:
        receipt = channel.push(outgoing)
    except Exception as error:
        # The text of the error may hold an address: it belongs into the ledger, which can forget it.
        _LOG.warning("channel %s failed on message %s: %s", row["channel"], row["message_id"], type(error).__name__)
        return {"state": _UNKNOWN, "reason": f"the channel failed without an answer: {error!r}"}
    if receipt.accepted:
        return {"state": DELIVERED, "receipt": receipt.text}
    if receipt.again:
        return {"state": QUEUED, "handed_over_at": None, "reason": f"not taken yet: {receipt.text}"}
    return {"state": DROPPED, "reason": f"refused: {receipt.text}", "dropped_at": now}


def _flush(channels: Mapping[str, Channel], names: Iterable[str]) -> set[str]:
    """The channels that made everything final; messages of the others stay as interrupted ones."""
    final: set[str] = set()
    for name in sorted(names):
        try:
            channels[name].flush()
        except Exception as error:
            _LOG.warning("channel %s could not finish: %s", name, type(error).__name__)
        else:
            final.add(name)
    return final


def _record(ledger: Ledger, outcomes: Sequence[tuple[dict[str, Value], Row]]) -> None:
    with ledger.transaction() as transaction:
        for row, changes in outcomes:
            transaction.update(OUTBOX, changes, {"message_id": row["message_id"], "state": _HANDING_OVER})
            if changes["state"] in (QUEUED, DROPPED):
                # The channel did not take it: nobody was told anything.
                transaction.delete(TOLD, {"message_id": row["message_id"]})


def _bodies(stores: Stores, due: Rows) -> dict[str, Row]:
    """The words of the messages, and whether they rest on a profile; without its decision a message is taken to."""
    if not due:
        return {}
    columns = ("message_id", "decision_id")
    wanted = pa.table({name: pa.array([str(row[name]) for row in due], pa.string()) for name in columns})
    # A message is queued as soon as it is written: the words of all earlier ones need not be read.
    oldest = min(_moment(row, "queued_at") for row in due) - _DAY_US
    found = stores.engine.query(
        """SELECT m.message_id, m.subject, m.body_text, m.body_html, m.language,
  coalesce(d.personalized, true) AS personalized
FROM messages m SEMI JOIN wanted w ON m.message_id = w.message_id
LEFT JOIN (
  SELECT decision_id, bool_or(personalized) AS personalized
  FROM decisions SEMI JOIN wanted ON wanted.decision_id = decisions.decision_id GROUP BY 1
) d ON d.decision_id = m.decision_id
WHERE m.moment >= make_timestamptz($oldest)""",
        {"messages": stores.lake.scan(MESSAGES), "decisions": stores.lake.scan(DECISIONS), "wanted": wanted},
        {"oldest": oldest},
    )
    return {row["message_id"]: row for row in found.to_pylist()}


def _moment(row: Mapping[str, Value], column: str) -> int:
    value = row[column]
    return value if isinstance(value, int) else 0
