"""Makes a new workspace folder from starter files: those that come with the package, or others of the same shape."""

from __future__ import annotations

from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

from vocative.errors import WorkspaceError
from vocative.store.private import close_to_others, private_folder, write_new
from vocative.workspace.folder import SETTINGS_FILE


def make_workspace(root: Path, given: Traversable | None = None) -> list[Path]:
    """Write starter files into `root` and return their paths; files that are there already stay as they are.

    Args:
        root: The folder; it is made if need be.
        given: A folder with the files of a workspace; None takes the starter files of the package.

    Raises:
        WorkspaceError: `root` is a workspace already, a file, or cannot be written to.
    """
    refuse_taken(root)
    if root.is_dir():
        close_to_others(root)
    with as_file(given if given is not None else files("vocative.workspace") / "starter") as starter:
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


def refuse_taken(root: Path) -> None:
    """Refuse a place where no new workspace can be made.

    Raises:
        WorkspaceError: `root` is a workspace already, or a file.
    """
    if root.is_file():
        raise WorkspaceError("this is a file", where=str(root), remedy="name a folder")
    if (root / SETTINGS_FILE).exists():
        raise WorkspaceError(
            "this folder is a workspace already",
            where=str(root),
            remedy="edit its vocative.toml, or name another folder",
        )


def _copy_new(source: Path, target: Path) -> bool:
    private_folder(target.parent)
    try:
        write_new(target, source.read_bytes())
    except FileExistsError:
        return False
    return True
