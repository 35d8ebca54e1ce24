"""Proving patterns on the past: what goes with what beyond recency and frequency, corrected for all that is looked at.

Every single condition is tested for every goal, on all people, and corrected for all these tests. Pairs of conditions
are far too many for that: they are searched for on half of the people at older moments, and the few strongest are
tested on the other half and corrected for their number. What is told has to hold at the newer moments alone, too.

Over all tests the chance of a single false pattern is held below 2.5 % (Holm, *Scandinavian Journal of
Statistics* 6, 1979). Intervals are widened for the selection (Benjamini and Yekutieli, *JASA* 100, 2005).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vocative.predict.history.event_history import DAY_US, Flags, Integers, Past
from vocative.predict.patterns.clauses import Measured, holds, learn_clauses
from vocative.predict.patterns.goals import ANSWERS, asked_about, came_true, goals, standing
from vocative.predict.patterns.mining import (
    Candidate,
    Trial,
    implied,
    kin_of,
    members,
    overlap,
    search,
    trial_of,
    trial_with,
)
from vocative.predict.predictor import LEAST_HISTORY_DAYS
from vocative.prove.patterns_testing import LEVEL, PatternTest, Proof, put_to_test, score
from vocative.records.patterns import Clause, Goal, Pattern, Patterns
from vocative.stats.holm import holm

BEYOND_LEVEL = 0.01
"""What is told has to go with an act beside all that is told before it of that kind of act, by this chance."""
MOST = 10
"""Patterns that are told at most."""
MOMENTS = 6
"""Moments of the past that are looked at, `proving.step_days` apart."""

_INTERVAL = 0.05
_MOST_PEOPLE = 10_000
_ALIKE = 0.5
_FEWEST_MOMENTS = 2
_MOST_OF_KIN = 2
TOPICS: Mapping[str, str] = {
    **dict.fromkeys(ANSWERS, "messages"),
    "redeem": "offers",
    "return": "returns",
}
"""What people do → what features are about that restate it."""
MAIN_TOPICS: Mapping[str, str] = {"purchase": "buying", "use": "using", "view": "looking"}
"""Role of the act that matters → what features are about that restate it."""


def find_patterns(
    past: Past,
    measured: Sequence[Measured],
    tastes: Sequence[str],
    main_topic: str,
    random: np.random.Generator,
) -> Patterns:
    """Search the past for patterns and prove them.

    Args:
        past: All that is known at `past.now`.
        measured: Features that have words.
        tastes: Categories that may be named of people.
        main_topic: What features restate the act that matters (`buying`, `using`, `looking`).
        random: Draws the half of the people that is searched.
    """
    step = past.settings.proving.step_days
    moments = [past.now - round(step * place * DAY_US) for place in range(1, MOMENTS + 1)]
    moments = [one for one in moments if one - past.first >= LEAST_HISTORY_DAYS * DAY_US]
    if why := _missing(past, moments):
        return Patterns(moment=past.now, why=why)
    clauses = learn_clauses(past, moments[-1], measured, tastes)
    desk = _Desk(past, clauses, {one: holds(past, one, clauses, past.features(one).who) for one in moments})
    order, kin = random.permutation(len(past.people))[:_MOST_PEOPLE], kin_of(clauses)
    half = np.isin(np.arange(len(past.people)), order[: len(order) // 2])
    rest = np.isin(np.arange(len(past.people)), order[len(order) // 2 :])
    least = past.settings.segmenting.minimum_size
    topics = {one.name: one.about for one in measured}
    singles: list[PatternTest] = []
    pairs: list[PatternTest] = []
    proofs: dict[Goal, Proof] = {}
    looked_at, people = 0, 0
    for goal in goals(past):
        older, newer = split(moments, goal.days, past.now)
        # After months without data, or where something has only begun, there may be nobody to ask about.
        if not older or not _anybody(past, goal, newer, rest):
            continue
        usable = np.array([topics.get(one.name) not in (main_topic, TOPICS.get(goal.deed, "")) for one in clauses])
        whole, late = (Proof.of(desk.trial(goal, span, half | rest)) for span in (newer + older, newer))
        proofs[goal] = whole
        alone = [Candidate(goal, (int(place),)) for place in np.flatnonzero(usable)]
        singles += [put_to_test(whole, late, one, least) for one in alone]
        found, count = list[Candidate](), 0
        if _anybody(past, goal, older, half):
            found, count = search(desk.trial(goal, older, half), usable, kin, least * len(older))
        if found:
            others = [Proof.of(desk.trial(goal, span, rest)) for span in (newer + older, newer)]
            pairs += [put_to_test(others[0], others[1], one, least) for one in found]
        looked_at += len(alone) + count
        people = max(people, len(np.unique(whole.trial.who)))
    today = holds(past, past.now, clauses, past.features(past.now).who)
    tested = [one for one in singles if one.enough] + pairs
    shown = chosen(singles, pairs, proofs, today, kin)
    return Patterns(
        moment=past.now,
        found=list(_told(shown, len(tested), clauses, today, least)),
        looked_at=looked_at,
        tested=len(tested),
        people=people,
    )


def _anybody(past: Past, goal: Goal, moments: Sequence[int], among: Flags) -> bool:
    """Whether the goal is about any of these people at one of the moments."""
    return any(bool(among[asked_about(past, one, goal)].any()) for one in moments)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What trials are made of, read once."""

    past: Past
    clauses: Sequence[Clause]
    met: Mapping[int, Flags]
    """Moment → of whom each clause holds, in the order of the feature rows."""

    def trial(self, goal: Goal, moments: Sequence[int], among: Flags) -> Trial:
        """Rows of one goal at some moments, of the people among whom is looked."""
        who, met, came, stood = [], [], [], []
        for moment in moments:
            rows = asked_about(self.past, moment, goal)
            rows = rows[among[rows]]
            who.append(rows)
            met.append(self.met[moment][np.searchsorted(self.past.features(moment).who, rows)])
            came.append(came_true(self.past, moment, goal, rows))
            stood.append(standing(self.past, moment, goal, rows))
        return trial_of(goal, np.concatenate(who), np.vstack(met), np.concatenate(came), stood)


def split(moments: Sequence[int], days: int, now: int) -> tuple[list[int], list[int]]:
    """Older moments to search at and newer ones to test at; what follows the older is over before the newer begin.

    Args:
        moments: The newest first, µs UTC.
        days: How far ahead is looked.
        now: By when everything has to have happened.
    """
    span = days * DAY_US
    complete = [moment for moment in moments if moment + span <= now]
    for most in range(len(complete) // 2, 0, -1):
        newer = complete[:most]
        older = [moment for moment in complete[most:] if moment + span <= newer[-1]]
        if older:
            return older, newer
    return [], []


def chosen(
    singles: Sequence[PatternTest],
    pairs: Sequence[PatternTest],
    proofs: Mapping[Goal, Proof],
    today: Flags,
    kin: Integers,
) -> list[tuple[PatternTest, float]]:
    """Those that are proven, worth telling and different from each other, the surest first, with corrected chances.

    Half of the allowed error goes to single conditions, half to pairs. Each has to say something beyond those that are
    told before it of the same kind of act: what only goes along with them is left out.

    Args:
        singles: Tests of single conditions, of which many are about too few people.
        pairs: Tests of pairs.
        proofs: Goal → rows of everybody.
        today: Of whom each condition holds now.
        kin: A number for each condition; those of one number say nearly the same.
    """
    tried = [
        (one, 2.0 * float(p))
        for group in ([one for one in singles if one.enough], pairs)
        for one, p in zip(group, holm([one.p for one in group]), strict=True)
    ]
    proven = [(one, p) for one, p in tried if one.worth and p <= LEVEL]
    kept: list[tuple[PatternTest, float]] = []
    for one, p in sorted(proven, key=lambda found: (found[1], -found[0].strength)):
        told = [other.candidate for other, _ in kept if _family(other.candidate.goal) == _family(one.candidate.goal)]
        if len(kept) == MOST or any(_repeats(one.candidate, other, today, kin) for other in told):
            continue
        if _fresh(one, kept, kin) and _beyond(proofs[one.candidate.goal], one.candidate, told) <= BEYOND_LEVEL:
            kept.append((one, p))
    return kept


def _beyond(proof: Proof, candidate: Candidate, told: Sequence[Candidate]) -> float:
    """The chance of a pattern beside those that are told: they join what is expected."""
    trial = proof.trial
    if told:
        flags = [members(trial.holds, one.parts) for one in told]
        trial = trial_with(trial, np.column_stack(flags).astype(np.float64))
    return score(Proof.of(trial), members(trial.holds, candidate.parts))[1]


def _missing(past: Past, moments: Sequence[int]) -> str:
    if past.main < 0:
        return "no event tells of an act: name the events in `[events]`, such as purchase, use or view"
    step = past.settings.proving.step_days
    if len(moments) < _FEWEST_MOMENTS:
        have, need = (past.now - past.first) / DAY_US, step * _FEWEST_MOMENTS + LEAST_HISTORY_DAYS
        return f"{have:.0f} days of history; {need:.0f} are needed to look for patterns and to prove them"
    least = 4 * past.settings.segmenting.minimum_size
    if (people := len(past.features(moments[-1]).who)) < least:
        ago = step * len(moments)
        return f"{people:,} people had a profile {ago} days ago; {least:,} are needed to look for patterns"
    return ""


def _family(goal: Goal) -> str:
    return "acting" if goal.deed in ("act", "away", "more") else f"{TOPICS[goal.deed]}:{goal.channel}"


def _repeats(first: Candidate, second: Candidate, today: Flags, kin: Integers) -> bool:
    """Whether one says nearly what another says: about much the same people, or the same and more besides."""
    if {int(kin[part]) for part in first.parts} == {int(kin[part]) for part in second.parts}:
        return True
    nested = implied(first.parts, second.parts) or implied(second.parts, first.parts)
    return nested or overlap(members(today, first.parts), members(today, second.parts)) >= _ALIKE


def _fresh(one: PatternTest, kept: Sequence[tuple[PatternTest, float]], kin: Integers) -> bool:
    """Whether none of its conditions has been told too often already."""
    told = [int(kin[part]) for other, _ in kept for part in other.candidate.parts]
    return all(told.count(int(kin[part])) < _MOST_OF_KIN for part in one.candidate.parts)


def _told(
    shown: Sequence[tuple[PatternTest, float]], tested: int, clauses: Sequence[Clause], today: Flags, least: int
) -> Iterator[Pattern]:
    from scipy.special import ndtri

    far = -float(ndtri(_INTERVAL * len(shown) / max(tested, 1) / 2.0)) if shown else 0.0
    for one, p in shown:
        more, spread = one.rate - one.others, far * one.spread
        now = int(members(today, one.candidate.parts).sum())
        if more <= spread or now < least:
            continue
        yield Pattern(
            clauses=[clauses[part] for part in one.candidate.parts],
            goal=one.candidate.goal,
            people=one.people,
            rate=one.rate,
            others=one.others,
            low=more - spread,
            high=more + spread,
            alike=one.alike,
            p=p,
            today=now,
        )
