"""Files that somebody asked for: whole, or not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vocative.errors import WorkspaceError
from vocative.store.private import private_file, private_folder


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """A path to write to; it takes the place of `out` when the block ends well, else nothing is left of it.

    Raises:
        WorkspaceError: the file cannot be written.
    """
    half = out.with_name(f".{out.name}.part")
    try:
        private_folder(out.parent)
        private_file(half)
        yield half
        half.replace(out)
    except OSError as error:
        raise WorkspaceError(
            f"the file cannot be written: {error.strerror or error}",
            where=str(out),
            remedy="name a place you may write to with --out",
        ) from error
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)
