"""People: who they are as numbers, what was said of them and when, where they live, what they told."""

from __future__ import annotations

import pyarrow as pa

from vocative.facts.attribution import ACCOUNTS, usable
from vocative.facts.grain import Grain, select
from vocative.facts.scope import SLOT_US, Scope, moment_literal, text_literal
from vocative.facts.sources import Sources
from vocative.store.protocols import Engine

PERSON_FIELDS = ("email", "phone", "first_name", "gender", "language", "timezone", "country", "birth_date")
"""What is known of a person in columns; everything else stands in `traits`."""
NEWEST_FIRST = "us DESC, known DESC, version_id DESC"
"""The order of versions, of people as of items: what holds from later on; of two such, what was known later."""


def _known(_: Scope) -> str:
    # Small numbers instead of identifiers make every later grouping cheaper.
    return """SELECT person_id, CAST(row_number() OVER (ORDER BY person_id) AS INTEGER) AS who
FROM (SELECT DISTINCT person_id FROM allowed) AS permitted"""


def person_versions(scope: Scope, condition: str = "TRUE") -> str:
    """The query of the grain `person_versions`, of the versions that meet a condition over the columns of people."""
    moment = moment_literal(scope.moment)
    fields = ", ".join(f"{usable(name)} AS {name}" for name in (*PERSON_FIELDS, "traits"))
    return f"""SELECT coalesce(accounts.person_id, user_id) AS person_id, us, known, version_id,
  {", ".join((*PERSON_FIELDS, "traits"))}, source
FROM (
  SELECT user_id, epoch_us(timestamp) AS us, epoch_us(known_at) AS known, version_id, {fields}, source
  FROM people WHERE timestamp < {moment} AND known_at < {moment} AND ({condition})
    AND (doubts = '' OR NOT contains(',' || doubts, ',row:'))
) AS stated
LEFT JOIN accounts ON accounts.account = stated.user_id"""


def _homes(scope: Scope) -> str:
    return f"""SELECT known.who, coalesce(newest.timezone, {text_literal(scope.settings.business.timezone)}) AS zone
FROM known LEFT JOIN (
  SELECT person_id, timezone, row_number() OVER (PARTITION BY person_id ORDER BY {NEWEST_FIRST}) AS age
  FROM person_versions WHERE {_then(scope)} AND timezone IN (SELECT zone FROM offsets)
) AS newest ON newest.person_id = known.person_id AND newest.age = 1"""


def _traits(scope: Scope) -> str:
    return f"""SELECT person_id, traits, us AS told_at, source,
  row_number() OVER (PARTITION BY person_id ORDER BY {NEWEST_FIRST}) AS age
FROM person_versions SEMI JOIN known ON known.person_id = person_versions.person_id
WHERE {_then(scope)} AND traits IS NOT NULL"""


def _then(scope: Scope) -> str:
    return f"us < {scope.moment} AND person_versions.known < {scope.moment}"


KNOWN = Grain("known", _known)
"""Everybody who may have a row: `who`, `person_id`."""
PERSON_VERSIONS = Grain("person_versions", person_versions, (ACCOUNTS,))
"""Every version of people's data known before the moment, under the person it belongs to; a field in doubt is NULL."""
HOMES = Grain("homes", _homes, (KNOWN, PERSON_VERSIONS))
"""`who` → `zone`: the newest usable zone known before the moment, else the zone of the business."""
TRAITS = Grain("newest_traits", _traits, (KNOWN, PERSON_VERSIONS))
"""Versions of people's traits known before the moment; `age` 1 is the newest of each person."""


def newest_traits(engine: Engine, sources: Sources, scope: Scope) -> pa.Table:
    """The newest traits of people who may have a row, as long as they are not older than the history that is read.

    Returns:
        Columns `person_id`, `traits` (JSON), `told_at` (µs UTC) and `source`, sorted by person.
    """
    return engine.query(
        select(
            [TRAITS],
            scope,
            "SELECT person_id, traits, told_at, source FROM newest_traits "
            f"WHERE age = 1 AND told_at >= {scope.horizon * SLOT_US} ORDER BY person_id",
        ),
        sources.relations(),
    )


def zones_named(engine: Engine, sources: Sources, scope: Scope) -> set[str]:
    """Every zone that the people's data names."""
    query = "SELECT DISTINCT timezone FROM person_versions WHERE timezone IS NOT NULL"
    found = engine.query(select([PERSON_VERSIONS], scope, query), sources.relations())
    return {str(zone) for zone in found.column("timezone").to_pylist()}
