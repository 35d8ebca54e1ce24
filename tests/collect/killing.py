"""Does what the command line says, for tests that kill it.

Arguments: folder, now, then one word for each step: `events=PATH` (or another kind) imports a file, `redrive` takes the
refused events through a mended mapping, `drain` empties the inbox.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

from tests.collect.conftest import open_stores, shop
from vocative.collect.commit.files import import_file
from vocative.collect.commit.redrive import redrive
from vocative.collect.live import drain
from vocative.collect.mapping.mapping import mapping_or_canonical
from vocative.records.settings import ImportMapping, Kind, Rule
from vocative.store.protocols import Stores


def mended() -> ImportMapping:
    """The canonical columns, with an amount of `x` read as 9."""
    canonical = mapping_or_canonical(None, "events", ["timestamp", "event", "user_id", "anonymous_id", "order_id"])
    return ImportMapping(
        kind="events", columns={**canonical.columns, "amount": Rule(column="amount", values={"x": "9"})}
    )


def main() -> None:
    """Take one step after the other."""
    root, now, *steps = sys.argv[1:]
    stores = open_stores(Path(root), memory="300MB")
    for step in steps:
        _take(stores, Path(root) / "scratch", int(now), step)


def _take(stores: Stores, scratch: Path, now: int, step: str) -> None:
    if step == "drain":
        drain(stores, shop(), now, scratch=scratch)
    elif step == "redrive":
        redrive(stores, shop(), kind="events", mapping=mended(), now=now, scratch=scratch)
    else:
        kind, _, path = step.partition("=")
        import_file(stores, shop(), Path(path), kind=cast("Kind", kind), mapping=None, now=now, scratch=scratch)


if __name__ == "__main__":
    main()
