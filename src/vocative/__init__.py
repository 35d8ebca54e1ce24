"""Vocative: what to say to each person, when, over which channel, or that silence is better.

The public names; each is loaded when it is first used, so that `import vocative` is quick:

    from vocative import Workspace

    with Workspace.open("my-shop") as ws:
        ws.run()
        ws.person("1042").why()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vocative.collect.guess.guess import guess_mapping
    from vocative.desk.rows import Rows
    from vocative.desk.workspace import Person, Workspace
    from vocative.errors import UserError, VocativeError
    from vocative.line.snapshot.clock import parse_moment, to_micros
    from vocative.records.settings import ImportMapping

__version__ = "0.1.0"

_HOMES = {
    "ImportMapping": "records.settings",
    "Person": "desk.workspace",
    "Rows": "desk.rows",
    "UserError": "errors",
    "VocativeError": "errors",
    "Workspace": "desk.workspace",
    "guess_mapping": "collect.guess.guess",
    "parse_moment": "line.snapshot.clock",
    "to_micros": "line.snapshot.clock",
}

__all__ = [
    "ImportMapping",
    "Person",
    "Rows",
    "UserError",
    "VocativeError",
    "Workspace",
    "__version__",
    "guess_mapping",
    "parse_moment",
    "to_micros",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'vocative' has no attribute {name!r}")
    return getattr(import_module(f"vocative.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
