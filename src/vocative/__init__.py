"""Vocative: what to say to each person, when, over which channel, or that silence is better.

The public names; each is loaded when it is first used, so that `import vocative` is quick:

    from vocative import Workspace, import_file, run, to_micros

    with Workspace.open(Path("my-shop")) as workspace:
        run(workspace, to_micros(datetime(2026, 1, 5, 3, 0, tzinfo=UTC)))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vocative.collect.files import import_file
    from vocative.collect.guess import guess_mapping
    from vocative.collect.redrive import redrive
    from vocative.errors import UserError, VocativeError
    from vocative.line.clock import parse_moment, to_micros
    from vocative.line.exporting import export_table
    from vocative.line.lists import recommend, recommend_to_visitor
    from vocative.line.persons import card_of, why_of
    from vocative.line.running import run
    from vocative.line.status import status
    from vocative.line.tracking import track
    from vocative.workspace.opening import Workspace
    from vocative.workspace.starting import make_workspace

__version__ = "0.1.0"

_HOMES = {
    "UserError": "errors",
    "VocativeError": "errors",
    "Workspace": "workspace.opening",
    "card_of": "line.persons",
    "export_table": "line.exporting",
    "guess_mapping": "collect.guess",
    "import_file": "collect.files",
    "make_workspace": "workspace.starting",
    "parse_moment": "line.clock",
    "recommend": "line.lists",
    "recommend_to_visitor": "line.lists",
    "redrive": "collect.redrive",
    "run": "line.running",
    "status": "line.status",
    "to_micros": "line.clock",
    "track": "line.tracking",
    "why_of": "line.persons",
}

__all__ = [
    "UserError",
    "VocativeError",
    "Workspace",
    "__version__",
    "card_of",
    "export_table",
    "guess_mapping",
    "import_file",
    "make_workspace",
    "parse_moment",
    "recommend",
    "recommend_to_visitor",
    "redrive",
    "run",
    "status",
    "to_micros",
    "track",
    "why_of",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'vocative' has no attribute {name!r}")
    return getattr(import_module(f"vocative.{_HOMES[name]}"), name)
