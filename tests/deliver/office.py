"""One process that hands over what is due: `python -m tests.deliver.office FOLDER file|log|capped|unlocked|PORT`."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from tests.decide.builders import NOW
from tests.deliver.post import FREE, NO_QUIET, SHOP, file_channel, open_stores
from tests.deliver.server import MailServer
from vocative.deliver.channel import Begin, Channel, Outgoing, Receipt, unnoticed
from vocative.deliver.outbox import hand_over
from vocative.deliver.recheck import RecheckRules
from vocative.records.caps import Cap, Caps
from vocative.store.protocols import Ledger, Transaction

CAPPED = RecheckRules(
    Caps(per_day=3, per_week="none", more={"texts": Cap(at_most=1, hours=30, channels=["sms"])}), NO_QUIET, SHOP
)


class Unlocked:
    """A ledger that keeps nobody waiting: what holds now, holds by the transactions alone."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def transaction(self) -> AbstractContextManager[Transaction]:
        return self._ledger.transaction()

    def lock(self, name: str, *, timeout: float = 60.0) -> AbstractContextManager[None]:
        return nullcontext()

    def scrub(self) -> None:
        self._ledger.scrub()

    def close(self) -> None:
        self._ledger.close()


class Log:
    """A channel that is not idempotent: whatever it is given, it writes down once more."""

    idempotent = False

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def push(self, message: Outgoing, begin: Begin = unnoticed) -> Receipt:
        begin()
        os.write(self._file, f"{message.message_id}\n".encode())
        return Receipt(accepted=True, text="")

    def flush(self) -> None:
        os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)


def _channel(folder: Path, kind: str) -> Channel:
    if kind.isdigit():
        return MailServer(port=int(kind)).channel(timeout=30)
    return file_channel(folder / "mail") if kind == "file" else Log(folder / "log")


def main(folder: Path, kind: str) -> None:
    stores = open_stores(folder)
    channel = _channel(folder, kind)
    (folder / f"ready-{os.getpid()}").touch()
    rules = CAPPED if kind in ("capped", "unlocked") else FREE
    if kind == "unlocked":
        stores = replace(stores, ledger=Unlocked(stores.ledger))
    hand_over(stores, {"email": channel, "sms": channel}, rules, NOW)
    channel.close()
    stores.ledger.close()
    stores.inbox.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
