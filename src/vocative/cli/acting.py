"""`vocative build | decide | compose | send | run`."""

from __future__ import annotations

from pathlib import Path

import click

from vocative.cli.output import emit, json_option, moment, now_option, progress_bar, table, workspace_option
from vocative.line import acting as stages
from vocative.line.clock import to_text
from vocative.line.running import run as run_line
from vocative.line.running import stage
from vocative.workspace.opening import Workspace


def _one_stage(name: str, last: str, workspace: Path, now: str | None, *, as_json: bool) -> None:
    at = moment(now)
    with Workspace.open(workspace) as opened, progress_bar(quiet=as_json) as progress:
        result = stage(opened, last, at, progress)
    emit(
        {"stage": name, "now": to_text(at), **result},
        as_json=as_json,
        show=lambda console: console.print(table(f"{name}, {to_text(at)}", result)),
    )


@click.command()
@workspace_option
@now_option
@json_option
def build(workspace: Path, now: str | None, as_json: bool) -> None:
    """Build profiles and predictions of those who allowed it."""
    _one_stage("build", "predict", workspace, now, as_json=as_json)


@click.command()
@workspace_option
@now_option
@click.option("--dry-run", is_flag=True, help="Only look: nothing is written, and the moment may lie in the past.")
@json_option
def decide(workspace: Path, now: str | None, dry_run: bool, as_json: bool) -> None:
    """Decide for everybody: whom to write what and when, or nothing, and why."""
    if dry_run:
        _run(workspace, now, dry_run=True, as_json=as_json)
    else:
        _one_stage("decide", "decide", workspace, now, as_json=as_json)


@click.command()
@workspace_option
@now_option
@json_option
def compose(workspace: Path, now: str | None, as_json: bool) -> None:
    """Write the messages that were decided and put them into the outbox."""
    _one_stage("compose", "compose", workspace, now, as_json=as_json)


@click.command()
@workspace_option
@now_option
@json_option
def send(workspace: Path, now: str | None, as_json: bool) -> None:
    """Hand over what is due in the outbox, after a last look at permission, caps and quiet hours."""
    at = moment(now)
    with Workspace.open(workspace) as opened, progress_bar(quiet=as_json) as progress:
        result = stages.send(opened, at, progress)
    emit(
        {"stage": "send", "now": to_text(at), **result},
        as_json=as_json,
        show=lambda console: console.print(table(f"outbox, {to_text(at)}", result)),
    )


@click.command()
@workspace_option
@now_option
@click.option("--dry-run", is_flag=True, help="Only look: nothing is written, and the moment may lie in the past.")
@json_option
def run(workspace: Path, now: str | None, dry_run: bool, as_json: bool) -> None:
    """Run the whole line once: the daily job. Repeated for the same moment it changes nothing; cut off, it resumes."""
    _run(workspace, now, dry_run=dry_run, as_json=as_json)


def _run(workspace: Path, now: str | None, *, dry_run: bool, as_json: bool) -> None:
    at = moment(now)
    with Workspace.open(workspace) as opened, progress_bar(quiet=as_json) as progress:
        result = run_line(opened, at, dry_run=dry_run, progress=progress)
    title = f"{'dry run' if dry_run else 'run'}, {to_text(at)}"
    emit(result, as_json=as_json, show=lambda console: console.print(table(title, result)))
