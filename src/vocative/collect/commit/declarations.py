"""What a file's events declare about who is who, taken to the ledger after the events are in the lake."""

from __future__ import annotations

from pathlib import Path

import msgspec

from vocative.collect.identity.identity import Declared, declare_same, link_devices
from vocative.collect.mapping.staging import parquet_scan
from vocative.errors import IdentityError
from vocative.store.protocols import Stores

_DEVICES = """
    SELECT anonymous_id, user_id, epoch_us(min(timestamp)) AS moment FROM good
    WHERE anonymous_id IS NOT NULL AND user_id IS NOT NULL GROUP BY 1, 2
    ORDER BY moment, anonymous_id, user_id
"""
_ALIASES = """
    SELECT DISTINCT properties, user_id, epoch_us(timestamp) AS moment FROM good
    WHERE lower(event) = 'alias' AND user_id IS NOT NULL AND properties IS NOT NULL
    ORDER BY moment, user_id, properties
"""


def declare(stores: Stores, good: Path, source: str) -> None:
    """Link devices named together with a person, and people whom `alias` events declare to be one.

    An alias event names the earlier identifier in its property `previous_id` (or `previousId`). One that contradicts
    a link that holds is kept as an event and links nothing: the earlier declaration stands until it is undone.
    """
    relations = {"good": parquet_scan("good", good)}
    with stores.engine.stream(_DEVICES, relations) as reader:
        pairs = (
            Declared(row["anonymous_id"], row["user_id"], row["moment"])
            for batch in reader
            for row in batch.to_pylist()
        )
        link_devices(stores.ledger, pairs, source)
    for row in stores.engine.query(_ALIASES, relations).to_pylist():
        properties = msgspec.json.decode(row["properties"])
        earlier = properties.get("previous_id") or properties.get("previousId")
        if not earlier:
            continue
        earlier = str(earlier).lower() if "@" in str(earlier) else str(earlier)
        link_devices(stores.ledger, [Declared(earlier, row["user_id"], row["moment"])], source)
        try:
            declare_same(stores.ledger, user_id=earlier, person_id=row["user_id"], at=row["moment"], source=source)
        except IdentityError:
            continue
