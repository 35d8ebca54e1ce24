"""One channel in one hand-over: what it took, what it refused, and whether it is still asked."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from vocative.deliver.channel import Channel, Outgoing, Receipt
from vocative.deliver.recheck import told_rows
from vocative.deliver.refused import refused_row
from vocative.records.ledger_tables import OUTBOX, REFUSED_ADDRESSES, TOLD
from vocative.records.schema import Row, Value
from vocative.store.protocols import Ledger, Transaction

QUEUED, CLAIMED, HANDING_OVER, DELIVERED, DROPPED, UNKNOWN = (
    "queued", "claimed", "handing_over", "delivered", "dropped", "unknown",
)  # fmt: skip
# So many messages in a row that the business was refused for, or that nobody knows of, end a hand-over.
_IN_A_ROW = 3
# Where nothing was taken and everybody was refused alike, it is the business that was refused, if they were so many.
_ALIKE, _ALIKE_AND_NAMED = 3, 10
_ADDRESS = re.compile(r"\S*@\S*")
_LOG = logging.getLogger(__name__)

OutboxRow = Mapping[str, Value]


class _Gone(Exception):  # noqa: N818
    """The message is no longer there to be handed over: it was erased meanwhile, or somebody else has it."""


class _Refused(NamedTuple):
    row: OutboxRow
    receipt: Receipt


class Relay:
    """Hands messages to one channel, one after the other, and writes down what becomes of each.

    A message that may be taken is marked before, together with what became of the one before it, so that a process
    that is killed leaves one message of unknown outcome.
    """

    def __init__(self, ledger: Ledger, name: str, channel: Channel, now: int, once: Collection[str]) -> None:
        self.stopped = ""
        """Why the channel is not asked any more in this hand-over; empty while it is."""
        self.returned = False
        """Whether a message was claimed and has not left, so that it costs nothing."""
        self._ledger = ledger
        self._name = name
        self._channel = channel
        self._now = now
        self._once = once
        self._asked = self._taken = self._unknown = self._kept = self._in_a_row = 0
        self._last = ""
        self._tells_apart = False
        self._doubtful: list[_Refused] = []
        self._pushed: list[tuple[OutboxRow, Row]] = []
        self._final: list[tuple[OutboxRow, Row]] = []
        self._gone: list[Row] = []

    def push(self, row: OutboxRow, message: Outgoing) -> None:
        """Hand one claimed message over, unless the channel is not asked any more."""
        if self.stopped:
            self._keep(row, f"not tried: {self.stopped}")
            return
        self._asked += 1
        begun = _Beginning(self, row)
        try:
            receipt = self._channel.push(message, begun)
        except Exception as error:
            if isinstance(begun.error, _Gone):
                return
            if begun.error is not None:
                raise begun.error from error
            self._failed(row, error, begun=begun.done or self._channel.idempotent)
        else:
            self._answered(row, receipt)
        if not self._channel.idempotent:
            self._flush()

    def finish(self) -> None:
        """Make final what was pushed, and write it down; what cannot be made final stays as it was marked."""
        if self._channel.idempotent and self._pushed:
            self._flush()
        self.record()

    def settle(self) -> None:
        """Judge what was refused before anything was taken, and write it down: this hand-over is over."""
        if self._everybody_alike():
            self.stop(f"everybody was refused alike: {self._doubtful[0].receipt.text}")
            for row, receipt in self._doubtful:
                self._keep(row, f"not taken, like all others: {receipt.text}")
            self._doubtful.clear()
        self._believe()
        self.record()

    def record(self) -> None:
        """Write down what has become of messages."""
        if self._final or self._gone:
            with self._ledger.transaction() as transaction:
                self._write(transaction)
            self._written()

    def stop(self, why: str) -> None:
        """Ask the channel no more in this hand-over."""
        self.stopped = _nameless(why)
        _LOG.warning("channel %s is not asked any more in this hand-over: %s", self._name, self.stopped)

    @property
    def trouble(self) -> str:
        """What somebody has to look at, in a sentence that names no person; empty if there is nothing."""
        if not self.stopped and (self._taken or not (self._kept or self._unknown)):
            return ""
        took = f"took {self._taken or 'none'} of {self._asked} messages it was given"
        lost = f"; of {self._unknown} nobody knows, and they are not repeated" if self._unknown else ""
        kept = f"; {self._kept} are kept for the next `vocative send`" if self._kept else ""
        return f"{took}{lost}{kept}; the last answer: {self.stopped or self._last}"

    def begin(self, row: OutboxRow) -> None:
        """Mark a message as one that may be taken from now on."""
        if self._channel.idempotent:
            return
        with self._ledger.transaction() as transaction:
            self._write(transaction)
            key = {"message_id": row["message_id"], "state": CLAIMED}
            there = transaction.update(OUTBOX, {"state": HANDING_OVER}, key)
            if there and row["campaign"] in self._once:
                transaction.insert(TOLD, told_rows(row, self._now), on_conflict="ignore")
        self._written()
        if not there:
            raise _Gone

    def _answered(self, row: OutboxRow, receipt: Receipt) -> None:
        if receipt.accepted:
            self._taken += 1
            self._in_a_row = 0
            self._believe()
            self._note(row, {"state": DELIVERED, "receipt": receipt.text})
        elif receipt.again or receipt.about == "business":
            self._in_a_row = self._in_a_row + 1 if receipt.about == "business" else 0
            self._keep(row, f"not taken yet: {receipt.text}")
        else:
            self._in_a_row = 0
            self._refuse(_Refused(row, receipt))
        self._last = self._last if receipt.accepted else _nameless(receipt.text)
        if receipt.down or self._in_a_row >= _IN_A_ROW:
            self.stop(receipt.text)

    def _failed(self, row: OutboxRow, error: Exception, *, begun: bool) -> None:
        # The text of the error may hold an address: it belongs into the ledger, which can forget it.
        _LOG.warning("channel %s failed on message %s: %s", self._name, row["message_id"], type(error).__name__)
        if begun:
            self._unknown += 1
            self._note(row, {"state": UNKNOWN, "reason": f"the channel failed without an answer: {error!r}"})
        else:
            self._keep(row, f"the channel failed before it took anything: {error!r}")
        self._last = f"{type(error).__name__}: {_nameless(str(error))}"
        self._in_a_row += 1
        if isinstance(error, TimeoutError) or self._in_a_row >= _IN_A_ROW:
            self.stop(self._last)

    def _refuse(self, one: _Refused) -> None:
        """Drop what was refused for good, as soon as it is sure that not everybody is refused."""
        known = self._taken or self._tells_apart or not one.receipt.kind
        self._doubtful.append(one)
        if known or len({refused.receipt.kind for refused in self._doubtful}) > 1:
            self._tells_apart = self._tells_apart or not known
            self._believe()
            return
        self._note(one.row, {"state": CLAIMED})
        if len(self._doubtful) >= _ALIKE_AND_NAMED:
            self.settle()

    def _everybody_alike(self) -> bool:
        """Whether all were refused in the same way, and so many that this is hardly about each of them."""
        least = _ALIKE_AND_NAMED if all(one.receipt.certain for one in self._doubtful) else _ALIKE
        return not self._taken and len(self._doubtful) >= least

    def _believe(self) -> None:
        """Take refusals for what they say."""
        for row, receipt in self._doubtful:
            self._note(row, {"state": DROPPED, "reason": f"refused: {receipt.text}", "dropped_at": self._now})
            if receipt.about == "address":
                self._gone.append(refused_row(row, receipt.text, self._now))
        self._doubtful.clear()

    def _keep(self, row: OutboxRow, reason: str) -> None:
        self._kept += 1
        self._note(row, {"state": QUEUED, "handed_over_at": None, "reason": reason})

    def _note(self, row: OutboxRow, changes: Row) -> None:
        self.returned = self.returned or changes["state"] in (QUEUED, DROPPED)
        # Only what was taken has to be made final by the channel.
        (self._pushed if changes["state"] == DELIVERED else self._final).append((row, changes))

    def _flush(self) -> None:
        """Make final what was taken; what cannot be made final stays as it was marked, and nobody knows of it."""
        try:
            self._channel.flush()
        except Exception as error:
            self._taken -= len(self._pushed)
            if self._channel.idempotent:
                self._kept += len(self._pushed)
            else:
                self._unknown += len(self._pushed)
            self.stop(f"it could not finish: {type(error).__name__}: {error}")
        else:
            self._final += self._pushed
        self._pushed = []

    def _write(self, transaction: Transaction) -> None:
        for row, changes in self._final:
            key = {"message_id": row["message_id"], "state": [CLAIMED, HANDING_OVER]}
            transaction.update(OUTBOX, changes, key)
            if changes["state"] in (QUEUED, CLAIMED, DROPPED):
                # The channel did not take it: nobody was told anything.
                transaction.delete(TOLD, {"message_id": row["message_id"]})
        transaction.insert(REFUSED_ADDRESSES, self._gone, on_conflict="ignore")

    def _written(self) -> None:
        self._final.clear()
        self._gone.clear()


class _Beginning:
    """Given to a channel, to be called right before a message may be taken."""

    def __init__(self, relay: Relay, row: OutboxRow) -> None:
        self.done = False
        self.error: Exception | None = None
        self._relay = relay
        self._row = row

    def __call__(self) -> None:
        try:
            self._relay.begin(self._row)
        except Exception as error:
            self.error = error
            raise
        self.done = True


def _nameless(text: str) -> str:
    """The words of an answer without the addresses in them: what is told to all names nobody."""
    return " ".join(_ADDRESS.sub("…", text).split())
