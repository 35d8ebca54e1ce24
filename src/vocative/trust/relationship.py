"""How well a person and the business know each other, told from what the person did towards the business.

A relationship is no score of worth: what a person spends plays no part in it, nor who they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from vocative.records.relationship import State
from vocative.records.results import Permission
from vocative.trust.permission import EVERY_CHANNEL

ACQUAINTED_VISITS = 3
"""Visits within a year from which on a person is acquainted: once is chance, twice may be."""
REGULAR_VISITS = 12
"""Visits within a year from which on a person is a regular: once a month."""
CLOSE_KNOWN_DAYS = 182
"""Days since the first visit before a regular may be close."""
CLOSE_TOLD = 2
"""Replies, tastes and preferences after which a regular is close: they talk to the business, not only buy from it."""
FADES_DAYS = 60
"""Days after which a single trouble has faded."""
REPEATED_DAYS = 120
"""Days after which the newest trouble has faded where there were several within a year."""
RETURNS_DAYS = 90
"""Returns are counted over so many days."""
MANY_RETURNS = 3
"""Returns from which on something may be wrong; only where they are at least half of the visits of the same time."""
YEAR_DAYS = 365
_DAY_US = 86_400_000_000
_ASKED_OF_ALL = frozenset({"marketing", "personalization"})


class RelationshipActs(NamedTuple):
    """What one person did towards the business, as of a moment.

    Without permission for personalization there are only `opt_outs` and complaints about messages: what the person
    themselves said about being written to. It keeps them from being pressed and is no profile.
    """

    visits: int = 0
    """Orders (or days with the act that matters) of the last 365 days."""
    known_days: float = 0.0
    """Days since the first of them."""
    replies: int = 0
    """Replies to messages within the last 365 days."""
    told: int = 0
    """Tastes declared, things wished for, preferences set."""
    returns: int = 0
    """Orders of which something was brought back within `RETURNS_DAYS`."""
    lately: int = 0
    """Visits within `RETURNS_DAYS`."""
    returned: float | None = None
    """Days since the newest of these returns."""
    complaints: tuple[float, ...] = ()
    """Days since each complaint."""
    opt_outs: tuple[float, ...] = ()
    """Days since each permission was withdrawn that has not been given again."""


class Relationship(NamedTuple):
    """The state, and why it is that, in words."""

    state: State
    because: str


STRANGE = Relationship("stranger", "did not allow to look at what they do")
"""Whoever did not allow personalization, as long as there is no trouble."""


def relationship(acts: RelationshipActs) -> Relationship:
    """The state of a relationship; trouble goes before everything and fades.

    >>> relationship(RelationshipActs(visits=14, known_days=200, told=2))
    Relationship(state='close', because='14 visits in a year, known for 200 days, answered or told something 2 times')
    >>> relationship(RelationshipActs(visits=14, complaints=(12.0,)))
    Relationship(state='strained', because='complained 12 days ago')
    >>> relationship(RelationshipActs(visits=14, complaints=(80.0,))).state
    'regular'
    """
    trouble = _trouble(acts)
    if trouble is not None:
        return Relationship("strained", trouble)
    return Relationship(_nearness(acts), _history(acts))


def withdrawals(records: Iterable[Permission], now: int) -> dict[str, tuple[float, ...]]:
    """Person → days since each withdrawal of a permission to be written to, as was known at `now` (µs UTC).

    A withdrawal is a *no* after a *yes* about messages of the same class, over the same channel or over all; it counts
    until a newer *yes* takes it back. A *no* to personalization is none: it changes what may be known of the person,
    not whether they like to hear from the business, and they still get what is the same for everybody.
    """
    found: defaultdict[str, list[float]] = defaultdict(list)
    for (person, _), answers in _answers(records, now).items():
        for place, one in _withdrawn(answers):
            if "yes" not in (after.status for after in answers[place + 1 :] if _overlap(after.channel, one.channel)):
                found[person].append((now - one.at) / _DAY_US)
    return {person: tuple(sorted(days)) for person, days in found.items()}


def refusals(records: Iterable[Permission], now: int) -> dict[str, list[int]]:
    """Person → the moment (µs UTC) of each withdrawal as was known at `now`, whether or not it was taken back later."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for (person, _), answers in _answers(records, now).items():
        found[person] += [one.at for _, one in _withdrawn(answers)]
    return {person: sorted(moments) for person, moments in found.items() if moments}


def preferences_set(records: Iterable[Permission], now: int) -> dict[str, int]:
    """Person → how many preferences they set of their own accord, as was known at `now` (µs UTC).

    That is a *yes* to a purpose nobody is asked about at first, and each later day with a *yes*: they came back to it.
    """
    days: defaultdict[str, set[int]] = defaultdict(set)
    purposes: defaultdict[str, set[str]] = defaultdict(set)
    for record in records:
        if record.status == "yes" and record.known_at <= now and record.at <= now and record.purpose != "service":
            days[record.user_id].add(record.at // _DAY_US)
            purposes[record.user_id].add(record.purpose)
    return {person: len(mine) - 1 + len(purposes[person] - _ASKED_OF_ALL) for person, mine in days.items()}


class _Answer(NamedTuple):
    at: int
    channel: str
    status: str


def _answers(records: Iterable[Permission], now: int) -> dict[tuple[str, str], list[_Answer]]:
    """(person, class of messages) → their answers, the oldest first; of one moment a *no* is the later one."""
    found: defaultdict[tuple[str, str], list[_Answer]] = defaultdict(list)
    for record in records:
        if record.purpose in ("marketing", "service") and record.known_at <= now and record.at <= now:
            found[record.user_id, record.purpose].append(_Answer(record.at, record.channel, record.status))
    return {key: sorted(answers, key=lambda one: (one.at, one.status == "no")) for key, answers in found.items()}


def _withdrawn(answers: Sequence[_Answer]) -> Iterator[tuple[int, _Answer]]:
    """Each *no* whose newest answer before was a *yes*, with its place."""
    for place, one in enumerate(answers):
        before = [earlier.status for earlier in answers[:place] if _overlap(earlier.channel, one.channel)]
        if one.status == "no" and before and before[-1] == "yes":
            yield place, one


def _overlap(one: str, other: str) -> bool:
    return one == other or EVERY_CHANNEL in (one, other)


def _trouble(acts: RelationshipActs) -> str | None:
    """What strains the relationship, in words."""
    troubles = sorted(_troubles(acts))
    within_a_year = [one for one in troubles if one[0] <= YEAR_DAYS]
    fades = REPEATED_DAYS if len(within_a_year) > 1 else FADES_DAYS
    if not troubles or troubles[0][0] >= fades:
        return None
    more = len(within_a_year) - 1
    return troubles[0][1] + (f", and {more} more of such within a year" if more else "")


def _troubles(acts: RelationshipActs) -> Iterator[tuple[float, str]]:
    """Days since each trouble, and what it was."""
    for days in acts.complaints:
        yield days, f"complained {_ago(days)}"
    for days in acts.opt_outs:
        yield days, f"took back a permission {_ago(days)}"
    if acts.returned is not None and acts.returns >= MANY_RETURNS and 2 * acts.returns >= acts.lately:
        yield (
            acts.returned,
            f"brought back {acts.returns} times within {RETURNS_DAYS} days, the last {_ago(acts.returned)}",
        )


def _nearness(acts: RelationshipActs) -> State:
    if acts.visits < ACQUAINTED_VISITS:
        return "stranger"
    if acts.visits < REGULAR_VISITS:
        return "acquainted"
    talks = acts.replies + acts.told >= CLOSE_TOLD
    return "close" if talks and acts.known_days >= CLOSE_KNOWN_DAYS else "regular"


def _history(acts: RelationshipActs) -> str:
    if not acts.visits:
        return "no visit in a year"
    parts = [_times(acts.visits, "visit") + " in a year", f"known for {_times(int(acts.known_days), 'day')}"]
    if acts.replies + acts.told:
        parts.append(f"answered or told something {_times(acts.replies + acts.told, 'time')}")
    return ", ".join(parts)


def _ago(days: float) -> str:
    return f"{_times(int(days), 'day')} ago" if days >= 1 else "today"


def _times(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
