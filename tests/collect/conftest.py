"""Real stores in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from vocative.records.settings import Business, Sender, Settings
from vocative.store.protocols import Stores
from vocative.store.registry import load_driver


def open_stores(root: Path, memory: str = "500MB") -> Stores:
    """The embedded stores below one folder."""
    ledger = load_driver("ledger", "sqlite")(root / "ledger.sqlite")  # type: ignore[operator]
    return Stores(
        inbox=load_driver("inbox", "sqlite")(root / "inbox.sqlite"),  # type: ignore[operator]
        lake=load_driver("lake", "delta")(root / "lake", ledger.lock),  # type: ignore[operator]
        ledger=ledger,
        engine=load_driver("engine", "duckdb")(root / "spill", memory=memory, threads=2),  # type: ignore[operator]
    )


def shop(timezone: str = "Europe/Riga") -> Settings:
    """Settings of a small business."""
    return Settings(
        business=Business(name="Shop", timezone=timezone), sender=Sender(name="Shop", email="shop@example.com")
    )


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    """Fresh stores."""
    opened = open_stores(tmp_path / "data")
    yield opened
    opened.inbox.close()
    opened.ledger.close()
