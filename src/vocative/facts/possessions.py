"""What people had, however long ago: categories they bought or used, offers they redeemed or were invited to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

import pyarrow as pa

from vocative.facts.facts import PERMITTED
from vocative.facts.grain import select
from vocative.facts.items import CATALOGUE
from vocative.facts.scope import CODES, Scope
from vocative.facts.sources import Sources
from vocative.records.settings import Role
from vocative.stats.calendars import DAY_US
from vocative.store.protocols import Engine


def days_had(engine: Engine, sources: Sources, scope: Scope, named: pa.Table) -> dict[str, dict[str, int]]:
    """On how many days those who may be profiled bought or used something, or did what matters most to the business.

    Args:
        engine: Runs the query.
        sources: The tables.
        scope: The moment.
        named: Items that are asked about: columns `person_id` and `item`.

    Returns:
        Person → category, item that is asked about, or the empty name for anything at all → days (UTC). What was sent
        back was had.
    """
    roles = {role for role in ("purchase", "use", scope.settings.business.main_act) if role is not None}
    had = f"""SELECT known.person_id, item_id AS item, catalogue.category, us // {DAY_US} AS day
FROM permitted_events JOIN known ON known.who = permitted_events.who
LEFT JOIN catalogue ON catalogue.item = permitted_events.item_id
WHERE role IN ({", ".join(str(CODES[role]) for role in sorted(roles))})"""
    counted = """SELECT person_id, category AS thing, count(DISTINCT day) AS days FROM had
WHERE category IS NOT NULL GROUP BY ALL
UNION ALL
SELECT had.person_id, had.item, count(DISTINCT day) FROM had
SEMI JOIN named ON named.person_id = had.person_id AND named.item = had.item GROUP BY ALL
UNION ALL
SELECT person_id, '', count(DISTINCT day) FROM had GROUP BY ALL"""
    query = "SELECT person_id, list(thing) AS things, list(days) AS days FROM counted GROUP BY 1"
    sql = select([PERMITTED, CATALOGUE], scope, query, had=had, counted=counted)
    found = engine.query(sql, {**sources.relations(), "named": named})
    return {str(row["person_id"]): dict(zip(row["things"], row["days"], strict=True)) for row in found.to_pylist()}


def offers_named(
    engine: Engine, sources: Sources, scope: Scope, answer: Literal["redeemed", "invited"]
) -> dict[str, frozenset[str]]:
    """Person → the offers that events of theirs name as redeemed, or as what they were invited to."""
    query = f"""SELECT known.person_id, list(DISTINCT {answer}) AS found
FROM permitted_events JOIN known ON known.who = permitted_events.who
WHERE {answer} IS NOT NULL GROUP BY known.person_id"""
    return _by_person(engine, sources, select([PERMITTED], scope, query))


class Done(NamedTuple):
    """An act with an item, as it became known."""

    since: int
    """When it was known, µs UTC."""
    item: str | None
    category: str | None


def done_since(
    engine: Engine, sources: Sources, scope: Scope, roles: Sequence[Role], since: int, late_days: int
) -> dict[str, list[Done]]:
    """Person → acts of some roles that have become known since a moment, of those who may be profiled.

    Args:
        engine: Runs the query.
        sources: The tables.
        scope: The moment up to which is looked.
        roles: What counts.
        since: From when on, µs UTC.
        late_days: What happened longer before than that and became known only now is left out.
    """
    query = f"""SELECT known.person_id, permitted_events.known AS since, item_id AS item, category
FROM permitted_events JOIN known ON known.who = permitted_events.who
LEFT JOIN catalogue ON catalogue.item = permitted_events.item_id
WHERE role IN ({", ".join(str(CODES[role]) for role in roles) or "NULL"})
  AND permitted_events.known >= {since} AND us >= {since - late_days * DAY_US}"""
    found: defaultdict[str, list[Done]] = defaultdict(list)
    for row in engine.query(select([PERMITTED, CATALOGUE], scope, query), sources.relations()).to_pylist():
        found[str(row["person_id"])].append(Done(row["since"], row["item"], row["category"]))
    return found


def _by_person(engine: Engine, sources: Sources, sql: str) -> dict[str, frozenset[str]]:
    found = engine.query(sql, sources.relations())
    return {str(row["person_id"]): frozenset(row["found"]) for row in found.to_pylist()}
