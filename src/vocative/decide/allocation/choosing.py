"""One candidate for each person, so that the limits for everybody together are kept and the whole is worth most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from vocative.decide.allocation.arbitration import Allocation, allocate
from vocative.decide.allocation.limits import Choices, Flags, Floats, Integers, Limit
from vocative.decide.allocation.odds import NONE, Odds, odds_of
from vocative.records.acting import Candidate, Certificate, LimitUse
from vocative.records.action import SILENCE, Action
from vocative.records.limits import Counted


@dataclass(frozen=True, slots=True)
class Stock:
    """What is left of one limit at the moment of a plan.

    `reason` is why somebody gets nothing because of it. Empty `channels` and `campaigns` mean all; `segment` empty
    means everybody.
    """

    name: str
    reason: str
    counts: Counted = "messages"
    at_most: float = np.inf
    at_least: float = 0.0
    channels: frozenset[str] = frozenset()
    campaigns: frozenset[str] = frozenset()
    segment: str = ""

    def holds_for(self, candidate: Candidate) -> bool:
        """Whether the candidate uses some of it, whoever gets it."""
        return (
            (not self.channels or candidate.channel in self.channels)
            and (not self.campaigns or candidate.campaign in self.campaigns)
            and (self.counts != "offers" or candidate.offer is not None)
        )

    def use(self, cost: float) -> float:
        """How much of it one message uses that costs so much."""
        return cost if self.counts == "money" else 1.0


@dataclass(frozen=True, slots=True)
class Choice:
    """What one person could get: candidates that passed every filter, each over one channel or several, and segments.

    `held_back` people (a control group) use nothing up; for them is chosen what they would get at the same prices.
    """

    key: str
    candidates: tuple[Candidate, ...]
    segments: frozenset[str] = frozenset()
    held_back: bool = False
    tried: tuple[Candidate, ...] = ()
    """What no plan would choose, since it is not held to be worth it, and what may be drawn by lot all the same."""
    share: float = 0.0
    """The probability with which it is drawn by lot what they get."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The candidate of each choice (None: nothing), why those that were worth more were lost, and the certificate."""

    candidates: list[Candidate | None]
    lost: list[Mapping[str, str]]
    """For each choice, campaign → reason."""
    odds: list[Mapping[str, float] | None]
    """For each choice, campaign (empty: nothing) → probability that the plan gives it to somebody like them who is not
    held back; None where that cannot be told, because rounding decides and not worth."""
    certificate: Certificate


def choose(choices: Sequence[Choice], stocks: Sequence[Stock], costs: Mapping[str, float]) -> Chosen:
    """The most valuable candidates within what is left of the limits.

    The result does not depend on the order of the choices; who are equal come in an order drawn by their keys.

    Args:
        choices: Everybody with at least one candidate; their worth is `Candidate.score`.
        stocks: What is left of each limit.
        costs: Channel → what a message costs.
    """
    order = sorted(range(len(choices)), key=lambda place: choices[place].key)
    table = _Table.of([choices[place] for place in order], stocks, costs)
    plan = allocate(table.choices, table.limits)
    left = [stock.at_most - used for stock, used in zip(stocks, plan.used, strict=True)]
    taken = dict(zip(plan.who.tolist(), plan.action.tolist(), strict=True))
    odds = table.odds(plan)
    candidates: list[Candidate | None] = [None] * len(choices)
    lost: list[Mapping[str, str]] = [{} for _ in choices]
    told: list[Mapping[str, float] | None] = [None] * len(choices)
    for row, place in enumerate(order):
        one = choices[place]
        name = table.at_prices(row, plan) if one.held_back else taken.get(table.place_of.get(row, -1))
        found = None if name is None else _way(one, table.columns[name])
        candidates[place] = found
        told[place] = table.named(odds[row])
        lost[place] = _lost(one, found, stocks, left, costs)
    return Chosen(candidates, lost, told, _certificate(plan, stocks))


@dataclass(frozen=True, slots=True)
class _Table:
    """Choices as arrays: people × ways to say something, and everybody's worth and use for those who are held back."""

    choices: Choices
    limits: list[Limit]
    columns: list[Action]
    """What a plan chooses among: the size of an offer is chosen for each person before."""
    place_of: Mapping[int, int]
    """Row of a choice → its row among those who use something up."""
    worth: Floats
    loads: Floats
    """Rows of choices × limits × columns: what would be used."""

    @staticmethod
    def of(choices: Sequence[Choice], stocks: Sequence[Stock], costs: Mapping[str, float]) -> _Table:
        every_way = {_column(way) for one in choices for way in _ways(one)}
        columns = sorted(every_way, key=lambda one: (one.campaign, one.channel))
        column = {name: place for place, name in enumerate(columns)}
        worth = np.full((len(choices), len(columns)), -np.inf)
        loads = np.zeros((len(choices), len(stocks), len(columns)))
        for row, one in enumerate(choices):
            for candidate in _ways(one):
                place = column[_column(candidate)]
                worth[row, place] = candidate.score or 0.0
                for number, stock in enumerate(stocks):
                    if stock.holds_for(candidate) and (not stock.segment or stock.segment in one.segments):
                        loads[row, number, place] = stock.use(costs[candidate.channel])
        using = np.array([row for row, one in enumerate(choices) if not one.held_back], np.int64)
        every = np.ones(len(columns), bool)
        limits = [
            Limit(stock.name, every, stock.at_most, stock.at_least, amount=number)
            for number, stock in enumerate(stocks)
        ]
        made = Choices(worth[using], tuple(loads[using, number] for number in range(len(stocks))))
        place_of = {row: place for place, row in enumerate(using.tolist())}
        return _Table(made, limits, columns, place_of, worth, loads)

    def at_prices(self, row: int, plan: Allocation) -> int | None:
        """What somebody would choose at the prices of the plan."""
        if not self.columns:
            return None
        reduced = self.worth[row] - plan.price @ self.loads[row]
        best = int(reduced.argmax())
        return best if reduced[best] > 0 else None

    def odds(self, plan: Allocation) -> list[Odds | None]:
        """What the plan gives to each, with which probability, by column."""
        taken: Integers = np.full(len(self.worth), NONE, np.int64)
        using: Flags = np.zeros(len(self.worth), bool)
        rows = np.fromiter(self.place_of, np.int64, len(self.place_of))
        using[rows] = True
        taken[rows[plan.who]] = plan.action
        return odds_of(self.worth, self.loads, plan.price, taken, using)

    def named(self, odds: Odds | None) -> dict[str, float] | None:
        """Odds by campaign, over all its channels."""
        if odds is None:
            return None
        told: dict[str, float] = {}
        for place, chance in odds.items():
            name = SILENCE if place == NONE else self.columns[place].campaign
            told[name] = told.get(name, 0.0) + chance
        return told


def _column(candidate: Candidate) -> Action:
    return candidate.action.without_offer


def _ways(choice: Choice) -> Iterator[Candidate]:
    return (way for candidate in choice.candidates for way in candidate.ways)


def _way(choice: Choice, column: Action) -> Candidate:
    """The candidate over one of its channels, with the others beside it."""
    first = next(one for one in choice.candidates if one.campaign == column.campaign)
    if first.channel == column.channel:
        return first
    mine = next(one for one in first.over if one.channel == column.channel)
    return replace(mine, over=tuple(replace(one, over=()) for one in first.ways if one is not mine))


def _lost(
    choice: Choice, found: Candidate | None, stocks: Sequence[Stock], left: Sequence[float], costs: Mapping[str, float]
) -> dict[str, str]:
    """Candidates that were worth more than what was chosen, and which limit took them."""
    least = (found.score or 0.0) if found is not None else 0.0
    reasons = {}
    for candidate in choice.candidates:
        same = found is not None and candidate.campaign == found.campaign
        if same or (candidate.score or 0.0) <= least:
            continue
        reasons[candidate.campaign] = _limit_in_the_way(choice, candidate, stocks, left, costs)
    return reasons


def _limit_in_the_way(
    choice: Choice, candidate: Candidate, stocks: Sequence[Stock], left: Sequence[float], costs: Mapping[str, float]
) -> str:
    """The reason of the limit of which too little is left; else of the one that is used up most."""
    mine = [
        (room - stock.use(costs[candidate.channel]), stock.reason)
        for stock, room in zip(stocks, left, strict=True)
        if stock.holds_for(candidate) and (not stock.segment or stock.segment in choice.segments)
    ]
    return min(mine)[1] if mine else "limit"


def _certificate(plan: Allocation, stocks: Sequence[Stock]) -> Certificate:
    return Certificate(
        worth=plan.worth,
        bound=plan.bound,
        gap=plan.gap if np.isfinite(plan.gap) else None,
        limits=[
            LimitUse(
                name=stock.name,
                used=float(plan.used[place]),
                at_most=stock.at_most if np.isfinite(stock.at_most) else None,
                at_least=stock.at_least,
                price=float(plan.price[place]),
                short=float(plan.short[place]),
            )
            for place, stock in enumerate(stocks)
        ],
    )
