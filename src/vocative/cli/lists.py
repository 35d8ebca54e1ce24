"""`vocative recommend`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from vocative.cli.clock import as_if_option, moment
from vocative.cli.opening import open_workspace
from vocative.cli.output import emit, json_option, without_fraction, workspace_option

if TYPE_CHECKING:
    from vocative.desk.recommend.item_lookup import ThingList
    from vocative.line.act.bubble import ListBubble

_SAID_BY_KIND = ("model", "welcome", "untried")
_SHARE = click.FloatRange(0.0, 1.0)


@click.command()
@click.argument("person_id")
@click.option("--length", type=click.IntRange(1, 40), help="Things in the list.")
@click.option("--diversity", type=_SHARE, help="From 0 (by chance alone) to 1 (by unlikeness alone).")
@click.option("--discovery", type=_SHARE, help="Least share of things the person never had.")
@click.option("--exploration", type=_SHARE, help="Least share of things that hardly anybody had yet.")
@click.option("--new-only", is_flag=True, help="Only things the person never had.")
@click.option("--at", metavar="MOMENT", help="The list as of this moment. Without it: now, by this machine's clock.")
@as_if_option
@workspace_option
@json_option
def recommend(
    person_id: str,
    length: int | None,
    diversity: float | None,
    discovery: float | None,
    exploration: float | None,
    new_only: bool,
    at: str | None,
    workspace: Path,
    as_json: bool,
) -> None:
    """Print a list of things for one person, each with its chance, kind and reason.

    What is not given is that of `[lists]` in `vocative.toml`. Somebody who has not allowed personalization gets what
    many have, and nothing of theirs is looked at.
    """
    from vocative.desk.recommend.lists import recommend as recommend_to

    now = moment(at)
    with open_workspace(workspace) as opened:
        found = recommend_to(
            opened,
            person_id,
            now,
            length=length,
            diversity=diversity,
            discovery=discovery,
            exploration=exploration,
            new_only=new_only,
        )
    emit(found, as_json=as_json, show=lambda console: _show(console, found))


def _show(console: Console, found: ThingList) -> None:
    console.print(f"[bold]For {escape(found.person_id)}[/bold], as of {without_fraction(found.as_of)}")
    if found.invented:
        console.print(f"[yellow]Invented here: {escape(', '.join(found.invented))}[/yellow]")
    if found.note:
        console.print(Text(found.note, style="yellow"))
    if not found.items:
        return
    table = Table(box=box.SIMPLE, header_style="cyan", padding=(0, 1))
    table.add_column("")
    table.add_column("thing", ratio=2)
    table.add_column("chance", justify="right")
    table.add_column("kind")
    table.add_column("why", ratio=3)
    for place, one in enumerate(found.items, 1):
        name = one.name if one.name == one.item_id else f"{one.name} ({one.item_id})"
        why = one.reason if one.acts in _SAID_BY_KIND else f"{one.reason} [by {one.acts.replace('_', ' ')}]"
        table.add_row(str(place), Text(name), f"{one.chance:.1%}", one.kind, Text(why))
    console.print(table)
    console.print("The chance is that they have it within four weeks.")
    if found.personal:
        console.print(Text(_bubble(found.bubble)))


def _bubble(found: ListBubble) -> str:
    """How far the list lies outside what the person does anyway, in one sentence."""
    outside = "" if found.outside is None else f"{found.outside:.0%} of it lies outside their top interests; "
    unlike = "" if found.diversity is None else f"two things are {found.diversity:.0%} unlike; "
    asked = f"as they asked for {found.asked!r}" if found.asked else "they asked for nothing themselves"
    told = f"{outside}{unlike}at least {found.discovery:.0%} is new to them, where there is any: {asked}."
    return f"{told[0].upper()}{told[1:]}"
