"""The tables that features are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa

from vocative.facts.scope import Marks, Scope
from vocative.records.settings import Settings
from vocative.store.protocols import Relation, Scan

STAGED = {"attributed_events": "events", "person_versions": "people", "item_versions": "items"}
"""What can be staged, and the table it is computed of."""


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
    staged: Mapping[str, Relation] = field(default_factory=dict)
    """Grains that have been computed as of a moment, by name (`vocative.facts.staging`); queries about that moment and
    all before it read them instead of the tables."""

    def scope(self, moment: int, settings: Settings, *, ever: bool = False) -> Scope:
        """What a query about a moment (µs UTC) is about; `ever` keeps marked events, with the time they counted in."""
        # Marks have to be looked up by the id of every event, so where nobody has marked anything they are not.
        marks: Marks = ("ever" if ever else "then") if self.marks.num_rows else "none"
        return Scope(moment, settings, marks, frozenset(self.staged))

    def relations(self) -> dict[str, Relation]:
        """The tables by the names that queries use; of what is staged the table itself is not there."""
        tables: dict[str, Relation] = {
            "events": self.events,
            "people": self.people,
            "items": self.items,
            "identity": self.identity,
            "allowed": self.allowed,
            "marks": self.marks,
        }
        for grain, table in STAGED.items():
            if grain in self.staged:
                del tables[table]
        return {**tables, **self.staged}

    def unstaged(self) -> Sources:
        """The same tables without what has been computed of them."""
        return replace(self, staged={})
