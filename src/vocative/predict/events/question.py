"""What a question asks about: which acts, of whom, and whether it happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import msgspec
import numpy as np

from vocative.facts.facts import FACTS
from vocative.facts.grain import with_clause
from vocative.facts.people import KNOWN
from vocative.facts.scope import CODES, FIXED
from vocative.predict.history.event_history import (
    DAY_US,
    UNTIL,
    EventArrays,
    EventHistory,
    Flags,
    Floats,
    Integers,
    distinct,
    until_of,
)
from vocative.records.settings import Role

_PURCHASE, _RETURN = CODES["purchase"], CODES["return"]


class Asked(Protocol):
    """Something that happens to a person within some days, or does not."""

    @property
    def days(self) -> int:
        """How far ahead it is looked."""
        ...

    def acts(self, past: EventHistory) -> EventArrays:
        """The acts it is about, all that are known."""
        ...

    def audience(self, past: EventHistory, moment: int) -> Integers:
        """Of whom it is asked at a moment (µs UTC): numbers of people, ascending."""
        ...

    def happened(self, past: EventHistory, moment: int, by: int, who: Integers) -> Flags:
        """Whether it happened to each person after the moment, as known by another one."""
        ...


@dataclass(frozen=True, slots=True)
class Doing:
    """Somebody does something on `times` different moments within `days`; with `away`: does not.

    `event` is a role or the name of an event; empty: the acts that matter to the business. With `active_days` it is
    only asked of those who did it within so many days before.
    """

    days: int
    event: str = ""
    away: bool = False
    active_days: int = 0
    times: int = 1

    def acts(self, past: EventHistory) -> EventArrays:
        """See `Asked.acts`."""
        return acts_of(past, self.event)

    def audience(self, past: EventHistory, moment: int) -> Integers:
        """See `Asked.audience`."""
        did = before(self.acts(past), past, moment)
        if self.active_days:
            return np.unique(did.who[did.us >= moment - self.active_days * DAY_US])
        return np.union1d(past.present(moment), did.who)

    def happened(self, past: EventHistory, moment: int, by: int, who: Integers) -> Flags:
        """See `Asked.happened`."""
        then = during(self.acts(past), moment, self.days, by)
        often = np.bincount(distinct(then.who, then.us - moment)[0], minlength=len(past.people))
        return np.asarray((often[who] >= self.times) != self.away, np.bool_)


@dataclass(frozen=True, slots=True)
class Slowing:
    """Somebody spends less than `share` of their usual: the pace of the `usual_days` before, in which they spent."""

    days: int = 28
    usual_days: int = 84
    share: float = 0.5

    def acts(self, past: EventHistory) -> EventArrays:
        """See `Asked.acts`."""
        return acts_of(past, "purchase")

    def audience(self, past: EventHistory, moment: int) -> Integers:
        """See `Asked.audience`."""
        return np.flatnonzero(self._usual(past, moment) > 0)

    def happened(self, past: EventHistory, moment: int, by: int, who: Integers) -> Flags:
        """See `Asked.happened`."""
        then = past.during(moment, self.days, by, _PURCHASE, _RETURN)
        return np.asarray((_money(past, then) < self.share * self._usual(past, moment))[who], np.bool_)

    def _usual(self, past: EventHistory, moment: int) -> Floats:
        then = past.before(moment, _PURCHASE, _RETURN)
        recent = then.where(then.us >= moment - self.usual_days * DAY_US)
        return _money(past, recent) * (self.days / self.usual_days)


def acts_of(past: EventHistory, event: str) -> EventArrays:
    """Acts of a role or of an event by its name (empty: of the role that matters), one for each moment of a person."""

    def read(_: EventHistory, __: int) -> EventArrays:
        for role, names in past.settings.events.items():
            if role == event or event in names:
                return _read(past, role, names if role == event else [event])
        return past.acts.where(np.zeros(len(past.acts), bool))

    if not event:
        return past.once("acts that matter", past.now, lambda one, _: one.acts.where(one.acts.role == one.main))
    return past.once(f"acts {event}", past.now, read)


def before(acts: EventArrays, past: EventHistory, moment: int) -> EventArrays:
    """Acts that had happened and were known before the moment, within the history that is read."""
    reach = past.settings.features.history_days * DAY_US
    return acts.where((acts.us < moment) & acts.told(moment) & (acts.us >= moment - reach))


def during(acts: EventArrays, moment: int, days: float, by: int) -> EventArrays:
    """Acts from the moment on for some days, as far as they were known by another moment."""
    end = moment + round(days * DAY_US)
    return acts.where((acts.us >= moment) & (acts.us < min(end, by)) & acts.told(by))


def _read(past: EventHistory, role: Role, names: list[str]) -> EventArrays:
    """Acts of some events, read as if there were no others."""
    code = CODES[role]
    only = msgspec.structs.replace(past.settings, events={role: names})
    scope = past.sources.scope(past.now, only, ever=True)
    until = UNTIL[scope.marks]
    sql = f"""WITH {", ".join(with_clause([FACTS, KNOWN], scope))}
SELECT CAST(who - 1 AS BIGINT) AS who, us, min(known) AS known, sum(money) / {FIXED!r} AS money{until}
FROM facts WHERE role = {code} GROUP BY who, us{until} ORDER BY who, us{until}"""
    table = past.engine.query(sql, past.sources.relations())
    who, us, known = (np.asarray(table[name], np.int64) for name in ("who", "us", "known"))
    flat = np.full(len(who), code, np.int64)
    none, money = np.full(len(who), -1, np.int64), np.asarray(table["money"], np.float64)
    return EventArrays(who, us, known, flat, none, money, until_of(table))


def _money(past: EventHistory, acts: EventArrays) -> Floats:
    signed = np.where(acts.role == _RETURN, -acts.money, acts.money)
    return np.bincount(acts.who, signed, len(past.people)).astype(np.float64)
