"""One message as the bytes of a mail (RFC 5322, MIME), with a way out in its headers (RFC 2369, RFC 8058)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from vocative.deliver.channel import Outgoing
from vocative.records.settings import Sender


def mail_bytes(message: Outgoing, sender: Sender) -> bytes:
    """The whole mail, with CRLF.

    Raises:
        ValueError: it cannot be a mail: a broken address, a line break in the subject.
    """
    replies = sender.reply_to or sender.email
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = message.subject
    mail["From"] = Address(sender.name, addr_spec=ascii_address(sender.email))
    mail["To"] = Address(addr_spec=ascii_address(message.address))
    mail["Reply-To"] = Address(addr_spec=ascii_address(replies))
    mail["Date"] = format_datetime(datetime.fromtimestamp(message.sent_at / 1e6, UTC))
    mail["Message-ID"] = f"<{message.message_id}@{ascii_address(sender.email).rpartition('@')[2]}>"
    ways = [f"<mailto:{ascii_address(replies)}?subject=stop>"]
    if message.unsubscribe:
        ways.insert(0, f"<{message.unsubscribe}>")
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["List-Unsubscribe"] = ", ".join(ways)
    mail.set_content(message.body_text)
    mail.add_alternative(message.body_html, subtype="html")
    # Setting the content drops the content headers there are.
    mail["Content-Language"] = message.language
    return mail.as_bytes(policy=SMTP)


def ascii_address(address: str) -> str:
    """The address with its domain as RFC 5890 writes it in headers.

    >>> ascii_address("a@rīga.lv")
    'a@xn--rga-uta.lv'
    """
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"
