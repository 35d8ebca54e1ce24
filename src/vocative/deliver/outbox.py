"""The outbox: the life of each message, from queued to delivered, dropped or unknown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

import pyarrow as pa

from vocative.deliver.channel import Channel, Outgoing
from vocative.deliver.recheck import Rules, Verdict, spent_today, told_rows, verdict_now
from vocative.deliver.relay import CLAIMED, DELIVERED, DROPPED, HANDING_OVER, QUEUED, UNKNOWN, Relay
from vocative.errors import StoreError
from vocative.records.lake_tables import DECISIONS, MESSAGES
from vocative.records.ledger_tables import OUTBOX, TOLD
from vocative.records.progress import Progress, no_progress
from vocative.records.schema import Row, Value
from vocative.store.protocols import Ledger, Stores
from vocative.trust.links import signed_link
from vocative.trust.secret_key import NO_KEY, SecretKey

# Enough messages to share one look at permissions and caps, few enough that the look is fresh.
_TOGETHER = 100
_DAY_US = 86_400_000_000
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


class HandOver(NamedTuple):
    """What a hand-over came to."""

    counts: dict[str, int]
    """How many messages of the outbox are in which state."""
    trouble: dict[str, str]
    """Channel → why somebody has to look at it: it was stopped, or took nothing although something was due."""

    @property
    def result(self) -> dict[str, object]:
        """As a stage of the line reports it: the counts, and the trouble if there is any."""
        return {**self.counts, **({"trouble": self.trouble} if self.trouble else {})}


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
) -> HandOver:
    """Hand over every message that is due at `now` and still allowed.

    With `only` (message ids, as `waiting` tells them) the others wait for the next call: `rules` knows the people of
    these and nobody else.

    Permission, quiet hours, caps, budgets and expiry are checked again in the transaction that claims a message. A
    message that an earlier process had claimed is due again; one that it had begun is repeated where the channel is
    idempotent; elsewhere its outcome is unknown, and it is counted, never sent again.

    Raises:
        StoreError: the ledger refused; the message in flight is of unknown outcome, what was claimed is due again.
    """
    with stores.ledger.lock("outbox"):
        due = [row for row in _due(stores.ledger, channels, now) if only is None or row["message_id"] in only]
        bodies = _bodies(stores, due)
        relays = {name: Relay(stores.ledger, name, one, now, rules.once) for name, one in channels.items()}
        spent: defaultdict[str, float] | None = None
        with _recorded(relays.values()):
            for start in range(0, len(due), _TOGETHER):
                some = [row for row in due[start : start + _TOGETHER] if not _is_stopped(relays, row)]
                claimed, spent = _claim(stores.ledger, channels, some, bodies, rules, now, spent)
                for row in claimed:
                    relays[str(row["channel"])].push(row, _outgoing(row, bodies, now, links))
                for relay in relays.values():
                    relay.finish()
                if not _all_paid(some, relays.values()):
                    spent = None
                for relay in relays.values():
                    relay.returned = False
                progress(min(start + _TOGETHER, len(due)), len(due), "handing over")
            for relay in relays.values():
                relay.settle()
    trouble = {name: relay.trouble for name, relay in relays.items() if relay.trouble}
    return HandOver(states(stores.ledger), trouble)


@contextmanager
def _recorded(relays: Collection[Relay]) -> Iterator[None]:
    """Whoever stops this process with an interruption, or a ledger that refuses: what is known is written down."""
    try:
        yield
    except BaseException:
        for relay in relays:
            with suppress(StoreError):
                relay.record()
        raise


def _is_stopped(relays: Mapping[str, Relay], row: Mapping[str, Value]) -> bool:
    relay = relays.get(str(row["channel"]))
    return relay is not None and bool(relay.stopped)


def waiting(ledger: Ledger, now: int) -> dict[str, str]:
    """Message → person of every message that a hand-over at `now` would look at: it is due, or was interrupted.

    The person is the one it was written to, under the identifier of that time.
    """
    with ledger.transaction() as transaction:
        rows = transaction.select(OUTBOX, {"state": [QUEUED, CLAIMED, HANDING_OVER]})
    return {
        str(row["message_id"]): str(row["person_id"])
        for row in rows
        if row["state"] != QUEUED or _moment(row, "send_at") <= now
    }


def states(ledger: Ledger) -> dict[str, int]:
    """How many messages are in each state; what is claimed and not begun is queued."""
    with ledger.transaction() as transaction:
        counted = transaction.count(OUTBOX, "state")
    counted[QUEUED] = counted.get(QUEUED, 0) + counted.pop(CLAIMED, 0)
    return {str(state): counted.get(state, 0) for state in (QUEUED, HANDING_OVER, DELIVERED, DROPPED, UNKNOWN)}


def _due(ledger: Ledger, channels: Mapping[str, Channel], now: int) -> Rows:
    """What is to be judged now: interrupted messages, which may have been received, before all others."""
    with ledger.transaction() as transaction:
        # Nobody else hands over now: what is claimed was never begun by a process that is gone.
        transaction.update(OUTBOX, {"state": QUEUED, "handed_over_at": None}, {"state": CLAIMED})
        interrupted = transaction.select(OUTBOX, {"state": HANDING_OVER}, order_by=("send_at", "message_id"))
        again = [row for row in interrupted if _is_idempotent(channels.get(str(row["channel"])))]
        for row in interrupted:
            if row not in again:
                changes = {"state": UNKNOWN, "reason": f"{_INTERRUPTED}; not repeated"}
                transaction.update(OUTBOX, changes, {"message_id": row["message_id"]})
        queued = transaction.select(OUTBOX, {"state": QUEUED}, order_by=("send_at", "message_id"))
    return again + [
        row
        for row in queued
        if _moment(row, "send_at") <= now and (row["channel"] in channels or _moment(row, "expires_at") <= now)
    ]


def _is_idempotent(channel: Channel | None) -> bool:
    return channel is not None and channel.idempotent


def _all_paid(rows: Rows, relays: Collection[Relay]) -> bool:
    """Whether what a day has cost can go on being counted by hand: nothing was paid for before, nothing was refused."""
    return all(row["state"] == QUEUED for row in rows) and not any(relay.returned for relay in relays)


def _claim(
    ledger: Ledger,
    channels: Mapping[str, Channel],
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
                changes: Row = {"state": CLAIMED, "local_day": verdict.local_day, "handed_over_at": now}
                if channels[str(row["channel"])].idempotent:
                    # It is repeated after an interruption: it may be taken from now on.
                    changes = {**changes, "state": HANDING_OVER}
                    if row["campaign"] in rules.once:
                        transaction.insert(TOLD, told_rows(row, now), on_conflict="ignore")
                if transaction.update(OUTBOX, changes, key):
                    claimed.append(row)
    return claimed, spent


def _let_go(row: Mapping[str, Value], reason: str, now: int) -> Row:
    """An interrupted message may have been received: it goes on counting."""
    if row["state"] == HANDING_OVER:
        return {"state": UNKNOWN, "reason": f"{_INTERRUPTED}; not repeated: {reason}"}
    return {"state": DROPPED, "reason": reason, "dropped_at": now}


def _outgoing(row: Mapping[str, Value], bodies: Mapping[str, Row], now: int, links: Links) -> Outgoing:
    body = bodies[str(row["message_id"])]
    return Outgoing(
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
