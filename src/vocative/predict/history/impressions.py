"""What the business showed to people, and at which place: exposures, which are no acts and no facts about a person."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from vocative.facts.attribution import ATTRIBUTED, own
from vocative.facts.grain import Grain, with_clause
from vocative.facts.people import KNOWN
from vocative.facts.scope import SLOT_US, Scope, text_literal
from vocative.predict.history.event_history import DAY_US, Flags, Integers, Past, places

MOST_PLACES = 50
"""Places from this one on count as one."""
ANSWER_US = DAY_US
"""An exposure is answered by an act with the thing within this time, in µs."""


@dataclass(frozen=True, slots=True)
class Exposures:
    """Columns of one length: person, thing (place in `Past.items`), its place in the list (from 0), and moments.

    `us` is when it was shown, `known` when the business knew of it (µs UTC). They are ordered by moment.
    """

    who: Integers
    item: Integers
    place: Integers
    us: Integers
    known: Integers

    def where(self, chosen: Flags) -> Exposures:
        """The exposures that are chosen."""
        columns: tuple[npt.NDArray[np.int64], ...] = (self.who, self.item, self.place, self.us, self.known)
        return Exposures(*(column[chosen] for column in columns))

    def __len__(self) -> int:
        return len(self.us)


def exposures_before(past: Past, moment: int) -> Exposures:
    """What had been shown and was known before the moment (µs UTC), to people who may be profiled."""
    every = past.once("exposures", past.now, _read)
    found = every.where((every.us < moment) & (every.known < moment))
    # Some count places from 0 and some from 1: the first place there is is the first.
    found.place[:] = np.minimum(found.place - found.place.min(initial=2**62), MOST_PLACES - 1)
    return found


def exposures_during(past: Past, moment: int, days: float, by: int) -> Exposures:
    """What was shown from the moment on for some days, as far as it was known by another moment."""
    found = exposures_before(past, by)
    return found.where((found.us >= moment) & (found.us < moment + round(days * DAY_US)))


def _read(past: Past, _: int) -> Exposures:
    names = past.settings.events.get("shown", [])
    if not names:
        none = np.zeros(0, np.int64)
        return Exposures(none, none, none, none, none)
    scope = past.sources.scope(past.now, past.settings)
    table = past.engine.query(
        f"WITH {', '.join(with_clause([SHOWN], scope))} SELECT * FROM shown ORDER BY us, who, item, place, known",
        past.sources.relations(),
    )
    item = places(table["item"], past.items)
    who, us, known = (np.asarray(table[name], np.int64) for name in ("who", "us", "known"))
    # Of things that nobody ever acted on there is nothing to learn.
    return Exposures(who, item, np.asarray(table["place"], np.int64), us, known).where(item >= 0)


def _shown(scope: Scope) -> str:
    names = ", ".join(text_literal(name) for name in scope.settings.events.get("shown", [])) or "NULL"
    # What turned out to have been shown to somebody else is left out at all moments: it is no fact, only noise.
    then = replace(scope, marks="then" if scope.marks == "ever" else scope.marks)
    return f"""SELECT CAST(known.who - 1 AS BIGINT) AS who, us, attributed_events.known, item_id AS item,
  CAST(position AS BIGINT) AS place
FROM attributed_events JOIN known ON known.person_id = attributed_events.person_id
WHERE us >= {scope.horizon * SLOT_US} AND event IN ({names}) AND {own(then)}
  AND item_id IS NOT NULL AND position BETWEEN 0 AND 1e6"""


SHOWN = Grain("shown", _shown, (ATTRIBUTED, KNOWN))
"""One row per thing shown at a place of a list: who, when (`us`, `known`), item and place as it was logged."""


def first_answers(shown: Exposures, who: Integers, item: Integers, us: Integers) -> Integers:
    """Of each exposure the first act of the person with the thing within a day: its row, -1 for none.

    Args:
        shown: Exposures.
        who: Of each act the person.
        item: Of each act the thing.
        us: Of each act the moment, µs UTC.
    """
    rows, acts = len(shown), len(us)
    if not rows or not acts:
        return np.full(rows, -1, np.int64)
    width = int(max(shown.item.max(), item.max())) + 1
    key = np.concatenate([shown.who * width + shown.item, who * width + item])
    at = np.concatenate([shown.us, us])
    order = np.lexsort((np.arange(rows + acts) >= rows, at, key))
    # Going backwards, the last act that was passed is the next one after the exposure.
    after = np.where(order >= rows, np.arange(rows + acts), rows + acts)
    after = np.minimum.accumulate(after[::-1])[::-1]
    following = order[np.minimum(after, rows + acts - 1)]
    there = (after < rows + acts) & (key[following] == key[order]) & (at[following] - at[order] < ANSWER_US)
    found = np.full(rows + acts, -1, np.int64)
    found[order[there]] = following[there] - rows
    return found[:rows]
