"""What a person did, order by order and day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from vocative.records.cells import integer, number
from vocative.stats.calendars import local_datetime

_ITEMS_SHOWN = 8


class Moment(Struct, frozen=True, kw_only=True):
    """One order, or one kind of act on one local day. `at` is its first event in µs since 1970 UTC."""

    at: int
    day: str
    """Local day, as YYYY-MM-DD."""
    what: str
    """The role: purchase, return, view …"""
    order_id: str | None
    count: int
    """Number of events."""
    items: list[str]
    """Names of the first few items."""
    money: float | None
    channel: str | None
    not_me: bool
    """Whether it was somebody else's or a gift: shown, but it counts for nothing."""


def timeline(events: Sequence[Mapping[str, object]], roles: Mapping[str, str], zone: str) -> list[Moment]:
    """Group events (newest first, `at` in µs) by order, or else by role, channel and local day; newest first."""
    groups: dict[tuple[object, ...], list[Mapping[str, object]]] = {}
    for event in events:
        role = roles[str(event["event"])]
        if event["order_id"] is not None:
            key: tuple[object, ...] = (role, event["not_me"], event["order_id"])
        else:
            key = (role, event["not_me"], None, event["channel"], _day(event, zone))
        groups.setdefault(key, []).append(event)
    moments = [_moment(str(key[0]), members, zone) for key, members in groups.items()]
    return sorted(moments, key=lambda moment: -moment.at)


def _moment(role: str, events: Sequence[Mapping[str, object]], zone: str) -> Moment:
    oldest = events[-1]
    amounts = [number(event["amount"]) for event in events if event["amount"] is not None]
    items = dict.fromkeys(str(event["item"]) for event in reversed(events) if event["item"] is not None)
    order, channel = oldest["order_id"], oldest["channel"]
    return Moment(
        at=integer(oldest["at"]),
        day=_day(oldest, zone),
        what=role,
        order_id=None if order is None else str(order),
        count=len(events),
        items=list(items)[:_ITEMS_SHOWN],
        money=round(sum(amounts), 2) if amounts else None,
        channel=None if channel is None else str(channel),
        not_me=bool(oldest["not_me"]),
    )


def _day(event: Mapping[str, object], zone: str) -> str:
    return local_datetime(integer(event["at"]), zone).date().isoformat()
