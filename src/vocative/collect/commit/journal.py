"""The ledger's table of imports: what makes an import happen once, however often it is begun."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import convert

from vocative.collect.mapping.mapping import mapping_text
from vocative.records.cells import integer
from vocative.records.ledger_tables import IMPORTS
from vocative.records.results import ImportAccount
from vocative.records.schema import Value
from vocative.records.settings import ImportMapping, Kind
from vocative.stats.hashing import stable_id
from vocative.store.protocols import Ledger, Transaction


class Earlier(NamedTuple):
    """An import of the same content."""

    import_id: str
    file: str
    state: str
    accepted: int


def import_id_of(digest: str, kind: Kind, mapping: ImportMapping | None, replaced: int = 0) -> str:
    """Identifies an import: the same content read in the same way is the same import.

    `replaced` counts how often imports of this content have been taken back: what follows is another import each time.
    """
    return stable_id(digest, kind, mapping_text(mapping), *([str(replaced)] if replaced else []))


def earlier(ledger: Ledger, digest: str, kind: Kind) -> list[Earlier]:
    """All imports of this content so far, whatever their mapping."""
    with ledger.transaction() as transaction:
        rows = transaction.select(IMPORTS, {"content": digest, "kind": kind}, order_by=("at", "import_id"))
    return [
        Earlier(str(row["import_id"]), str(row["file"]), str(row["state"]), integer(row["accepted"])) for row in rows
    ]


def mark_replaced(ledger: Ledger, import_ids: Sequence[str]) -> None:
    """The rows of these imports have been taken back."""
    with ledger.transaction() as transaction:
        transaction.update(IMPORTS, {"state": "replaced"}, {"import_id": list(import_ids)})


def find(ledger: Ledger, import_id: str) -> tuple[str, int, ImportAccount] | None:
    """State, moment and account of an import that was begun before; None if there is none."""
    with ledger.transaction() as transaction:
        rows = transaction.select(IMPORTS, {"import_id": import_id})
    if not rows:
        return None
    row = rows[0]
    account = convert({name: row[name] for name in ImportAccount.__struct_fields__ if name in row}, ImportAccount)
    return str(row["state"]), integer(row["at"]), account


def prepare(ledger: Ledger, account: ImportAccount, at: int, content: str | None) -> None:
    """Write the account down before anything is committed to the lake."""
    with ledger.transaction() as transaction:
        insert(transaction, account, "prepared", at, content)


def insert(transaction: Transaction, account: ImportAccount, state: str, at: int, content: str | None = None) -> None:
    """Write an account within a transaction."""
    transaction.insert(IMPORTS, [_row(account, state, at, content)], on_conflict="replace")


def finish(ledger: Ledger, import_id: str) -> None:
    """Everything is on disk."""
    with ledger.transaction() as transaction:
        transaction.update(IMPORTS, {"state": "done"}, {"import_id": import_id})


def repeated(account: ImportAccount) -> ImportAccount:
    """The account of importing a finished file once more: every good row is known already."""
    return ImportAccount(
        import_id=account.import_id,
        kind=account.kind,
        file=account.file,
        read=account.read,
        accepted=0,
        merged=account.accepted + account.merged,
        rejected=account.rejected,
        repeated=True,
    )


def _row(account: ImportAccount, state: str, at: int, content: str | None) -> dict[str, Value]:
    return {
        "import_id": account.import_id,
        "kind": account.kind,
        "file": account.file,
        "content": content,
        "state": state,
        "read": account.read,
        "accepted": account.accepted,
        "merged": account.merged,
        "rejected": account.rejected,
        "marked": account.marked,
        "at": at,
    }
