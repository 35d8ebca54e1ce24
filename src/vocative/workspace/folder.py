"""What makes a folder a workspace; it loads nothing, so that another folder is refused at once."""

from __future__ import annotations

from pathlib import Path

from vocative.errors import WorkspaceError

SETTINGS_FILE = "vocative.toml"


def refuse_other_folder(root: Path) -> None:
    """Raise WorkspaceError if the folder is not a workspace."""
    if not (root / SETTINGS_FILE).is_file():
        raise WorkspaceError(
            f"there is no {SETTINGS_FILE} in this folder, so it is not a workspace",
            where=str(root),
            remedy=f"make one with `vocative init {root}`, or name another folder with --workspace",
        )
