"""Which identifiers belong to one person: links that are declared, never guessed, and that can be undone.

An alias has its kind in front: `user:…`, `anonymous:…`, `email:…`. Readers apply one rule: an event belongs to the
person its `user:<user_id>` is linked to, or to `user_id` itself; without a `user_id` to the person its
`anonymous:<anonymous_id>` is linked to, or to nobody.

A device that two known people use is shared: its links are undone and its anonymous events belong to nobody. Two known
people become one only where the business says so by `declare_same`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from vocative.errors import IdentityError
from vocative.records.cells import integer
from vocative.records.ledger_tables import IDENTITIES
from vocative.records.schema import Value
from vocative.stats.hashing import stable_id
from vocative.store.protocols import Ledger, Transaction, Where

SHARED = "; undone: several people use this device"
_AT_ONCE = 10_000
_NAMED_AT_ONCE = 500
_USER = "user:"

KnownPeople = Container[str] | Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Declared:
    """A person and a device that one event named together; `at` in microseconds since 1970."""

    anonymous_id: str
    user_id: str
    at: int


def link(ledger: Ledger, *, alias: str, person_id: str, known_people: KnownPeople, at: int, source: str) -> str:
    """Link an alias to a person and return the link's id; the same link twice changes nothing.

    Args:
        ledger: holds the links.
        alias: the identifier with its kind in front.
        person_id: the person it belongs to.
        known_people: the people the business knows, as a container or a test.
        at: when it was declared, in microseconds since 1970.
        source: what declared it.

    Raises:
        IdentityError: the alias has no kind, or the link would make two known people one.
    """
    kind, _, name = alias.partition(":")
    if kind not in ("user", "anonymous", "email") or not name:
        raise IdentityError(f"{alias!r} is no alias", remedy="write user:…, anonymous:… or email:…")
    if kind == "email":
        alias = alias.lower()
    with ledger.transaction() as transaction:
        if kind == "anonymous":
            _link_devices(transaction, [Declared(name, person_id, at)], source)
            return _link_id(alias, person_id)
        if kind == "user" and name != person_id and _is_known(known_people, name):
            raise IdentityError(
                f"{name!r} and {person_id!r} are two known people",
                remedy="if they are one person, declare it (an `alias` event, or declare_same)",
            )
        others = [row for row in _links(transaction, [alias]) if row["undone_at"] is None]
        if any(row["person_id"] != person_id for row in others):
            raise IdentityError(
                f"{alias!r} belongs to {str(others[0]['person_id'])!r} already",
                remedy=f"undo the link {others[0]['link_id']!s} first if that is wrong",
            )
        return _insert(transaction, alias, person_id, at, source)


def link_devices(ledger: Ledger, declared: Iterable[Declared], source: str) -> None:
    """Link the devices that events named together with a person; a device of several people belongs to nobody."""
    batch: list[Declared] = []
    for one in declared:
        batch.append(one)
        if len(batch) >= _AT_ONCE:
            with ledger.transaction() as transaction:
                _link_devices(transaction, batch, source)
            batch = []
    if batch:
        with ledger.transaction() as transaction:
            _link_devices(transaction, batch, source)


def declare_same(ledger: Ledger, *, user_id: str, person_id: str, at: int, source: str) -> str:
    """The business says that `user_id` is the person `person_id`; returns the id of the link, which can be undone.

    Raises:
        IdentityError: it would contradict a link that holds, or go round in a circle.
    """
    alias = f"user:{user_id}"
    with ledger.transaction() as transaction:
        if user_id == person_id or _terminal(transaction, person_id) == user_id:
            raise IdentityError(f"{user_id!r} and {person_id!r} are one person already", where=source)
        holding = [row for row in _links(transaction, [alias]) if row["undone_at"] is None]
        if any(row["person_id"] != person_id for row in holding):
            raise IdentityError(
                f"{user_id!r} was declared to be {str(holding[0]['person_id'])!r}",
                where=source,
                remedy=f"undo the link {holding[0]['link_id']!s} first if that is wrong",
            )
        return _insert(transaction, alias, person_id, at, source)


def undo(ledger: Ledger, link_id: str, at: int) -> None:
    """Undo a link; it stays on record, and the same data imported again does not bring it back.

    Raises:
        IdentityError: there is no such link.
    """
    with ledger.transaction() as transaction:
        if not transaction.select(IDENTITIES, {"link_id": link_id}):
            raise IdentityError(
                f"there is no link {link_id!r}", remedy="`vocative person ID identities` lists the links"
            )
        transaction.update(IDENTITIES, {"undone_at": at}, {"link_id": link_id, "undone_at": None})


def identity_table(ledger: Ledger, among: Collection[str] | None = None) -> pa.Table:
    """The links that hold, as columns `alias` and `person_id`; chains of declared people are followed to their end.

    With `among` those of some people alone, and of everybody who was declared to be one of them.
    """
    with ledger.transaction() as transaction:
        rows = _holding(transaction, {}) if among is None else _around(transaction, among)
    people = {str(row["alias"]): str(row["person_id"]) for row in sorted(rows, key=lambda row: str(row["alias"]))}
    return pa.table(
        {
            "alias": pa.array(list(people), pa.string()),
            "person_id": pa.array([_follow(people, person) for person in people.values()], pa.string()),
        }
    )


def _holding(transaction: Transaction, where: Where) -> list[dict[str, Value]]:
    return transaction.select(IDENTITIES, {**where, "undone_at": None})


def _around(transaction: Transaction, people: Collection[str]) -> list[dict[str, Value]]:
    """The links that hold to some people and from them, found step by step."""
    found: dict[str, dict[str, Value]] = {}
    seen: set[str] = set()
    fresh = set(people)
    while fresh:
        seen |= fresh
        some = sorted(fresh)
        for start in range(0, len(some), _NAMED_AT_ONCE):
            named = some[start : start + _NAMED_AT_ONCE]
            for row in _holding(transaction, {"person_id": named}):
                found[str(row["link_id"])] = row
            for row in _holding(transaction, {"alias": [_USER + person for person in named]}):
                found[str(row["link_id"])] = row
        further = {str(row["person_id"]) for row in found.values()}
        further |= {
            alias.removeprefix("user:") for row in found.values() if (alias := str(row["alias"]))[:5] == "user:"
        }
        fresh = further - seen
    return list(found.values())


def _follow(people: Mapping[str, str], person: str) -> str:
    seen = {person}
    while (further := people.get(f"user:{person}")) is not None and further not in seen:
        seen.add(further)
        person = further
    return person


def _terminal(transaction: Transaction, person: str) -> str:
    seen = {person}
    while True:
        rows = transaction.select(IDENTITIES, {"alias": f"user:{person}", "undone_at": None})
        if not rows or str(rows[0]["person_id"]) in seen:
            return person
        person = str(rows[0]["person_id"])
        seen.add(person)


def _link_devices(transaction: Transaction, declared: Sequence[Declared], source: str) -> None:
    wanted: dict[str, dict[str, int]] = {}
    for one in declared:
        people = wanted.setdefault(f"anonymous:{one.anonymous_id}", {})
        people[one.user_id] = min(one.at, people.get(one.user_id, one.at))
    present: dict[str, list[dict[str, Value]]] = {}
    for row in _links(transaction, list(wanted)):
        present.setdefault(str(row["alias"]), []).append(row)
    named = {person for people in wanted.values() for person in people}
    named |= {str(row["person_id"]) for rows in present.values() for row in rows}
    linked = {str(row["alias"]) for row in _links(transaction, [f"user:{person}" for person in sorted(named)])}
    final = {person: _terminal(transaction, person) for person in named if f"user:{person}" in linked}
    for alias, people in wanted.items():
        _link_device(transaction, (alias, people), present.get(alias, []), final, source)


def _link_device(
    transaction: Transaction,
    declared: tuple[str, Mapping[str, int]],
    present: Sequence[Mapping[str, Value]],
    final: Mapping[str, str],
    source: str,
) -> None:
    """Link one device; `final` says who the people are that were declared to be somebody else."""
    alias, people = declared
    # A link that somebody undid by hand says that this person is not the device's; one undone as shared still counts.
    counted = [row for row in present if row["undone_at"] is None or str(row["source"]).endswith(SHARED)]
    known = {str(row["person_id"]) for row in present}
    fresh = {person: at for person, at in people.items() if person not in known}
    users = {final.get(person, person) for person in {*fresh, *(str(row["person_id"]) for row in counted)}}
    shared = len(users) > 1 or any(row["undone_at"] is not None for row in counted)
    if not shared:
        for person, at in fresh.items():
            _insert(transaction, alias, person, at, source)
        return
    moment = max([*fresh.values(), *(integer(row["at"]) for row in counted)])
    for row in counted:
        if row["undone_at"] is None:
            changes: dict[str, Value] = {"undone_at": moment, "source": f"{row['source']!s}{SHARED}"}
            transaction.update(IDENTITIES, changes, {"link_id": row["link_id"]})
    for person, at in fresh.items():
        _insert(transaction, alias, person, at, source + SHARED, undone_at=max(moment, at))


def _links(transaction: Transaction, aliases: Sequence[str]) -> list[dict[str, Value]]:
    return transaction.select(IDENTITIES, {"alias": list(aliases)}) if aliases else []


def _insert(
    transaction: Transaction, alias: str, person_id: str, at: int, source: str, undone_at: int | None = None
) -> str:
    link_id = _link_id(alias, person_id)
    row: dict[str, Value] = {
        "link_id": link_id,
        "alias": alias,
        "person_id": person_id,
        "at": at,
        "source": source,
        "undone_at": undone_at,
    }
    transaction.insert(IDENTITIES, [row], on_conflict="ignore")
    return link_id


def _link_id(alias: str, person_id: str) -> str:
    return stable_id(alias, person_id)


def _is_known(known_people: KnownPeople, person_id: str) -> bool:
    return known_people(person_id) if callable(known_people) else person_id in known_people
