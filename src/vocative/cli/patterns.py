"""`vocative patterns`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from vocative.cli.clock import moment, now_option
from vocative.cli.opening import open_workspace
from vocative.cli.output import emit, json_option, plain, progress_bar, without_fraction, workspace_option
from vocative.records.cells import number


@click.command()
@workspace_option
@now_option
@json_option
def patterns(workspace: Path, now: str | None, as_json: bool) -> None:
    """Show what was found to go with what: plain sentences, proved on the past.

    Before the first run the past is searched now, and nothing is kept.
    """
    from vocative.line.understand.patterns import pattern_list

    at = moment(now)
    with open_workspace(workspace) as opened, progress_bar(quiet=as_json) as progress:
        progress(0, None, "patterns")
        result = pattern_list(opened, at)
    emit(result, as_json=as_json, show=lambda console: _show(console, result))


def _show(console: Console, result: Mapping[str, object]) -> None:
    found = result["patterns"]
    rows = [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []
    console.print(f"[bold]Found patterns, as of {without_fraction(str(result['as_of']))}[/bold]")
    if result["why"]:
        console.print(Text(f"Not yet: {result['why']}."))
        return
    for row in rows:
        low, high = (100 * number(row[name]) for name in ("low", "high"))
        console.print(Text(f"\n{row['sentence']}"))
        told = f"  Difference {low:.1f} to {high:.1f} points; it holds of {plain(row['today'])} people now."
        console.print(Text(told, style="dim"))
    if not rows:
        console.print("Nothing that would hold.")
    console.print(
        f"\n{plain(result['looked_at'])} combinations were looked at and {plain(result['tested'])} put to the test. "
        f"Where there is nothing to find, anything at all would stand here in {number(result['level']):.1%} "
        "of cases at most."
    )
    if not result["kept"]:
        console.print("Nothing was kept: a run has to look for them first.")
