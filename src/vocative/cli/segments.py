"""`vocative segments`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vocative.cli.clock import moment, now_option
from vocative.cli.opening import open_workspace
from vocative.cli.output import emit, json_option, plain, progress_bar, workspace_option
from vocative.records.cells import number

_KINDS = {"rule": "rule", "lifecycle": "lifecycle", "rfm": "RFM", "discovered": "micro-segment"}
_TRAITS = 3


@click.command()
@workspace_option
@now_option
@json_option
def segments(workspace: Path, now: str | None, as_json: bool) -> None:
    """Show the segments of the newest run: size, stability, what tells them from everybody.

    Before the first run they are computed and shown, and nothing is kept.
    """
    from vocative.desk.segment_list import segment_list

    at = moment(now)
    with open_workspace(workspace) as opened, progress_bar(quiet=as_json) as progress:
        result = segment_list(opened, at, progress)
    emit(result, as_json=as_json, show=lambda console: _show(console, result))


def _show(console: Console, result: Mapping[str, object]) -> None:
    found = result["segments"]
    rows = [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []
    console.print(f"[bold]Segments, as of {result['as_of']}[/bold]")
    if not rows:
        console.print("There are none: nobody has a profile yet, or too few people have one.")
        return
    table = Table(box=box.SIMPLE, header_style="cyan", padding=(0, 1))
    table.add_column("kind")
    table.add_column("segment", ratio=2)
    for name in ("people", "share", "stability"):
        table.add_column(name, justify="right")
    table.add_column("what tells them from everybody", ratio=3)
    for row in rows:
        table.add_row(
            _KINDS.get(str(row["kind"]), str(row["kind"])),
            Text(str(row["name"])),
            plain(row["size"]),
            f"{number(row['share']):.0%}",
            "" if row["stability"] is None else f"{number(row['stability']):.2f}",
            Text("\n".join(_traits(row["traits"]))),
        )
    console.print(table)
    if result["stability"] is not None:
        console.print(f"The micro-segments as a whole: {number(result['stability']):.2f} of 1, {result['in_words']}.")
    if not result["kept"]:
        console.print("Nothing was kept: a run has to form them first.")


def _traits(traits: object) -> list[str]:
    rows = [row for row in traits if isinstance(row, Mapping)] if isinstance(traits, list) else []
    return [str(row["words"]) for row in rows[:_TRAITS]]
