"""`vocative build | decide | compose | send | run`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from vocative.cli.clock import moment, now_option
from vocative.cli.opening import open_workspace
from vocative.cli.output import emit, json_option, plain, progress_bar, table, without_fraction, workspace_option
from vocative.cli.words import composed, mapping, show_decisions, show_run, show_sent, trouble, understood
from vocative.errors import ClockError, DeliveryError

Show = Callable[[Console, Mapping[str, object]], None]


def _stages(names: Sequence[str], workspace: Path, now: str | None, show: Show, *, as_json: bool) -> None:
    """Run the line up to the last of the stages and print what they reported."""
    from vocative.line.running import stage
    from vocative.line.snapshot.clock import to_text

    at = moment(now)
    with open_workspace(workspace) as opened, progress_bar(quiet=as_json) as progress:
        done = stage(opened, names[-1], at, progress)
    result = {key: value for name in names for key, value in mapping(done[name]).items()}

    def show_all(console: Console) -> None:
        console.print(f"[bold]{names[0]}, as of {without_fraction(to_text(at))}[/bold]")
        show(console, result)

    emit({"stage": names[0], "now": to_text(at), **result}, as_json=as_json, show=show_all)


def _show_build(console: Console, result: Mapping[str, object]) -> None:
    modules = {name: value for name, value in result.items() if isinstance(value, Mapping)}
    console.print(table("Understood", understood(result, modules)))


def _show_compose(console: Console, result: Mapping[str, object]) -> None:
    console.print(table("Messages", composed(result)))


@click.command()
@workspace_option
@now_option
@json_option
def build(workspace: Path, now: str | None, as_json: bool) -> None:
    """Build profiles and predictions of those who allowed it."""
    _stages(["build", "predict"], workspace, now, _show_build, as_json=as_json)


@click.command()
@workspace_option
@now_option
@click.option("--dry-run", is_flag=True, help="Only look: nothing is written, and the moment may lie in the past.")
@click.option("--replay", "again", is_flag=True, help="Decide again what the run at this moment decided, and compare.")
@json_option
def decide(workspace: Path, now: str | None, dry_run: bool, again: bool, as_json: bool) -> None:
    """Decide for everybody: whom to write what and when, or nothing, and why."""
    if again:
        _replay(workspace, moment(now), as_json=as_json)
    elif dry_run:
        _run(workspace, now, dry_run=True, as_json=as_json)
    else:
        _stages(["decide"], workspace, now, show_decisions, as_json=as_json)


@click.command()
@workspace_option
@now_option
@json_option
def compose(workspace: Path, now: str | None, as_json: bool) -> None:
    """Write the messages that were decided and put them into the outbox."""
    _stages(["compose"], workspace, now, _show_compose, as_json=as_json)


@click.command()
@workspace_option
@now_option
@json_option
def send(workspace: Path, now: str | None, as_json: bool) -> None:
    """Hand over what is due in the outbox, after a last look at permission, caps and quiet hours."""
    from vocative.line.act import stages
    from vocative.line.snapshot.clock import to_text

    at = moment(now)
    with open_workspace(workspace) as opened, progress_bar(quiet=as_json) as progress:
        result = stages.send(opened, at, progress)
    emit(
        {"stage": "send", "now": to_text(at), **result},
        as_json=as_json,
        show=lambda console: show_sent(console, f"Outbox, as of {without_fraction(to_text(at))}", result),
    )
    _fail_if_stopped(result)


@click.command()
@workspace_option
@now_option
@click.option("--dry-run", is_flag=True, help="Only look: nothing is written, and the moment may lie in the past.")
@click.option("--expire", "expired", is_flag=True, help="Delete what is older than it is kept, even if it looks wrong.")
@click.option("--undo", "undone", is_flag=True, help="Take the newest run back, if nothing of it was handed over.")
@click.option("--not-mailed", is_flag=True, help="With --undo: messages on disk were given to nobody, and go too.")
@json_option
def run(
    workspace: Path, now: str | None, dry_run: bool, expired: bool, undone: bool, not_mailed: bool, as_json: bool
) -> None:
    """Run the whole line once: the daily job. Repeated for the same moment it changes nothing; cut off, it resumes."""
    if undone and (dry_run or expired or now is not None):
        raise ClockError("--undo takes the newest run back, and does nothing else", remedy="vocative run --undo")
    if not_mailed and not undone:
        raise ClockError("--not-mailed belongs to --undo", remedy="vocative run --undo --not-mailed")
    if undone:
        _undo(workspace, not_mailed=not_mailed, as_json=as_json)
    else:
        _run(workspace, now, dry_run=dry_run, expire_confirmed=expired, as_json=as_json)


def _undo(workspace: Path, *, not_mailed: bool, as_json: bool) -> None:
    from vocative.line.undoing import undo

    with open_workspace(workspace) as opened:
        result = undo(opened, not_mailed=not_mailed)

    def show(console: Console) -> None:
        console.print(f"[bold]The run of {without_fraction(str(result['now']))} is taken back.[/bold]")
        counts = {f"rows of {name}": rows for name, rows in mapping(result["rows"]).items()}
        told = {**counts, "messages on disk": result["files"], "earlier messages queued again": result["queued_again"]}
        console.print(table("Gone with it", told))
        if result["expired"]:
            lost = f"{plain(result['expired'])} rows and files that it deleted for their age cannot come back."
            console.print(Text(lost, style="red"))

    emit(result, as_json=as_json, show=show)


def _replay(workspace: Path, now: int, *, as_json: bool) -> None:
    from vocative.desk.rehearse.replay import replay

    with open_workspace(workspace) as opened:
        found = replay(opened, now)

    def show(console: Console) -> None:
        console.print(f"{found.same:,} of {found.decisions:,} decisions come out the same, to the last byte.")
        if found.settings_changed:
            console.print("Settings or campaigns have changed since.")
        if found.differing:
            console.print(f"Others for: {', '.join(found.differing)}", markup=False, soft_wrap=True)

    emit(found, as_json=as_json, show=show)


def _run(workspace: Path, now: str | None, *, dry_run: bool, as_json: bool, expire_confirmed: bool = False) -> None:
    from vocative.line.running import run as run_line

    at = moment(now)
    with open_workspace(workspace) as opened, progress_bar(quiet=as_json) as progress:
        result = run_line(opened, at, dry_run=dry_run, expire_confirmed=expire_confirmed, progress=progress)
    emit(result, as_json=as_json, show=lambda console: show_run(console, "Dry run" if dry_run else "Run", result))
    _fail_if_stopped(mapping(result.get("send")))


def _fail_if_stopped(sent: Mapping[str, object]) -> None:
    """End with exit code 1 where a channel did not take what it should have: nobody may be there to read about it."""
    found = trouble(sent)
    if found:
        raise DeliveryError("; ".join(found))
