"""A mail server on this machine that does at each stage what it is told: answer, hang up, or say nothing any more."""

from __future__ import annotations

import socketserver
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal, cast

from vocative.deliver.channel import Channel, ChannelContext
from vocative.records.settings import ChannelSettings, Sender
from vocative.store.registry import load_driver

Stage = Literal["connect", "EHLO", "MAIL", "RCPT", "DATA", "body", "dot"]
STAGES: tuple[Stage, ...] = ("connect", "EHLO", "MAIL", "RCPT", "DATA", "body", "dot")
HANG_UP, HANG = "hang up", "hang"

_POLITE: dict[str, str] = {
    "connect": "220 here", "EHLO": "250 fine", "MAIL": "250 fine", "RCPT": "250 fine", "DATA": "354 go on",
    "dot": "250 taken", "RSET": "250 fine", "QUIT": "221 bye",
}  # fmt: skip


@dataclass
class MailServer:
    """What it is told to do, and what it has seen."""

    port: int = 0
    does: dict[str, str] = field(default_factory=dict)
    """Stage → what it answers, or `HANG_UP` or `HANG`; where nothing is said it is polite."""
    to: dict[str, str] = field(default_factory=dict)
    """Recipient → what it answers at RCPT."""
    on_text: Callable[[MailServer], None] = lambda _: None
    """Called when it has a whole text, before it answers."""
    one_mail_each: bool = False
    """Whether it ends each connection after one mail."""
    seen: Counter[str] = field(default_factory=Counter)
    """Stage → how often it was reached."""
    taken: list[str] = field(default_factory=list)
    """Recipients whose mail it had whole, to the final dot."""
    over: threading.Event = field(default_factory=threading.Event)

    def answers(self, stage: str, recipient: str = "") -> str:
        self.seen[stage] += 1
        return self.to.get(recipient, self.does.get(stage, _POLITE.get(stage, "250 fine")))

    def channel(self, *, timeout: int = 1) -> Channel:
        """The channel `smtp` to this server."""
        make = cast("Callable[[ChannelContext], Channel]", load_driver("channel", "smtp"))
        options: dict[str, str | int | bool] = {
            "host": "127.0.0.1", "port": self.port, "security": "none", "timeout": timeout,
        }  # fmt: skip
        settings = ChannelSettings(driver="smtp", options=options)
        sender = Sender(name="Shop", email="hello@shop.example")
        return make(ChannelContext(name="email", settings=settings, sender=sender, folder=Path()))


class _Over(Exception):  # noqa: N818
    """This connection is at its end."""


class _Talk(socketserver.StreamRequestHandler):
    told: MailServer

    def handle(self) -> None:
        try:
            self._say("connect")
            while line := self.rfile.readline():
                self._hear(line.decode().strip())
        except (_Over, OSError):
            return

    def _hear(self, line: str) -> None:
        verb = line[:4].upper()
        if verb == "RCPT":
            self.recipient = line.partition("<")[2].partition(">")[0]
            self._say("RCPT", self.recipient)
        elif verb == "DATA":
            if self._say("DATA").startswith("354"):
                self._read()
        else:
            self._say(verb)
            if verb == "QUIT":
                raise _Over

    def _read(self) -> None:
        stream = cast("IO[bytes]", self.rfile)
        if "body" in self.told.does:
            stream.readline()
            self._say("body")
        while line := stream.readline():
            if line == b".\r\n":
                self.told.taken.append(self.recipient)
                self.told.on_text(self.told)
                self._say("dot")
                if self.told.one_mail_each:
                    raise _Over
                return
        raise _Over

    def _say(self, stage: str, recipient: str = "") -> str:
        answer = self.told.answers(stage, recipient)
        if answer == HANG:
            self.told.over.wait()
        if answer in (HANG, HANG_UP):
            raise _Over
        self.wfile.write(f"{answer}\r\n".encode())
        return answer


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 50

    def handle_error(self, request: object, client_address: object) -> None: ...


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server that listens until the end of the block."""
    told = MailServer()
    talk = type("_TalkOfThis", (_Talk,), {"told": told})
    with _Server(("127.0.0.1", 0), talk) as listening:
        told.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield told
        finally:
            told.over.set()
            listening.shutdown()
            thread.join()
