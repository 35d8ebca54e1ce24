"""One person's own records, straight from the tables: versions of their data and what they did."""

from __future__ import annotations

from collections.abc import Sequence

from vocative.errors import UnknownPersonError
from vocative.facts.attribution import ATTRIBUTED
from vocative.facts.grain import select
from vocative.facts.items import CATALOGUE
from vocative.facts.scope import Scope, moment_literal, text_literal
from vocative.facts.sources import Sources
from vocative.facts.staging import identifiers
from vocative.store.protocols import Engine


def versions_of(engine: Engine, sources: Sources, scope: Scope, person_id: str) -> list[dict[str, object]]:
    """Every version of the person's data known before the moment as it came, doubts and all, newest first."""
    accounts, _ = identifiers(sources.identity, [person_id])
    moment = moment_literal(scope.moment)
    found = engine.query(
        f"""SELECT *, epoch_us(timestamp) AS at FROM people
WHERE user_id IN ({", ".join(map(text_literal, accounts)) or "NULL"}) AND timestamp < {moment} AND known_at < {moment}
ORDER BY timestamp DESC, known_at DESC, version_id DESC""",
        sources.unstaged().relations(),
    )
    return found.to_pylist()


def events_of(
    engine: Engine, sources: Sources, scope: Scope, person_id: str, names: Sequence[str], latest: int
) -> list[dict[str, object]]:
    """The person's newest events of some names known before the moment, newest first, with the items' names.

    Events that are implausible as a whole are left out; events that are not the person's own are marked `not_me`.
    """
    every = ", ".join(map(text_literal, names)) or "NULL"
    query = f"""SELECT mine.*, coalesce(catalogue.name, catalogue.category, mine.item_id) AS item
FROM (
  SELECT us AS at, event, order_id, item_id, quantity, amount, channel, message_id,
    bool_and(not_me OR until < {scope.moment} OR attributed_events.known >= {scope.moment}) AS not_me
  FROM attributed_events
  WHERE person_id = {text_literal(person_id)} AND us < {scope.moment} AND sound AND event IN ({every})
  GROUP BY ALL
) AS mine LEFT JOIN catalogue ON catalogue.item = mine.item_id
ORDER BY mine.at DESC, mine.message_id DESC LIMIT {latest}"""
    return engine.query(select([ATTRIBUTED, CATALOGUE], scope, query), sources.relations()).to_pylist()


def require_known(versions: Sequence[object], events: Sequence[object], person_id: str) -> None:
    """Refuse a person of whom nothing is known.

    Raises:
        UnknownPersonError: there is neither a version of their data nor an event.
    """
    if not versions and not events:
        raise UnknownPersonError(
            f"nobody with the identifier {person_id!r} is known at this moment",
            remedy="use the identifier of the business's own files (user_id), and a moment after the import's data",
        )
