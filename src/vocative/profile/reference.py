"""What live profiles need to know of the catalogue and the population, computed once per build."""

from __future__ import annotations

from vocative.facts.grain import select
from vocative.facts.items import CATALOGUE
from vocative.facts.sources import Sources
from vocative.profile.batch import offsets_of
from vocative.profile.history import ItemFacts, Reference
from vocative.profile.kinds.prices import PRICES
from vocative.records.settings import Settings
from vocative.store.protocols import Engine


def reference(engine: Engine, sources: Sources, settings: Settings, moment: int) -> Reference:
    """The catalogue and the mean prices as they were known before a moment (µs since 1970 UTC)."""
    scope = sources.scope(moment, settings)
    relations = sources.relations() | {"offsets": offsets_of(engine, sources, scope)}
    items = engine.query(select([CATALOGUE], scope, "SELECT item, category, brand FROM catalogue"), relations)
    prices = engine.query(select([PRICES], scope, f"SELECT category, price FROM {PRICES.name}"), relations)
    return Reference(
        moment=moment,
        items={row["item"]: ItemFacts(row["category"], row["brand"]) for row in items.to_pylist()},
        prices={row["category"]: row["price"] for row in prices.to_pylist()},
    )
