"""Erases a person from everything that is kept, gives a receipt, and keeps them erased.

The marks are written first, so that nothing comes back in between. What tells who the person is (addresses, then links)
is deleted last, so that an erasure that was killed finds everything again and is finished by the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress

import msgspec
from msgspec import Struct

from vocative.collect.commit.files import LOCK_SECONDS
from vocative.desk.person.subject_rows import (
    Subject,
    counts_of,
    identify,
    names_in,
    naming_contents,
    own_lake_rows,
    own_ledger_rows,
    own_waiting,
    subject_tables,
)
from vocative.errors import StoreError, UnknownPersonError
from vocative.line.act.message_files import delete_files, delete_scratch, message_files, own_files_naming, rewrite_page
from vocative.line.snapshot.clock import to_text
from vocative.records.cells import integer
from vocative.records.lake_tables import EVENTS, MESSAGES, PEOPLE, QUARANTINE
from vocative.records.ledger_tables import ERASURES, IDENTITIES, OUTBOX
from vocative.records.schema import Table, Value
from vocative.stats.hashing import stable_id
from vocative.store.protocols import Ledger, Transaction
from vocative.trust.erasure import mark_of
from vocative.workspace.opening import OpenWorkspace

# In this order a run takes them too, so neither waits for the other for ever.
_LOCKS = ("run", "collect.events", "collect.people", "collect.permissions", "outbox")
_FILES = "files"

Counts = dict[str, int]


class ErasureReceipt(Struct, frozen=True, kw_only=True):
    """What was erased, and when; it names nobody."""

    receipt_id: str
    at: str
    by: str
    erased: dict[str, int]
    """Table → rows there were; `inbox` are events that waited, `files` those of the outbox."""
    made_again: list[str]
    """Pages that showed people and were deleted whole, such as the report; their commands make them again."""
    left: list[str]
    """Files of your own in the workspace's folder that still name the person: only you can delete those."""


class Found(Struct, frozen=True, kw_only=True):
    """What there is of a person before anything is erased."""

    person_id: str
    identifiers: list[str]
    rows: dict[str, int]


def look_for(workspace: OpenWorkspace, person_id: str) -> Found:
    """What an erasure would delete.

    Raises:
        UnknownPersonError: nothing is kept of such a person.
    """
    person = identify(workspace.stores, person_id)
    counts = _counts(workspace, person)
    if not counts and not _held(workspace, person):
        raise _unknown(person_id)
    return Found(person_id=person.person_id, identifiers=sorted(person.who.aliases), rows=counts)


def erase_person(workspace: OpenWorkspace, person_id: str, now: int, by: str = "") -> ErasureReceipt:
    """Erase a person from every table, file and page, and mark their identifiers so that they stay erased.

    Waits for a run or an import that is at work. Killed at any point, it is finished by being called again.

    Args:
        workspace: The opened workspace.
        person_id: Any identifier of the person.
        now: The moment of the erasure, µs UTC.
        by: Who of the business does it.

    Returns:
        The receipt; the same one if this erasure was only finished, or done before.

    Raises:
        UnknownPersonError: nothing is kept of such a person.
        LockTimeoutError: a run or an import did not end within an hour.
        StoreError: a store refused, or something of the person was left.
    """
    with _locked(workspace.stores.ledger):
        person = identify(workspace.stores, person_id)
        found = _counts(workspace, person)
        receipt = _begin(workspace, person, found, now, by)
        if receipt is None:
            raise _unknown(person_id)
        left = own_files_naming(workspace.root, person.who)
        made_again = _delete(workspace, person)
        rest = _counts(workspace, person)
        if rest:
            raise StoreError(f"after the erasure there still is {_listed(rest)}; call it again")
    return msgspec.structs.replace(receipt, made_again=made_again, left=left)


def readmit_person(workspace: OpenWorkspace, person_id: str, now: int, by: str) -> int:
    """Lift the marks of an erased person who came back; returns how many. What was erased does not come back.

    Args:
        workspace: The opened workspace.
        person_id: An identifier the person had.
        now: The moment, µs UTC.
        by: Who of the business does it.

    Raises:
        UnknownPersonError: nobody of that identifier is erased.
    """
    held = _held(workspace, identify(workspace.stores, person_id))
    if not held:
        raise UnknownPersonError(f"nobody known as {person_id!r} is erased", remedy="check the identifier")
    with workspace.stores.ledger.transaction() as transaction:
        return transaction.update(
            ERASURES,
            {"lifted_at": now, "lifted_by": by},
            {"receipt_id": sorted({str(row["receipt_id"]) for row in held}), "lifted_at": None},
        )


@contextmanager
def _locked(ledger: Ledger) -> Iterator[None]:
    with ExitStack() as stack:
        for name in _LOCKS:
            stack.enter_context(ledger.lock(name, timeout=LOCK_SECONDS))
        yield


def _unknown(person_id: str) -> UnknownPersonError:
    return UnknownPersonError(f"nothing is kept of {person_id!r}", remedy="check the identifier")


def _counts(workspace: OpenWorkspace, person: Subject) -> Counts:
    counts = counts_of(workspace.stores, workspace.settings, person)
    files = len(message_files(workspace.root, _message_ids(workspace, person)))
    return {**counts, _FILES: files} if files else counts


def _marks(workspace: OpenWorkspace, person: Subject) -> list[str]:
    return sorted(mark_of(alias, workspace.stores.key) for alias in person.who.aliases)


def _held(workspace: OpenWorkspace, person: Subject) -> list[dict[str, Value]]:
    """The marks of the person that hold."""
    with workspace.stores.ledger.transaction() as transaction:
        return transaction.select(ERASURES, {"mark": _marks(workspace, person), "lifted_at": None})


def _begin(workspace: OpenWorkspace, person: Subject, found: Counts, now: int, by: str) -> ErasureReceipt | None:
    """Write the marks with what was found; None if nothing was found, now or before."""
    marks = _marks(workspace, person)
    with workspace.stores.ledger.transaction() as transaction:
        begun = _begun(transaction, transaction.select(ERASURES, {"mark": marks, "lifted_at": None}))
        # Less than was found at first is what a killed erasure left; more is new, and an erasure of its own.
        if begun is not None and all(count <= begun.erased.get(name, 0) for name, count in found.items()):
            receipt = begun
        elif found:
            receipt = ErasureReceipt(
                receipt_id=stable_id(*marks, str(now)), at=to_text(now), by=by, erased=found, made_again=[], left=[]
            )
        else:
            return None
        if receipt is begun and not found:
            return receipt
        # Who was let in again and is erased once more stays erased under every identifier there ever was.
        lifted = transaction.select(ERASURES, {"mark": marks})
        earlier = [str(row["receipt_id"]) for row in lifted if row["lifted_at"] is not None]
        before = [str(row["mark"]) for row in transaction.select(ERASURES, {"receipt_id": sorted({*earlier})})]
        every = sorted({*marks, *before})
        rows = [_mark_row(mark, receipt, now, place) for place, mark in enumerate(every)]
        transaction.insert(ERASURES, rows, on_conflict="ignore" if receipt is begun else "replace")
    return receipt


def _mark_row(mark: str, receipt: ErasureReceipt, now: int, place: int) -> dict[str, Value]:
    return {
        "mark": mark,
        "receipt_id": receipt.receipt_id,
        "at": now,
        "by": receipt.by or None,
        "counts": msgspec.json.encode(receipt.erased).decode() if place == 0 else None,
    }


def _begun(transaction: Transaction, held: Sequence[Mapping[str, Value]]) -> ErasureReceipt | None:
    """The receipt of the newest erasure that these marks belong to."""
    if not held:
        return None
    newest = max(held, key=lambda row: integer(row["at"]))
    rows = transaction.select(ERASURES, {"receipt_id": newest["receipt_id"]}, order_by=("at", "mark"))
    counts = next((str(row["counts"]) for row in rows if row["counts"] is not None), "{}")
    return ErasureReceipt(
        receipt_id=str(newest["receipt_id"]),
        at=to_text(integer(rows[0]["at"])),
        by=str(rows[0]["by"] or ""),
        erased=msgspec.json.decode(counts, type=Counts),
        made_again=[],
        left=[],
    )


def _delete(workspace: OpenWorkspace, person: Subject) -> list[str]:
    """Delete everything, in an order that can be taken up again; returns the pages that have to be made again."""
    stores = workspace.stores
    made_again = delete_files(workspace, _message_ids(workspace, person))
    stores.inbox.erase(_event_ids(workspace, person))
    lake, ledger = subject_tables("lake"), subject_tables("ledger")
    for table in lake:
        if table is not PEOPLE:
            _erase(workspace, person, table)
    with stores.ledger.transaction() as transaction:
        for table in ledger:
            if table is not IDENTITIES:
                for column in table.subjects:
                    transaction.delete(table, {column: names_in(person.who, column)})
    _erase(workspace, person, PEOPLE)
    with stores.ledger.transaction() as transaction:
        transaction.delete(IDENTITIES, {"link_id": list(person.links)})
    stores.ledger.scrub()
    delete_scratch(workspace.scratch)
    rewrite_page(workspace)
    return made_again


def _erase(workspace: OpenWorkspace, person: Subject, table: Table) -> None:
    """Erase from one lake table, also if there is nothing left: an earlier call may have left old files."""
    names = {column: names_in(person.who, column) for column in table.subjects}
    if table is EVENTS:
        # Somebody else may have used a device of this person, so devices do not tell which events go.
        rows = own_lake_rows(workspace.stores, workspace.settings, person, EVENTS)
        names = {"message_id": [str(name) for name in rows["message_id"].to_pylist()]}
    elif table is QUARANTINE:
        names["content"] = naming_contents(workspace.stores, workspace.settings, person.who)
    workspace.stores.lake.erase(table, names)


def _message_ids(workspace: OpenWorkspace, person: Subject) -> list[str]:
    with workspace.stores.ledger.transaction() as transaction:
        queued = own_ledger_rows(transaction, person, OUTBOX)
    written = own_lake_rows(workspace.stores, workspace.settings, person, MESSAGES)["message_id"].to_pylist()
    return sorted({*(str(row["message_id"]) for row in queued), *map(str, written)})


def _event_ids(workspace: OpenWorkspace, person: Subject) -> list[str]:
    """The ids of the person's events, wherever they are: the inbox keeps those of events that left it."""
    stores, settings = workspace.stores, workspace.settings
    ids = {str(name) for name in own_lake_rows(stores, settings, person, EVENTS)["message_id"].to_pylist()}
    ids |= {event.message_id for event in own_waiting(stores.inbox, person)}
    for content in own_lake_rows(stores, settings, person, QUARANTINE)["content"].to_pylist():
        with suppress(msgspec.DecodeError, AttributeError):
            ids.add(str(msgspec.json.decode(str(content)).get("message_id", "")))
    return sorted(ids - {""})


def _listed(counts: Counts) -> str:
    return ", ".join(f"{count:,} in {name}" for name, count in counts.items())
