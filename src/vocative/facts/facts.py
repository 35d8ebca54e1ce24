"""From events as they came to facts that may be counted: the same rules as a query and for a single event."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor

from msgspec import Struct

from vocative.facts.attribution import ATTRIBUTED, own
from vocative.facts.grain import Grain
from vocative.facts.people import KNOWN
from vocative.facts.scope import (
    CODES,
    CONTACT_ROLES,
    FIXED,
    LARGEST,
    SLOT_US,
    Scope,
    role_codes,
    text_literal,
)
from vocative.records.schema import Value
from vocative.records.settings import Settings

_PURCHASE = CODES["purchase"]
_RETURN = CODES["return"]
_VIEW = CODES["view"]
_CONTACT = frozenset(CODES[role] for role in CONTACT_ROLES)


class Fact(Struct, frozen=True, array_like=True):
    """One event of one person, ready to be counted.

    `at` and `known_at` are microseconds since 1970; `units`, `money`, `discount` and `seconds` are whole
    ten-thousandths and never negative: a return has a role of its own.
    """

    message_id: str
    at: int
    known_at: int
    slot: int
    role: int
    order: str
    item: str | None
    channel: str | None
    units: float
    money: float
    discount: float
    seconds: float


def _number(column: str) -> str:
    return f"CASE WHEN abs({column}) < {LARGEST!r} THEN {column} END"


def _fixed(expression: str) -> str:
    return f"floor({expression} * {FIXED!r} + 0.5)"


def role_case(scope: Scope) -> str:
    """The code of the role of an event, from its name; NULL for a name that means nothing."""
    named: dict[int, list[str]] = {}
    for name, code in role_codes(scope.settings).items():
        named.setdefault(code, []).append(text_literal(name))
    roles = " ".join(f"WHEN event IN ({', '.join(names)}) THEN {code}" for code, names in named.items())
    return f"CASE {roles or 'WHEN FALSE THEN 0'} END"


def _own_events(scope: Scope) -> str:
    numbers = ", ".join(f"{_number(name)} AS {name}" for name in ("quantity", "amount", "discount", "duration"))
    return f"""SELECT * REPLACE (
  CASE WHEN role = {_PURCHASE} AND (quantity < 0 OR amount < 0) THEN {_RETURN} ELSE role END AS role)
FROM (
  SELECT message_id, person_id, link, event, us, attributed_events.known, until, {role_case(scope)} AS role,
    order_id, session_id, item_id, channel, {numbers}, position, redeemed, invited
  FROM attributed_events WHERE {own(scope)}
) AS meant"""


def _permitted(_: Scope) -> str:
    return """SELECT known.who, us, own_events.known, until, role, order_id, session_id, message_id, item_id, channel,
  quantity, amount, discount, duration, redeemed, invited
FROM own_events JOIN known ON known.person_id = own_events.person_id"""


def _facts(scope: Scope) -> str:
    dwell = scope.settings.features.longest_dwell_seconds
    contact = ", ".join(str(code) for code in sorted(_CONTACT))
    seconds = "greatest(coalesce(duration, 0.0), 0.0)"
    return f"""SELECT who, us, permitted_events.known, until, us // {SLOT_US} AS slot, item_id AS item, role,
  CASE WHEN role = {_PURCHASE} THEN coalesce(order_id, '#' || CAST(us // {SLOT_US} AS VARCHAR)) END AS order_key,
  CASE WHEN role IN ({contact}) THEN channel END AS channel,
  {_fixed("coalesce(abs(quantity), 1.0)")} AS units,
  {_fixed("coalesce(abs(amount), 0.0)")} AS money,
  {_fixed("greatest(coalesce(discount, 0.0), 0.0)")} AS discount,
  {_fixed(f"CASE WHEN role = {_VIEW} THEN least({seconds}, {dwell!r}) ELSE {seconds} END")} AS seconds
FROM permitted_events WHERE role IS NOT NULL AND us >= {scope.horizon * SLOT_US}"""


def _acts(_: Scope) -> str:
    return """SELECT who, us, slot, role, order_key, channel, CAST(count(*) AS DOUBLE) AS lines, sum(units) AS units,
  sum(money) AS money, sum(discount) AS discount, sum(seconds) AS seconds
FROM facts GROUP BY who, us, slot, role, order_key, channel"""


OWN = Grain("own_events", _own_events, (ATTRIBUTED,))
"""Attributed events that count at the moment, of everybody and of nobody: `role` (code) is what each means, NULL:
nothing; a purchase of less than nothing is a return. Numbers that are none are NULL."""
PERMITTED = Grain("permitted_events", _permitted, (OWN, KNOWN))
"""The same of those who may be profiled, under their number `who`, however old."""
FACTS = Grain("facts", _facts, (PERMITTED,))
"""One row per event that counts: the columns of `Fact`, and `until`, up to which moment it was the person's own."""
ACTS = Grain("acts", _acts, (FACTS,))
"""Facts added up per person, instant, role, order and channel: the lines of a basket become one row."""


class FactReader:
    """Turns single events into facts by the rules of the query above."""

    def __init__(self, settings: Settings) -> None:
        self._codes = role_codes(settings)
        self._dwell = settings.features.longest_dwell_seconds

    def read(self, event: Mapping[str, Value]) -> Fact | None:
        """The fact in an event (columns of the events table, moments in µs), or None if it does not count."""
        role = self._codes.get(str(event["event"]))
        if role is None or event.get("not_me"):
            return None
        doubts = str(event.get("doubts") or "")
        if doubts:
            doubted = {mark.partition(":")[0] for mark in doubts.split(",") if ":" in mark}
            if doubted & {"row", "timestamp"}:
                return None
            event = {column: value for column, value in event.items() if column not in doubted}
        at = _moment(event["timestamp"])
        quantity, amount = _finite(event.get("quantity")), _finite(event.get("amount"))
        sent_back = role == _PURCHASE and ((quantity or 0.0) < 0 or (amount or 0.0) < 0)
        seconds = max(_finite(event.get("duration")) or 0.0, 0.0)
        slot, order = at // SLOT_US, _text(event.get("order_id"))
        return Fact(
            message_id=str(event["message_id"]),
            at=at,
            known_at=_moment(event["known_at"]),
            slot=slot,
            role=_RETURN if sent_back else role,
            order=f"#{slot}" if order is None else order,
            item=_text(event.get("item_id")),
            channel=_text(event.get("channel")) if role in _CONTACT else None,
            units=_whole(1.0 if quantity is None else abs(quantity)),
            money=_whole(abs(amount or 0.0)),
            discount=_whole(max(_finite(event.get("discount")) or 0.0, 0.0)),
            seconds=_whole(min(seconds, self._dwell) if role == _VIEW else seconds),
        )


def _moment(value: Value) -> int:
    if not isinstance(value, int):
        raise TypeError(f"a moment is whole microseconds since 1970, not {value!r}")
    return value


def _finite(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) < LARGEST else None


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _whole(value: float) -> float:
    return float(floor(value * FIXED + 0.5))
