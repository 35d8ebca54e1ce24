"""Reads permission records from the ledger, under the person each identifier belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from vocative.records.ledger_tables import IDENTITIES, PERMISSIONS
from vocative.records.results import Permission
from vocative.store.protocols import Transaction, Where

_USER = "user:"


def read_permissions(transaction: Transaction, people: Sequence[str] | None = None) -> list[Permission]:
    """All permission records, or those of some people; `user_id` of each holds the person it belongs to.

    Of some people, the records of everybody declared to be the same person are among them.
    """
    owners = owners_of(transaction, people)
    wanted: Where | None = None if people is None else {"user_id": sorted({*people, *owners, *owners.values()})}
    return [
        msgspec.convert({**row, "user_id": owners.get(str(row["user_id"]), row["user_id"])}, Permission)
        for row in transaction.select(PERMISSIONS, wanted)
    ]


def owners_of(transaction: Transaction, people: Sequence[str] | None = None) -> dict[str, str]:
    """The business's own identifiers that are linked to another person: identifier → person.

    Chains are followed to their end. Of some people, those of their identifiers and of everybody they belong to.
    """
    links = _links(transaction, {}) if people is None else _links_around(transaction, people)
    return {user: owner for user in links if (owner := _end(links, user)) != user}


def _links_around(transaction: Transaction, people: Sequence[str]) -> dict[str, str]:
    """All links of the groups these people belong to, found step by step."""
    links: dict[str, str] = {}
    seen: set[str] = set()
    fresh = set(people)
    while fresh:
        seen |= fresh
        found = {
            **_links(transaction, {"alias": sorted(_USER + person for person in fresh)}),
            **_links(transaction, {"person_id": sorted(fresh)}),
        }
        links.update(found)
        fresh = {*found, *found.values()} - seen
    return links


def _links(transaction: Transaction, where: Where) -> dict[str, str]:
    return {
        str(link["alias"]).removeprefix(_USER): str(link["person_id"])
        for link in transaction.select(IDENTITIES, {**where, "undone_at": None})
        if str(link["alias"]).startswith(_USER)
    }


def _end(links: Mapping[str, str], user: str) -> str:
    seen = {user}
    while (further := links.get(user)) is not None and further not in seen:
        seen.add(further)
        user = further
    return user
