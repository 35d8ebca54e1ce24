"""CDNOW's purchases (Fader and Hardie, 2001) as the engine sees them: 23,570 people who first bought early in 1997."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from vocative.facts.sources import Sources
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE
from vocative.store.arrow import arrow_schema

FILE = "cdnow_master.txt"
SPLIT, END = "1997-10-01T00:00Z", "1998-07-01T00:00Z"
"""What is known ends, and what is held out ends: 39 weeks later."""


def cdnow(data: Path) -> Sources:
    """All purchases, as if everybody had allowed personalization; several of one day are one act."""
    rows = np.loadtxt(data / FILE, skiprows=1)
    day = [datetime.strptime(f"{one:.0f}", "%Y%m%d").replace(tzinfo=UTC) for one in rows[:, 1]]
    count = len(rows)
    told: dict[str, list[Any]] = {
        "message_id": [f"e{place}" for place in range(count)],
        "timestamp": day,
        "known_at": day,
        "event": ["purchase"] * count,
        "user_id": [f"{one:05.0f}" for one in rows[:, 0]],
        "order_id": [f"o{place}" for place in range(count)],
        "quantity": rows[:, 2].tolist(),
        "amount": rows[:, 3].tolist(),
        "not_me": [False] * count,
        "doubts": [""] * count,
        "source": ["benchmark"] * count,
    }
    schema = arrow_schema(EVENTS)
    nothing = [None] * count
    events = pa.table({name: told.get(name, nothing) for name in schema.names}, schema=schema)
    nobody = pa.table({"alias": pa.array([], pa.string()), "person_id": pa.array([], pa.string())})
    people = pa.table({"person_id": events["user_id"].unique()})
    return Sources(events, arrow_schema(PEOPLE).empty_table(), arrow_schema(ITEMS).empty_table(), nobody, people)
