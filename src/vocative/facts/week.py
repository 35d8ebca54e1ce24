"""In which hours of the week people come, by the clock of the business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vocative.facts.facts import PERMITTED
from vocative.facts.grain import select
from vocative.facts.scope import CODES, Scope, text_literal
from vocative.facts.sources import Sources
from vocative.records.settings import Role
from vocative.store.protocols import Engine

_DAY_US = 86_400_000_000


def hours_of_week(engine: Engine, sources: Sources, scope: Scope, role: Role, days: int) -> Sequence[Mapping[str, int]]:
    """Acts of a role over some days before the moment, of those who may be profiled.

    Returns:
        `weekday` (1 is Monday), `hour`, `acts` (the lines of an order or a visit are one) and `people`, in this order.
    """
    zone = text_literal(scope.settings.business.timezone)
    query = f"""SELECT isodow(local)::INTEGER AS weekday, hour(local)::INTEGER AS hour,
  count(DISTINCT act)::INTEGER AS acts, count(DISTINCT who)::INTEGER AS people
FROM (
  SELECT who, coalesce(order_id, session_id, message_id) AS act, timezone({zone}, make_timestamptz(us)) AS local
  FROM permitted_events WHERE role = {CODES[role]} AND us >= {scope.moment - days * _DAY_US}
) AS acts GROUP BY 1, 2 ORDER BY 1, 2"""
    return engine.query(select([PERMITTED], scope, query), sources.relations()).to_pylist()
