"""Declared preferences: what people said they like or dislike; it beats whatever is inferred."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pyarrow as pa

from vocative.profile.grain import Grain, with_clause
from vocative.profile.people import KNOWN, USERS
from vocative.profile.scope import Scope, moment_literal
from vocative.profile.sources import Sources
from vocative.store.protocols import Engine

_COLUMNS: dict[str, pa.DataType] = {"person_id": pa.string(), "wording": pa.string(), "liked": pa.bool_()}


def _told(scope: Scope) -> str:
    moment = moment_literal(scope.moment)
    return f"""SELECT known.person_id, people.traits, row_number() OVER (
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
        Columns `person_id`, `wording` (in lower case) and `liked`; one row per wording, a dislike wins over a like.
    """
    parts = ", ".join(with_clause([TRAITS], scope))
    found = engine.query(
        f"WITH {parts} SELECT person_id, traits FROM newest_traits "
        "WHERE age = 1 AND contains(traits, 'likes') ORDER BY person_id",
        sources.relations(),
    )
    wordings: dict[tuple[str, str], bool] = {}
    for row in found.to_pylist():
        for wording, liked in preferences(str(row["traits"])):
            key = (str(row["person_id"]), wording)
            wordings[key] = liked and wordings.get(key, True)
    rows = [{"person_id": person, "wording": wording, "liked": liked} for (person, wording), liked in wordings.items()]
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
