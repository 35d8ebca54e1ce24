"""How well each person and the business know each other, as was known at the moment of a scene."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from vocative.facts.facts import FACTS
from vocative.facts.grain import with_clause
from vocative.facts.people import KNOWN
from vocative.facts.scope import CODES
from vocative.line.snapshot.people import LINKED
from vocative.line.snapshot.snapshot import Scene
from vocative.predict.history.main_role import main_role
from vocative.profile.declared import TRAITS
from vocative.records.lake_tables import EVENTS
from vocative.records.results import Permission
from vocative.records.settings import Role
from vocative.store.permissions import owners_of, read_permissions
from vocative.trust.relationship import (
    RETURNS_DAYS,
    STRANGE,
    YEAR_DAYS,
    Acts,
    Relationship,
    preferences_set,
    relationship,
    withdrawals,
)
from vocative.workspace.opening import Workspace

_DAY_US = 86_400_000_000
_LINE = chr(31)
_DECLARING = ("likes", "dislikes", "frequency")
"""Traits in which people tell the business what they would like."""

_TELLING: tuple[Role, ...] = ("reply", "wish", "return", "complaint")
"""What is looked at besides what matters most to the business; looks and clicks, most of all events, tell nothing."""

# A day of wishes is one telling, and a day with returns is one return: a basket may have many lines.
_BEHAVED_SQL = f"""
acted AS (
  SELECT known.person_id, role, us, coalesce(order_key, CAST(us // {_DAY_US} AS VARCHAR)) AS act,
    ($moment - us) / {_DAY_US}.0 AS days
  FROM facts JOIN known ON known.who = facts.who
  WHERE role IN ($main, {", ".join(str(CODES[role]) for role in _TELLING)})
),
behaved AS (
  SELECT person_id,
    count(DISTINCT act) FILTER (WHERE role = $main AND days <= {YEAR_DAYS}) AS visits,
    coalesce(max(days) FILTER (WHERE role = $main), 0.0) AS known_days,
    count(DISTINCT us) FILTER (WHERE role = {CODES["reply"]} AND days <= {YEAR_DAYS}) AS replies,
    count(DISTINCT act) FILTER (WHERE role = {CODES["wish"]}) AS wishes,
    count(DISTINCT act) FILTER (WHERE role = {CODES["return"]} AND days <= {RETURNS_DAYS}) AS returns,
    count(DISTINCT act) FILTER (WHERE role = $main AND days <= {RETURNS_DAYS}) AS lately,
    min(days) FILTER (WHERE role = {CODES["return"]}) AS returned,
    list(DISTINCT days) FILTER (WHERE role = {CODES["complaint"]}) AS complaints
  FROM acted GROUP BY person_id
),
declared AS (
  SELECT person_id, traits FROM newest_traits WHERE age = 1
)
SELECT coalesce(behaved.person_id, declared.person_id) AS person_id, behaved.* EXCLUDE (person_id),
  {" + ".join(f"CAST(json_exists(declared.traits, '$.{name}') AS INTEGER)" for name in _DECLARING)} AS declared
FROM behaved FULL JOIN declared ON declared.person_id = behaved.person_id
ORDER BY 1
"""
_COMPLAINED_SQL = f"""
WITH {LINKED},
complaints AS (
  SELECT coalesce(linked.person_id, events.user_id) AS person_id,
    (epoch_us(make_timestamptz($moment)) - epoch_us(events.timestamp)) / {_DAY_US}.0 AS days
  FROM events LEFT JOIN linked ON linked.user_id = events.user_id
  WHERE list_contains(string_split($names, chr(31)), events.event)
    AND list_contains(string_split($channels, chr(31)), events.channel)
    AND events.timestamp < make_timestamptz($moment) AND events.known_at < make_timestamptz($moment)
    AND NOT events.not_me AND NOT contains(',' || events.doubts, ',row:')
)
SELECT complaints.person_id, list(DISTINCT days) AS complaints
FROM complaints SEMI JOIN others ON others.person_id = complaints.person_id
GROUP BY 1
"""


def relationships(scene: Scene) -> dict[str, Relationship]:
    """The relationship of everybody who allowed personalization or is strained; who is missing is a stranger.

    Of people without permission for personalization only what they themselves said about being written to is read:
    permissions they took back, and complaints that came by a channel messages go over.
    """
    return scene.once("relationships", _relationships)


def acts_of(scene: Scene) -> Mapping[str, Acts]:
    """What relationships rest on, of everybody of whom anything may be read."""
    profiled, others = scene.once("acts", _acts_of)
    return {**others, **profiled}


def _acts_of(scene: Scene) -> tuple[dict[str, Acts], dict[str, Acts]]:
    with scene.workspace.stores.ledger.transaction() as transaction:
        said = read_permissions(transaction, None if scene.among is None else sorted(scene.among))
    return _profiled(scene, said), _unprofiled(scene, said)


def _relationships(scene: Scene) -> dict[str, Relationship]:
    profiled, others = scene.once("acts", _acts_of)
    strained = {person: one for person, acts in others.items() if (one := relationship(acts)).state == "strained"}
    return strained | {person: relationship(acts) for person, acts in profiled.items()}


def relationship_of(workspace: Workspace, person_id: str, now: int) -> Relationship:
    """How well one person and the business knew each other at `now` (µs UTC)."""
    with workspace.stores.ledger.transaction() as transaction:
        person = owners_of(transaction, [person_id]).get(person_id, person_id)
    return relationships(Scene(workspace, now, among=[person])).get(person, STRANGE)


def _profiled(scene: Scene, said: Iterable[Permission]) -> dict[str, Acts]:
    said = list(said)
    settings, sources = scene.workspace.settings, scene.sources
    scope = sources.scope(scene.now, settings)
    main = main_role(settings)
    parts = ", ".join(with_clause([FACTS, TRAITS, KNOWN], scope))
    rows = scene.workspace.stores.engine.query(
        f"WITH {parts}, {_BEHAVED_SQL}",
        sources.relations(),
        {"moment": scene.now, "main": -1 if main is None else CODES[main]},
    )
    allowed = {str(person) for person in sources.allowed["person_id"].to_pylist()}
    withdrawn, preferences = withdrawals(said, scene.now), preferences_set(said, scene.now)
    behaved = {str(row["person_id"]): row for row in rows.to_pylist()}
    return {
        person: _acts(behaved.get(person, {}), withdrawn.get(person, ()), preferences.get(person, 0))
        for person in allowed
    }


def _not_allowed(scene: Scene) -> pa.Table:
    """Those of the scene who did not allow personalization: one column `person_id`."""
    allowed = set(scene.sources.allowed["person_id"].to_pylist())
    others = [person for row in scene.people.rows if (person := str(row["person_id"])) not in allowed]
    return pa.table({"person_id": pa.array(others, pa.string())})


def _acts(row: Mapping[str, object], opt_outs: tuple[float, ...], preferences: int) -> Acts:
    complaints, returned = row.get("complaints"), row.get("returned")
    return Acts(
        visits=_count(row, "visits"),
        known_days=float(str(row.get("known_days") or 0.0)),
        replies=_count(row, "replies"),
        told=_count(row, "wishes") + _count(row, "declared") + preferences,
        returns=_count(row, "returns"),
        lately=_count(row, "lately"),
        returned=None if returned is None else float(str(returned)),
        complaints=tuple(complaints) if isinstance(complaints, list) else (),
        opt_outs=opt_outs,
    )


def _count(row: Mapping[str, object], name: str) -> int:
    return int(str(row.get(name) or 0))


def _unprofiled(scene: Scene, said: Iterable[Permission]) -> dict[str, Acts]:
    settings = scene.workspace.settings
    found = {person: Acts(opt_outs=days) for person, days in withdrawals(said, scene.now).items()}
    names = settings.events.get("complaint", [])
    if not names:
        return found
    rows = scene.workspace.stores.engine.query(
        _COMPLAINED_SQL,
        {
            "events": scene.workspace.stores.lake.scan(EVENTS),
            "identity": scene.identity,
            "others": _not_allowed(scene),
        },
        {"moment": scene.now, "names": _LINE.join(names), "channels": _LINE.join(settings.channels)},
    )
    for row in rows.to_pylist():
        person = str(row["person_id"])
        found[person] = found.get(person, Acts())._replace(complaints=tuple(row["complaints"]))
    return found
