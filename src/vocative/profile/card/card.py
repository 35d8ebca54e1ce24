"""The 360° profile of one person: what is known, since when and from where, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from vocative.facts.one_person import events_of, require_known, versions_of
from vocative.facts.scope import ROLES
from vocative.facts.sources import Sources
from vocative.profile.affinity import build_affinities
from vocative.profile.batch import build_features
from vocative.profile.card.known_facts import CardFact, bought_facts, inferred_facts, told_facts
from vocative.profile.card.reach import Reach, reachability
from vocative.profile.card.timeline import Moment, timeline
from vocative.records.results import Permission
from vocative.records.settings import Role, Settings
from vocative.stats.calendars import zone_or_none
from vocative.store.protocols import Engine

_EVENTS_READ = 5_000
_SERVICE_ROLES: tuple[Role, ...] = ("purchase", "return")


class CardAffinity(Struct, frozen=True, kw_only=True):
    """What the person likes more (or less) than others do; see `vocative.profile.affinity`."""

    attribute: str
    value: str
    affinity: float
    share: float
    support: float


class Card(Struct, frozen=True, kw_only=True):
    """Everything on one page. `moment` is microseconds since 1970 UTC; nothing known later is on it."""

    person_id: str
    moment: int
    timezone: str
    timezone_known: bool
    """Whether it is the person's own zone; else it is that of the business."""
    profiled: bool
    """Whether the person allowed personalization; if not, nothing is inferred and no behaviour but orders is shown."""
    invented: list[str]
    """Which of the data is invented (a demonstration, a simulation)."""
    facts: list[CardFact]
    timeline: list[Moment]
    affinities: list[CardAffinity]
    features: dict[str, float]
    permissions: list[Permission]
    reachability: list[Reach]


def profile_card(
    engine: Engine,
    sources: Sources,
    settings: Settings,
    permissions: Sequence[Permission],
    person_id: str,
    moment: int,
    *,
    latest: int = 20,
    features: Mapping[str, float] | None = None,
    affinities: pa.Table | None = None,
) -> Card:
    """Gather the profile of one person.

    Args:
        engine: runs the queries.
        sources: the tables; the person counts as profiled if `sources.allowed` holds them.
        settings: what events mean, the channels, the zone of the business.
        permissions: permission records; those of other people are ignored.
        person_id: whose card.
        moment: only what was known before it is shown (µs since 1970 UTC).
        latest: entries of the timeline.
        features: the person's features, if they have been built for this moment; else they are computed.
        affinities: a table as `build_affinities` returns it, if there is one for this moment; else it is computed.

    Raises:
        UnknownPersonError: nothing is known of such a person.
    """
    scope = sources.scope(moment, settings)
    profiled = person_id in set(sources.allowed["person_id"].to_pylist())
    roles = tuple(role for role in ROLES if role != "shown") if profiled else _SERVICE_ROLES
    names = {name: role for role in roles for name in settings.events.get(role, [])}
    versions = versions_of(engine, sources, scope, person_id)
    events = events_of(engine, sources, scope, person_id, sorted(names), _EVENTS_READ)
    require_known(versions, events, person_id)
    told = told_facts(versions, moment)
    zone = next((fact.value for fact in told if fact.name == "timezone" and not fact.doubt), None)
    zone = zone_or_none(zone)
    if profiled and features is None:
        features = _features(engine, sources, settings, person_id, moment)
    if profiled and affinities is None:
        affinities = build_affinities(engine, sources, settings, moment)
    known = dict(features or {}) if profiled else {}
    return Card(
        person_id=person_id,
        moment=moment,
        timezone=zone or settings.business.timezone,
        timezone_known=zone is not None,
        profiled=profiled,
        invented=list(settings.business.invented),
        facts=[*told, *bought_facts(events, names, moment), *inferred_facts(known)],
        timeline=timeline(events, names, zone or settings.business.timezone)[:latest],
        affinities=_affinities(affinities, person_id) if profiled and affinities is not None else [],
        features=known,
        permissions=_permissions(permissions, person_id, moment),
        reachability=reachability(told, permissions, settings, person_id, moment),
    )


def _features(engine: Engine, sources: Sources, settings: Settings, person_id: str, moment: int) -> dict[str, float]:
    table = build_features(engine, sources, settings, [moment])
    mine = table.filter(pc.equal(table["person_id"], pa.scalar(person_id, pa.string()))).to_pylist()
    return {
        name: value
        for row in mine
        for name, value in row.items()
        if name not in ("moment", "person_id") and value is not None
    }


def _affinities(table: pa.Table, person_id: str) -> list[CardAffinity]:
    mine = table.filter(pc.equal(table["person_id"], pa.scalar(person_id, pa.string()))).to_pylist()
    mine.sort(key=lambda row: (row["attribute"], -row["affinity"], row["value"]))
    fields = CardAffinity.__struct_fields__
    return [CardAffinity(**{field: row[field] for field in fields}) for row in mine]


def _permissions(records: Sequence[Permission], person_id: str, moment: int) -> list[Permission]:
    mine = [record for record in records if record.user_id == person_id and max(record.at, record.known_at) <= moment]
    return sorted(mine, key=lambda record: (record.purpose, record.channel, -record.at))
