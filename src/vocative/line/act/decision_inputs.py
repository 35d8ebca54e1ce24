"""What deciding is told of each person beyond reachability: numbers to tell, segments, own hour, targets, offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vocative.facts.grain import select
from vocative.facts.items import CATALOGUE, names_of
from vocative.facts.offers import offers_at
from vocative.facts.possessions import days_had, offers_named
from vocative.line.act.channel_preference import best_hours, likings, reactions
from vocative.line.act.effects import effects
from vocative.line.act.list_targets import LENDS, arranged
from vocative.line.snapshot.people import Notes
from vocative.line.snapshot.preferences import wishes
from vocative.line.snapshot.snapshot import Scene
from vocative.line.understand.build import Understood
from vocative.line.understand.list_predictions import LISTED, NEW, UNTRIED
from vocative.predict.events.buys_28d import BUYS_28D
from vocative.records.acting import Offer, Target
from vocative.records.lake_tables import OFFERS
from vocative.records.settings import Campaign
from vocative.trust.claims import FEATURES
from vocative.trust.sayable import sayable_thing

ORDERS = "orders_365d"
_BASKET = "order_money_mean"
_HOUR_MODULE = "best_hour"
_LINE = chr(31)
_DAY_US = 86_400_000_000
_TARGET_COLUMNS = (
    *("person_id", "module", "target", "value", "support", "horizon_days", "category", "name"),
    *("typical_days", "because", "baseline", "untried"),
)

# What a person may be told that they had: what is predicted for them, and what is named as a reason.
_NAMED_SQL = """
SELECT DISTINCT person_id, unnest([target, json_extract_string(reasons, '$.because')]) AS item
FROM predictions WHERE run_id = $run
"""
_TARGETS_SQL = """
SELECT p.person_id, p.module, p.target, p.value, p.support, p.horizon_days, c.category, c.name,
  TRY_CAST(json_extract_string(p.reasons, '$.typical_days') AS DOUBLE) AS typical_days,
  json_extract_string(p.reasons, '$.because') AS because,
  CASE WHEN starts_with(p.version, 'baseline:') THEN substr(p.version, 10) ELSE '' END AS baseline,
  p.version = $untried OR json_extract_string(p.reasons, '$.kind') = $new AS untried
FROM predictions p SEMI JOIN allowed a ON a.person_id = p.person_id LEFT JOIN catalogue c ON c.item = p.target
WHERE p.run_id = $run AND list_contains(string_split($modules, chr(31)), p.module)
"""


def notes(scene: Scene, run_id: str, understood: Understood) -> dict[str, Notes]:
    """What is known of everybody who may be profiled at the moment of the scene."""
    campaigns = scene.workspace.campaigns
    numbers = _numbers(scene, run_id, understood, {name for campaign in campaigns for name in campaign.tells})
    segments = _segments(scene, run_id, understood) if any(campaign.segment for campaign in campaigns) else {}
    hours = _hours(scene, run_id, understood)
    liked, best = likings(scene, run_id, understood.predictions), best_hours(scene, run_id, understood.predictions)
    acts = acts_of(scene, run_id, understood)
    changed = effects(scene, run_id, understood.predictions)
    weighs_unread = scene.workspace.settings.worth.unread > 0.0
    reacts = reactions(scene, run_id, understood.predictions) if weighs_unread else {}
    invited = used = dict[str, frozenset[str]]()
    baskets = buys = dict[str, float]()
    if any(campaign.offers for campaign in campaigns):
        baskets = _baskets(scene, run_id, understood)
        buys = _buys(scene, run_id, understood)
        used, invited = redeemed(scene), invited_to(scene)
    return {
        person: Notes(
            numbers=mine,
            segments=segments.get(person, frozenset()),
            hour=hours.get(person),
            hours=best.get(person, {}),
            liking=liked.get(person, {}),
            acts=acts.get(person, {}).get("", 0),
            basket=baskets.get(person),
            buys=buys.get(person),
            reacts=reacts.get(person, {}),
            invited=invited.get(person, frozenset()),
            redeemed=used.get(person, frozenset()),
            effects=changed.get(person, {}),
        )
        for person, mine in numbers.items()
    }


def targets(scene: Scene, run_id: str, understood: Understood) -> dict[str, list[Target]]:
    """What is predicted for those who may be profiled, as far as a campaign rests on it; by person."""
    campaigns = [campaign for campaign in scene.workspace.campaigns if campaign.module]
    modules = {campaign.module for campaign in campaigns}
    acts = acts_of(scene, run_id, understood) if campaigns else {}
    found = scene.workspace.stores.engine.query(
        select([CATALOGUE], scene.sources.scope(scene.now, scene.workspace.settings), _TARGETS_SQL),
        {**scene.sources.relations(), "predictions": understood.predictions},
        {
            "run": run_id,
            "modules": _LINE.join(sorted({*modules, *(LENDS[one] for one in modules if one in LENDS)})),
            "untried": UNTRIED,
            "new": NEW,
        },
    )
    spoken = _spoken_as_items(campaigns)
    by_person: dict[str, list[Target]] = {}
    untried: dict[str, set[str]] = {}
    for row in zip(*(found[name].to_pylist() for name in _TARGET_COLUMNS), strict=True):
        person, module, target, _, _, _, _, name, *_ = row
        if module in spoken and sayable_thing(name) is None:
            continue
        by_person.setdefault(person, []).append(_target(row[1:-1], acts.get(person, {})))
        if row[-1]:
            untried.setdefault(person, set()).add(target)
    settings = scene.workspace.settings
    own = {person: one.discovery for person, one in wishes(scene).items()} if modules & {*LISTED} else {}
    return arranged(by_person, untried, LISTED, settings.lists, (str(settings.seed), str(scene.now // _DAY_US)), own)


def acts_of(scene: Scene, run_id: str, understood: Understood) -> dict[str, dict[str, int]]:
    """Person → category or item → days on which they bought or used it; the empty name: anything at all. Read once."""
    return scene.once(f"acts of {run_id}", lambda at: _acts(at, run_id, understood))


def offers(scene: Scene) -> list[Offer]:
    """Offers that hold at the moment of the scene, of which nothing is in doubt."""
    if not any(campaign.offers for campaign in scene.workspace.campaigns):
        return []
    stores, sources = scene.workspace.stores, scene.sources
    scope = sources.scope(scene.now, scene.workspace.settings)
    return offers_at(stores.engine, sources, stores.lake.scan(OFFERS), scope)


def item_names(scene: Scene, wanted: Iterable[str] | None = None) -> dict[str, str]:
    """The names in the catalogue of these items, or of all; one without a name is missing."""
    sources = scene.sources
    scope = sources.scope(scene.now, scene.workspace.settings)
    return names_of(scene.workspace.stores.engine, sources, scope, None if wanted is None else set(wanted))


def redeemed(scene: Scene) -> dict[str, frozenset[str]]:
    """Person → offers they have used; only people who may be profiled."""
    scope = scene.sources.scope(scene.now, scene.workspace.settings)
    return offers_named(scene.workspace.stores.engine, scene.sources, scope, "redeemed")


def invited_to(scene: Scene) -> dict[str, frozenset[str]]:
    """Person → actions whose offers they were invited to; only people who may be profiled."""
    scope = scene.sources.scope(scene.now, scene.workspace.settings)
    return offers_named(scene.workspace.stores.engine, scene.sources, scope, "invited")


def _target(row: Sequence[Any], acts: Mapping[str, int]) -> Target:
    module, target, value, support, horizon, category, _, typical, given, baseline = row
    # A thing is no reason for itself.
    because = "" if given is None or given in (category, target) else given
    return Target(
        module=module,
        target=target,
        probability=value,
        support=support,
        typical_days=typical,
        horizon_days=horizon,
        because=because,
        category=category or "",
        known=(category or target) in acts,
        times=acts.get(target, 0),
        category_times=acts.get(category or target, 0),
        because_times=acts.get(because, 0) if because else 0,
        baseline=baseline,
    )


def _spoken_as_items(campaigns: Iterable[Campaign]) -> set[str]:
    """The modules whose things a message calls by their own names; and those they lend from."""
    by_item = {campaign.module for campaign in campaigns if campaign.about == "item"}
    return by_item | {LENDS[one] for one in by_item if one in LENDS}


def _numbers(scene: Scene, run_id: str, understood: Understood, names: set[str]) -> dict[str, dict[str, float]]:
    wanted = sorted({ORDERS, *FEATURES, *names})
    columns = ", ".join(f"""features['{name}'] AS "{name}\"""" for name in wanted)
    found = scene.workspace.stores.engine.query(
        f"SELECT person_id, {columns} FROM features WHERE run_id = $run",
        {"features": understood.features},
        {"run": run_id},
    )
    return {row["person_id"]: {name: row[name] or 0.0 for name in wanted} for row in found.to_pylist()}


def _baskets(scene: Scene, run_id: str, understood: Understood) -> dict[str, float]:
    """What everybody spends at a purchase, where they have bought for money."""
    found = scene.workspace.stores.engine.query(
        "SELECT person_id, features[$basket] AS basket FROM features WHERE run_id = $run AND features[$basket] > 0",
        {"features": understood.features},
        {"run": run_id, "basket": _BASKET},
    )
    return {row["person_id"]: row["basket"] for row in found.to_pylist()}


def _buys(scene: Scene, run_id: str, understood: Understood) -> dict[str, float]:
    """The probability that each buys anything within 28 days, by whichever way acts."""
    found = scene.workspace.stores.engine.query(
        "SELECT person_id, value FROM predictions WHERE run_id = $run AND module = $module",
        {"predictions": understood.predictions},
        {"run": run_id, "module": BUYS_28D.name},
    )
    return {row["person_id"]: row["value"] for row in found.to_pylist()}


def _segments(scene: Scene, run_id: str, understood: Understood) -> dict[str, frozenset[str]]:
    found = scene.workspace.stores.engine.query(
        "SELECT person_id, list(segment) AS segments FROM segments WHERE run_id = $run AND kind = 'rule' GROUP BY 1",
        {"segments": understood.segments},
        {"run": run_id},
    )
    return {row["person_id"]: frozenset(row["segments"]) for row in found.to_pylist()}


def _hours(scene: Scene, run_id: str, understood: Understood) -> dict[str, int]:
    """The hour each person is usually about, only where that prediction has been admitted."""
    found = scene.workspace.stores.engine.query(
        "SELECT person_id, value FROM predictions "
        "WHERE run_id = $run AND module = $module AND NOT starts_with(version, 'baseline:')",
        {"predictions": understood.predictions},
        {"run": run_id, "module": _HOUR_MODULE},
    )
    return {row["person_id"]: int(row["value"]) % 24 for row in found.to_pylist()}


def _acts(scene: Scene, run_id: str, understood: Understood) -> dict[str, dict[str, int]]:
    engine, sources = scene.workspace.stores.engine, scene.sources
    named = engine.query(_NAMED_SQL, {"predictions": understood.predictions}, {"run": run_id})
    return days_had(engine, sources, sources.scope(scene.now, scene.workspace.settings), named)
