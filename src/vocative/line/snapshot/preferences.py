"""How much that is new to them people want to see: what each asked for, inside what the business allows.

It comes in with the data of people, as the trait `discovery` beside `frequency`: a share (0.3, 30 %), or `less`,
`usual` or `more`. It is no inference, but it is not read of those who have not allowed personalization: their lists are
the same for everybody.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from vocative.facts.everybody import DISCOVERY
from vocative.line.snapshot.snapshot import Scene
from vocative.records.lists import Lists
from vocative.workspace.opening import Workspace

_SHARE = re.compile(r"(?P<number>\d{1,3}(\.\d{1,9})?)\s?(?P<percent>%?)")
_WHOLE = 100.0


class Wished(NamedTuple):
    """What a person gets, and what they said."""

    discovery: float
    """The least share of what is new to them in their lists."""
    asked: str
    """In their own words; empty: they never said."""


def wishes(scene: Scene) -> dict[str, Wished]:
    """Person → what they asked for, of those who allowed personalization and said something that can be understood."""
    lists, allowed = scene.workspace.settings.lists, set(scene.sources.allowed["person_id"].to_pylist())
    asked = {
        str(row["person_id"]): str(row[DISCOVERY])
        for row in scene.people.rows
        if row[DISCOVERY] is not None and row["person_id"] in allowed
    }
    return {
        person: Wished(share, text) for person, text in asked.items() if (share := granted(text, lists)) is not None
    }


def wish_of_person(workspace: Workspace, person_id: str, now: int, scene: Scene | None = None) -> Wished:
    """What a person, by any of their identifiers, gets at `now` (µs UTC); `scene`: theirs, if it is there."""
    person, own = Scene.of_person(workspace, person_id, now)
    return wishes(scene or own).get(person, Wished(workspace.settings.lists.discovery, ""))


def granted(text: str, lists: Lists) -> float | None:
    """The share a wish comes to, inside the range of the business; None for what is no wish.

    >>> [granted(text, Lists()) for text in ("0.3", "30 %", "more", "less", "90", "a lot")]
    [0.3, 0.3, 0.5, 0.1, 0.5, None]
    """
    least, most = min(lists.least_discovery, lists.discovery), max(lists.most_discovery, lists.discovery)
    named = {"less": least, "usual": lists.discovery, "more": most}
    text = text.strip().lower()
    if text in named:
        return named[text]
    found = _SHARE.fullmatch(text)
    if found is None:
        return None
    number = float(found["number"])
    share = number / _WHOLE if found["percent"] or number > 1.0 else number
    return min(max(share, least), most) if share <= 1.0 else None
