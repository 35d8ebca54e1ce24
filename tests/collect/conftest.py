"""Real stores in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.store import drivers
from vocative.collect.commit.files import import_file
from vocative.records.results import ImportAccount
from vocative.records.schema import Table
from vocative.records.settings import Business, ImportMapping, Kind, Sender, Settings
from vocative.store.protocols import Stores

NOW = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


def open_stores(root: Path, memory: str = "500MB") -> Stores:
    """The embedded stores below one folder."""
    return drivers.stores(root, memory)


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


def rows(stores: Stores, table: Table, order: str) -> list[dict[str, Any]]:
    """The whole table, in order."""
    return stores.engine.query(f"SELECT * FROM t ORDER BY {order}", {"t": stores.lake.scan(table)}).to_pylist()


def load(
    stores: Stores,
    path: Path,
    text: str | bytes,
    kind: Kind = "events",
    mapping: ImportMapping | None = None,
    now: int = NOW,
) -> ImportAccount:
    """Write a file and import it; the account always adds up."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    account = import_file(stores, shop(), path, kind=kind, mapping=mapping, now=now)
    assert account.read == account.accepted + account.merged + account.rejected
    return account
