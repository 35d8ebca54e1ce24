"""Offers that hold at a moment."""

from __future__ import annotations

from vocative.facts.grain import select
from vocative.facts.items import CATALOGUE
from vocative.facts.scope import Scope, moment_literal
from vocative.facts.sources import Sources
from vocative.records.acting import Offer
from vocative.store.protocols import Engine, Relation


def offers_at(engine: Engine, sources: Sources, offers: Relation, scope: Scope) -> list[Offer]:
    """Offers of which the newest version known at the moment holds and is not in doubt.

    Args:
        engine: Runs the query.
        sources: The tables: items are looked up for their categories.
        offers: The table of offers.
        scope: The moment.

    Returns:
        Each with its own terms; targets are items and categories, none: it holds for everything. The group counts only
        where offers are by invitation.
    """
    moment = moment_literal(scope.moment)
    # An offer may say one thing of one item and another of the next: each is told with its own terms only.
    newest = f"""SELECT *, rank() OVER (PARTITION BY offer_id, item_id ORDER BY timestamp DESC, known_at DESC) AS age
  FROM offers WHERE timestamp < {moment} AND known_at < {moment}"""
    query = f"""SELECT newest.offer_id, newest."group", newest.name, code, discount, unit, epoch_us(ends_at) AS ends_at,
  bool_or(newest.item_id IS NULL) AS everything,
  list(DISTINCT newest.item_id) FILTER (WHERE newest.item_id IS NOT NULL) AS items,
  list(DISTINCT catalogue.category) FILTER (WHERE catalogue.category IS NOT NULL) AS categories
FROM newest LEFT JOIN catalogue ON catalogue.item = newest.item_id
WHERE age = 1 AND doubts = ''
  AND (starts_at IS NULL OR starts_at <= {moment}) AND (ends_at IS NULL OR ends_at > {moment})
GROUP BY ALL ORDER BY ALL"""
    sql = select([CATALOGUE], scope, query, newest=newest)
    found = engine.query(sql, {**sources.relations(), "offers": offers})
    by_invitation = bool(scope.settings.offers.invited_by)
    return [
        Offer(
            offer_id=row["offer_id"],
            group=(row["group"] or "") if by_invitation else "",
            name=row["name"] or "",
            code=row["code"] or "",
            discount=row["discount"],
            unit=row["unit"] or "",
            ends_at=row["ends_at"],
            targets=frozenset()
            if row["everything"]
            else frozenset([*(row["items"] or ()), *(row["categories"] or ())]),
        )
        for row in found.to_pylist()
    ]
