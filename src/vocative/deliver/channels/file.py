"""A channel that writes files: `.eml` for mail programs and `.html` to look at. Nothing leaves the machine."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from vocative.deliver.channel import Begin, ChannelContext, Outgoing, Receipt, unnoticed
from vocative.deliver.mail import unwritable, written_mail
from vocative.store.private import private_folder, write_private

_SIDE_BY_SIDE = 8


class FileChannel:
    """Writes `MESSAGE_ID.eml` and `MESSAGE_ID.html` into the context's folder, each by one atomic rename."""

    def __init__(self, context: ChannelContext) -> None:
        self._context = context
        self._written: list[Path] = []
        private_folder(context.folder)

    @property
    def idempotent(self) -> bool:
        """The same message again writes the same files."""
        return True

    def push(self, message: Outgoing, begin: Begin = unnoticed) -> Receipt:
        """Write both files; what cannot be a mail (a broken address, a line break in the subject) is refused."""
        try:
            mail = written_mail(message, self._context.sender)
            page = message.body_html.encode()
        except ValueError as error:
            return unwritable(error, self._context.sender)
        path = self._context.folder / f"{message.message_id}.eml"
        begin()
        for target, content in ((path.with_suffix(".html"), page), (path, mail)):
            write_private(target, content)
            self._written.append(target)
        return Receipt(accepted=True, text=path.name)

    def flush(self) -> None:
        """Wait until the files written since the last call, and the folder's entries, are on disk."""
        # Each call waits for the disk; side by side they share one write of its journal.
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            list(pool.map(_sync, self._written))
        self._written.clear()
        _sync(self._context.folder)

    def close(self) -> None:
        """Nothing is held."""


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
