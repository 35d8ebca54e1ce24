"""How much there is: counts over everybody's events that count at a moment, whatever people allowed."""

from __future__ import annotations

from typing import NamedTuple

from vocative.facts.facts import OWN
from vocative.facts.grain import select
from vocative.facts.items import CATALOGUE
from vocative.facts.scope import CODES, Scope, text_literal
from vocative.facts.sources import Sources
from vocative.store.protocols import Engine, Relation

_DAY_US = 86_400_000_000


class Counts(NamedTuple):
    """Counts of events at one moment; what the business showed to people is none of theirs and is counted by name only.

    `first` and `newest` are moments (µs UTC). A purchase is no return; `repeaters` are people with purchases on two
    days or more, `with_category` is the share of purchases whose item has a category.
    """

    customers: int
    interactions: int
    first: int | None
    newest: int | None
    purchases: int
    repeaters: int
    with_category: float
    named: dict[str, int]
    """Name of an event → how many there are."""


def newest_event(engine: Engine, events: Relation, moment: int) -> int | None:
    """When the newest event before a moment happened, both µs UTC, whoever's it is; None if there was none.

    One column is looked at, so it may be asked before anything is staged.
    """
    query = """SELECT epoch_us(max(timestamp)) AS newest FROM events
WHERE timestamp < make_timestamptz($moment) AND known_at < make_timestamptz($moment)"""
    newest: int | None = engine.query(query, {"events": events}, {"moment": moment})["newest"][0].as_py()
    return newest


def count(engine: Engine, sources: Sources, scope: Scope) -> Counts:
    """Count what had happened, was known and counted at the moment of the scope."""
    row = engine.query(
        select([OWN, CATALOGUE], scope, _COUNTED, done=_done(scope), people=_PEOPLE), sources.relations()
    ).to_pylist()[0]
    return Counts(
        customers=int(row["customers"]),
        interactions=int(row["interactions"]),
        first=row["first"],
        newest=row["newest"],
        purchases=int(row["purchases"]),
        repeaters=int(row["repeaters"]),
        with_category=float(row["with_category"]),
        named=dict(row["named"] or ()),
    )


def _done(scope: Scope) -> str:
    shown = ", ".join(text_literal(name) for name in scope.settings.events.get("shown", ())) or "NULL"
    return f"""SELECT person_id, us, item_id, coalesce(role = {CODES["purchase"]}, FALSE) AS bought
FROM own_events WHERE coalesce(event NOT IN ({shown}), TRUE)"""


_PEOPLE = f"""SELECT person_id, count(DISTINCT CASE WHEN bought THEN us // {_DAY_US} END) AS days
FROM done WHERE person_id IS NOT NULL GROUP BY person_id"""
_COUNTED = """SELECT (SELECT count(*) FROM people) AS customers,
  (SELECT count(*) FROM people WHERE days > 1) AS repeaters,
  count(*) AS interactions, min(us) AS first, max(us) AS newest, count(*) FILTER (WHERE bought) AS purchases,
  coalesce(avg(CASE WHEN bought THEN CASE WHEN catalogue.category IS NOT NULL THEN 1.0 ELSE 0.0 END END), 0.0)
    AS with_category,
  (SELECT map_from_entries(list((event, number) ORDER BY event)) FROM (
    SELECT event, count(*) AS number FROM own_events GROUP BY event
  ) AS by_name) AS named
FROM done LEFT JOIN catalogue ON catalogue.item = done.item_id"""
