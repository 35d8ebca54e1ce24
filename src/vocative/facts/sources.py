"""The tables that features are computed from."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from vocative.facts.scope import Scope
from vocative.records.settings import Settings
from vocative.store.protocols import Relation, Scan


def _no_marks() -> pa.Table:
    moments = {name: pa.array([], pa.int64()) for name in ("since", "until")}
    return pa.table({"message_id": pa.array([], pa.string()), **moments})


@dataclass(frozen=True, slots=True)
class Sources:
    """What is known of the business's people.

    `events`, `people` and `items` have the columns of the lake's tables of those names. `identity` has the columns
    `alias` (`user:…`, `anonymous:…`) and `person_id` of the links that hold. `allowed` has the column `person_id`:
    only these people get rows, and nobody else's behaviour enters a figure about the population. `marks` holds events
    that were marked as not the person's own after they had come, with the columns `message_id`, `since` and `until`
    (µs UTC): an event is the person's own behind `since` up to `until` (empty: for good), in one row or several.
    """

    events: Scan | pa.Table
    people: Scan | pa.Table
    items: Scan | pa.Table
    identity: pa.Table
    allowed: pa.Table
    marks: pa.Table = field(default_factory=_no_marks)

    def scope(self, moment: int, settings: Settings, *, ever: bool = False) -> Scope:
        """What a query about a moment (µs UTC) is about; `ever` keeps marked events, with the time they counted in."""
        # Marks have to be looked up by the id of every event, so where nobody has marked anything they are not.
        return Scope(moment, settings, ("ever" if ever else "then") if self.marks.num_rows else "none")

    def relations(self) -> dict[str, Relation]:
        """The tables by the names that queries use."""
        return {
            "events": self.events,
            "people": self.people,
            "items": self.items,
            "identity": self.identity,
            "allowed": self.allowed,
            "marks": self.marks,
        }
