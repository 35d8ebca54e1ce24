"""One process that hands over everything that is due: `python -m tests.deliver.office FOLDER file|log`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.decide.builders import NOW
from tests.deliver.post import FREE, file_channel, open_stores
from vocative.deliver.channel import Outgoing, Receipt
from vocative.deliver.outbox import hand_over


class Log:
    """A channel that is not idempotent: whatever it is given, it writes down once more."""

    idempotent = False

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def push(self, message: Outgoing) -> Receipt:
        os.write(self._file, f"{message.message_id}\n".encode())
        return Receipt(accepted=True, text="")

    def flush(self) -> None:
        os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)


def main(folder: Path, kind: str) -> None:
    stores = open_stores(folder)
    channel = file_channel(folder / "mail") if kind == "file" else Log(folder / "log")
    (folder / f"ready-{os.getpid()}").touch()
    hand_over(stores, {"email": channel}, FREE, NOW)
    channel.close()
    stores.ledger.close()
    stores.inbox.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
