"""`vocative init` and `vocative status`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console

from vocative.cli.output import emit, json_option, moment, now_option, table, workspace_option
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
        console.print(f"  vocative import --guess YOUR-FILE -w {folder}")

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
    emit(result, as_json=as_json, show=lambda console: _show(console, result))


def _show(console: Console, result: Mapping[str, object]) -> None:
    facts, history = _mapping(result["facts"]), _mapping(result["history"])
    console.print(f"[bold]{result['business']}[/bold], as of {result['as_of']}")
    if result["invented"]:
        console.print(f"[yellow]Invented here: {', '.join(_texts(result['invented']))}[/yellow]")
    console.print(
        table(
            "Data",
            {
                "people known": result["people"],
                "customers with events": facts["customers"],
                "events": facts["interactions"],
                "history": f"{history['months']} months, {history['first']} to {history['newest']}",
            },
        )
    )
    console.print(table("Permissions", _mapping(result["permissions"]), first="for", second="people"))
    readiness = {
        name: f"{'[green]may run[/green]' if verdict['ready'] else '[yellow]may not yet[/yellow]'}: {verdict['why']}"
        for name, verdict in ((name, _mapping(verdict)) for name, verdict in _mapping(result["readiness"]).items())
    }
    console.print(table("Modules", readiness))
    console.print(table("Outbox", _mapping(result["outbox"])))
    runs = _mapping(result["runs"])
    console.print(f"Runs done: {runs['done']}, last {runs['last'] or '–'}")
    for unfinished in _texts(runs["unfinished"]):
        console.print(f"[red]Unfinished run of {unfinished}: repeat `vocative run --now {unfinished}`[/red]")
    for warning in _texts(result["warnings"]):
        console.print(f"[red]Warning: {warning}[/red]")


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
