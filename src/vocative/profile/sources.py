"""The tables that features are computed from."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from vocative.store.protocols import Relation, Scan


@dataclass(frozen=True, slots=True)
class Sources:
    """What is known of the business's people.

    `events`, `people` and `items` have the columns of the lake's tables of those names. `identity` has the columns
    `alias` (`user:…`, `anonymous:…`) and `person_id` of the links that hold. `allowed` has the column `person_id`:
    only these people get rows, and nobody else's behaviour enters a figure about the population.
    """

    events: Scan | pa.Table
    people: Scan | pa.Table
    items: Scan | pa.Table
    identity: pa.Table
    allowed: pa.Table

    def relations(self) -> dict[str, Relation]:
        """The tables by the names that queries use."""
        return {
            "events": self.events,
            "people": self.people,
            "items": self.items,
            "identity": self.identity,
            "allowed": self.allowed,
        }
