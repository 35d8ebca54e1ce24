"""A message of the outbox as a mail, with the ways out that its headers offer (RFC 2369, RFC 8058)."""

from __future__ import annotations

from vocative.compose.mime import Mail, ascii_address, mail_bytes
from vocative.deliver.channel import Outgoing, Receipt
from vocative.records.settings import Sender


def written_mail(message: Outgoing, sender: Sender) -> bytes:
    """The whole mail, with CRLF; where there is a page for it, one click ends such messages, else a reply does.

    Raises:
        UserError: it cannot be a mail: a broken address, a line break in the subject.
    """
    replies = sender.reply_to or sender.email
    by_mail = f"mailto:{ascii_address(replies)}?subject=stop"
    return mail_bytes(
        Mail(
            message_id=message.message_id,
            sender_name=sender.name,
            sender_email=sender.email,
            reply_to=replies,
            address=message.address,
            subject=message.subject,
            body_text=message.body_text,
            body_html=message.body_html,
            language=message.language,
            sent_at=message.sent_at,
            unsubscribe=(message.unsubscribe, by_mail) if message.unsubscribe else (by_mail,),
            one_click=bool(message.unsubscribe),
        )
    )


def unwritable(error: ValueError, sender: Sender) -> Receipt:
    """The refusal of what cannot be a mail; where it is the sender that cannot, no message of the business can."""
    text = f"this cannot be written as a mail: {error}"
    try:
        ascii_address(sender.email)
        ascii_address(sender.reply_to or sender.email)
    except ValueError:
        return Receipt(accepted=False, text=text, again=True, about="business", certain=True, down=True)
    return Receipt(accepted=False, text=text)
