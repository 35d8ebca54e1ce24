"""What the machine refuses, in one sentence with a remedy, instead of a traceback."""

from __future__ import annotations

import errno
import re

_FULL = "free some space, or let the workspace stand on another disk, and call the command again: nothing is half done"
_READ_ONLY = "let this user write there, or name another folder"
_REMEDIES: dict[int, str] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: "files may not become so large here (`ulimit -f`): raise the limit, and call the command again",
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EMFILE: "too many files are open (`ulimit -n`): raise the limit, and call the command again",
    errno.EIO: "the disk failed: look at it before you go on",
}
_OTHERWISE = "look whether the disk is full, and at the rights of the folder, and call the command again"
# Stores give the words of the system, or those of SQLite, DuckDB and delta-rs about them.
_FULL_WORDS = re.compile(
    r"no space left|disk is full|disk full|os error 28|not enough space|file too large|os error 27", re.I
)
_DISK_WORDS = re.compile(r"disk i/o error|unable to open database|input/output error|localfilesystem error", re.I)
_READ_ONLY_WORDS = re.compile(
    r"readonly database|read-only file system|permission denied|os error 30|os error 13", re.I
)


def environment(error: OSError | MemoryError | RecursionError) -> str:
    """What the machine refused, where, and what to do about it."""
    if isinstance(error, MemoryError):
        return "the machine has no memory left\n  → end other programs, or lower `[stores] memory` in vocative.toml"
    if isinstance(error, RecursionError):
        return "something is nested too deeply to be read\n  → look for hundreds of brackets inside each other"
    where = f"{error.filename}: " if error.filename else ""
    what = error.strerror or str(error) or type(error).__name__
    return f"{where}{what}\n  → {_REMEDIES.get(error.errno or 0, _OTHERWISE)}"


def remedy(text: str) -> str:
    r"""What to do about a failure of a store, where its words tell that the disk is full or may not be written.

    >>> remedy("the ledger could not commit: database or disk is full").startswith("\n  → free some space")
    True
    >>> remedy("another process has held the lock")
    ''
    """
    if "→" in text or "read-only:" in text:
        return ""
    if _FULL_WORDS.search(text):
        return f"\n  → {_FULL}"
    if _DISK_WORDS.search(text):
        return f"\n  → {_OTHERWISE}"
    return f"\n  → {_READ_ONLY}" if _READ_ONLY_WORDS.search(text) else ""
