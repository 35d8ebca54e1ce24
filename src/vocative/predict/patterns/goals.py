"""What people may do after a moment, who did, and how recently and often each had done it before.

The last is what a pattern has to say something beyond: that who buys often buys again is known without a search.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.facts.facts import FACTS
from vocative.facts.grain import with_clause
from vocative.facts.people import KNOWN
from vocative.facts.scope import CODES, FIXED
from vocative.predict.history.event_history import DAY_US, UNTIL, EventHistory, Flags, Floats, Integers, until_of
from vocative.records.patterns import Deed, Goal
from vocative.records.settings import Role

ANSWERS: dict[Deed, Role] = {"open": "open", "click": "click", "reply": "reply"}
_ROLES: dict[Deed, Role] = {**ANSWERS, "redeem": "redeem", "return": "return"}
MORE = 1.25
"""Who spends more spends at least so many times what they spent in as many days before."""

_SPANS = (3, 7, 28)
_AWAY_DAYS, _ANSWER_DAYS, _RECENT_DAYS = 56, 28, 91
_COUNTED = (28, 91, 365)
_LONGEST_DAYS = 730.0
_OTHER: tuple[Role, ...] = ("return", "sent", "open", "click", "reply", "redeem")


@dataclass(frozen=True, slots=True)
class Deeds:
    """What was done, as columns of one length, one row for each person, moment, role and channel."""

    who: Integers
    us: Integers
    known: Integers
    role: Integers
    channel: Integers
    money: Floats
    channels: tuple[str, ...]
    until: Integers | None = None
    """Up to which moment each was the person's own (µs UTC), where some were marked as somebody else's later."""

    def chosen(self, role: Role | int, channel: str = "") -> Flags:
        """Whether each is of the role, and of the channel where one is named."""
        code = role if isinstance(role, int) else CODES[role]
        found = self.role == code
        if channel:
            found &= self.channel == (self.channels.index(channel) if channel in self.channels else -1)
        return np.asarray(found, np.bool_)

    def before(self, moment: int, days: float = _LONGEST_DAYS) -> Flags:
        """What had happened and was known before a moment, not longer ago than the days."""
        start = moment - round(days * DAY_US)
        return np.asarray((self.us < moment) & self._told(moment) & (self.us >= start), np.bool_)

    def during(self, moment: int, days: float, by: int) -> Flags:
        """What happened from a moment on for some days, as known by another."""
        end = moment + round(days * DAY_US)
        return np.asarray((self.us >= moment) & (self.us < end) & self._told(by), np.bool_)

    def _told(self, moment: int) -> Flags:
        known = self.known < moment
        return known if self.until is None else known & (self.until >= moment)


def deeds(past: EventHistory) -> Deeds:
    """Everything people did that a pattern may be about; read once."""
    return past.once("deeds of patterns", past.now, lambda past, _: _read(past))


def goals(past: EventHistory) -> list[Goal]:
    """What this business can ask about."""
    found = [Goal(deed="act", days=days) for days in _SPANS] + [Goal(deed="away", days=_AWAY_DAYS)]
    done = deeds(past)
    if past.main == CODES["purchase"]:
        found.append(Goal(deed="more", days=_ANSWER_DAYS))
    for channel in done.channels:
        for deed, role in ANSWERS.items():
            if done.chosen("sent", channel).any() and done.chosen(role, channel).any():
                found.append(Goal(deed=deed, days=_ANSWER_DAYS, channel=channel))
    roles: tuple[tuple[Deed, Role], ...] = (("redeem", "redeem"), ("return", "return"))
    return found + [Goal(deed=deed, days=_ANSWER_DAYS) for deed, role in roles if done.chosen(role).any()]


def asked_about(past: EventHistory, moment: int, goal: Goal) -> Integers:
    """Numbers of the people whom a goal is about at a moment, ascending.

    Answers are asked of those who then get a message over the channel, sending back and spending more of those who
    bought lately, all else of everybody with a profile.
    """
    who, done = past.features(moment).who, deeds(past)
    if goal.deed in ANSWERS:
        among = done.chosen("sent", goal.channel) & done.during(moment, goal.days, past.now)
    elif goal.deed == "return":
        among = done.chosen(past.main) & done.before(moment, _RECENT_DAYS)
    elif goal.deed == "more":
        among = done.chosen(past.main) & done.before(moment, goal.days)
    else:
        return who
    return who[np.isin(who, done.who[among])]


def came_true(past: EventHistory, moment: int, goal: Goal, who: Integers) -> Floats:
    """1 of whom the goal came true after the moment, as known at `past.now`; else 0."""
    done, length = deeds(past), len(past.people)
    then = done.during(moment, goal.days, past.now)
    mine = done.chosen(_role(past, goal), goal.channel)
    if goal.deed == "more":
        spent, earlier = (
            np.bincount(done.who[mine & span], done.money[mine & span], length)
            for span in (then, done.before(moment, goal.days))
        )
        return np.asarray((spent > 0) & (spent >= MORE * earlier), np.float64)[who]
    happened = np.bincount(done.who[mine & then], minlength=length)[who] > 0
    return np.asarray(happened != (goal.deed == "away"), np.float64)


def standing(past: EventHistory, moment: int, goal: Goal, who: Integers) -> Floats:
    """How recently and how often each had acted before the moment: a row for each person; logarithms.

    Counts of the act that matters and of the act asked about over four weeks to a year, days since the first and the
    last of them; of spending more what was spent before, of answers and offers how many messages came before and come
    now.
    """
    done, length = deeds(past), len(past.people)
    columns: list[Floats] = []
    roles = [(past.main, "")] + [(_role(past, goal), goal.channel)] * (_role(past, goal) != past.main)
    for role, channel in roles:
        mine = done.chosen(role, channel)
        spans = (mine & done.before(moment, days) for days in _COUNTED)
        columns += [np.bincount(done.who[span], minlength=length).astype(np.float64) for span in spans]
        columns += _ages(done, mine & done.before(moment), moment, length)
    if goal.deed == "more":
        for days in (goal.days, _RECENT_DAYS):
            span = done.chosen(past.main) & done.before(moment, days)
            columns.append(np.bincount(done.who[span], done.money[span], length).astype(np.float64))
    if goal.deed in ANSWERS or goal.deed == "redeem":
        sent = done.chosen("sent", goal.channel)
        for span in (done.before(moment, _RECENT_DAYS), done.during(moment, goal.days, past.now)):
            columns.append(np.bincount(done.who[sent & span], minlength=length).astype(np.float64))
    return np.log1p(np.column_stack(columns))[who]


def _ages(done: Deeds, mine: Flags, moment: int, length: int) -> list[Floats]:
    """Days since the last and since the first; for who has none a long time, and none."""
    last, first = np.full(length, _LONGEST_DAYS), np.zeros(length)
    ago = (moment - done.us[mine]) / DAY_US
    np.minimum.at(last, done.who[mine], ago)
    np.maximum.at(first, done.who[mine], ago)
    return [last, first]


def _role(past: EventHistory, goal: Goal) -> int:
    if goal.deed in ("act", "away", "more"):
        return past.main
    return CODES[_ROLES[goal.deed]]


def _read(past: EventHistory) -> Deeds:
    scope = past.sources.scope(past.now, past.settings, ever=True)
    codes = ", ".join(str(code) for code in sorted({past.main, *(CODES[role] for role in _OTHER)}))
    sql = f"""WITH {", ".join(with_clause([FACTS, KNOWN], scope))}
SELECT CAST(who - 1 AS BIGINT) AS who, us, known, CAST(role AS BIGINT) AS role, coalesce(channel, '') AS channel,
  sum(money) / {FIXED!r} AS money{UNTIL[scope.marks]}
FROM facts WHERE role IN ({codes}) GROUP BY ALL ORDER BY who, us, role, known, channel{UNTIL[scope.marks]}"""
    table = past.engine.query(sql, past.sources.relations())
    column = table["channel"].combine_chunks().dictionary_encode()
    names = [str(name) for name in column.dictionary.to_pylist()]
    ordered = sorted(name for name in names if name)
    number = np.array([ordered.index(name) if name else -1 for name in names] or [-1], np.int64)
    who, us, known, role = (np.asarray(table[name], np.int64) for name in ("who", "us", "known", "role"))
    channel = number[np.asarray(column.indices, np.int64)] if len(us) else np.zeros(0, np.int64)
    return Deeds(who, us, known, role, channel, np.asarray(table["money"], np.float64), tuple(ordered), until_of(table))
