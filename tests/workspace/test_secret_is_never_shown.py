"""Nothing that can be printed, logged, dumped or read in a traceback holds the workspace's key."""

from __future__ import annotations

import copy
import io
import json
import logging
import pprint
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import asdict, astuple
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import get_type_hints

import msgspec
import pytest
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback

import vocative
from vocative.collect.live import accept, drain
from vocative.compose.desk import Studio
from vocative.deliver.outbox import Links
from vocative.desk.person.erasure import erase_person
from vocative.desk.status import status
from vocative.errors import VocativeError
from vocative.line.act.studio import studio_of
from vocative.line.running import run
from vocative.trust.links import read_link, signed_link
from vocative.trust.secret_key import SecretKey
from vocative.workspace.opening import Workspace
from vocative.workspace.starting import make_workspace

NOW = 1_736_000_000_000_000
_NAMES_OF_SECRETS = re.compile(r"(^|_)(key|secret|password|token)$")


class _UnforeseenError(Exception):
    """A fault that nobody foresaw."""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    make_workspace(tmp_path / "shop")
    with Workspace.open(tmp_path / "shop") as opened:
        yield opened


def holds_key(text: str, workspace: Workspace) -> bool:
    """Whether any six bytes in a row of the key stand in the text, in one of the ways in which bytes are written."""
    raw = (workspace.root / "data" / "key").read_bytes()
    text = text.replace("\n", "")
    written = [raw.hex(), raw.hex(" "), raw.hex(":"), str(list(raw))[1:-1], repr(raw)[2:-1], raw.decode("latin-1")]
    # Base 64 of a part of the bytes is a part of the base 64 at each third byte only.
    written += [encode(raw[at:]).decode() for encode in (b64encode, urlsafe_b64encode) for at in range(3)]
    return any(one[at : at + 12] in text for one in written for at in range(len(one) - 11))


def test_the_test_knows_the_key_when_it_sees_it(workspace: Workspace) -> None:
    raw = (workspace.root / "data" / "key").read_bytes()
    for shown in (repr(raw), raw.hex(), str(list(raw)), b64encode(b"x" + raw).decode(), f"...{raw[8:24]!r}..."):
        assert holds_key(shown, workspace)
    assert not holds_key(repr(bytes(32)), workspace)


def holders(workspace: Workspace) -> list[object]:
    """Every public object that has the key."""
    studio = studio_of(workspace)
    links = Links("https://shop.example/v", workspace.key)
    return [workspace, workspace.stores, studio, links, workspace.key, {"key": [workspace.key]}]


SHOWN: list[Callable[[object], str]] = [
    repr,
    str,
    ascii,
    "{}".format,
    "{!r:>9}".format,
    "%s".__mod__,
    pprint.pformat,
    pretty_repr,
    lambda one: repr(vars(one) if hasattr(one, "__dict__") else dir(one)),
    lambda one: repr([getattr(one, name, None) for name in dir(one)]),
    lambda one: repr(copy.copy(one)),
    lambda one: json.dumps(one, default=str),
    lambda one: msgspec.json.encode(one, enc_hook=str).decode("utf-8"),
    lambda one: repr(msgspec.to_builtins(one, enc_hook=repr)),
]


@pytest.mark.parametrize("place", range(len(SHOWN)))
def test_no_way_to_show_a_holder_shows_the_key(workspace: Workspace, place: int) -> None:
    for one in holders(workspace):
        arguments = (one,) if SHOWN[place] == "%s".__mod__ else one
        assert not holds_key(SHOWN[place](arguments), workspace)


def test_a_dump_of_a_dataclass_has_the_key_as_a_thing_that_is_not_shown(workspace: Workspace) -> None:
    links = Links("https://shop.example/v", workspace.key)
    studio = Studio(workspace.settings, workspace.brand, {}, studio_of(workspace).templates, {}, workspace.key)
    for dumped in (asdict(studio)["key"], astuple(studio)[-1], links._asdict()["key"], copy.deepcopy(links).key):
        assert dumped == workspace.key
        assert not holds_key(repr(dumped), workspace)


@pytest.mark.parametrize("protocol", range(6))
def test_a_key_is_not_pickled_nor_encoded_in_silence(protocol: int) -> None:
    with pytest.raises(TypeError, match="never written"):
        SecretKey(b"k" * 32).__reduce_ex__(protocol)
    with pytest.raises(TypeError):
        msgspec.json.encode(SecretKey(b"k" * 32))
    with pytest.raises(TypeError):
        json.dumps({"key": SecretKey(b"k" * 32)})


def traceback_of(work: Callable[[], object]) -> str:
    """What a traceback with all local variables, of ours and of libraries, prints."""
    told = io.StringIO()
    try:
        work()
    except Exception as error:
        shown = Traceback.from_exception(
            type(error), error, error.__traceback__, show_locals=True, locals_max_length=9_999, locals_max_string=9_999,
            locals_hide_dunder=False, locals_hide_sunder=False, max_frames=0, extra_lines=0,
        )  # fmt: skip
        Console(file=told, width=20_000).print(shown)
    return told.getvalue()


def test_a_traceback_with_local_variables_does_not_show_the_key(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> object:
        raise _UnforeseenError

    def refused() -> object:
        return signed_link("https://shop.example", "why", "\ud800", workspace.key)

    places: dict[str, Callable[[], object]] = {
        "signing": refused,
        "reading": lambda: read_link("\ud800", "a.b", workspace.key),
        "marking": lambda: workspace.key.mark(b"x", 20, b"far too long a purpose"),
        "a run": lambda: run(workspace, NOW),
        "erasing": lambda: erase_person(workspace, "p1", NOW),
        "draining": lambda: drain(workspace.stores, workspace.settings, NOW),
        "status": lambda: status(workspace, NOW),
        "opening": lambda: Workspace.open(workspace.root),
    }
    event = {"message_id": "m1", "event": "purchase", "user_id": "p1", "timestamp": "2025-01-01T00:00:00Z"}
    accept(workspace.stores.inbox, [event], NOW)
    monkeypatch.setattr(type(workspace.stores.lake), "append", fail)
    monkeypatch.setattr(type(workspace.stores.ledger), "transaction", fail)
    monkeypatch.setattr("vocative.workspace.opening._open_stores", fail)
    for name, work in places.items():
        told = traceback_of(work)
        assert "locals" in told, name
        assert not holds_key(told, workspace), name


def test_a_key_file_that_is_wrong_is_refused_without_what_it_holds(workspace: Workspace) -> None:
    path = workspace.root / "data" / "key"
    path.write_bytes(path.read_bytes()[:31])
    told = traceback_of(lambda: Workspace.open(workspace.root))
    assert "does not hold the 32 bytes" in told
    assert not holds_key(told, workspace)
    path.write_bytes(bytes(range(100)))
    told = traceback_of(lambda: Workspace.open(workspace.root))
    assert "does not hold the 32 bytes" in told
    assert not holds_key(told, workspace)


def test_no_log_and_no_error_holds_the_key(
    workspace: Workspace, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    run(workspace, NOW)
    with pytest.raises(VocativeError) as caught:
        erase_person(workspace, "nobody", NOW)
    logging.getLogger("vocative.test").debug("at work: %r, %s", workspace, workspace.stores)
    out, err = capsys.readouterr()
    assert "at work" in caplog.text
    for told in (caplog.text, out, err, str(caught.value), repr(caught.value), repr(vars(caught.value))):
        assert not holds_key(told, workspace)


def test_every_field_that_is_called_a_secret_is_of_the_type_that_hides_it() -> None:
    """Whoever adds a record with a `key: bytes` or `password: str` meets this test."""
    found, wrong = 0, []
    for module in walk_packages(vocative.__path__, "vocative."):
        if module.name.endswith("__main__"):
            continue
        for kind in vars(import_module(module.name)).values():
            if not isinstance(kind, type) or kind.__module__ != module.name:
                continue
            hints = getattr(kind, "__annotations__", {})
            for name in filter(_NAMES_OF_SECRETS.search, hints):
                hint = get_type_hints(kind)[name]
                found += hint is SecretKey
                # A key of a mapping is a text; a key of bytes, or a password of any kind, is a secret.
                if hint in (bytes, bytes | None) or not name.endswith("key"):
                    wrong.append(f"{module.name}.{kind.__name__}.{name}")
    assert found >= 4
    assert wrong == []
