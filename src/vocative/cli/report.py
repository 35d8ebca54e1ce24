"""`vocative report`."""

from __future__ import annotations

from pathlib import Path

import click

from vocative.cli.clock import moment, now_option
from vocative.cli.opening import open_workspace
from vocative.cli.output import emit, json_option, workspace_option


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; without it report.html in the workspace.",
)
@workspace_option
@now_option
@json_option
def report(out: Path | None, workspace: Path, now: str | None, as_json: bool) -> None:
    """Write what the newest run understood and decided as one page to read, which needs no network."""
    from vocative.desk.report import write_report
    from vocative.line.act.bubble import account, shown_by

    at = moment(now)
    with open_workspace(workspace) as opened:
        path, shown = write_report(opened, at, out), account(shown_by(opened, at))
    emit(
        {"report": str(path), "shown": shown},
        as_json=as_json,
        show=lambda console: console.print(f"Open {path} to read the report.", markup=False, soft_wrap=True),
    )
