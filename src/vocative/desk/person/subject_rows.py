"""Everything that is kept of one person, over all tables: what export hands out and erasure deletes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa

from vocative.collect.mapping.mapping import used_columns
from vocative.records.lake_tables import EVENTS, LAKE_TABLES, PEOPLE, QUARANTINE
from vocative.records.ledger_tables import IDENTITIES, LEDGER_TABLES, PERMISSIONS
from vocative.records.schema import Table, Value
from vocative.records.settings import ImportMapping, Settings
from vocative.store.permissions import owners_of
from vocative.store.protocols import Accepted, Inbox, Relation, Stores, Transaction
from vocative.trust.erasure import IDENTITY_COLUMNS, Identifiers, aliases_in

_AT_ONCE = 10_000
_USER, _DEVICE = "user:", "anonymous:"
# An address that other people have as well, as their address or in the place of their identifier, tells nobody apart.
_ADDRESSES = """
    SELECT lower(email) AS email, phone, user_id IN (FROM users) AS own, user_id FROM people
    WHERE user_id IN (FROM users)
       OR lower(email) IN (SELECT lower(email) FROM people WHERE user_id IN (FROM users))
       OR phone IN (SELECT phone FROM people WHERE user_id IN (FROM users))
"""
_OWNERS = "SELECT DISTINCT user_id FROM people WHERE lower(email) = $address"
_KNOWN = """
    SELECT 1 FROM people WHERE user_id = $user UNION ALL SELECT 1 FROM events WHERE user_id = $user LIMIT 1
"""
_VISITED = "SELECT 1 FROM events WHERE user_id IS NULL AND anonymous_id = $device LIMIT 1"
_OWN_EVENTS = """
    SELECT * FROM events WHERE user_id IN (FROM users) OR (user_id IS NULL AND anonymous_id IN (FROM devices))
"""
_SUSPECTS = """
    SELECT DISTINCT content FROM quarantine SEMI JOIN names ON contains(lower(quarantine.content), names.name)
"""
_OWN_QUARANTINE = "SELECT * FROM quarantine WHERE user_id IN (FROM users) OR content IN (FROM naming)"

Rows = list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Subject:
    """One person: the identifier they are known by here, and all the others."""

    person_id: str
    who: Identifiers
    links: tuple[str, ...]
    """Ids of the links that name them."""


def identify(stores: Stores, person_id: str) -> Subject:
    """Find all identifiers of the person whom `person_id` names: linked identifiers, own devices and addresses.

    An e-mail address names the one person who has it, a device the one who uses it; a visitor whom nobody knows is
    their device. A device of several people is nobody's; an address that somebody else has too is not theirs alone.
    """
    asked = _owner_of_address(stores, person_id.lower()) if "@" in person_id else person_id
    if not _is_known(stores, asked):
        found = _by_device(stores, asked)
        if isinstance(found, Identifiers):
            return Subject(asked, found, ())
        asked = found
    with stores.ledger.transaction() as transaction:
        owner = owners_of(transaction, [asked]).get(asked, asked)
        users = _users(transaction, owner)
        devices, links = _links(transaction, users)
    emails, phones = _addresses(stores, users)
    return Subject(owner, Identifiers(frozenset(users), devices, emails, phones), links)


def own_lake_rows(stores: Stores, settings: Settings, person: Subject, table: Table) -> pa.Table:
    """The rows of one lake table that belong to a person; moments in microseconds since 1970."""
    condition, relations = _condition(stores, settings, person, table)
    relations[table.name] = stores.lake.scan(table)
    moments = ", ".join(
        f'epoch_us("{column.name}") AS "{column.name}"' for column in table.columns if column.type == "moment"
    )
    order = ", ".join(f'"{name}"' for name in table.key)
    replaced = f"REPLACE ({moments})" if moments else ""
    return stores.engine.query(f"SELECT * {replaced} FROM ({condition}) ORDER BY {order}", relations)


def own_ledger_rows(transaction: Transaction, person: Subject, table: Table) -> list[dict[str, Value]]:
    """The rows of one ledger table that belong to a person."""
    if table is IDENTITIES:
        return transaction.select(table, {"link_id": list(person.links)}, order_by=table.key)
    found: dict[tuple[Value, ...], dict[str, Value]] = {}
    for column in table.subjects:
        for row in transaction.select(table, {column: names_in(person.who, column)}, order_by=table.key):
            found[tuple(row[name] for name in table.key)] = row
    return list(found.values())


def own_waiting(inbox: Inbox, person: Subject) -> list[Accepted]:
    """The person's events that wait in the inbox."""
    return [event for event in _waiting(inbox) if _is_own(event, person.who)]


def counts_of(stores: Stores, settings: Settings, person: Subject) -> dict[str, int]:
    """How many rows there are of a person, by table; tables without any are left out."""
    counts = {table.name: own_lake_rows(stores, settings, person, table).num_rows for table in subject_tables("lake")}
    with stores.ledger.transaction() as transaction:
        for table in subject_tables("ledger"):
            counts[table.name] = len(own_ledger_rows(transaction, person, table))
    counts["inbox"] = len(own_waiting(stores.inbox, person))
    return {name: count for name, count in counts.items() if count}


def subject_tables(store: str) -> list[Table]:
    """The tables of a store that hold data of people."""
    return [table for table in (*LAKE_TABLES, *LEDGER_TABLES) if table.store == store and table.subjects]


def names_in(who: Identifiers, column: str) -> list[str]:
    """The texts by which a person stands in a subject column."""
    if column == "address":
        return sorted({*who.emails, *who.phones, *(name for name in who.users if "@" in name)})
    if column == "alias":
        return sorted(who.aliases)
    if column == "anonymous_id":
        return sorted(who.devices)
    return sorted({*who.users, *who.emails})


def _is_known(stores: Stores, user: str) -> bool:
    """Whether a text identifies somebody as a person rather than as a device."""
    with stores.ledger.transaction() as transaction:
        if transaction.select(PERMISSIONS, {"user_id": user}) or transaction.select(
            IDENTITIES, {"alias": f"{_USER}{user}"}
        ):
            return True
        if transaction.select(IDENTITIES, {"person_id": user}):
            return True
    relations: dict[str, Relation] = {"people": stores.lake.scan(PEOPLE), "events": stores.lake.scan(EVENTS)}
    return bool(stores.engine.query(_KNOWN, relations, {"user": user}).num_rows)


def _by_device(stores: Stores, device: str) -> str | Identifiers:
    """Who uses a device: the person it is linked to, or a visitor of whom nothing else is known."""
    with stores.ledger.transaction() as transaction:
        links = transaction.select(IDENTITIES, {"alias": f"{_DEVICE}{device}"})
    holding = [str(link["person_id"]) for link in links if link["undone_at"] is None]
    if links:
        return holding[0] if holding else device
    seen = stores.engine.query(_VISITED, {"events": stores.lake.scan(EVENTS)}, {"device": device}).num_rows
    # Of whom nothing is kept, an earlier erasure may know more: by either name.
    users: frozenset[str] = frozenset() if seen else frozenset({device})
    return Identifiers(users=users, devices=frozenset({device}))


def _owner_of_address(stores: Stores, address: str) -> str:
    """The one person who has an e-mail address; the address itself if nobody or several people have it."""
    found = stores.engine.query(_OWNERS, {"people": stores.lake.scan(PEOPLE)}, {"address": address}).to_pylist()
    with stores.ledger.transaction() as transaction:
        users = [str(row["user_id"]) for row in found]
        owners = owners_of(transaction, users)
    people = {owners.get(user, user) for user in users}
    return people.pop() if len(people) == 1 else address


def _users(transaction: Transaction, owner: str) -> set[str]:
    """Everybody who was declared to be this person."""
    users: set[str] = set()
    fresh = {owner}
    while fresh:
        users |= fresh
        rows = transaction.select(IDENTITIES, {"person_id": sorted(fresh), "undone_at": None})
        aliases = [str(row["alias"]) for row in rows]
        fresh = {alias.removeprefix(_USER) for alias in aliases if alias.startswith(_USER)} - users
    return users


def _links(transaction: Transaction, users: set[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The devices that are this person's alone, and every link that names the person, undone ones too."""
    rows = transaction.select(IDENTITIES, {"person_id": sorted(users)})
    devices = frozenset(
        str(row["alias"]).removeprefix(_DEVICE)
        for row in rows
        if row["undone_at"] is None and str(row["alias"]).startswith(_DEVICE)
    )
    rows += transaction.select(IDENTITIES, {"alias": [f"{_USER}{user}" for user in sorted(users)]})
    return devices, tuple(sorted({str(row["link_id"]) for row in rows}))


def _addresses(stores: Stores, users: set[str]) -> tuple[frozenset[str], frozenset[str]]:
    relations: dict[str, Relation] = {"people": stores.lake.scan(PEOPLE), "users": _list(users)}
    rows = stores.engine.query(_ADDRESSES, relations).to_pylist()
    found = []
    for column in ("email", "phone"):
        own = {str(row[column]) for row in rows if row["own"] and row[column]}
        others = {str(row[column]) for row in rows if not row["own"] and row[column]}
        found.append(frozenset(own - others))
    return found[0], found[1]


def _condition(stores: Stores, settings: Settings, person: Subject, table: Table) -> tuple[str, dict[str, Relation]]:
    who = person.who
    if table is EVENTS:
        return _OWN_EVENTS, {"users": _list(names_in(who, "user_id")), "devices": _list(who.devices)}
    if table is QUARANTINE:
        naming = naming_contents(stores, settings, who)
        return _OWN_QUARANTINE, {"users": _list(names_in(who, "user_id")), "naming": _list(naming)}
    tests = " OR ".join(f'"{column}" IN (FROM names_{column})' for column in table.subjects)
    relations: dict[str, Relation] = {f"names_{column}": _list(names_in(who, column)) for column in table.subjects}
    return f"SELECT * FROM {table.name} WHERE {tests}", relations


def naming_contents(stores: Stores, settings: Settings, who: Identifiers) -> list[str]:
    """The contents of refused rows that name a person."""
    columns = identity_columns(settings)
    names = {name.lower() for name in (*who.users, *who.devices, *who.emails, *who.phones)}
    relations: dict[str, Relation] = {"quarantine": stores.lake.scan(QUARANTINE), "names": _list(names)}
    suspects = stores.engine.query(_SUSPECTS, relations)["content"].to_pylist()
    aliases = who.aliases
    return [str(content) for content in suspects if not aliases.isdisjoint(aliases_in(str(content), columns))]


def identity_columns(settings: Settings) -> set[str]:
    """The columns of the business's own files that hold identifiers, by its mappings."""
    columns = {*IDENTITY_COLUMNS}
    for mapping in settings.imports.values():
        rules = {name: rule for name, rule in mapping.columns.items() if name in IDENTITY_COLUMNS}
        columns |= {*used_columns(ImportMapping(kind=mapping.kind, columns=rules))}
    return columns


def _waiting(inbox: Inbox) -> Iterator[Accepted]:
    position = 0
    while True:
        events, position = inbox.take(_AT_ONCE, after=position)
        if not events:
            return
        yield from events


def _is_own(event: Accepted, who: Identifiers) -> bool:
    row: dict[str, Any] = msgspec.json.decode(event.body)
    user, device = row.get("user_id"), row.get("anonymous_id")
    if user:
        name = str(user).lower() if "@" in str(user) else str(user)
        return name in who.users or name in who.emails
    return device in who.devices


def _list(names: Sequence[str] | set[str] | frozenset[str]) -> pa.Table:
    return pa.table({"name": pa.array(sorted(names), pa.string())})
