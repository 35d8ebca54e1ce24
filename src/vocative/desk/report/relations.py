"""Relationships on the report: states, how fairly offers went to loyal people and to groups, who stays, who said no."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct, field

from vocative.desk.report.long_run import stayed
from vocative.line.act.fairness import Audited, audited
from vocative.line.snapshot.snapshot import Snapshot
from vocative.records.acting import Decision
from vocative.records.relationship import STATES, State
from vocative.stats.shares import Estimate
from vocative.trust.fairness import GroupFigure, Loyalty, Violation
from vocative.trust.staying import STILL_DAYS, Stayed

_LEAST = 5
"""A figure about fewer people is not shown: it would be about them."""
_MOST_WORSE = 8
_MEANINGS: Mapping[State, str] = {
    "stranger": "fewer than three visits in a year, or no permission to look",
    "acquainted": "three visits in a year or more",
    "regular": "twelve visits in a year or more",
    "close": "regulars for half a year who have answered or told something",
    "strained": "trouble not long ago: nothing sells to them",
}


class StateShare(Struct, frozen=True, kw_only=True):
    """People in one state; `people` is None where there are too few to be shown."""

    name: str
    meaning: str
    people: int | None
    percent: float


class TreatedGroupRow(Struct, frozen=True, kw_only=True):
    """What one group saw within a quarter, in words."""

    name: str
    people: int
    offered: str
    size: str


class TreatedGroup(Struct, frozen=True, kw_only=True):
    """Groups by one thing people could be told apart by."""

    by: str
    rows: list[TreatedGroupRow]


class WorseRow(Struct, frozen=True, kw_only=True):
    """What loyal people saw of offers for one thing, beside people who buy now and then, in words."""

    name: str
    people: int
    """Loyal people who saw a smaller one only, or none so far, and were not thanked."""
    saw: str
    """The mean size over those who saw one."""
    others_saw: str
    """The best that people who buy now and then saw."""


class StayRow(Struct, frozen=True, kw_only=True):
    """One outcome at one horizon, in words."""

    what: str
    days: int
    people: int
    contacted: str
    control: str
    difference: str


class Relations(Struct, frozen=True, kw_only=True):
    """The section about relationships."""

    states: list[StateShare]
    loyal: int | None = None
    """Loyal people who saw an offer, or could have had one, for what occasional buyers saw one for; None: too few."""
    worse: int | None = None
    """How many of them saw smaller ones only and were not thanked; None: too few to be told, but not none."""
    passed_over: int | None = None
    """How many of them saw none so far and were not thanked; None: too few to be told, but not none."""
    worse_rows: list[WorseRow] = field(default_factory=list)
    """For what, and how much worse; things with too few people are left out."""
    offers: bool = False
    """Whether anything is offered at all."""
    groups: list[TreatedGroup] = field(default_factory=list)
    stays: list[StayRow] = field(default_factory=list)


def relations(
    scene: Snapshot, decisions: Sequence[Decision], language: Callable[[str], str], words: Mapping[str, str]
) -> Relations:
    """What a run knew of relationships, and what came of them up to its moment.

    Args:
        scene: At the moment of the run.
        decisions: Of the run.
        language: Names the tag of a language.
        words: Category → how it is called in the report.
    """
    found = audited(scene)
    return Relations(
        states=_states(decisions),
        loyal=_told(found.loyalty.loyal) if found else None,
        worse=_told(len({one.person for one in found.loyalty.violations if one.saw > 0})) if found else None,
        passed_over=_told(len({one.person for one in found.loyalty.violations if one.saw == 0})) if found else None,
        worse_rows=worse_rows(found.loyalty, words) if found else [],
        offers=found is not None,
        groups=_groups(found, language) if found else [],
        stays=stay_rows(scene),
    )


def worse_rows(found: Loyalty, words: Mapping[str, str]) -> list[WorseRow]:
    """For what loyal people saw worse offers, and by how much; what concerns most of them first."""
    by_thing: defaultdict[tuple[str, str], list[Violation]] = defaultdict(list)
    for one in found.violations:
        by_thing[one.target, one.unit].append(one)
    rows = [
        WorseRow(
            name=words.get(target, target) or "everything",
            people=len(mine),
            saw=_sizes([one.saw for one in mine if one.saw > 0], unit),
            others_saw=_sizes([max(one.others_saw for one in mine)], unit),
        )
        for (target, unit), mine in by_thing.items()
        if _told(len(mine))
    ]
    return sorted(rows, key=lambda one: (-one.people, one.name))[:_MOST_WORSE]


def stay_rows(scene: Snapshot) -> list[StayRow]:
    """Who still buys and who said no, as rows of a table."""
    found = stayed(scene)
    return [
        *(_stay_row(f"bought in the {STILL_DAYS} days before", one) for one in found.still_buy),
        *(_stay_row("took back a permission", one) for one in found.said_no),
    ]


def _states(decisions: Sequence[Decision]) -> list[StateShare]:
    counted = Counter(decision.relationship for decision in decisions)
    most = max(counted.values(), default=1)
    return [
        StateShare(
            name=state,
            meaning=_MEANINGS[state],
            people=_told(counted[state]),
            percent=round(100 * counted[state] / most, 1) if _told(counted[state]) else 0.0,
        )
        for state in STATES
    ]


def _groups(found: Audited, language: Callable[[str], str]) -> list[TreatedGroup]:
    groups = (
        (
            by,
            [_row(one, language(one.group) if by == "language" else one.group) for one in rows if _told(one.people)],
        )
        for by, rows in found.groups.items()
    )
    return [TreatedGroup(by=by, rows=rows) for by, rows in groups if rows]


def _row(one: GroupFigure, name: str) -> TreatedGroupRow:
    return TreatedGroupRow(
        name=name,
        people=one.people,
        offered=_with_interval(one.offered),
        size=_size(one.size),
    )


def _size(size: Estimate | None) -> str:
    if size is None:
        return "–"
    # There is no interval of a single person: its ends are not numbers, and nothing is less than they are.
    interval = f" ({size.low:.1f} to {size.high:.1f}%)" if size.low < size.high else ""
    return f"{size.value:.1f}%{interval}"


def _sizes(sizes: Sequence[float], unit: str) -> str:
    """The mean of sizes, as people read it."""
    if not sizes:
        return "none so far"
    mean = sum(sizes) / len(sizes)
    return f"{mean:.1f}%" if unit == "percent" else f"{mean:,.2f}"


def _stay_row(what: str, one: Stayed) -> StayRow:
    return StayRow(
        what=what,
        days=one.days,
        people=one.people,
        contacted=_with_interval(one.contacted),
        control=_with_interval(one.control),
        difference=_points(one.effect),
    )


def _with_interval(share: Estimate | None) -> str:
    return "nobody yet" if share is None else f"{_percent(share.value)} ({_interval(share)})"


def _points(effect: Estimate | None) -> str:
    if effect is None:
        return "–"
    return f"{100 * effect.value:+.1f} points ({100 * effect.low:+.1f} to {100 * effect.high:+.1f})"


def _interval(share: Estimate) -> str:
    return f"{100 * share.low:.1f} to {100 * share.high:.1f}%"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _told(people: int) -> int | None:
    return people if people >= _LEAST or people == 0 else None
