"""A channel that hands mails to a mail server by SMTP (RFC 5321).

Until the server has the whole text nothing has been sent, so whatever goes wrong before is tried again later, unless
the server refused for good. Once the text is on its way, silence means that the outcome is unknown.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Annotated, Literal

import aiosmtplib
import msgspec
from msgspec import Meta, Struct

from vocative.compose.mime import ascii_address
from vocative.deliver.channel import ChannelContext, Outgoing, Receipt
from vocative.deliver.mail import written_mail
from vocative.errors import SettingsError

_REFUSED_FOR_GOOD = 500


class SMTPOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[channels.NAME.options]` of the driver `smtp`."""

    host: str
    """Name or address of the mail server."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 587
    """Its port."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is protected; `none` is for a server on the same machine."""
    user: str = ""
    """Name to log in with; empty: no login."""
    password_env: str = "VOCATIVE_SMTP_PASSWORD"  # noqa: S105
    """Name of the environment variable that holds the password; it is never written into a file."""
    timeout: int = 30
    """Seconds to wait for an answer."""


class SMTPChannel:
    """Hands one mail after the other to the server, over one connection that is opened again when it breaks.

    Raises:
        SettingsError: an option is missing, unknown or of the wrong type, or the password is not there.
    """

    def __init__(self, context: ChannelContext) -> None:
        self._context = context
        self._options = _options(context.name, context.settings.options)
        self._password = _password(context.name, self._options)
        self._runner = asyncio.Runner()
        self._server: aiosmtplib.SMTP | None = None
        self._down = ""

    @property
    def idempotent(self) -> bool:
        """A server sends twice what it is given twice."""
        return False

    def push(self, message: Outgoing) -> Receipt:
        """Hand one mail over; what cannot be a mail is refused."""
        try:
            mail = written_mail(message, self._context.sender)
            recipient = ascii_address(message.address)
        except ValueError as error:
            return Receipt(accepted=False, text=f"this cannot be written as a mail: {error}")
        if self._down:
            # A server that is not there costs one waiting time for all messages handed over together.
            return Receipt(accepted=False, text=self._down, again=True)
        return self._runner.run(self._hand_over(recipient, mail))

    def flush(self) -> None:
        """Nothing is held back; a server that could not be reached is tried again with the next message."""
        self._down = ""

    def close(self) -> None:
        """Say goodbye to the server."""
        self._runner.run(self._leave())
        self._runner.close()

    async def _hand_over(self, recipient: str, mail: bytes) -> Receipt:
        try:
            server = await self._connected()
            await server.mail(ascii_address(self._context.sender.email))
            await server.rcpt(recipient)
        except (aiosmtplib.SMTPException, OSError) as error:
            return await self._not_taken(error)
        try:
            answer = await server.data(mail)
        except aiosmtplib.SMTPResponseException as error:
            return await self._not_taken(error)
        except (aiosmtplib.SMTPException, OSError):
            await self._leave()
            raise
        return Receipt(accepted=True, text=f"{answer.code} {answer.message}")

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._server is None or not self._server.is_connected:
            options = self._options
            server = aiosmtplib.SMTP(
                hostname=options.host,
                port=options.port,
                username=options.user or None,
                password=self._password or None,
                use_tls=options.security == "tls",
                start_tls=options.security == "starttls",
                timeout=options.timeout,
            )
            await server.connect()
            self._server = server
        return self._server

    async def _not_taken(self, error: Exception) -> Receipt:
        """Nothing was taken: for good if the server said so, else for now."""
        code = error.code if isinstance(error, aiosmtplib.SMTPResponseException) else 0
        broken = isinstance(error, aiosmtplib.SMTPConnectError | aiosmtplib.SMTPAuthenticationError)
        if broken:
            self._down = str(error)
        about_this_mail = code >= _REFUSED_FOR_GOOD and not broken
        server = self._server
        if server is not None and server.is_connected and code:
            # The next mail starts afresh on the same connection.
            try:
                await server.rset()
            except (aiosmtplib.SMTPException, OSError):
                await self._leave()
        else:
            await self._leave()
        return Receipt(accepted=False, text=str(error), again=not about_this_mail)

    async def _leave(self) -> None:
        server, self._server = self._server, None
        if server is not None and server.is_connected:
            try:
                await server.quit()
            except (aiosmtplib.SMTPException, OSError):
                server.close()


def _options(name: str, given: Mapping[str, str | int | bool]) -> SMTPOptions:
    try:
        return msgspec.convert(dict(given), SMTPOptions, strict=True)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"the options of the driver `smtp` do not fit: {error}",
            where=f"vocative.toml, [channels.{name}.options]",
            remedy="known: host, port, security (starttls, tls, none), user, password_env, timeout",
        ) from error


def _password(name: str, options: SMTPOptions) -> str:
    if not options.user:
        return ""
    password = os.environ.get(options.password_env, "")
    if not password:
        raise SettingsError(
            f"the environment variable {options.password_env} holds no password for {options.user!r}",
            where=f"vocative.toml, [channels.{name}.options]",
            remedy=f"set {options.password_env}, or name another variable with password_env",
        )
    return password
