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
    from vocative.collect.commit.files import import_file
    from vocative.collect.commit.redrive import redrive
    from vocative.collect.guess.guess import guess_mapping
    from vocative.desk.export import export_table
    from vocative.desk.person.subject_access import card_of, why_of
    from vocative.desk.recommend.lists import recommend, recommend_to_visitor
    from vocative.desk.status import status
    from vocative.desk.track import track
    from vocative.errors import UserError, VocativeError
    from vocative.line.running import run
    from vocative.line.snapshot.clock import parse_moment, to_micros
    from vocative.workspace.opening import Workspace
    from vocative.workspace.starting import make_workspace

__version__ = "0.1.0"

_HOMES = {
    "UserError": "errors",
    "VocativeError": "errors",
    "Workspace": "workspace.opening",
    "card_of": "desk.person.subject_access",
    "export_table": "desk.export",
    "guess_mapping": "collect.guess.guess",
    "import_file": "collect.commit.files",
    "make_workspace": "workspace.starting",
    "parse_moment": "line.snapshot.clock",
    "recommend": "desk.recommend.lists",
    "recommend_to_visitor": "desk.recommend.lists",
    "redrive": "collect.commit.redrive",
    "run": "line.running",
    "status": "desk.status",
    "to_micros": "line.snapshot.clock",
    "track": "desk.track",
    "why_of": "desk.person.subject_access",
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
