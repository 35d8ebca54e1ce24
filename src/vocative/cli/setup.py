"""`vocative init` and `vocative status`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from vocative.cli.clock import moment, now_option
from vocative.cli.opening import open_workspace
from vocative.cli.output import emit, here, json_option, table, without_fraction, workspace_option
from vocative.cli.words import account, mapping, outbox, readiness
from vocative.errors import WorkspaceError
from vocative.recipes.names import NAMES, PEOPLE


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--recipe", type=click.Choice(NAMES), help="Start from a kind of business with generated data.")
@click.option(
    "--people",
    type=click.IntRange(20, 50_000),
    default=PEOPLE,
    show_default=True,
    help="How many people to generate; only with --recipe.",
)
@json_option
def init(folder: Path, recipe: str | None, people: int, as_json: bool) -> None:
    """Make a new workspace in FOLDER, with settings to edit.

    With --recipe it is a whole business to try the line on; its data is generated, and marked so wherever it is shown.
    """
    from vocative.workspace.starting import make_workspace

    if recipe is None:
        written, commands = make_workspace(folder), [f"vocative import --guess YOUR-FILE -w {folder}"]
        said = "Look at vocative.toml first, then:"
    else:
        from vocative.recipes.known import RECIPES

        written, commands = _from_recipe(folder, recipe, people)
        said = f"It holds {RECIPES[recipe].title}; all data is generated and its time simulated. Next, in this order:"

    def show(console: Console) -> None:
        console.print(f"[bold]{escape(str(folder))}[/bold] is a workspace now. {said}")
        for command in commands:
            console.print(f"  {command}", markup=False, soft_wrap=True)

    files = [str(path.relative_to(folder)) for path in written]
    emit({"workspace": str(folder), "files": files, "next": commands}, as_json=as_json, show=show)


def _from_recipe(folder: Path, recipe: str, people: int) -> tuple[list[Path], list[str]]:
    """The files of a workspace made from a recipe, and what to type next."""
    from vocative.recipes.making import configuration, next_commands, write_data
    from vocative.workspace.configuration import read_campaigns, read_settings
    from vocative.workspace.starting import make_workspace, refuse_taken

    refuse_taken(folder)
    # The settings make the folder a workspace, so they come last: what was cut off can be done again.
    try:
        data = write_data(recipe, folder, people)
    except OSError as error:
        raise WorkspaceError(
            f"the folder cannot be written to: {error.strerror}",
            where=str(error.filename or folder),
            remedy="mend its rights, or name another folder",
        ) from error
    written = make_workspace(folder, configuration(recipe))
    campaigns = [one.name for one in read_campaigns(folder, read_settings(folder))]
    return [*written, *data], next_commands(recipe, shlex.quote(str(folder)), campaigns)


@click.command()
@workspace_option
@now_option
@json_option
def status(workspace: Path, now: str | None, as_json: bool) -> None:
    """Show what is there, which modules may run on it, and who may get what."""
    from vocative.desk.status import status as workspace_status

    with open_workspace(workspace) as opened:
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
    names, items = mapping(result["names_unsaid"]), mapping(result["items_unsaid"])
    if names:
        console.print(f"Greeted without their names: {account(names)}", markup=False, soft_wrap=True)
    if items:
        console.print(f"Items that are not spoken of, by their names: {account(items)}", markup=False, soft_wrap=True)
    console.print(table("Permissions, in people", _permissions(mapping(result["permissions"]))))
    gone = {f"addresses by {name}": count for name, count in mapping(result["refused_addresses"]).items()}
    if gone:
        console.print(table("Refused for good, in people; not written to until they have another one", gone))
    console.print(table("Modules", readiness(mapping(result["readiness"]))))
    console.print(table("Outbox", outbox(mapping(result["outbox"]))))
    runs = mapping(result["runs"])
    last = f", the last as of {without_fraction(str(runs['last']))}" if runs["last"] else ""
    console.print(f"Runs done: {runs['done']}{last}")
    if result["shown"] is not None:
        console.print(Text(str(mapping(result["shown"])["in_words"])), soft_wrap=True)
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
