"""Opens the workspace of a command."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vocative.workspace.opening import OpenWorkspace


def open_workspace(folder: Path) -> OpenWorkspace:
    """Open the workspace in a folder; what it needs is imported now, and not when the command line is read."""
    from vocative.workspace.opening import OpenWorkspace

    spare_pandas()
    return OpenWorkspace.open(folder)


def spare_pandas() -> None:
    """Let pyarrow go without pandas in this process.

    At its first list it imports pandas where that is installed, to know pandas' columns and missing values by sight.
    That costs half a second, and nothing here has any. It looks once; `to_pandas` looks again, and then finds it. A
    process that has pandas already keeps it, and whoever uses the library does not come by here. A driver of somebody
    else that makes a table of pandas' own objects (`pandas.NA` in a column of objects) gives them a type first.
    """
    import pyarrow as pa

    if "pandas" in sys.modules:
        return
    absent = _Absent()
    sys.meta_path.insert(0, absent)
    try:
        pa.array([None])
    finally:
        sys.meta_path.remove(absent)


class _Absent(MetaPathFinder):
    """Says of pandas that it is not installed."""

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(f"{fullname} is not looked for", name=fullname)
