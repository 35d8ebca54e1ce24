"""Makes a new workspace folder from the starter files that come with the package."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

from vocative.errors import WorkspaceError
from vocative.workspace.opening import SETTINGS_FILE


def make_workspace(root: Path) -> list[Path]:
    """Write the starter files into `root` and return their paths; files that are there already stay as they are.

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
    before = set(root.rglob("*")) if root.exists() else set()
    with as_file(files("vocative.workspace") / "starter") as starter:
        copytree(starter, root, dirs_exist_ok=True, copy_function=_copy_new)
    return sorted(path for path in set(root.rglob("*")) - before if path.is_file())


def _copy_new(source: str, target: str) -> str:
    if not Path(target).exists():
        Path(target).write_bytes(Path(source).read_bytes())
    return target
