"""Reads permission records from the ledger, under the person each identifier belongs to."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from vocative.records.ledger_tables import IDENTITIES, PERMISSIONS
from vocative.records.results import Permission
from vocative.store.protocols import Transaction, Where

_USER = "user:"


def read_permissions(transaction: Transaction, people: Sequence[str] | None = None) -> list[Permission]:
    """All permission records, or those of some people; `user_id` of each holds the person it belongs to."""
    owners = _owners(transaction, people)
    wanted: Where | None = None if people is None else {"user_id": sorted({*people, *owners})}
    return [
        msgspec.convert({**row, "user_id": owners.get(str(row["user_id"]), row["user_id"])}, Permission)
        for row in transaction.select(PERMISSIONS, wanted)
    ]


def _owners(transaction: Transaction, people: Sequence[str] | None) -> dict[str, str]:
    """The business's own identifiers that were linked to another person: identifier → person."""
    holding: Where = {"undone_at": None} if people is None else {"undone_at": None, "person_id": list(people)}
    return {
        str(link["alias"]).removeprefix(_USER): str(link["person_id"])
        for link in transaction.select(IDENTITIES, holding)
        if str(link["alias"]).startswith(_USER)
    }
