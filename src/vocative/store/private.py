"""Folders and files that only their owner can read, whatever the process's umask says.

A workspace holds what a business knows of people. Its folder is the outer guard (0700); what is written inside is
closed as well (0600), so that nothing is open when it is moved or copied.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FOLDER, FILE = 0o700, 0o600
_OTHERS = 0o077


def private_folder(path: Path) -> Path:
    """Make a folder, with those above it, each for its owner only; one that is there stays as it is."""
    missing = []
    while not path.exists():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        folder.mkdir(mode=FOLDER, exist_ok=True)
    return missing[0] if missing else path


def private_file(path: Path) -> Path:
    """Make an empty file for its owner only, to be written by whoever opens it next; one that is there is closed."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE))
    close_to_others(path)
    return path


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, for its owner only.

    Raises:
        FileExistsError: it is there.
    """
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE), "wb") as file:
        file.write(content)


def write_private(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, for its owner only."""
    half = private_file(path.with_name(f".{path.name}.part"))
    half.write_bytes(content)
    half.replace(path)


def close_to_others(path: Path) -> None:
    """Take from group and others what they may do with a file or folder; what is not ours stays as it is."""
    with suppress(OSError):
        mode = path.stat(follow_symlinks=False).st_mode
        if mode & _OTHERS and not path.is_symlink():
            path.chmod(mode & 0o7777 & ~_OTHERS)


def close_all_to_others(root: Path) -> None:
    """Close a folder, and if it was open everything in it: a workspace of an earlier time, or a copy of one."""
    with suppress(OSError):
        if not root.stat().st_mode & _OTHERS:
            return
    # The folder comes first: from then on nobody else gets at what is in it.
    close_to_others(root)
    for path in _inside(root):
        close_to_others(path)


def _inside(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        yield from (Path(folder, name) for name in (*folders, *files))
