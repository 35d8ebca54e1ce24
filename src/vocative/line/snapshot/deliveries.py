"""Messages that runs handed over, as predictions are told of them where the business exports none itself."""

from __future__ import annotations

import pyarrow as pa

from vocative.line.snapshot.snapshot import Snapshot
from vocative.predict.history.deliveries import COLUMNS
from vocative.records.cells import integer
from vocative.records.ledger_tables import OUTBOX
from vocative.store.permissions import owners_of


def handed(scene: Snapshot) -> pa.Table:
    """Everything a channel took before the moment of the scene, in the columns of `predict.handed.COLUMNS`."""
    with scene.workspace.stores.ledger.transaction() as transaction:
        rows = transaction.select(OUTBOX, {"state": "delivered"}, columns=("person_id", "channel", "handed_over_at"))
        owners = owners_of(transaction)
    rows = [row for row in rows if integer(row["handed_over_at"] or scene.now) < scene.now]
    people = [str(row["person_id"]) for row in rows]
    columns = {
        "person_id": [owners.get(one, one) for one in people],
        "channel": [str(row["channel"]) for row in rows],
        "us": [integer(row["handed_over_at"]) for row in rows],
    }
    return pa.table(columns, schema=COLUMNS)
