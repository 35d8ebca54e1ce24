"""A channel that writes files: `.eml` for mail programs and `.html` to look at. Nothing leaves the machine."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from vocative.deliver.channel import ChannelContext, Outgoing, Receipt

_SIDE_BY_SIDE = 8


class FileChannel:
    """Writes `MESSAGE_ID.eml` and `MESSAGE_ID.html` into the context's folder, each by one atomic rename."""

    def __init__(self, context: ChannelContext) -> None:
        self._context = context
        self._written: list[Path] = []
        context.folder.mkdir(parents=True, exist_ok=True)

    @property
    def idempotent(self) -> bool:
        """The same message again writes the same files."""
        return True

    def push(self, message: Outgoing) -> Receipt:
        """Write both files; what cannot be a mail (a broken address, a line break in the subject) is refused."""
        try:
            mail = _mail(message, self._context).as_bytes(policy=SMTP)
            page = message.body_html.encode()
        except (ValueError, IndexError, MessageError) as error:
            return Receipt(accepted=False, text=f"this cannot be written as a mail: {error}")
        path = self._context.folder / f"{message.message_id}.eml"
        for target, content in ((path.with_suffix(".html"), page), (path, mail)):
            _write(target, content)
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


def _mail(message: Outgoing, context: ChannelContext) -> EmailMessage:
    sender = context.sender
    replies = sender.reply_to or sender.email
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = message.subject
    mail["From"] = Address(sender.name, addr_spec=_ascii(sender.email))
    mail["To"] = Address(addr_spec=_ascii(message.address))
    mail["Reply-To"] = Address(addr_spec=_ascii(replies))
    mail["Date"] = format_datetime(datetime.fromtimestamp(message.sent_at / 1e6, UTC))
    mail["Message-ID"] = f"<{message.message_id}@{_ascii(sender.email).rpartition('@')[2]}>"
    mail["List-Unsubscribe"] = f"<mailto:{_ascii(replies)}?subject=stop>"
    mail.set_content(message.body_text)
    mail.add_alternative(message.body_html, subtype="html")
    # Setting the content drops the content headers there are.
    mail["Content-Language"] = message.language
    return mail


def _ascii(address: str) -> str:
    """The address with its domain as RFC 5890 writes it in headers: `a@rīga.lv` becomes `a@xn--rga-uta.lv`."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, content: bytes) -> None:
    half = path.with_name(f".{path.name}.part")
    half.write_bytes(content)
    half.replace(path)
