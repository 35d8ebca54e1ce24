"""What people did and said that tells how well they and the business know each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pyarrow as pa

from vocative.facts.facts import FACTS, OWN
from vocative.facts.grain import select
from vocative.facts.people import KNOWN, TRAITS
from vocative.facts.scope import CODES, Scope, text_literal
from vocative.facts.sources import Sources
from vocative.records.settings import Role
from vocative.store.protocols import Engine

_DAY_US = 86_400_000_000
_DECLARING = ("likes", "dislikes", "frequency")
"""Traits in which people tell the business what they would like."""

_TELLING: tuple[Role, ...] = ("reply", "wish", "return", "complaint")
"""What is looked at besides what matters most to the business; looks and clicks, most of all events, tell nothing."""


def behaviour(
    engine: Engine, sources: Sources, scope: Scope, main: Role | None, *, year_days: int, returns_days: int
) -> list[dict[str, object]]:
    """Of everybody who may be profiled and did or told something: what they did, sorted by person.

    Args:
        engine: Runs the query.
        sources: The tables.
        scope: The moment.
        main: The role of what matters most to the business.
        year_days: Over how many days visits and replies are counted.
        returns_days: Over how many days returns are counted, and visits beside them (`lately`).

    Returns:
        `person_id`; `visits`, `replies`, `wishes`, `returns`, `lately` and `declared` (counts); `known_days` since the
        first visit, `returned` days since the newest return, `complaints` (days since each).
    """
    code = -1 if main is None else CODES[main]
    # A day of wishes is one telling, and a day with returns is one return: a basket may have many lines.
    acted = f"""SELECT known.person_id, role, us, coalesce(order_key, CAST(us // {_DAY_US} AS VARCHAR)) AS act,
    ({scope.moment} - us) / {_DAY_US}.0 AS days
  FROM facts JOIN known ON known.who = facts.who
  WHERE role IN ({code}, {", ".join(str(CODES[role]) for role in _TELLING)})"""
    behaved = f"""SELECT person_id,
    count(DISTINCT act) FILTER (WHERE role = {code} AND days <= {year_days}) AS visits,
    coalesce(max(days) FILTER (WHERE role = {code}), 0.0) AS known_days,
    count(DISTINCT us) FILTER (WHERE role = {CODES["reply"]} AND days <= {year_days}) AS replies,
    count(DISTINCT act) FILTER (WHERE role = {CODES["wish"]}) AS wishes,
    count(DISTINCT act) FILTER (WHERE role = {CODES["return"]} AND days <= {returns_days}) AS returns,
    count(DISTINCT act) FILTER (WHERE role = {code} AND days <= {returns_days}) AS lately,
    min(days) FILTER (WHERE role = {CODES["return"]}) AS returned,
    list(DISTINCT days) FILTER (WHERE role = {CODES["complaint"]}) AS complaints
  FROM acted GROUP BY person_id"""
    query = f"""SELECT coalesce(behaved.person_id, declared.person_id) AS person_id, behaved.* EXCLUDE (person_id),
  {" + ".join(f"CAST(json_exists(declared.traits, '$.{name}') AS INTEGER)" for name in _DECLARING)} AS declared
FROM behaved FULL JOIN declared ON declared.person_id = behaved.person_id
ORDER BY 1"""
    sql = select(
        [FACTS, TRAITS, KNOWN], scope, query,
        acted=acted, behaved=behaved, declared="SELECT person_id, traits FROM newest_traits WHERE age = 1",
    )  # fmt: skip
    return engine.query(sql, sources.relations()).to_pylist()


def complaints(
    engine: Engine, sources: Sources, scope: Scope, people: Collection[str], channels: Sequence[str]
) -> dict[str, tuple[float, ...]]:
    """Days since each complaint that some people sent over a channel; whether they may be profiled is not asked."""
    if not channels or not scope.settings.events.get("complaint"):
        return {}
    query = f"""SELECT own_events.person_id, list(DISTINCT ({scope.moment} - us) / {_DAY_US}.0) AS days
FROM own_events SEMI JOIN complaining ON complaining.person_id = own_events.person_id
WHERE role = {CODES["complaint"]} AND channel IN ({", ".join(map(text_literal, channels))})
GROUP BY own_events.person_id"""
    asked = pa.table({"person_id": pa.array(sorted(people), pa.string())})
    found = engine.query(select([OWN], scope, query), {**sources.relations(), "complaining": asked})
    return {str(row["person_id"]): tuple(row["days"]) for row in found.to_pylist()}
