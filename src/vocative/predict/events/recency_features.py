"""What a person's own past of doing something says of their doing it again: pace, pauses, habits, change.

The columns are made of the acts that a question asks about, whatever they are, for any moment of the past and at the
cost of some sums, so that many moments can be learnt from. All paces are per 28 days of the time a person is known,
so that people and moments with a short and a long history compare.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import DAY_US, EventArrays, Flags, Floats, Integers, distinct

_WINDOWS = (7, 14, 28, 56, 91, 182)
_HALF_LIVES = (7.0, 21.0, 63.0, 182.0)
_WEEKS = (4, 8, 16, 26)
_NEWEST_WEEKS = 6
_BLOCKS = 3
_MONTH = 28
_LEAST_KNOWN = 14.0
_NEVER = 730.0
_USUAL_GAP = 14.0
_STEP = 7
_MOST_STEPS = 52
# As a share of everybody's usual money: less than that is as good as nothing.
_MONEY_FLOOR = 0.05
# Customers in general: purchases a day, and their lasting, as a BG/NBD model of grocery and music shops has them.
_PACE, _PACE_DAYS, _LEAVE, _STAY = 0.8, 12.0, 0.3, 6.0


@dataclass(frozen=True, slots=True)
class RecencySums:
    """Acts before a moment, prepared: one entry for each person and day, and one for each pause between days."""

    people: int
    moment: int
    acts: EventArrays
    who: Integers
    """Of the person-days, ordered by person and day."""
    age: Floats
    """Days before the moment, of the person-days."""
    gap_who: Integers
    gap: Floats
    gap_age: Floats
    """Pauses in days, and how long ago each ended."""
    count: Floats
    first: Floats
    last: Floats
    """Of each person: days with an act; how many days ago the first and the last was."""

    @property
    def known(self) -> Floats:
        """Days since the first act, two weeks at least."""
        return np.maximum(self.first, _LEAST_KNOWN)

    def per_person(self, weight: Floats | Flags) -> Floats:
        """Weights of the person-days added up."""
        return np.bincount(self.who, weight, self.people).astype(np.float64)

    def of_gaps(self, weight: Floats | Flags) -> Floats:
        """Weights of the pauses added up."""
        return np.bincount(self.gap_who, weight, self.people).astype(np.float64)

    def money(self, start: float, days: float) -> Floats:
        """Money of each person over `days` days that began `start` days before the moment."""
        low = self.moment - round(start * DAY_US)
        inside = (self.acts.us >= low) & (self.acts.us < low + round(days * DAY_US))
        return np.bincount(self.acts.who[inside], self.acts.money[inside], self.people).astype(np.float64)


def occasions(
    acts: EventArrays, people: int, moment: int, days: int, *, money: bool = False
) -> tuple[tuple[str, ...], Floats]:
    """Names of the columns, and people × columns.

    Args:
        acts: What the person did before the moment and was known by then, of the kind that is asked about.
        people: How many people there are; a row for each, whether they ever did it or not.
        moment: µs UTC.
        days: How far ahead the question looks.
        money: Whether the acts carry money, which is told too.
    """
    sums = _sums(acts, people, moment)
    found = [*_paces(sums), *_pauses(sums, days), *_habits(sums, days)]
    if money:
        found += _spending(sums)
    return tuple(name for name, _ in found), np.stack([values for _, values in found], axis=1)


def _sums(acts: EventArrays, people: int, moment: int) -> RecencySums:
    day = (moment - 1 - acts.us) // DAY_US
    who, ago = distinct(acts.who, day)
    # From the oldest to the newest of each person.
    order = np.lexsort((-ago, who))
    who, age = who[order], ago[order].astype(np.float64)
    same = who[1:] == who[:-1]
    first, last = np.zeros(people), np.full(people, _NEVER)
    np.maximum.at(first, who, age)
    np.minimum.at(last, who, age)
    return RecencySums(
        people=people,
        moment=moment,
        acts=acts,
        who=who,
        age=age,
        gap_who=who[1:][same],
        gap=(age[:-1] - age[1:])[same],
        gap_age=age[1:][same],
        count=np.bincount(who, minlength=people).astype(np.float64),
        first=first,
        last=last,
    )


def _memory(sums: RecencySums, half_life: float) -> Floats:
    """How many months a fading memory holds of each person."""
    found: Floats = half_life / np.log(2.0) * (1.0 - np.exp2(-sums.known / half_life)) / _MONTH
    return found


def _faded(sums: RecencySums, half_life: float) -> Floats:
    return sums.per_person(np.exp2(-sums.age / half_life)) / _memory(sums, half_life)


def _paces(sums: RecencySums) -> Iterator[tuple[str, Floats]]:
    yield "own_days", sums.count
    yield "own_days_since", sums.last
    yield "own_days_known", sums.first
    for days in _WINDOWS:
        yield f"own_pace_{days}d", sums.per_person(sums.age < days) * _MONTH / np.minimum(sums.known, days)
    for life in _HALF_LIVES:
        yield f"own_pace_fading_{life:g}d", _faded(sums, life)
    for newer, older, floor in ((21.0, 182.0, 0.3), (7.0, 63.0, 0.3), (42.0, 182.0, 0.3)):
        yield (
            f"own_trend_{newer:g}d_to_{older:g}d",
            np.log((_faded(sums, newer) + floor) / (_faded(sums, older) + floor)),
        )
    for month in range(4):
        inside = (sums.age >= _MONTH * month) & (sums.age < _MONTH * (month + 1))
        yield f"own_days_month_{month + 1}_ago", sums.per_person(inside)
    for week in range(_NEWEST_WEEKS):
        inside = (sums.age >= 7 * week) & (sums.age < 7 * (week + 1))
        yield f"own_days_week_{week + 1}_ago", sums.per_person(inside)
    weeks = (sums.age // 7).astype(np.int64)
    for most in _WEEKS:
        seen = distinct(sums.who[weeks < most], weeks[weeks < most])[0]
        spans = np.minimum(np.maximum(sums.known / 7.0, 2.0), most)
        yield f"own_weeks_with_one_of_{most}", np.bincount(seen, minlength=sums.people) / spans


def _pauses(sums: RecencySums, days: int) -> Iterator[tuple[str, Floats]]:
    from scipy.special import logit

    ones = np.ones(len(sums.gap))
    pauses = sums.of_gaps(ones)
    mean = (sums.of_gaps(sums.gap) + _USUAL_GAP) / (pauses + 1.0)
    square = (sums.of_gaps(sums.gap**2) + 2.0 * _USUAL_GAP**2) / (pauses + 1.0)
    spread = np.sqrt(np.maximum(square - mean**2, 1.0))
    longest = np.zeros(sums.people)
    np.maximum.at(longest, sums.gap_who, sums.gap)
    fresh = np.exp2(-sums.gap_age / 56.0)
    recent = (sums.of_gaps(fresh * sums.gap) + _USUAL_GAP / 2.0) / (sums.of_gaps(fresh) + 0.5)
    lately = np.minimum(sums.last, 4.0 * 91.0)
    inside = sums.gap_age < 84.0
    np.maximum.at(lately, sums.gap_who[inside], sums.gap[inside])
    yield "own_pause", mean
    yield "own_pause_spread", spread
    yield (
        "own_pause_typical",
        np.exp((sums.of_gaps(np.log(np.maximum(sums.gap, 1.0))) + np.log(_USUAL_GAP)) / (pauses + 1.0)),
    )
    yield "own_pause_longest", longest
    yield "own_pause_lately", recent
    yield "own_pause_longest_84d", lately
    yield "own_pauses_beyond", sums.of_gaps(sums.gap >= days)
    yield "own_since_to_pause", sums.last / mean
    yield "own_since_to_longest", sums.last / np.maximum(longest, 3.0)
    yield "own_since_to_spread", (sums.last - mean) / np.maximum(spread, 2.0)
    yield "own_since_to_lately", sums.last / recent
    # Of the own pauses that reached the age of the running one, the share that outlasted it by the days asked about.
    reached = sums.of_gaps(sums.gap >= sums.last[sums.gap_who])
    beyond = sums.of_gaps(sums.gap >= sums.last[sums.gap_who] + days)
    yield "own_pause_reached", logit((reached + 0.5) / (pauses + 2.0))
    yield "own_pause_outlasted", logit((beyond + 0.3) / (reached + 1.5))


def _habits(sums: RecencySums, days: int) -> Iterator[tuple[str, Floats]]:
    """Of the own past spans of so many days the share with an act, the expected count, and signs of having left."""
    from scipy.special import logit

    hits, spans = _spans(sums, days)
    yield "own_share_of_spans", logit((hits + 1.5) / (spans + 2.0))
    yield "own_spans", spans
    for block in range(_BLOCKS):
        inside = (sums.age >= days * block) & (sums.age < days * (block + 1))
        yield f"own_days_span_{block + 1}_ago", sums.per_person(inside)
    expected = np.log((sums.count + 1.0) / (sums.known + 10.0) * days)
    yield "own_expected", expected
    yield "own_expected_if_away", np.log1p(sums.last) * (expected + np.log(_MONTH / days))
    # Fader, Hardie and Lee (2005), "Counting your customers the easy way": the log odds of still being a customer.
    again = np.maximum(sums.count - 1.0, 0.0)
    seen = np.maximum(sums.first - sums.last, 0.0)
    gone = np.where(again > 0, np.log(_LEAVE / (_STAY + np.maximum(again, 1.0) - 1.0)), -20.0)
    silent = np.log((_PACE_DAYS + sums.known) / (_PACE_DAYS + seen))
    yield "own_alive", np.clip(-gone - (_PACE + again) * silent, -30.0, 10.0)


def _spans(sums: RecencySums, days: int) -> tuple[Floats, Floats]:
    """Spans of so many days, a week apart, since the person is known: those with an act, and all."""
    hits, spans = np.zeros(sums.people), np.zeros(sums.people)
    oldest = float(sums.first.max()) if sums.people else 0.0
    for step in range(_MOST_STEPS):
        start = days + _STEP * step
        if start > oldest + 1.0:
            break
        there = sums.first >= start - 1.0
        inside = (sums.age < start) & (sums.age >= start - days)
        hits += there & (sums.per_person(inside) > 0)
        spans += there
    return hits, spans


def _spending(sums: RecencySums) -> Iterator[tuple[str, Floats]]:
    """Paces of money, lately against usually, and how often the person fell below half of their usual before."""
    from scipy.special import logit

    age = (sums.moment - sums.acts.us) / DAY_US
    faded = {
        life: np.bincount(sums.acts.who, sums.acts.money * np.exp2(-age / life), sums.people) / _memory(sums, life)
        for life in _HALF_LIVES
    }
    for life, pace in faded.items():
        yield f"own_money_pace_fading_{life:g}d", pace
    span = np.clip(sums.known, _LEAST_KNOWN, 84.0) / _MONTH
    usual = sums.money(84, 84) / span
    floor = _MONEY_FLOOR * max(float(usual[usual > 0].mean()) if (usual > 0).any() else 1.0, 1e-6)

    def against_usual(pace: Floats) -> Floats:
        return np.asarray(np.log((np.maximum(pace, 0.0) + floor) / (np.maximum(usual, 0.0) + floor)))

    yield "own_money_14d_to_usual", against_usual(sums.money(14, 14) * 2.0)
    yield "own_money_28d_to_usual", against_usual(sums.money(28, 28))
    for life in _HALF_LIVES[1:]:
        yield f"own_money_fading_{life:g}d_to_usual", against_usual(faded[life])
    months = np.stack([sums.money(_MONTH * (month + 1), _MONTH) for month in range(3)], axis=1)
    yield "own_money_spread", months.std(axis=1) / (np.abs(months.mean(axis=1)) + floor)
    yield "own_money_least_month_to_usual", against_usual(months.min(axis=1))
    yield "own_money_each", np.bincount(sums.acts.who, sums.acts.money, sums.people) / np.maximum(sums.count, 1.0)
    slowed, spans = np.zeros(sums.people), np.zeros(sums.people)
    oldest = float(sums.first.max()) if sums.people else 0.0
    for step in range(_MOST_STEPS):
        start = _MONTH + _STEP * step
        if start + 84 > oldest + _STEP:
            break
        before = sums.money(start + 84, 84) / 3.0
        slowed += (before > 0) & (sums.money(start, _MONTH) < 0.5 * before)
        spans += before > 0
    yield "own_share_of_slow_months", logit((slowed + 1.0) / (spans + 3.5))
    yield "own_months_compared", spans
