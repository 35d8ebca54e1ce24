"""`vocative demo`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from vocative.cli.output import emit, json_option, progress_bar, table
from vocative.cli.words import mapping, outbox, readiness, show_decisions


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
    from vocative.cli.demonstration.walking import walk

    with progress_bar(quiet=as_json) as progress:
        result = walk(out, progress)
    emit(result, as_json=as_json, show=lambda console: _show(console, result))


def _show(console: Console, result: Mapping[str, object]) -> None:
    from vocative.cli.demonstration.walking import NOW

    console.print(f"\n[bold]The whole line, once, as of {NOW}[/bold]")
    console.print(
        f"[yellow]Invented here: {', '.join(map(str, _list(result['invented'])))}. Nothing was sent.[/yellow]\n"
    )
    console.print(table("Imported rows", mapping(result["import"])))
    console.print(table("Modules", readiness(mapping(result["readiness"]))))
    console.print(table("Predictions, tested on the past", _verdicts(mapping(result["predictions"]))))
    console.print(table("Micro-segments", {str(one["name"]): one["size"] for one in _rows(result["segments"])}))
    show_decisions(console, mapping(result["decisions"]))
    console.print(table("Messages by language", mapping(mapping(result["messages"])["languages"])))
    console.print(table("Outbox", outbox(mapping(result["outbox"]))))
    console.print(table("Seconds", mapping(result["seconds"])))
    report, index = (escape(str(result[name])) for name in ("report", "index"))
    console.print(f"\nOpen [bold]{report}[/bold] to read the report, [bold]{index}[/bold] the messages.")


def _verdicts(predictions: Mapping[str, object]) -> dict[str, object]:
    return {name: mapping(one).get("verdict", "not tested yet") for name, one in predictions.items()}


def _rows(value: object) -> list[Mapping[str, object]]:
    return [mapping(one) for one in _list(value)]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
