"""Declared preferences: what people said they like or dislike; it beats whatever is inferred.

It counts until the newest version of the person's data that tells of it is older than `features.history_days`: as long
as events are read. A person who said it long ago is known by what they did since.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from vocative.facts.people import newest_traits
from vocative.facts.scope import Scope
from vocative.facts.sources import Sources
from vocative.store.protocols import Engine

_COLUMNS: dict[str, pa.DataType] = {
    "person_id": pa.string(),
    "wording": pa.string(),
    "liked": pa.bool_(),
    "told_at": pa.int64(),
    "source": pa.string(),
}


def declared_preferences(engine: Engine, sources: Sources, scope: Scope) -> pa.Table:
    """What people told the business before the moment in the traits `likes` and `dislikes`.

    Either is a list of words or one text with commas. Traits that are no JSON object tell nothing.

    Returns:
        Columns `person_id`, `wording` (in lower case), `liked`, `told_at` (µs UTC) and `source` (the import or endpoint
        it came through); one row per wording, a dislike wins over a like.
    """
    found = newest_traits(engine, sources, scope).filter(pc.match_substring(pc.field("traits"), "likes"))
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
