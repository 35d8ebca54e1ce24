"""The facts of one moment, computed once: whoever asks about it or a moment before reads what is there already."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from vocative.facts.attribution import ACCOUNTS, DEVICES, attributed
from vocative.facts.grain import select
from vocative.facts.items import item_versions
from vocative.facts.people import person_versions
from vocative.facts.scope import text_literal
from vocative.facts.sources import Sources
from vocative.records.settings import Settings
from vocative.store.protocols import Engine

_USER, _DEVICE = "user:", "anonymous:"


def stage(engine: Engine, sources: Sources, settings: Settings, moment: int) -> Sources:
    """The sources with everything that was known before the moment (µs UTC) attributed and staged by the engine.

    They answer for that moment and all before it. Events, people and items are read once each.
    """
    scope = sources.scope(moment, settings, ever=True)
    relations = sources.relations()
    staged = {
        "attributed_events": engine.stage(select([ACCOUNTS, DEVICES], scope, attributed(scope)), relations),
        "person_versions": engine.stage(select([ACCOUNTS], scope, person_versions(scope)), relations),
        "item_versions": engine.stage(item_versions(scope), relations),
    }
    return replace(sources, staged=staged)


def stage_some(engine: Engine, sources: Sources, settings: Settings, moment: int, among: Collection[str]) -> Sources:
    """The same of some people alone, of nobody else; the catalogue is read when it is asked for."""
    scope = sources.scope(moment, settings, ever=True)
    relations = sources.relations()
    accounts, devices = identifiers(sources.identity, among)
    users = f"user_id IN ({_list(accounts)})"
    condition = f"{users} OR anonymous_id IN ({_list(devices)})" if devices else users
    found = {
        "attributed_events": engine.query(
            select(
                [ACCOUNTS, DEVICES],
                scope,
                f"SELECT * FROM ({attributed(scope, condition)}) AS theirs WHERE person_id IN ({_list(sorted(among))})",
            ),
            relations,
        ),
        "person_versions": engine.query(select([ACCOUNTS], scope, person_versions(scope, users)), relations),
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
