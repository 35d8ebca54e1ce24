"""`vocative models`: which versions there are, what is known of each, and which acts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from vocative.cli.clock import moment, now_option
from vocative.cli.opening import open_workspace
from vocative.cli.output import emit, json_option, without_fraction, workspace_option
from vocative.records.models import Drift, Standing

if TYPE_CHECKING:
    from vocative.line.models import registry

_COLOURS = {
    "champion": "green",
    "challenger": "cyan",
    "failed": "red",
    "green": "green",
    "amber": "yellow",
    "red": "red",
}
_by_option = click.option("--by", default="", metavar="PERSON", help="Who does it, by name.")
_why_option = click.option("--why", default="", help="The reason, for the record.")


@click.group()
def models() -> None:
    """Look after the models that predict: versions, cards, drift, promotion and rollback."""


@models.command("list")
@workspace_option
@now_option
@json_option
def list_(workspace: Path, now: str | None, as_json: bool) -> None:
    """Show every fitted version, and which of them acts."""
    from vocative.line.models import registry
    from vocative.line.snapshot.clock import to_text

    at = moment(now)
    with open_workspace(workspace) as opened:
        found = registry.versions(opened, at)

    def show(console: Console) -> None:
        if not found:
            console.print("Nothing has been fitted yet: `vocative prove` or a run does it.")
            return
        made = Table(box=None, padding=(0, 2))
        for title in ("module", "version", "fitted", "is", "since", "by", "why"):
            made.add_column(title, no_wrap=title != "why")
        for one in found:
            state = one.state or "refused"
            made.add_row(
                Text(one.module, style="cyan"),
                one.version,
                without_fraction(one.fitted_at),
                Text(state, style=_COLOURS.get(state, "")),
                without_fraction(one.since) if one.since else "",
                Text(one.by),
                Text(one.why),
            )
        console.print(made)

    emit({"now": to_text(at), "versions": found}, as_json=as_json, show=show)


@models.command()
@click.argument("name")
@click.option("--version", default="", metavar="VERSION", help="Without it: the one that acts, or else the newest.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to a file: .md or .html.")
@workspace_option
@now_option
@json_option
def card(name: str, version: str, out: Path | None, workspace: Path, now: str | None, as_json: bool) -> None:
    """Tell everything that is known of a version of the prediction NAME, in plain sentences."""
    from vocative.desk.atomic_file import whole_file
    from vocative.learn import card as cards
    from vocative.line.models import registry
    from vocative.predict.registry import question

    if out is not None and out.suffix not in (".md", ".html"):
        raise click.BadParameter(f"unknown ending {out.suffix!r}: use .md or .html", param_hint="--out")
    with open_workspace(workspace) as opened:
        found = registry.describe(opened, name, version, moment(now))
        asked = question(name, opened.settings)
    title = f"{name}, version {found.card.version}"
    parts = cards.paragraphs(asked, found.card, found.verdict, found.standings, found.drift)
    if out is not None:
        page = cards.html(title, parts) if out.suffix == ".html" else cards.markdown(title, parts)
        with whole_file(out) as path:
            path.write_text(page, encoding="utf-8")

    def show(console: Console) -> None:
        if out is not None:
            console.print(f"Written: [bold]{escape(str(out))}[/bold]")
            return
        console.print(Text(title, style="bold"))
        for heading, sentences in parts.items():
            console.print(Text(f"\n{heading}", style="cyan"))
            for one in sentences:
                console.print(Text(f"  {one}"), soft_wrap=True)

    emit(
        {"question": asked, "written": None if out is None else str(out), **_as_dict(found)}, as_json=as_json, show=show
    )


@models.command()
@click.argument("name")
@click.argument("version")
@_by_option
@_why_option
@workspace_option
@now_option
@json_option
def promote(name: str, version: str, by: str, why: str, workspace: Path, now: str | None, as_json: bool) -> None:
    """Let VERSION of the prediction NAME act from now on."""
    from vocative.line.models import registry

    with open_workspace(workspace) as opened:
        changes = registry.promote(opened, name, version, by, why, moment(now))
    emit({"changes": changes}, as_json=as_json, show=lambda console: _show_changes(console, changes))


@models.command()
@click.argument("name")
@_by_option
@_why_option
@workspace_option
@now_option
@json_option
def rollback(name: str, by: str, why: str, workspace: Path, now: str | None, as_json: bool) -> None:
    """Take the version of the prediction NAME that acts back: the last good one acts again, or else the naive way.

    No run promotes a version that was taken back.
    """
    from vocative.line.models import registry

    with open_workspace(workspace) as opened:
        changes = registry.rollback(opened, name, by, why, moment(now))
    emit({"changes": changes}, as_json=as_json, show=lambda console: _show_changes(console, changes))


@models.command()
@workspace_option
@now_option
@json_option
def drift(workspace: Path, now: str | None, as_json: bool) -> None:
    """Show how far the world had moved from each model at the newest run: inputs, predictions, outcomes, freshness."""
    from vocative.line.models import registry
    from vocative.line.snapshot.clock import to_text

    at = moment(now)
    with open_workspace(workspace) as opened:
        found = registry.drifts(opened.stores.ledger, at)
    emit({"now": to_text(at), "drift": found}, as_json=as_json, show=lambda console: _show_drift(console, found))


def _show_changes(console: Console, changes: Sequence[Standing]) -> None:
    for one in changes:
        console.print(Text(f"{one.module} {one.version} is {one.state}: {one.why}"), soft_wrap=True)
    if not any(one.state == "champion" for one in changes):
        console.print("No version acts now: the best naive way predicts in its place.")
    console.print("It holds from the next run on.")


def _show_drift(console: Console, found: dict[str, Drift]) -> None:
    from vocative.line.snapshot.clock import to_text

    if not found:
        console.print("No model has been looked at yet: a run in which one acts does it.")
        return
    made = Table(box=None, padding=(0, 2))
    for title in ("module", "version", "as of", "all in all", "inputs", "predictions", "outcomes", "freshness"):
        made.add_column(title, no_wrap=True)
    for name, one in found.items():
        levels = (one.level, one.inputs, one.scores, one.outcomes, one.freshness)
        made.add_row(
            Text(name, style="cyan"),
            one.version,
            without_fraction(to_text(one.moment)),
            *(Text(level, style=_COLOURS[level]) for level in levels),
        )
    console.print(made)
    for name, one in found.items():
        for why in one.why:
            console.print(Text(f"{name}: {why}"), soft_wrap=True)


def _as_dict(found: registry.Described) -> dict[str, object]:
    from vocative.learn import card as cards

    return {
        "card": found.card,
        "verdict": found.verdict,
        "standings": found.standings,
        "drift": found.drift,
        "use": {"for": cards.FOR, "not_for": list(cards.NOT_FOR)},
    }
