"""A channel that hands mails to a mail server by SMTP (RFC 5321).

A text ends with a line that holds a dot, and a server that has not seen it has taken nothing (section 4.1.1.4). So
whatever goes wrong before is tried again later, unless the server refused for good; after it, silence means that the
outcome is unknown.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Literal

import aiosmtplib
import msgspec
from aiosmtplib import SMTPResponse, SMTPStatus
from msgspec import Meta, Struct
from msgspec.structs import replace

from vocative.compose.mime import ascii_address
from vocative.deliver.channel import Begin, ChannelContext, Outgoing, Receipt, unnoticed
from vocative.deliver.mail import unwritable, written_mail
from vocative.deliver.replies import Stage, refusal
from vocative.errors import SettingsError

_TROUBLE = (aiosmtplib.SMTPException, OSError)
_REFUSALS = (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError)
_NEW_LINE, _END = b"\r\n", b".\r\n"
# A line that begins with a dot would end the text (RFC 5321, section 4.5.2).
_DOT = re.compile(rb"(?m)^\.")
_A_MOMENT = 0.005


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

    @property
    def idempotent(self) -> bool:
        """A server sends twice what it is given twice."""
        return False

    def push(self, message: Outgoing, begin: Begin = unnoticed) -> Receipt:
        """Hand one mail over; what cannot be a mail is refused.

        It begins with the dot that ends the text: a server that has not seen it has taken nothing.

        Raises:
            TimeoutError: the server had the whole text and did not answer in time.
            SMTPException: it had the whole text, and hung up or answered what is no answer.
            OSError: as before, for reasons of the network.
        """
        try:
            mail = written_mail(message, self._context.sender)
            recipient = ascii_address(message.address)
        except ValueError as error:
            return unwritable(error, self._context.sender)
        return self._runner.run(self._hand_over(recipient, mail, begin))

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Say goodbye to the server."""
        self._runner.run(self._leave())
        self._runner.close()

    async def _hand_over(self, recipient: str, mail: bytes, begin: Begin) -> Receipt:
        try:
            refused = await self._prepared(recipient, mail)
        except _TROUBLE as error:
            # No connection at all, or no answer: the next mail would only wait as long.
            down = self._server is None or isinstance(error, TimeoutError)
            self._hang_up()
            return Receipt(
                accepted=False, text=_words(error), again=True, about="business", kind="away", certain=True, down=down
            )
        if refused is not None:
            return refused
        try:
            begin()
            answer = await self._ended()
        except BaseException:
            self._hang_up()
            raise
        if answer.code != SMTPStatus.completed:
            return refusal("text", answer.code, answer.message)
        return Receipt(accepted=True, text=f"{answer.code} {answer.message}")

    async def _prepared(self, recipient: str, mail: bytes) -> Receipt | None:
        """Bring everything to the server but the end of the text; the refusal, if it refuses."""
        stage: Stage = "sender"
        try:
            server = await self._told_the_sender()
            stage = "recipient"
            await server.rcpt(recipient)
            stage = "text"
            answer = await server.execute_command(b"DATA")
            if answer.code != SMTPStatus.start_input:
                raise aiosmtplib.SMTPDataError(answer.code, answer.message)
        except _REFUSALS as error:
            refused = refusal(stage, error.code, error.message)
            return refused if await self._started_afresh() else replace(refused, down=True)
        await _brought(server, mail, self._options.timeout)
        return None

    async def _told_the_sender(self) -> aiosmtplib.SMTP:
        """The server, with the sender named.

        A server may end a connection that was idle or has carried enough: then it is opened again, once.
        """
        sender = ascii_address(self._context.sender.email)
        if self._server is not None:
            try:
                await self._server.mail(sender)
            except aiosmtplib.SMTPServerDisconnected:
                self._hang_up()
            except aiosmtplib.SMTPSenderRefused as error:
                if error.code != SMTPStatus.domain_unavailable:
                    raise
                self._hang_up()
            else:
                return self._server
        self._server = await self._connected()
        await self._server.mail(sender)
        return self._server

    async def _connected(self) -> aiosmtplib.SMTP:
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
        return server

    async def _ended(self) -> SMTPResponse:
        """End the text; what the server says to it as a whole."""
        protocol = None if self._server is None else self._server.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("the server hung up when it had the text")
        protocol.write(_END)
        return await protocol.read_response(timeout=self._options.timeout)

    async def _started_afresh(self) -> bool:
        """Make the connection ready for the next mail, or end it; whether the server still answers at all."""
        server = self._server
        try:
            if server is not None and server.is_connected:
                await server.rset()
            else:
                self._hang_up()
        except _TROUBLE as error:
            self._hang_up()
            return not isinstance(error, TimeoutError)
        return True

    def _hang_up(self) -> None:
        """End the connection without a word: who does not answer is not waited for once more."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    async def _leave(self) -> None:
        if self._server is not None and self._server.is_connected:
            with suppress(*_TROUBLE):
                await self._server.quit()
        self._hang_up()


async def _brought(server: aiosmtplib.SMTP, mail: bytes, timeout: float) -> None:
    """Write the text without its end, and wait until all of it has left this machine.

    Raises:
        SMTPServerDisconnected: the server hung up before.
        TimeoutError: it did not read the text in time.
    """
    protocol = server.protocol
    if protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("the server hung up before it had the text")
    text = _DOT.sub(b"..", mail)
    protocol.write(text if text.endswith(_NEW_LINE) else text + _NEW_LINE)
    async with asyncio.timeout(timeout):
        # One turn at least, to hear of a server that has hung up meanwhile.
        await asyncio.sleep(0)
        while protocol.is_connected and _waits(protocol.transport):
            await asyncio.sleep(_A_MOMENT)
    if not protocol.is_connected:
        raise aiosmtplib.SMTPServerDisconnected("the server hung up before it had the whole text")


def _waits(transport: asyncio.BaseTransport | None) -> bool:
    """Whether something that was written has not left yet."""
    return isinstance(transport, asyncio.WriteTransport) and transport.get_write_buffer_size() > 0


def _words(error: Exception) -> str:
    """What went wrong; a time-out has no words of its own."""
    return str(error) or "the mail server did not answer in time"


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
