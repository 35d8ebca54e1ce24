"""Whose an event is: the one place where identifiers become people.

An event belongs to the person its `user_id` is linked to, or to `user_id` itself; without one to the person its
`anonymous_id` is linked to, or to nobody. An identifier that is in doubt is none.
"""

from __future__ import annotations

from collections.abc import Sequence

from vocative.facts.grain import Grain
from vocative.facts.scope import FOR_GOOD, Scope, moment_literal, text_literal

_TEXTS = ("order_id", "session_id", "item_id", "channel")
_NUMBERS = ("quantity", "amount", "discount", "duration")


def usable(column: str) -> str:
    """A column of a row with `doubts`, NULL where it is in doubt."""
    return f"CASE WHEN doubts = '' OR NOT contains(',' || doubts, ',{column}:') THEN {column} END"


def sound() -> str:
    """Whether a row with `doubts` may be used at all."""
    return "(doubts = '' OR NOT (contains(',' || doubts, ',row:') OR contains(',' || doubts, ',timestamp:')))"


def _linked(prefix: str, column: str) -> str:
    return f"""SELECT substr(alias, {len(prefix) + 1}) AS {column}, min(person_id) AS person_id
FROM identity WHERE alias LIKE '{prefix}%' GROUP BY alias"""


ACCOUNTS = Grain("accounts", lambda _: _linked("user:", "account"))
"""`account` → `person_id` of the business's identifiers that belong to another person; all others are people."""
DEVICES = Grain("devices", lambda _: _linked("anonymous:", "device"))
"""`device` (an anonymous identifier) → `person_id`."""


def attributed(scope: Scope, condition: str = "TRUE") -> str:
    """The query of the grain `attributed_events`, of the events that meet a condition over the columns of events."""
    settings, moment = scope.settings, moment_literal(scope.moment)
    columns = ", ".join(f"{usable(name)} AS {name}" for name in (*_TEXTS, *_NUMBERS))
    known, until, marks = "epoch_us(known_at)", str(FOR_GOOD), ""
    if scope.marks != "none":
        known, until = f"greatest({known}, coalesce(marks.since, 0))", f"coalesce(marks.until, {until})"
        marks = "\n  LEFT JOIN marks ON marks.message_id = events.message_id"
    position = _property(settings.events.get("shown", ()), settings.lists.place_key)
    redeemed = _property(settings.events.get("redeem", ()), settings.offers.redeemed_key)
    invited = _property([settings.offers.invited_by] if settings.offers.invited_by else (), settings.offers.invited_key)
    return f"""SELECT message_id, coalesce(accounts.person_id, recorded.account, devices.person_id) AS person_id,
  CASE WHEN recorded.account IS NOT NULL THEN 'user' WHEN devices.person_id IS NOT NULL THEN 'device' END AS link,
  event, us, recorded.known, recorded.until, not_me, sound, {", ".join((*_TEXTS, *_NUMBERS))},
  TRY_CAST(position AS DOUBLE) AS position, redeemed, invited
FROM (
  SELECT events.message_id, event, epoch_us(timestamp) AS us, {known} AS known, {until} AS until, not_me,
    {sound()} AS sound, {usable("user_id")} AS account, {usable("anonymous_id")} AS device,
    {columns}, {position} AS position, {redeemed} AS redeemed, {invited} AS invited
  FROM events{marks}
  WHERE timestamp < {moment} AND known_at < {moment} AND ({condition})
) AS recorded
LEFT JOIN accounts ON accounts.account = recorded.account
LEFT JOIN devices ON devices.device = CASE WHEN recorded.account IS NULL THEN recorded.device END"""


def _property(names: Sequence[str], key: str) -> str:
    """A property of events of some names, as text."""
    if not names:
        return "CAST(NULL AS VARCHAR)"
    every = ", ".join(text_literal(name) for name in names)
    path = text_literal(f'$."{key}"')
    return f"CASE WHEN event IN ({every}) THEN json_extract_string(properties, {path}) END"


ATTRIBUTED = Grain("attributed_events", attributed, (ACCOUNTS, DEVICES))
"""Every event known before the moment with the person it belongs to (`person_id`, NULL: nobody) and by which `link`.

`us` and `known` are when it happened and when it was known, `until` up to when it was the person's own (µs UTC): an
event that was marked as somebody else's and back again has a row for each span. `not_me` and `sound` say whether it was
marked as it came, and whether it may be used at all; a field in doubt is NULL. `position`, `redeemed` and `invited` are
the properties of what was shown, of offers that were used, and of offers somebody was invited to.
"""


def own(scope: Scope) -> str:
    """The condition under which an attributed event had happened, was known and was somebody's own at the moment."""
    until = f" AND until >= {scope.moment}" if scope.marks != "ever" else ""
    moment = f"us < {scope.moment} AND attributed_events.known < {scope.moment}"
    return f"NOT not_me AND sound AND {moment}{until}"
