"""`vocative campaign list | check | preview | dry-run | approve | withdraw` and `vocative stop`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from vocative.cli.clock import moment, now_option, planned
from vocative.cli.looking import show_dry_run
from vocative.cli.opening import open_workspace
from vocative.cli.output import emit, here, json_option, progress_bar, without_fraction, workspace_option
from vocative.cli.words import account

if TYPE_CHECKING:
    from vocative.desk.rehearse.preview import Check, Preview
    from vocative.line.act.approval import CampaignState

_COLOURS = {"draft": "yellow", "previewed": "yellow", "approved": "cyan", "armed": "green"}


@click.group()
def campaign() -> None:
    """Campaigns on their way out: draft, previewed, approved, armed. Changed text is a draft again."""


@campaign.command("list")
@workspace_option
@now_option
@json_option
def list_(workspace: Path, now: str | None, as_json: bool) -> None:
    """List the campaigns and how far each is."""
    from vocative.line.act import approval
    from vocative.line.act.studio import studio_of

    with open_workspace(workspace) as opened:
        states = approval.states(opened, studio_of(opened), moment(now))
    emit(states, as_json=as_json, show=lambda console: _show_states(console, states))


@campaign.command()
@workspace_option
@now_option
@json_option
def check(workspace: Path, now: str | None, as_json: bool) -> None:
    """Check every campaign's texts in all languages; exit code 2 if one cannot be written."""
    from vocative.desk.rehearse import preview as previews

    with open_workspace(workspace) as opened:
        found = previews.check(opened, moment(now))
    emit(found, as_json=as_json, show=lambda console: _show_checks(console, found))
    if any(one.fault for one in found):
        click.get_current_context().exit(2)


@campaign.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All campaigns of the workspace.")
@workspace_option
@now_option
@json_option
def preview(names: tuple[str, ...], every: bool, workspace: Path, now: str | None, as_json: bool) -> None:
    """Show what the campaign NAME would say to twenty real recipients, the hardest cases among them.

    Several campaigns take hardly longer than one. With --json one campaign is an object, several are a list.
    """
    from vocative.desk.rehearse import preview as previews

    if every == bool(names):
        raise click.UsageError("name the campaigns, or say --all")
    with open_workspace(workspace) as opened, progress_bar(quiet=as_json) as progress:
        wanted = [one.name for one in opened.campaigns] if every else names
        found = previews.preview(opened, wanted, moment(now), progress)
    told = found[0] if len(names) == 1 else found
    emit(told, as_json=as_json, show=lambda console: _show_previews(console, found, workspace))


@campaign.command("dry-run")
@click.argument("name", required=False)
@click.option("--month", metavar="YYYY-MM", help="Every day of a past month, such as 2017-10.")
@click.option("--from", "first", metavar="DAY", help="Every day from this one on, such as 2017-10-01; needs --until.")
@click.option("--until", "last", metavar="DAY", help="The last day, included.")
@click.option(
    "--every", type=click.IntRange(1), default=1, show_default=True, help="Decide on every so many days of the span."
)
@click.option(
    "--at", default="03:00", show_default=True, metavar="HH:MM", help="Local time at which each day is decided."
)
@workspace_option
@now_option
@json_option
def dry_run(
    name: str | None,
    month: str | None,
    first: str | None,
    last: str | None,
    every: int,
    at: str,
    workspace: Path,
    now: str | None,
    as_json: bool,
) -> None:
    """Show what would be done, at a moment or over a month of the past: who, what, when, why not, cost, expected gain.

    With NAME: that campaign alone. Without: the whole plan, as if every campaign were approved. A month is decided day
    by day as if the plan had run: what it would have said fills caps, pauses, budgets and limits of the days after.
    Nothing is written.
    """
    from vocative.desk.rehearse import dry_run as rehearsal
    from vocative.desk.rehearse.dry_run_span import dry_run_span, span_of, time_of_day

    time_of_day(at)
    asked = (month, first, last) != (None, None, None)
    span = span_of(month, first, last, every, at) if asked else None
    clock = moment(now)
    with open_workspace(workspace) as opened, progress_bar(quiet=as_json) as progress:
        if span is None:
            found = rehearsal.dry_run(opened, clock, name, progress)
        else:
            found = dry_run_span(opened, span, clock, name, progress)
    emit(found, as_json=as_json, show=lambda console: show_dry_run(console, found))


@campaign.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--by", default="", metavar="PERSON", help="Who approves it, by name.")
@click.option("--from", "armed_from", metavar="MOMENT", help="It goes out from this moment on; without it, at once.")
@workspace_option
@now_option
@json_option
def approve(
    names: tuple[str, ...], by: str, armed_from: str | None, workspace: Path, now: str | None, as_json: bool
) -> None:
    """Approve the campaign NAME as it was previewed, by name; or several.

    With --json one campaign is an object, several are a list.
    """
    from vocative.line.act import approval
    from vocative.line.act.studio import studio_of

    start = None if armed_from is None else planned(armed_from)
    with open_workspace(workspace) as opened:
        states = approval.approve_each(opened, studio_of(opened), names, by, moment(now), start)
    told = states[0] if len(names) == 1 else states
    emit(told, as_json=as_json, show=lambda console: _show_states(console, states))


@campaign.command()
@click.argument("name")
@click.option("--by", default="", metavar="PERSON", help="Who withdraws it, by name.")
@workspace_option
@now_option
@json_option
def withdraw(name: str, by: str, workspace: Path, now: str | None, as_json: bool) -> None:
    """Take the approval of the campaign NAME back; what waits in the outbox is dropped."""
    from vocative.line.act import approval
    from vocative.line.act.studio import studio_of

    with open_workspace(workspace) as opened:
        state = approval.withdraw(opened, studio_of(opened), name, by, moment(now))
    emit(state, as_json=as_json, show=lambda console: _show_states(console, [state]))


@click.command()
@click.option("--lift", is_flag=True, help="Let everything go on again; needs --by.")
@click.option("--by", default="", metavar="PERSON", help="Who does it, by name.")
@click.option("--why", default="", help="The reason, for the record.")
@workspace_option
@now_option
@json_option
def stop(lift: bool, by: str, why: str, workspace: Path, now: str | None, as_json: bool) -> None:
    """Stop everything at once: nothing is decided for sending or handed over until it is lifted."""
    from vocative.line.act import approval

    with open_workspace(workspace) as opened:
        approval.turn_stop(opened, "off" if lift else "on", by, why, moment(now))
    said = "Lifted: what waits goes out with the next `vocative send`." if lift else "Stopped: nothing goes out."
    emit({"stopped": not lift, "by": by, "why": why}, as_json=as_json, show=lambda console: console.print(said))


def _show_states(console: Console, states: Sequence[CampaignState]) -> None:
    shown = Table(box=None, padding=(0, 2))
    for title in ("campaign", "state", "by", "since", "languages", "goal"):
        shown.add_column(title, style="cyan" if title == "campaign" else "")
    for one in states:
        state = Text(one.state, style=_COLOURS[one.state])
        since = without_fraction(one.armed_from or one.at)
        languages = Text(", ".join(one.languages))
        shown.add_row(Text(one.name), state, Text(one.by), since, languages, Text(one.goal))
    console.print(shown)


def _show_checks(console: Console, found: Sequence[Check]) -> None:
    for one in found:
        console.print(
            f"[cyan]{escape(one.name)}[/] ({one.state}): " + ("[red]cannot be written[/]" if one.fault else "fine")
        )
        if one.fault:
            console.print(f"  {one.fault}", markup=False, soft_wrap=True)
        if one.missing:
            console.print(f"  not written in {', '.join(one.missing)}", markup=False)


def _show_previews(console: Console, found: Sequence[Preview], workspace: Path) -> None:
    for one in found:
        _show_preview(console, one, workspace)


def _show_resting(console: Console, found: Preview) -> None:
    if not found.rests_on_the_answer:
        return
    console.print("\nOn the answer rests what these campaigns do:")
    for one in found.rests_on_the_answer:
        note = "" if one.covered else " [yellow](not asked for: a yes does not cover it)[/]"
        console.print(f"  [cyan]{one.campaign}[/]: {one.use}, {one.words}{note}")


def _show_preview(console: Console, found: Preview, workspace: Path) -> None:
    console.print(
        f"[bold]{escape(found.campaign)}[/bold]: {found.would_receive:,} of {found.people:,} would receive it"
    )
    for one in found.shown:
        console.print(f"\n[cyan]{escape(one.picked_for)}[/] (person {escape(one.person_id)} {one.language})")
        if one.why_not:
            console.print(f"  {one.why_not}", markup=False, soft_wrap=True)
        else:
            console.print(f"  {one.subject}", style="bold", markup=False, soft_wrap=True)
            console.print("  " + one.text.replace("\n", "\n  "), markup=False, soft_wrap=True)
    if found.names_unsaid:
        console.print(f"\nGreeted without their names: {account(found.names_unsaid)}", markup=False, soft_wrap=True)
    _show_resting(console, found)
    console.print(f"\nThe same as a page: [bold]{escape(found.page)}[/bold]")
    console.print(
        f"  → vocative campaign approve {found.campaign} --by 'Your name'{here(workspace)}",
        markup=False,
        soft_wrap=True,
    )
