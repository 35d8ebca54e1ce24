"""Commits staged rows exactly once: the account first, then each table under a token that holds only once."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from vocative.collect.commit import journal
from vocative.collect.commit.declarations import declare
from vocative.collect.commit.deduplicate import settle
from vocative.collect.commit.understand import StagedRows
from vocative.collect.identity.permissions import add, adopt, people_by_address
from vocative.collect.mapping.mapping import TABLES
from vocative.records.lake_tables import PEOPLE, QUARANTINE
from vocative.records.results import ImportAccount
from vocative.records.schema import Table
from vocative.store.arrow import arrow_schema
from vocative.store.protocols import Stores


def commit(stores: Stores, staged: StagedRows, begun: ImportAccount | None) -> ImportAccount:
    """Commit staged rows and return their account.

    Args:
        stores: where they go.
        staged: the good and the refused rows.
        begun: the account of an earlier run that was killed, if it got as far as drawing one up.
    """
    if staged.kind == "permissions":
        account = _commit_permissions(stores, staged)
    else:
        account = _commit_rows(stores, staged, begun)
        if staged.kind == "events":
            declare(stores, staged.good, staged.name)
        if staged.kind == "people":
            adopt(stores, staged.good)
        commit_refused(stores, staged)
    journal.finish(stores.ledger, staged.import_id)
    return account


def commit_again(stores: Stores, staged: StagedRows) -> ImportAccount:
    """Commit the good rows of a redrive or of the inbox; the others are the caller's.

    No journal is needed: rows that an earlier, killed run appended are recognised by their ids.
    """
    if staged.kind == "permissions":
        people = people_by_address(stores.engine, staged.good, stores.lake.scan(PEOPLE))
        with stores.ledger.transaction() as transaction:
            added = add(transaction, staged.good, people)
        return _account(staged, added.accepted, added.merged, 0)
    table = TABLES[staged.kind]
    known = stores.lake.scan(table)
    verdict = settle(stores.engine, staged.kind, staged.good, known, staged.folder, staged.now)
    if verdict.accepted:
        with verdict.rows(stores.engine) as reader:
            token = f"again:{staged.import_id}:{known.version}"
            stores.lake.append(table, declared_reader(table, reader), token=token)
    if staged.kind == "events":
        declare(stores, staged.good, staged.name)
    if staged.kind == "people":
        adopt(stores, staged.good)
    return _account(staged, verdict.accepted, verdict.merged, verdict.marked)


def _commit_rows(stores: Stores, staged: StagedRows, begun: ImportAccount | None) -> ImportAccount:
    table, token = TABLES[staged.kind], f"import:{staged.import_id}"
    if begun is not None and stores.lake.committed(table, token):
        return begun
    verdict = settle(stores.engine, staged.kind, staged.good, stores.lake.scan(table), staged.folder, staged.now)
    account = _account(staged, verdict.accepted, verdict.merged, verdict.marked)
    journal.prepare(stores.ledger, account, staged.now, staged.content)
    if verdict.accepted:
        with verdict.rows(stores.engine) as reader:
            stores.lake.append(table, declared_reader(table, reader), token=token)
    return account


def _commit_permissions(stores: Stores, staged: StagedRows) -> ImportAccount:
    """Records and account in one transaction; the quarantine before it, under its own token."""
    commit_refused(stores, staged)
    people = people_by_address(stores.engine, staged.good, stores.lake.scan(PEOPLE))
    with stores.ledger.transaction() as transaction:
        added = add(transaction, staged.good, people)
        account = _account(staged, added.accepted, added.merged, 0)
        journal.insert(transaction, account, "done", staged.now, staged.content)
    return account


def commit_refused(stores: Stores, staged: StagedRows) -> None:
    """Put the refused rows into the quarantine, once."""
    if staged.refused:
        reader = parquet_reader(staged.bad)
        stores.lake.append(QUARANTINE, declared_reader(QUARANTINE, reader), token=f"import:{staged.import_id}")


def _account(staged: StagedRows, accepted: int, merged: int, marked: int) -> ImportAccount:
    return ImportAccount(
        import_id=staged.import_id,
        kind=staged.kind,
        file=staged.name,
        read=staged.read,
        accepted=accepted,
        merged=merged,
        rejected=staged.refused,
        marked=marked,
    )


def parquet_reader(path: Path) -> pa.RecordBatchReader:
    """A staged file as a stream."""
    file = pq.ParquetFile(path)
    return pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches())


def declared_reader(table: Table, reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """A stream in exactly the schema a table declares."""
    schema = arrow_schema(table)
    return pa.RecordBatchReader.from_batches(schema, (batch.select(schema.names).cast(schema) for batch in reader))
