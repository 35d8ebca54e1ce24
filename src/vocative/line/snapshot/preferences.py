"""How much that is new to them people want to see: what each asked for, inside what the business allows.

It comes in with the data of people, as the trait `discovery` beside `frequency`: a share (0.3, 30 %), or `less`,
`usual` or `more`. It is no inference, but it is not read of those who have not allowed personalization: their lists are
the same for everybody.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from vocative.line.snapshot.people import LINKED
from vocative.line.snapshot.snapshot import Scene
from vocative.records.lake_tables import PEOPLE
from vocative.records.lists import Lists
from vocative.records.schema import Row
from vocative.workspace.opening import Workspace

DISCOVERY = "discovery"
"""The trait in which a person says how much that is new to them they want to see."""
_SHARE = re.compile(r"(?P<number>\d{1,3}(\.\d{1,9})?)\s?(?P<percent>%?)")
_WHOLE = 100.0

_WISHED_SQL = f"""
WITH {LINKED}
SELECT coalesce(linked.person_id, people.user_id) AS person_id,
  arg_max(json_extract_string(traits, '{DISCOVERY}'), (people.timestamp, people.known_at, people.version_id)) AS wish
FROM people LEFT JOIN linked ON linked.user_id = people.user_id
WHERE people.timestamp < make_timestamptz($moment) AND people.known_at < make_timestamptz($moment)
  AND json_extract_string(traits, '{DISCOVERY}') IS NOT NULL AND NOT contains(',' || doubts, ',traits:')
  AND ($person = '' OR coalesce(linked.person_id, people.user_id) = $person)
GROUP BY 1
"""


class Wished(NamedTuple):
    """What a person gets, and what they said."""

    discovery: float
    """The least share of what is new to them in their lists."""
    asked: str
    """In their own words; empty: they never said."""


def wishes(scene: Scene, person: str = "") -> dict[str, Wished]:
    """Person → what they asked for, of those who allowed personalization and said something that can be understood.

    Args:
        scene: The moment.
        person: Only this one; empty for all.
    """
    return _wished(scene, person) if person else scene.once("wishes", lambda every: _wished(every, ""))


def _wished(scene: Scene, person: str) -> dict[str, Wished]:
    asked: Row = {"moment": scene.now, "person": person}
    rows = scene.workspace.stores.engine.query(
        f"SELECT wished.* FROM ({_WISHED_SQL}) AS wished SEMI JOIN allowed ON allowed.person_id = wished.person_id",
        {
            "people": scene.workspace.stores.lake.scan(PEOPLE),
            "identity": scene.identity,
            "allowed": scene.sources.allowed,
        },
        asked,
    ).to_pylist()
    lists = scene.workspace.settings.lists
    found = ((str(row["person_id"]), str(row["wish"])) for row in rows)
    return {one: Wished(share, told) for one, told in found if (share := granted(told, lists)) is not None}


def wish_of_person(workspace: Workspace, person_id: str, now: int, scene: Scene | None = None) -> Wished:
    """What a person, by any of their identifiers, gets at `now` (µs UTC); `scene`: theirs, if it is there."""
    person, own = Scene.of_person(workspace, person_id, now)
    asked = wishes(scene or own, person)
    return asked.get(person, Wished(workspace.settings.lists.discovery, ""))


def granted(told: str, lists: Lists) -> float | None:
    """The share a wish comes to, inside the range of the business; None for what is no wish.

    >>> [granted(told, Lists()) for told in ("0.3", "30 %", "more", "less", "90", "a lot")]
    [0.3, 0.3, 0.5, 0.1, 0.5, None]
    """
    least, most = min(lists.least_discovery, lists.discovery), max(lists.most_discovery, lists.discovery)
    named = {"less": least, "usual": lists.discovery, "more": most}
    told = told.strip().lower()
    if told in named:
        return named[told]
    found = _SHARE.fullmatch(told)
    if found is None:
        return None
    number = float(found["number"])
    share = number / _WHOLE if found["percent"] or number > 1.0 else number
    return min(max(share, least), most) if share <= 1.0 else None
