"""Writes the report into the workspace, or wherever it is wanted."""

from __future__ import annotations

from pathlib import Path

from vocative.errors import WorkspaceError
from vocative.line.reporting.gathering import gather
from vocative.line.reporting.page import page
from vocative.workspace.opening import Workspace

REPORT_FILE = "report.html"


def write_report(workspace: Workspace, now: int, out: Path | None = None) -> Path:
    """Write the report of the newest run up to `now` (µs UTC) as one HTML file, and return its path.

    Args:
        workspace: The opened workspace.
        now: Runs after it are left out.
        out: Where to; `report.html` in the workspace if it is not given.

    Raises:
        WorkspaceError: no run has decided anything yet, or the file cannot be written.
    """
    content = gather(workspace, now)
    if content is None:
        raise WorkspaceError(
            "there is nothing to report: no run has decided anything yet",
            where=str(workspace.root),
            remedy="run the line first: vocative run",
        )
    path = out or workspace.root / REPORT_FILE
    half = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(page(content), encoding="utf-8")
        half.replace(path)
    except OSError as error:
        raise WorkspaceError(
            f"the report cannot be written: {error.strerror or error}",
            where=str(path),
            remedy="name a place you may write to with --out",
        ) from error
    return path
