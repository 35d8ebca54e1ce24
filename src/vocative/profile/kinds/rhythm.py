"""Rhythm: at which hours and on which weekdays a person is active, by their own clock, over the last year."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from dataclasses import dataclass
from functools import partial
from math import log
from typing import ClassVar, Literal

from vocative.facts.grain import Grain
from vocative.facts.local import LOCAL, LocalSlot
from vocative.facts.scope import Scope
from vocative.profile.feature import Feature
from vocative.profile.history import History

Act = Literal["bought", "active"]
"""What counts: quarter hours with a purchase, or with anything the person did."""
Aspect = Literal["share", "peak", "entropy"]
"""The share of acts from `first` to `last`; the commonest place, the earlier of two equal ones; Shannon's entropy in
nats, which is 0 when it is always the same place."""


def _counted(part: str, _: Scope) -> str:
    return f"""SELECT who, {part} AS place, count(*) AS active, sum(bought) AS bought
FROM local_slots GROUP BY who, {part}"""


HOURS = Grain("hours", partial(_counted, "hour"), (LOCAL,))
"""`who`, `place` (hour, 0 to 23), and in how many slots the person was `active` and `bought`."""
WEEKDAYS = Grain("weekdays", partial(_counted, "weekday"), (LOCAL,))
"""`who`, `place` (weekday, Monday is 0), `active`, `bought`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm(Feature):
    """An aspect of how acts are spread over places: the hours of the day or the days of the week."""

    act: Act
    aspect: Aspect
    first: int = 0
    last: int = 23

    def sql(self, scope: Scope) -> str:  # noqa: ARG002 - the grain holds the window
        """See `Feature.sql`."""
        total = f"nullif(sum({self.act}), 0)"
        match self.aspect:
            case "share":
                inside = f"sum(CASE WHEN place BETWEEN {self.first} AND {self.last} THEN {self.act} ELSE 0 END)"
                return f"CAST({inside} AS DOUBLE) / {total}"
            case "peak":
                return f"arg_max(place, CASE WHEN {self.act} > 0 THEN {self.act} * 100 - place END)"
            case "entropy":
                return f"ln({total}) - sum({self.act} * ln(greatest({self.act}, 1))) / {total}"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        counts = Counter(self.place(local) for local in history.local if local.bought or self.act == "active")
        if not counts:
            return None
        total = counts.total()
        match self.aspect:
            case "share":
                return sum(number for place, number in counts.items() if self.first <= place <= self.last) / total
            case "peak":
                return float(max(counts, key=lambda place: (counts[place], -place)))
            case "entropy":
                return log(total) - sum(number * log(number) for number in counts.values()) / total

    @abstractmethod
    def place(self, local: LocalSlot) -> int:
        """The hour or the weekday of a slot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HourRhythm(Rhythm):
    """Over the hours of the day."""

    grain: ClassVar[Grain] = HOURS

    def place(self, local: LocalSlot) -> int:
        """The hour."""
        return local.hour


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekdayRhythm(Rhythm):
    """Over the days of the week."""

    grain: ClassVar[Grain] = WEEKDAYS

    def place(self, local: LocalSlot) -> int:
        """The weekday."""
        return local.weekday
