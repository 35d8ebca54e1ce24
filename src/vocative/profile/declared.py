"""Declared preferences: what people said they like or dislike; it beats whatever is inferred.

It counts until the newest version of the person's data that tells of it is older than `features.history_days`: as long
as events are read. A person who said it long ago is known by what they did since.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pyarrow as pa

from vocative.facts.grain import Grain, with_clause
from vocative.facts.people import KNOWN, USERS
from vocative.facts.scope import SLOT_US, Scope, moment_literal
from vocative.facts.sources import Sources
from vocative.store.protocols import Engine

_COLUMNS: dict[str, pa.DataType] = {
    "person_id": pa.string(),
    "wording": pa.string(),
    "liked": pa.bool_(),
    "told_at": pa.int64(),
    "source": pa.string(),
}


def _told(scope: Scope) -> str:
    moment = moment_literal(scope.moment)
    return f"""SELECT known.person_id, people.traits, epoch_us(people.timestamp) AS told_at, people.source,
  row_number() OVER (
    PARTITION BY users.who ORDER BY people.timestamp DESC, people.known_at DESC, people.version_id DESC
  ) AS age
FROM people JOIN users ON people.user_id = users.account JOIN known ON known.who = users.who
WHERE people.timestamp < {moment} AND people.known_at < {moment} AND people.traits IS NOT NULL
  AND NOT contains(',' || people.doubts, ',traits:') AND NOT contains(',' || people.doubts, ',row:')"""


TRAITS = Grain("newest_traits", _told, (KNOWN, USERS))
"""Versions of people's traits known before the moment; `age` 1 is the newest of each person."""


def declared_preferences(engine: Engine, sources: Sources, scope: Scope) -> pa.Table:
    """What people told the business before the moment in the traits `likes` and `dislikes`.

    Either is a list of words or one text with commas. Traits that are no JSON object tell nothing.

    Returns:
        Columns `person_id`, `wording` (in lower case), `liked`, `told_at` (µs UTC) and `source` (the import or endpoint
        it came through); one row per wording, a dislike wins over a like.
    """
    parts = ", ".join(with_clause([TRAITS], scope))
    found = engine.query(
        f"WITH {parts} SELECT person_id, traits, told_at, source FROM newest_traits "
        f"WHERE age = 1 AND told_at >= {scope.horizon * SLOT_US} AND contains(traits, 'likes') ORDER BY person_id",
        sources.relations(),
    )
    rows = []
    for row in found.to_pylist():
        said: dict[str, bool] = {}
        for wording, liked in preferences(str(row["traits"])):
            said[wording] = liked and said.get(wording, True)
        rows += [
            {
                **{name: row[name] for name in ("person_id", "told_at", "source")},
                "wording": wording,
                "liked": liked,
            }
            for wording, liked in said.items()
        ]
    return pa.Table.from_pylist(rows, schema=pa.schema(_COLUMNS))


def preferences(traits: str) -> Iterator[tuple[str, bool]]:
    """The wordings in traits given as JSON, with whether each is liked.

    >>> list(preferences('{"likes": ["Green tea"], "dislikes": "nuts, Soy"}'))
    [('green tea', True), ('nuts', False), ('soy', False)]
    """
    try:
        content = msgspec.json.decode(traits)
    except msgspec.DecodeError:
        return
    if not isinstance(content, dict):
        return
    for key, liked in (("likes", True), ("dislikes", False)):
        value = content.get(key)
        words = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
        for word in words:
            if isinstance(word, str) and word.strip():
                yield word.strip().lower(), liked
