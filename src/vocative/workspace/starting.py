"""Makes a new workspace folder from starter files: those that come with the package, or others of the same shape."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from vocative.errors import WorkspaceError
from vocative.records.settings import Brand
from vocative.workspace.configuration import BRAND_FILE, read_settings
from vocative.workspace.folder import SETTINGS_FILE
from vocative.workspace.reading import read_toml

# A slot of a list stands right behind its name: `targets[0]`.
_BRACKETED = re.compile(r"(?<![\w\]])\[([^\[\]{}]+)\]")


def make_workspace(root: Path, given: Traversable | None = None) -> list[Path]:
    """Write starter files into `root` and return their paths; files that are there already stay as they are.

    Args:
        root: The folder; it is made if need be.
        given: A folder with the files of a workspace; None takes the starter files of the package.

    Raises:
        WorkspaceError: `root` is a workspace already, a file, or cannot be written to.
    """
    refuse_taken(root)
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


class Placeholders(NamedTuple):
    """What the starter files leave to the business."""

    texts: frozenset[str]
    """Words of templates, which stand there in square brackets."""
    names: frozenset[str]
    """Names, an address and a signature, in small letters."""


@cache
def placeholders() -> Placeholders:
    """The placeholders of the starter files, read from these very files."""
    with as_file(files("vocative.workspace") / "starter") as starter:
        texts = [path.read_text(encoding="utf-8") for path in sorted(starter.rglob("*.txt"))]
        settings, brand = read_settings(starter), read_toml(starter / BRAND_FILE, Brand)
    given = (settings.business.name, settings.sender.name, settings.sender.email, settings.sender.address)
    signature = (brand.signature, brand.signature.strip("[]"))
    return Placeholders(
        frozenset(found for text in texts for found in _BRACKETED.findall(text)),
        frozenset(text.casefold() for text in (*given, *signature) if text),
    )


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
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("xb") as file:
            file.write(source.read_bytes())
    except FileExistsError:
        return False
    return True
