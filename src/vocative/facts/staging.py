"""The facts of one moment, computed once: whoever asks about it or a moment before reads what is there already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from vocative.facts.attribution import ATTRIBUTED, attributed
from vocative.facts.grain import select
from vocative.facts.items import ITEM_VERSIONS, item_versions
from vocative.facts.people import PERSON_VERSIONS, person_versions
from vocative.facts.scope import text_literal
from vocative.facts.sources import Sources
from vocative.records.settings import Settings
from vocative.store.protocols import Engine, Relation

_USER, _DEVICE = "user:", "anonymous:"


def stage(engine: Engine, sources: Sources, settings: Settings, moment: int) -> Sources:
    """The sources with everything that was known before the moment (µs UTC) attributed and staged by the engine.

    They answer for that moment and all before it. Events, people and items are read once each.
    """
    scope, tables = sources.scope(moment, settings, ever=True), sources.relations()
    events = select(ATTRIBUTED.needs, scope, attributed(scope))
    people = select(PERSON_VERSIONS.needs, scope, person_versions(scope))
    staged = {
        ATTRIBUTED.name: engine.stage(events, _some(tables, "events", "identity", "marks")),
        PERSON_VERSIONS.name: engine.stage(people, _some(tables, "people", "identity")),
        ITEM_VERSIONS.name: engine.stage(item_versions(scope), _some(tables, "items")),
    }
    return replace(sources, staged=staged)


def stage_some(engine: Engine, sources: Sources, settings: Settings, moment: int, among: Collection[str]) -> Sources:
    """The same of some people alone, in memory; the catalogue is read when it is asked for."""
    scope, tables = sources.scope(moment, settings, ever=True), sources.relations()
    accounts, devices = identifiers(sources.identity, among)
    users, wanted = f"user_id IN ({_list(accounts)})", f"person_id IN ({_list(sorted(among))})"
    theirs = attributed(scope, f"{users} OR anonymous_id IN ({_list(devices)})" if devices else users)
    # A device of theirs may have been used by somebody who said who they are.
    events = select(ATTRIBUTED.needs, scope, f"SELECT * FROM ({theirs}) AS theirs WHERE {wanted}")
    people = select(PERSON_VERSIONS.needs, scope, person_versions(scope, users))
    found = {
        ATTRIBUTED.name: engine.query(events, _some(tables, "events", "identity", "marks")),
        PERSON_VERSIONS.name: engine.query(people, _some(tables, "people", "identity")),
    }
    return replace(sources, staged=found)


def identifiers(identity: pa.Table, people: Collection[str]) -> tuple[list[str], list[str]]:
    """The user identifiers and the anonymous identifiers that belong to people, each sorted."""
    mine = identity.filter(pc.is_in(identity["person_id"], pa.array(sorted(people), pa.string())))
    aliases = [str(alias) for alias in mine["alias"].to_pylist()]
    elsewhere = {str(alias) for alias in identity["alias"].to_pylist()}
    users = {alias.removeprefix(_USER) for alias in aliases if alias.startswith(_USER)}
    users |= {person for person in people if f"{_USER}{person}" not in elsewhere}
    return sorted(users), sorted(alias.removeprefix(_DEVICE) for alias in aliases if alias.startswith(_DEVICE))


def _list(texts: Collection[str]) -> str:
    return ", ".join(text_literal(text) for text in texts) or "NULL"


def _some(tables: Mapping[str, Relation], *names: str) -> dict[str, Relation]:
    return {name: tables[name] for name in names}
