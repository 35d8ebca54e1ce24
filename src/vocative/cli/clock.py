"""What every command does about time: `--now`, `--as-if`, and the look at this machine's clock.

No command acts ahead of the clock by mistake: a mistyped year would delete what is kept for a while, and the workspace
could not be run at its own time any more.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from vocative.cli.printable import say
from vocative.errors import ClockError
from vocative.workspace.folder import SETTINGS_FILE

Command = TypeVar("Command", bound=Callable[..., object])

_AS_IF = "vocative.as_if"


def now_option(command: Command) -> Command:
    """`--now MOMENT` and `--as-if`."""
    return click.option(
        "--now",
        metavar="MOMENT",
        help="Act as if it were this moment, such as 2026-01-05T03:00Z. Without it: the clock of this machine.",
    )(as_if_option(command))


def as_if_option(command: Command) -> Command:
    """`--as-if`, for commands whose moment has another name."""
    return click.option(
        "--as-if",
        is_flag=True,
        expose_value=False,
        callback=_note,
        help="The moment may lie ahead of this machine's clock, and that is meant.",
    )(command)


def moment(text: str | None) -> int:
    """The moment at which a command acts: the one given, or that of the machine's clock; µs UTC.

    Raises:
        ClockError: it is no moment, nobody can act at it, or it lies ahead of the clock; the last is right with
            `--as-if` and in a workspace that says it is a simulation.
    """
    from vocative.desk.machine_clock import machine_now
    from vocative.line.snapshot.clock import lies_ahead, parse_moment, refuse_impossible, to_text

    clock = machine_now()
    if text is None:
        return clock
    now = parse_moment(text)
    refuse_impossible(now)
    if lies_ahead(now, clock) and not is_simulation():
        if not _is_meant():
            raise ClockError(
                f"{to_text(now)} lies ahead of this machine's clock ({to_text(clock)[:19]}Z)",
                remedy="look at the year; add --as-if if the future is meant, in a copy of the workspace",
            )
        say(f"vocative: acting as if it were {to_text(now)}, ahead of this machine's clock", err=True)
    return now


def planned(text: str) -> int:
    """A moment at which something is to begin, which may lie ahead of any clock; µs UTC.

    Raises:
        ClockError: it is no moment, or nothing can begin at it.
    """
    from vocative.line.snapshot.clock import parse_moment, refuse_impossible

    found = parse_moment(text)
    refuse_impossible(found)
    return found


def is_simulation() -> bool:
    """Whether the workspace of the command at work says that its time is simulated."""
    context = click.get_current_context(silent=True)
    workspace = context.params.get("workspace") if context is not None else None
    if not isinstance(workspace, Path) or not (workspace / SETTINGS_FILE).is_file():
        return False
    from vocative.workspace.configuration import read_settings

    return read_settings(workspace).business.simulation


def _note(context: click.Context, _option: click.Parameter, value: bool) -> None:
    context.meta[_AS_IF] = value


def _is_meant() -> bool:
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_AS_IF))
