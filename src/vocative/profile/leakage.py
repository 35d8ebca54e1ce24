"""Plants a future and looks whether rows of the past know it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import pyarrow as pa

from vocative.facts.scope import moment_literal, text_literal
from vocative.facts.sources import Sources
from vocative.profile.batch import build_features
from vocative.profile.feature import Feature
from vocative.profile.standard.standard import STANDARD
from vocative.records.settings import Settings
from vocative.store.protocols import Engine

_HOUR_US = 3_600_000_000
_ZONE = "Pacific/Kiritimati"


class Leak(NamedTuple):
    """A feature of a person that changed though only the future did; `before` and `after` are the two values."""

    feature: str
    person_id: str
    before: float | None
    after: float | None


def find_leaks(
    engine: Engine,
    sources: Sources,
    settings: Settings,
    moment: int,
    *,
    features: Sequence[Feature] = STANDARD,
    people: int = 100,
) -> list[Leak]:
    """Compare rows at a moment with and without a planted future.

    Planted are, for some people who may be profiled: their own events again, happening at or after the moment or
    known only from it on; an event of every name at the very moment; and new versions of every person and item, with
    another zone, country, language, category, brand, price and stock: such as hold from the moment on, such as
    are learnt only then of what was long so, and such as were announced before.

    Args:
        engine: runs the queries.
        sources: the real tables; they are read, not changed.
        settings: what events mean.
        moment: microseconds since 1970 UTC; best somewhere in the middle of the history.
        features: what to test.
        people: how many people to look at.

    Returns:
        Every feature and person whose value changed, empty if the features are sound. A row that appears or vanishes
        shows as a change of all its values.
    """
    present = _sample(engine, sources.unstaged(), people)
    future = plant(engine, present, settings, moment)
    before, after = (
        _rows(build_features(engine, each, settings, [moment], features=features)) for each in (present, future)
    )
    leaks = []
    for person in sorted(before.keys() | after.keys()):
        for feature in features:
            old = before.get(person, {}).get(feature.name)
            new = after.get(person, {}).get(feature.name)
            if not _same(old, new):
                leaks.append(Leak(feature.name, person, old, new))
    return leaks


def plant(engine: Engine, sources: Sources, settings: Settings, moment: int) -> Sources:
    """The same tables with a future added, none of which was known before the moment (µs since 1970 UTC)."""
    return replace(
        sources,
        events=engine.query(_events(settings, moment), sources.relations()),
        people=engine.query(_people(moment), sources.relations()),
        items=engine.query(_items(moment), sources.relations()),
    )


def _sample(engine: Engine, sources: Sources, people: int) -> Sources:
    allowed = engine.query(
        f"SELECT DISTINCT person_id FROM allowed ORDER BY hash(person_id), person_id LIMIT {people}",
        sources.relations(),
    )
    theirs = """SELECT person_id AS account FROM allowed
UNION SELECT substr(alias, 6) FROM identity JOIN allowed USING (person_id) WHERE alias LIKE 'user:%'"""
    devices = "SELECT substr(alias, 11) FROM identity JOIN allowed USING (person_id) WHERE alias LIKE 'anonymous:%'"
    some = replace(sources, allowed=allowed)
    events = engine.query(
        f"SELECT * FROM events WHERE user_id IN ({theirs}) OR anonymous_id IN ({devices})", some.relations()
    )
    versions = engine.query(f"SELECT * FROM people WHERE user_id IN ({theirs})", some.relations())
    return replace(some, events=events, people=versions)


def _events(settings: Settings, moment: int) -> str:
    names = sorted({name for names in settings.events.values() for name in names})
    every = ", ".join(f"({text_literal(name)})" for name in names) or "('')"
    louder = "amount * 7 + 1 AS amount, quantity * 3 + 1 AS quantity, 'planted-' || item_id AS item_id"
    now, later = moment_literal(moment), moment_literal(moment + _HOUR_US)
    return f"""SELECT * FROM events
UNION ALL BY NAME
SELECT * REPLACE ('later-' || message_id AS message_id, {later} AS timestamp, {later} AS known_at, {louder}) FROM events
UNION ALL BY NAME
SELECT * REPLACE ('learnt-' || message_id AS message_id, {now} AS known_at, {louder}) FROM events
UNION ALL BY NAME
SELECT events.* REPLACE (
    'edge-' || name || message_id AS message_id, name AS event, {now} AS timestamp, {now} AS known_at, {louder}
  )
FROM (SELECT * FROM events QUALIFY row_number() OVER (PARTITION BY user_id, anonymous_id ORDER BY message_id) = 1)
  AS events, (VALUES {every}) AS every(name)"""


def _people(moment: int) -> str:
    changed = f"""{text_literal(_ZONE)} AS timezone, 'KI' AS country, 'gil' AS language, 'planted' AS first_name,
  DATE '1901-01-01' AS birth_date, '{{"planted": true}}' AS traits"""
    return _versions("people", changed, moment)


def _items(moment: int) -> str:
    changed = """'planted' AS category, 'planted' AS brand, coalesce(price, 1) * 7 + 1 AS price, 0.0 AS margin,
  0.0 AS stock, '{"planted": true}' AS attributes"""
    return _versions("items", changed, moment)


def _versions(table: str, changed: str, moment: int) -> str:
    """All versions, and each again with other facts: of the moment, learnt only then, and announced for then."""
    now = moment_literal(moment)
    sql = f"SELECT * FROM {table}"
    for name, timestamp, known in (("now", now, now), ("late", "timestamp", now), ("early", now, "known_at")):
        sql += f"""
UNION ALL BY NAME
SELECT * REPLACE (
  'planted-{name}-' || version_id AS version_id, {timestamp} AS timestamp, {known} AS known_at, {changed}
) FROM {table}"""
    return sql


def _rows(table: pa.Table) -> dict[str, dict[str, float | None]]:
    return {str(row["person_id"]): row for row in table.drop_columns(["moment"]).to_pylist()}


def _same(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    # Sums over the population may be added up in another order.
    return abs(old - new) <= 1e-9 * max(1.0, abs(old))
