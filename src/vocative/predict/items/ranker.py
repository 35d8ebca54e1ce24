"""What a person will want next: candidates from several sources, ordered by one learned ranker.

`next_items` and `new_items` are two readings of one fit: the second leaves out what the person had before. The value
is the chance that the person has the thing within the horizon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from math import isnan
from zlib import crc32

import numpy as np
import pyarrow as pa

from vocative.predict.history.event_history import EventHistory, Floats, Integers, find, unique
from vocative.predict.history.person_items import pairs_before
from vocative.predict.history.position_bias import examination_before, worth_of
from vocative.predict.items.co_purchases import companions
from vocative.predict.items.favourites import own_things, popular_things
from vocative.predict.items.proposals import Proposals, learning_rows, proposals
from vocative.predict.items.ranker_training import TrainingRows, came_true, learn
from vocative.predict.predictor import (
    LEAST_HISTORY_DAYS,
    About,
    Baseline,
    Forecast,
    Kind,
    Outcome,
    Parameters,
    training_moments,
)

KEPT = 20
"""Things of each person that are told, of known and of new ones."""
_EDGE = 1.645
_MOMENTS = 2


@dataclass(frozen=True, slots=True)
class Ranker:
    """Things a person has within `horizon_days`; with `new_only`, among those they never had."""

    name: str
    about: About
    new_only: bool
    horizon_days: float = 28.0
    kind: Kind = "ranking"
    unit: str = "probability"

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Predictor.baselines`."""
        if self.new_only:
            return {"popular_28d": partial(popular_things, new=True)}
        return {"own_frequency": own_things, "popular_28d": partial(popular_things, new=False)}

    @property
    def needs(self) -> str:
        """See `Predictor.needs`."""
        return "acts with an item; a catalogue with categories helps"

    @property
    def unseen(self) -> str:
        """See `Predictor.unseen`."""
        return "nothing; who was seen but never had an item is told what many others have had lately"

    @property
    def own_evidence(self) -> bool:
        """See `Predictor.own_evidence`."""
        return False

    def missing(self, past: EventHistory) -> str:
        """See `Predictor.missing`."""
        if len(past.lines):
            return ""
        return "no act that matters names an item, and this is about items: import events with `item_id`"

    def needed(self, past: EventHistory) -> str:
        """See `Predictor.needed`."""
        return "" if len(past.lines) else "events that name an item"

    def needs_days(self) -> float:
        """See `Predictor.needs_days`."""
        return self.horizon_days + LEAST_HISTORY_DAYS

    def outcome(self, past: EventHistory, moment: int, by: int) -> Outcome:
        """See `Predictor.outcome`: of people who were known, the things they had (for the first time)."""
        lines = past.lines_during(moment, self.horizon_days, by)
        width = max(len(past.items), 1)
        keys = unique(lines.who * width + lines.item)
        keys = keys[find(past.present(moment), keys // width)[1]]
        if self.new_only:
            old = past.lines_before(moment)
            keys = keys[~find(unique(old.who * width + old.item), keys)[1]]
        return Outcome(who=keys // width, value=np.ones(len(keys)), target=keys % width)

    def fit(self, past: EventHistory, moment: int) -> Parameters:
        """See `Predictor.fit`; what is learnt is the same for known and new things."""
        return past.once(f"next_items: learnt {self.horizon_days}", moment, partial(_learnt, days=self.horizon_days))

    def forecast(self, past: EventHistory, moment: int, content: Parameters) -> Forecast:
        """See `Predictor.forecast`."""
        from scipy.special import expit

        mark = crc32("".join(content["trees"]).encode())
        made: Callable[[EventHistory, int], Proposals] = partial(proposals, content=content, most=KEPT)
        found = past.once(f"next_items: proposals {mark}", moment, made)
        found = found.where(found.new if self.new_only else _first(found.who, KEPT))
        return Forecast(
            who=found.who,
            value=expit(found.score),
            low=expit(found.score - _EDGE * found.error),
            high=expit(found.score + _EDGE * found.error),
            support=found.times,
            target=found.item,
            targets=found.view.targets,
            reasons=_Reasons(past, moment, found),
        )


class _Reasons:
    """The facts behind each proposal; they are looked up when the first is asked for."""

    def __init__(self, past: EventHistory, moment: int, found: Proposals) -> None:
        self._past, self._moment, self._found = past, moment, found

    def __call__(self, row: int) -> Mapping[str, object]:
        group, new, times, since, typical = self._told[row]
        told: dict[str, object] = {"because": group} if group is not None else {}
        if not new:
            told |= {"kind": "had before", "times": int(times), "days_since": round(since)}
            if not isnan(typical):
                told["typical_days"] = round(typical, 1)
            return told
        if not self._sold[row]:
            return told | {"kind": "new in the catalogue"}
        other = self._with[row]
        return told | ({"kind": "many have it"} if other is None else {"kind": "goes with", "goes_with": other})

    @cached_property
    def _told(self) -> list[tuple[str | None, bool, float, float, float]]:
        """Of each proposal the group that is named, whether it is new, and how it was had before."""
        found = self._found
        names = [*found.view.named.names, None]
        groups = [names[code] for code in found.view.named.code[found.item].tolist()]
        columns = (found.new, found.times, found.since, found.typical_days)
        return list(zip(groups, *(column.tolist() for column in columns), strict=True))

    @cached_property
    def _sold(self) -> list[bool]:
        """Whether anybody had the thing before."""
        item, buyers = self._found.item, self._found.view.buyers
        known = item < len(buyers)
        known[known] = buyers[item[known]] != 0
        return list(known.tolist())

    @cached_property
    def _with(self) -> list[str | None]:
        """The thing each new one goes with."""
        found = self._found
        pairs = self._past.once("pairs", self._moment, pairs_before)
        other = np.full(len(found.who), -1, np.int64)
        new = np.flatnonzero(found.new)
        other[new] = companions(pairs, found.view.buyers, found.who[new], found.item[new])
        return list(found.view.targets.take(pa.array(other, pa.int64(), mask=other < 0)).to_pylist())


def _learnt(past: EventHistory, moment: int, *, days: float) -> Parameters:
    parts: list[tuple[TrainingRows, Integers]] = []
    worth: list[Floats] = []
    looked = past.once("examination", moment, examination_before)
    signs: tuple[str, ...] = ()
    groupings: tuple[str, ...] = ()
    for one in training_moments(past, moment, days, _MOMENTS):
        rows, view, names = past.once(f"next_items: rows {days}", one, partial(learning_rows, horizon_days=days))
        if names:
            signs, groupings = names, view.groupings
            width = len(view.targets)
            came = came_true(past, one, days, moment, width)
            parts.append((rows, came))
            worth.append(worth_of(past, one, days, moment, came, width, looked))
    # Without a note of what was shown everything that came true counts the same.
    return {**learn(parts, signs, worth if len(looked) else None), "groupings": list(groupings)}


def _first(who: Integers, most: int) -> Integers:
    starts = np.searchsorted(who, who)
    return np.flatnonzero(np.arange(len(who)) - starts < most)
