"""Makes a new workspace folder from the starter files that come with the package."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from vocative.errors import WorkspaceError
from vocative.workspace.configuration import SETTINGS_FILE


def make_workspace(root: Path) -> list[Path]:
    """Write the starter files into `root` and return their paths; files that are there already stay as they are.

    Raises:
        WorkspaceError: `root` is a workspace already, a file, or cannot be written to.
    """
    if root.is_file():
        raise WorkspaceError("this is a file", where=str(root), remedy="name a folder")
    if (root / SETTINGS_FILE).exists():
        raise WorkspaceError(
            "this folder is a workspace already",
            where=str(root),
            remedy="edit its vocative.toml, or name another folder",
        )
    with as_file(files("vocative.workspace") / "starter") as starter:
        # The settings make the folder a workspace, so they come last: what was cut off can be done again.
        sources = sorted(starter.rglob("*"), key=lambda path: (path.name == SETTINGS_FILE, path))
        try:
            return [
                target
                for source in sources
                if source.is_file() and _copy_new(source, target := root / source.relative_to(starter))
            ]
        except OSError as error:
            raise WorkspaceError(
                f"the folder cannot be written to: {error.strerror}",
                where=str(error.filename or root),
                remedy="mend its rights, or name another folder",
            ) from error


def _copy_new(source: Path, target: Path) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("xb") as file:
            file.write(source.read_bytes())
    except FileExistsError:
        return False
    return True
