"""Marks a person's events as a gift or as somebody else's: from then on they shape no profile and no prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from vocative.collect.identity.not_me import mark, marked, unmark
from vocative.desk.person.subject_rows import identify, own_lake_rows
from vocative.errors import UnknownEventError, UnknownPersonError
from vocative.line.snapshot.clock import to_text
from vocative.records.cells import integer, number
from vocative.records.lake_tables import EVENTS
from vocative.workspace.opening import OpenWorkspace

_LATEST = 30
_SHOWN = 3

Row = Mapping[str, object]


class OwnEvent(Struct, frozen=True, kw_only=True):
    """One event of a person, and whether it counts as theirs."""

    message_id: str
    at: str
    event: str
    item_id: str | None
    order_id: str | None
    amount: float | None
    not_me: bool
    """Marked as a gift or as somebody else's, as it came or later."""


class Disowned(Struct, frozen=True, kw_only=True):
    """What a mark, or its undoing, came to."""

    person_id: str
    changed: list[str]
    """Ids of the events that were marked (or whose mark was undone) by this call."""
    unchanged: list[str]
    """Ids of the events that were so already."""


def own_events(workspace: OpenWorkspace, person_id: str, now: int, *, latest: int = _LATEST) -> list[OwnEvent]:
    """The latest events of a person known at `now` (µs UTC), newest first, with their ids.

    Raises:
        UnknownPersonError: no event of such a person is kept.
    """
    _, rows = _own(workspace, person_id, now)
    newest = sorted(rows, key=lambda row: (integer(row["timestamp"]), str(row["message_id"])), reverse=True)[:latest]
    hidden = marked(workspace.stores.ledger, [str(row["message_id"]) for row in newest])
    return [
        OwnEvent(
            message_id=str(row["message_id"]),
            at=to_text(integer(row["timestamp"])),
            event=str(row["event"]),
            item_id=_text(row["item_id"]),
            order_id=_text(row["order_id"]),
            amount=None if row["amount"] is None else number(row["amount"]),
            not_me=bool(row["not_me"]) or str(row["message_id"]) in hidden,
        )
        for row in newest
    ]


def disown(
    workspace: OpenWorkspace,
    person_id: str,
    now: int,
    *,
    message_ids: Sequence[str] = (),
    items: Sequence[str] = (),
    orders: Sequence[str] = (),
    undo: bool = False,
    source: str = "command line",
) -> Disowned:
    """Mark events of a person as not their own, or undo the mark; the same twice changes nothing.

    Features, affinities and predictions of moments up to `now` still see the events, later ones do not. The record of
    what was paid stays as it is.

    Args:
        workspace: The opened workspace.
        person_id: Any identifier of the person.
        now: From when on it is known, µs UTC.
        message_ids: Ids of events.
        items: All the person's events of these items.
        orders: All the person's events of these orders.
        undo: Undo the marks instead.
        source: What marks them.

    Raises:
        UnknownPersonError: no event of such a person is kept.
        UnknownEventError: an id, an item or an order is not among the person's events; or the mark came with the event
            itself and so cannot be undone.
    """
    owner, rows = _own(workspace, person_id, now)
    chosen = {
        str(row["message_id"]): row
        for column, names in (("message_id", message_ids), ("item_id", items), ("order_id", orders))
        for row in _named(rows, column, names, owner)
    }
    ledger = workspace.stores.ledger
    came_so = [name for name, row in chosen.items() if row["not_me"]]
    if undo:
        if came_so:
            raise UnknownEventError(
                f"{_listed(came_so)} came as not this person's own, so there is no mark to undo",
                remedy="correct the file and take it in again: vocative import events FILE --replace",
            )
        changed = unmark(ledger, list(chosen), now)
    else:
        aliases = {name: _alias(row) for name, row in chosen.items() if name not in came_so}
        changed = mark(ledger, aliases, now, source)
    return Disowned(person_id=owner, changed=changed, unchanged=[name for name in chosen if name not in changed])


def _own(workspace: OpenWorkspace, person_id: str, now: int) -> tuple[str, list[dict[str, object]]]:
    """The person's identifier, and their events known at `now`."""
    person = identify(workspace.stores, person_id)
    rows = own_lake_rows(workspace.stores, workspace.settings, person, EVENTS).to_pylist()
    known = [row for row in rows if integer(row["known_at"]) <= now]
    if not known:
        raise UnknownPersonError(f"no event of {person_id!r} is known at this moment", remedy="check the identifier")
    return person.person_id, known


def _named(rows: Sequence[Row], column: str, names: Sequence[str], person_id: str) -> list[Row]:
    found = [row for row in rows if row[column] in set(names)]
    missing = sorted(set(names) - {str(row[column]) for row in found})
    if missing:
        what = {"message_id": "event", "item_id": "item", "order_id": "order"}[column]
        raise UnknownEventError(
            f"{person_id!r} has no event of the {what} {_listed(missing)}",
            remedy=f"`vocative person {person_id} not-me` lists the latest events with their ids, `export` lists all",
        )
    return found


def _alias(row: Row) -> str:
    return f"user:{row['user_id']}" if row["user_id"] is not None else f"anonymous:{row['anonymous_id']}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _text(value: object) -> str | None:
    return None if value is None else str(value)
