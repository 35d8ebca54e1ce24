"""What everybody had, in its order: sequences of items as two columns.

Nothing here knows of calendars: only which item came before which, and how many steps lie between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vocative.predict.history.event_history import Flags, Floats, Integers

if TYPE_CHECKING:
    from scipy import sparse


@dataclass(frozen=True, slots=True)
class Sequences:
    """Items of people in the order in which they had them.

    `who` (ascending, from 0 to `people` - 1) and `item` (from 0 to `items` - 1) are columns of one length; the rows of
    a person stand in the order in which things happened. A person may have no row.
    """

    who: Integers
    item: Integers
    people: int
    items: int

    @classmethod
    def of(
        cls, who: Integers, item: Integers, moment: Integers, people: int | None = None, items: int | None = None
    ) -> Sequences:
        """Sequences of acts as columns in any order.

        Args:
            who: Numbers of people, from 0.
            item: Numbers of items, from 0; acts with a negative one (an item nobody knows) are left out.
            moment: When each act was, in any unit; what was at one moment keeps the order it came in.
            people: How many people there are; by default as many as are seen.
            items: How many items there are; by default as many as are seen.
        """
        known = item >= 0
        who, item, moment = who[known], item[known], moment[known]
        order = np.lexsort((moment, who))
        return cls(
            np.asarray(who[order], np.int64),
            np.asarray(item[order], np.int64),
            int(who.max(initial=-1)) + 1 if people is None else people,
            int(item.max(initial=-1)) + 1 if items is None else items,
        )

    def __len__(self) -> int:
        return len(self.who)

    def lengths(self) -> Integers:
        """How many rows each person has."""
        return np.bincount(self.who, minlength=self.people).astype(np.int64)

    def back(self) -> Integers:
        """Of each row, how many rows of the person come after it."""
        return np.cumsum(self.lengths())[self.who] - 1 - np.arange(len(self.who))

    def latest(self, back: int = 0) -> Integers:
        """Everybody's last item, or the one some steps `back` from it; -1 for who has not so many."""
        lengths = self.lengths()
        place = np.cumsum(lengths) - 1 - back
        there = lengths > back
        found = np.full(self.people, -1, np.int64)
        found[there] = self.item[place[there]]
        return found

    def without_last(self, people: Flags | None = None) -> Sequences:
        """The sequences without the last row of the people who are flagged (by default of everybody)."""
        kept = self.back() > 0
        if people is not None:
            kept |= ~people[self.who]
        return Sequences(self.who[kept], self.item[kept], self.people, self.items)

    def popularity(self) -> Floats:
        """How often each item was had."""
        return np.bincount(self.item, minlength=self.items).astype(np.float64)

    def matrix(self, decay: float = 1.0, most: int | None = None) -> sparse.csr_matrix:
        """People × items: the sum of `decay` to the power of how many rows come after, of the last `most` rows."""
        from scipy import sparse

        back = self.back()
        near = np.ones(len(back), bool) if most is None else back < most
        value = np.power(decay, back[near]).astype(np.float32)
        return sparse.csr_matrix((value, (self.who[near], self.item[near])), shape=(self.people, self.items))
