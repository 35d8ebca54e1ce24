"""Writes the report into the workspace, or wherever it is wanted."""

from __future__ import annotations

from pathlib import Path

from vocative.desk.atomic_file import whole_file
from vocative.desk.report.gathering import gather
from vocative.desk.report.page import page
from vocative.errors import WorkspaceError
from vocative.workspace.opening import OpenWorkspace

REPORT_FILE = "report.html"


def write_report(workspace: OpenWorkspace, now: int, out: Path | None = None) -> Path:
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
    with whole_file(path) as half:
        half.write_text(page(content), encoding="utf-8")
    return path
