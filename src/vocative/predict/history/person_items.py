"""Who had what before a moment, day by day: how often, how lately, after which pauses and how many visits.

Days are counted back from the moment; what was had on one day counts once. Counts decay with several half-lives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vocative.predict.history.event_history import DAY_US, EventArrays, EventHistory, Floats, Integers, distinct, unique

HALF_LIVES = (7.0, 21.0, 56.0, 168.0)
"""Half-lives of decayed counts, in days; the last one tells lasting taste."""
_HALF_DAY = 0.5

Numbers = npt.NDArray[np.float32]
"""Numbers of which there is one for each pair, kept small."""


@dataclass(frozen=True, slots=True)
class PersonItems:
    """Person and item ever had, ordered by both; all of one length.

    `times` counts days, `decayed` has a column for each half-life, `first` and `last` are days back. `pause` is the
    last pause between two times and `uneven` the spread of the logarithm of pauses (NaN: too few). `visits_since` is
    the number of visits after the last time, `visits_within` those from the first time on.
    """

    who: Integers
    item: Integers
    times: Numbers
    decayed: Numbers
    first: Numbers
    last: Numbers
    pause: Numbers
    uneven: Numbers
    visits_since: Numbers
    visits_within: Numbers

    def keys(self, width: int) -> Integers:
        """Person and item as one number, ascending; `width` is the number of items."""
        return self.who * width + self.item


@dataclass(frozen=True, slots=True)
class ItemVisits:
    """Of each person (by number): days with a line, the same decayed, and days since the last (NaN: none)."""

    count: Floats
    decayed: Floats
    last: Floats


def pairs_before(past: EventHistory, moment: int) -> PersonItems:
    """What everybody had before the moment."""
    return pairs_of(past.lines_before(moment), moment, len(past.items))


def pairs_of(lines: EventArrays, moment: int, items: int) -> PersonItems:
    """What the people of some lines had; the lines of a person stand together, ordered by person."""
    width = max(items, 1)
    start = int(lines.us.min() // DAY_US) if len(lines) else 0
    pair, day = distinct(lines.who * width + lines.item, lines.us // DAY_US - start)
    if not len(pair):
        none = np.zeros(0, np.float32)
        return PersonItems(pair, pair, none, np.zeros((0, len(HALF_LIVES)), np.float32), *(none for _ in range(6)))
    fresh = np.concatenate([[True], pair[1:] != pair[:-1]])
    starts = np.flatnonzero(fresh)
    keys, times = pair[starts], np.diff([*starts, len(pair)])
    today = moment / DAY_US - start
    age = np.maximum(today - day - _HALF_DAY, 0.0)
    decayed = np.stack([np.add.reduceat(np.exp2(-age / life), starts) for life in HALF_LIVES], axis=1)
    ends = starts + times - 1
    since, within = _visits_between(lines, keys // width, day[starts], day[ends], start)
    pause, uneven = _pauses(day, fresh, starts, times)
    return PersonItems(
        keys // width,
        keys % width,
        _small(times),
        _small(decayed),
        _small(today - day[starts]),
        _small(today - day[ends]),
        pause,
        uneven,
        _small(since),
        _small(within),
    )


def visits_of(lines: EventArrays, moment: int, people: int) -> ItemVisits:
    """The visits with a line of each of `people` persons."""
    start = int(lines.us.min() // DAY_US) if len(lines) else 0
    who, day = distinct(lines.who, lines.us // DAY_US - start)
    age = moment / DAY_US - start - day
    decayed = np.stack(
        [np.bincount(who, np.exp2(-np.maximum(age - _HALF_DAY, 0.0) / life), people) for life in HALF_LIVES], axis=1
    )
    last = np.full(people, np.nan)
    # Days of a person ascend, so the newest is written last.
    last[who] = age
    return ItemVisits(np.bincount(who, minlength=people).astype(np.float64), np.asarray(decayed, np.float64), last)


def _visits_between(
    lines: EventArrays, who: Integers, first: Integers, last: Integers, start: int
) -> tuple[Integers, Integers]:
    """Visits of people after the last day, and from the first day on."""
    day = lines.us // DAY_US - start
    wide = int(day.max()) + 1
    visits = unique(lines.who * wide + day)
    ends = np.searchsorted(visits, (who + 1) * wide)
    return (
        ends - np.searchsorted(visits, who * wide + last) - 1,
        ends - np.searchsorted(visits, who * wide + first),
    )


def _pauses(day: Integers, fresh: npt.NDArray[np.bool_], starts: Integers, times: Integers) -> tuple[Numbers, Numbers]:
    """The last pause of each pair and the spread of its pauses' logarithms."""
    gap = np.diff(day, prepend=0)
    log = np.where(fresh, 0.0, np.log(np.maximum(gap, 1)))
    count = np.maximum(times - 1, 1)
    mean = np.add.reduceat(log, starts) / count
    spread = np.sqrt(np.maximum(np.add.reduceat(log**2, starts) / count - mean**2, 0.0))
    pause = np.where(times > 1, gap[starts + times - 1], np.nan)
    return _small(pause), _small(np.where(times > 2, spread, np.nan))


def _small(values: npt.NDArray[np.generic]) -> Numbers:
    return np.asarray(values, np.float32)
