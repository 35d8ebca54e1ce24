"""One person's own records, straight from the tables: versions of their data and what they did."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from vocative.errors import UnknownPersonError
from vocative.facts.facts import hidden_events
from vocative.facts.grain import with_clause
from vocative.facts.items import CATALOGUE
from vocative.facts.scope import Scope, moment_literal, text_literal
from vocative.facts.sources import Sources
from vocative.store.protocols import Engine

_USER, _DEVICE = "user:", "anonymous:"


def accounts_of(sources: Sources, person_id: str) -> tuple[list[str], list[str]]:
    """The user identifiers and the anonymous identifiers that belong to a person."""
    mine = sources.identity.filter(pc.equal(sources.identity["person_id"], pa.scalar(person_id, pa.string())))
    aliases = [str(alias) for alias in mine["alias"].to_pylist()]
    users = [alias.removeprefix(_USER) for alias in aliases if alias.startswith(_USER)]
    devices = [alias.removeprefix(_DEVICE) for alias in aliases if alias.startswith(_DEVICE)]
    if f"{_USER}{person_id}" not in sources.identity["alias"].to_pylist():
        users.append(person_id)
    return users, devices


def versions_of(engine: Engine, sources: Sources, scope: Scope, person_id: str) -> list[dict[str, object]]:
    """Every version of the person's data known before the moment, newest first."""
    users, _ = accounts_of(sources, person_id)
    moment = moment_literal(scope.moment)
    found = engine.query(
        f"""SELECT *, epoch_us(timestamp) AS at FROM people
WHERE user_id IN ({_list(users)}) AND timestamp < {moment} AND known_at < {moment}
ORDER BY timestamp DESC, known_at DESC, version_id DESC""",
        sources.relations(),
    )
    return found.to_pylist()


def events_of(
    engine: Engine, sources: Sources, scope: Scope, person_id: str, names: Sequence[str], latest: int
) -> list[dict[str, object]]:
    """The person's newest events of some names known before the moment, newest first, with the items' names.

    Events that are implausible as a whole are left out; events that are not the person's own are marked `not_me`.
    """
    users, devices = accounts_of(sources, person_id)
    moment = moment_literal(scope.moment)
    found = engine.query(
        f"""WITH {", ".join(with_clause([CATALOGUE], scope))}, named AS (
  SELECT item_id, arg_max(name, epoch_us(timestamp)) AS name FROM items
  WHERE timestamp < {moment} AND known_at < {moment} GROUP BY item_id
), hidden AS ({hidden_events(scope)})
SELECT epoch_us(events.timestamp) AS at, events.event, events.order_id, events.item_id, events.quantity, events.amount,
  events.channel, events.not_me OR hidden.message_id IS NOT NULL AS not_me,
  coalesce(named.name, catalogue.category, events.item_id) AS item
FROM events LEFT JOIN named ON named.item_id = events.item_id LEFT JOIN catalogue ON catalogue.item = events.item_id
LEFT JOIN hidden ON hidden.message_id = events.message_id
WHERE (user_id IN ({_list(users)}) OR (user_id IS NULL AND anonymous_id IN ({_list(devices)})))
  AND events.timestamp < {moment} AND events.known_at < {moment} AND events.event IN ({_list(names)})
  AND NOT contains(',' || events.doubts, ',row:')
ORDER BY events.timestamp DESC, events.message_id DESC LIMIT {latest}""",
        sources.relations(),
    )
    return found.to_pylist()


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


def _list(texts: Sequence[str]) -> str:
    return ", ".join(text_literal(text) for text in texts) or "NULL"
