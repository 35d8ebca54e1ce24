"""Everybody who is known at a moment: of each person the newest of each field."""

from __future__ import annotations

import pyarrow as pa

from vocative.facts.attribution import ATTRIBUTED
from vocative.facts.grain import select
from vocative.facts.people import PERSON_FIELDS, PERSON_VERSIONS
from vocative.facts.scope import Scope
from vocative.facts.sources import Sources
from vocative.store.protocols import Engine

FREQUENCY = "frequency"
"""The trait in which a person says how many marketing messages in thirty days they want at most."""
DISCOVERY = "discovery"
"""The trait in which a person says how much that is new to them they want to see."""


def newest_people(engine: Engine, sources: Sources, scope: Scope) -> pa.Table:
    """Everybody of whom there is a version of their data or an event, as known at the moment, sorted by person.

    Returns:
        Columns `person_id`, those of `PERSON_FIELDS`, `frequency` and `discovery`: of each the newest value that is not
        in doubt. A version that leaves a field out does not take it back.
    """
    return engine.query(select([PERSON_VERSIONS, ATTRIBUTED], scope, _query(scope)), sources.relations())


def _query(scope: Scope) -> str:
    traits = {name: f"json_extract_string(traits, '$.{name}')" for name in (FREQUENCY, DISCOVERY)}
    values = {**{name: name for name in PERSON_FIELDS}, **traits}
    newest = ", ".join(
        f"arg_max({value}, place) FILTER (WHERE {value} IS NOT NULL) AS {name}" for name, value in values.items()
    )
    return f"""SELECT coalesce(newest.person_id, seen.person_id) AS person_id, {", ".join(values)}
FROM (
  SELECT person_id, {newest} FROM (
    SELECT *, row_number() OVER (ORDER BY us, person_versions.known, version_id) AS place
    FROM person_versions WHERE us < {scope.moment} AND person_versions.known < {scope.moment}
  ) AS numbered GROUP BY person_id
) AS newest
FULL JOIN (
  SELECT DISTINCT person_id FROM attributed_events
  WHERE person_id IS NOT NULL AND us < {scope.moment} AND attributed_events.known < {scope.moment}
) AS seen ON seen.person_id = newest.person_id
ORDER BY 1"""
