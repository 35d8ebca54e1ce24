"""`vocative init` and `vocative status`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from vocative.cli.output import (
    emit,
    here,
    json_option,
    moment,
    now_option,
    table,
    without_fraction,
    workspace_option,
)
from vocative.cli.words import account, mapping, outbox, readiness
from vocative.line.status import status as workspace_status
from vocative.workspace.opening import Workspace
from vocative.workspace.starting import make_workspace


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def init(folder: Path, as_json: bool) -> None:
    """Make a new workspace in FOLDER, with settings to edit."""
    written = make_workspace(folder)

    def show(console: Console) -> None:
        console.print(f"[bold]{folder}[/bold] is a workspace now. Look at vocative.toml first, then:")
        console.print(f"  vocative import --guess YOUR-FILE -w {folder}", markup=False, soft_wrap=True)

    emit(
        {"workspace": str(folder), "files": [str(path.relative_to(folder)) for path in written]},
        as_json=as_json,
        show=show,
    )


@click.command()
@workspace_option
@now_option
@json_option
def status(workspace: Path, now: str | None, as_json: bool) -> None:
    """Show what is there, which modules may run on it, and who may get what."""
    with Workspace.open(workspace) as opened:
        result = workspace_status(opened, moment(now))
    emit(result, as_json=as_json, show=lambda console: _show(console, workspace, result))


def _show(console: Console, workspace: Path, result: Mapping[str, object]) -> None:
    facts, history = mapping(result["facts"]), mapping(result["history"])
    console.print(f"[bold]{escape(str(result['business']))}[/bold], as of {without_fraction(str(result['as_of']))}")
    if result["invented"]:
        console.print(f"[yellow]Invented here: {escape(', '.join(_texts(result['invented'])))}[/yellow]")
    console.print(
        table(
            "Data",
            {
                "people known": result["people"],
                "customers with events": facts["customers"],
                "events": facts["interactions"],
                "history": _history(history),
            },
        )
    )
    console.print(table("Permissions, in people", _permissions(mapping(result["permissions"]))))
    console.print(table("Modules", readiness(mapping(result["readiness"]))))
    console.print(table("Outbox", outbox(mapping(result["outbox"]))))
    runs = mapping(result["runs"])
    last = f", the last as of {without_fraction(str(runs['last']))}" if runs["last"] else ""
    console.print(f"Runs done: {runs['done']}{last}")
    for unfinished in _texts(runs["unfinished"]):
        repeat = f"vocative run --now {unfinished}{here(workspace)}"
        console.print(Text(f"A run was cut off. To take it up where it stopped: {repeat}", style="red"), soft_wrap=True)
    for warning in _texts(result["warnings"]):
        console.print(Text(f"Warning: {warning}", style="red"), soft_wrap=True)


def _history(history: Mapping[str, object]) -> str:
    if not history["newest"]:
        return "none yet"
    return f"{history['months']} months, {str(history['first'])[:10]} to {str(history['newest'])[:10]}"


def _permissions(counts: Mapping[str, object]) -> dict[str, object]:
    """What people answered, by what it allows; marketing is asked for each channel."""
    names = {name: f"messages by {name.partition('/')[2]}" for name in counts if "/" in name}
    names["personalization"] = "personalization (a profile)"
    return {shown: account(mapping(counts[name])) for name, shown in names.items()}


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
