"""Imports the files named on the command line, for tests that kill it. Arguments: folder, now, then kind=path pairs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

from tests.collect.conftest import open_stores, shop
from vocative.collect.files import import_file
from vocative.records.settings import Kind


def main() -> None:
    """Import one file after the other and say so."""
    root, now, *pairs = sys.argv[1:]
    stores = open_stores(Path(root), memory="300MB")
    for pair in pairs:
        kind, _, path = pair.partition("=")
        import_file(
            stores,
            shop(),
            Path(path),
            kind=cast("Kind", kind),
            mapping=None,
            now=int(now),
            scratch=Path(root) / "scratch",
        )
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
