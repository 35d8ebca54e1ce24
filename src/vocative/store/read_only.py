"""What the stores in SQLite share where a workspace can only be read: a disk of somebody else, a backup, a full one."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from vocative.errors import StoreError

REMEDY = "nothing can be changed in it; let this user write to the folder, or work on a copy of the workspace"


def can_be_written(path: Path) -> bool:
    """Whether a file and its folder may be changed; where they are missing, whether they could be made."""
    there = path.parent
    while not there.exists() and there != there.parent:
        there = there.parent
    return os.access(there, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that reads a database without writing anything beside it.

    Raises:
        StoreError: there is none.
    """
    if not path.exists():
        raise StoreError(f"{path} is not there, and its folder is read-only: {REMEDY}")
    log = path.with_name(path.name + "-wal")
    # Whoever closed it last has put everything into the file itself, unless they were killed: then the log is read too.
    whole = not log.exists() or log.stat().st_size == 0
    uri = f"file:{quote(str(path.absolute()))}?mode=ro{'&immutable=1' if whole else ''}"
    return sqlite3.connect(uri, uri=True, timeout=60.0, isolation_level=None, check_same_thread=False)
