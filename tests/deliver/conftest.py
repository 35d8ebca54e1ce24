"""Messages that wait to be handed over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deliver.post import open_stores, permit, write
from vocative.store.protocols import Stores


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    """Messages m1 … m4 of the people a, b, a, c are written; everybody allowed marketing."""
    opened = open_stores(tmp_path)
    write(opened, {"m1": "a", "m2": "b", "m3": "a", "m4": "c"})
    for person in "abc":
        permit(opened, person)
    yield opened
    opened.inbox.close()
    opened.ledger.close()
