"""`vocative demo`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console

from vocative.cli.demonstration.walking import NOW, walk
from vocative.cli.output import emit, json_option, progress_bar, table


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Folder for the demonstration's workspace.",
)
@json_option
def demo(out: Path, as_json: bool) -> None:
    """Run the whole line on real purchases of 2,469 households; nothing is sent anywhere.

    Names, addresses, time zones and permissions are invented and marked as such wherever they are shown.
    """
    with progress_bar(quiet=as_json) as progress:
        result = walk(out, progress)
    emit(result, as_json=as_json, show=lambda console: _show(console, result))


def _show(console: Console, result: Mapping[str, object]) -> None:
    console.print(f"\n[bold]The whole line, once, as of {NOW}[/bold]")
    console.print(
        f"[yellow]Invented here: {', '.join(map(str, _list(result['invented'])))}. Nothing was sent.[/yellow]\n"
    )
    decisions = dict(_dict(result["decisions"]))
    reasons = _dict(decisions.pop("by_reason_not"))
    readiness = {
        name: f"{'may run' if _dict(verdict)['ready'] else 'may not yet'}: {_dict(verdict)['why']}"
        for name, verdict in _dict(result["readiness"]).items()
    }
    console.print(table("Imported", _dict(result["import"])))
    console.print(table("Modules", readiness))
    console.print(table("Decisions", decisions))
    console.print(table("Why not", reasons))
    console.print(table("Outbox", _dict(result["outbox"])))
    console.print(table("Seconds", _dict(result["seconds"])))
    console.print(f"\nOpen [bold]{result['index']}[/bold] to read the messages.")


def _dict(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
