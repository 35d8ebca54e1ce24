"""`vocative person ID show | why`."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from vocative.cli.output import emit, json_option, moment, now_option, table, workspace_option
from vocative.line.persons import card_of, why_of
from vocative.workspace.opening import Workspace


@click.group()
@click.argument("person_id")
@workspace_option
@click.pass_context
def person(context: click.Context, person_id: str, workspace: Path) -> None:
    """Everything about one person, by their identifier."""
    context.obj = (person_id, workspace)


@person.command()
@now_option
@json_option
@click.pass_obj
def show(chosen: tuple[str, Path], now: str | None, as_json: bool) -> None:
    """Print the 360° profile: facts with origin and age, timeline, permissions, reachability."""
    person_id, workspace = chosen
    with Workspace.open(workspace) as opened:
        card = card_of(opened, person_id, moment(now))
    emit(card, as_json=as_json, show=lambda console: _show(console, card))


@person.command()
@now_option
@json_option
@click.pass_obj
def why(chosen: tuple[str, Path], now: str | None, as_json: bool) -> None:
    """Print the last decisions about this person: what was considered, what removed each, what was chosen."""
    person_id, workspace = chosen
    with Workspace.open(workspace) as opened:
        decisions = why_of(opened, person_id, moment(now))

    def show_all(console: Console) -> None:
        for decision in decisions:
            console.print(
                table(f"{decision.moment}: {decision.outcome}, because {decision.because}", decision.candidates)
            )

    emit(decisions, as_json=as_json, show=show_all)
