"""A channel that writes files: `.eml` for mail programs and `.html` to look at. Nothing leaves the machine."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from vocative.deliver.channel import ChannelContext, Outgoing, Receipt


class FileChannel:
    """Writes `MESSAGE_ID.eml` and `MESSAGE_ID.html` into the context's folder, each by one atomic rename."""

    def __init__(self, context: ChannelContext) -> None:
        self._context = context
        context.folder.mkdir(parents=True, exist_ok=True)

    @property
    def idempotent(self) -> bool:
        """The same message again writes the same files."""
        return True

    def push(self, message: Outgoing) -> Receipt:
        """Write both files."""
        try:
            mail = _mail(message, self._context)
        except ValueError as error:
            return Receipt(accepted=False, text=f"the address cannot stand in a mail header: {error}")
        path = self._context.folder / f"{message.message_id}.eml"
        _write(path, mail.as_bytes(policy=SMTP))
        _write(path.with_suffix(".html"), message.body_html.encode())
        return Receipt(accepted=True, text=path.name)

    def flush(self) -> None:
        """Ask the file system to keep the folder's entries."""
        folder = os.open(self._context.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Nothing is held."""


def _mail(message: Outgoing, context: ChannelContext) -> EmailMessage:
    sender = context.sender
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = message.subject
    mail["From"] = Address(sender.name, addr_spec=sender.email)
    mail["To"] = Address(addr_spec=message.address)
    mail["Reply-To"] = sender.reply_to or sender.email
    mail["Date"] = format_datetime(datetime.fromtimestamp(message.sent_at / 1e6, UTC))
    mail["Message-ID"] = f"<{message.message_id}@{sender.email.rpartition('@')[2]}>"
    mail["Content-Language"] = message.language
    mail["List-Unsubscribe"] = f"<mailto:{sender.reply_to or sender.email}?subject=stop>"
    mail.set_content(message.body_text)
    mail.add_alternative(message.body_html, subtype="html")
    return mail


def _write(path: Path, content: bytes) -> None:
    half = path.with_name(f".{path.name}.part")
    half.write_bytes(content)
    half.replace(path)
