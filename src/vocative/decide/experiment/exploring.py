"""Marketing by lot: for a part of the people it is drawn what they get, so that effects can be learnt, honestly logged.

Who is drawn, and what for, depends on nothing but the run and the person. People come one after the other in an order
drawn by lot, before the plan for everybody else: each option for which the limits leave room at that moment is as
likely as the other, silence among them; then each size of its offer. So nobody has to be refused what was drawn for
them, and the probability of each option is known, whoever was drawn before (randomisation in sequence). What is not
held to be worth it is drawn too, unless it was measured so: else nothing would ever be learnt of it. What the plan
would have given somebody who was drawn is read at its prices, as it is for the control group; so is, for everybody, the
probability of each option.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace as exchanged
from typing import NamedTuple

from msgspec.structs import replace

from vocative.decide.allocation.choosing import Choice, Stock
from vocative.decide.eligibility.offer_sizes import actions_of, drawn_size
from vocative.decide.experiment.control import held_back, in_control
from vocative.decide.value.worth import may_be_tried
from vocative.records.acting import Candidate, Decision
from vocative.records.action import SILENCE
from vocative.records.experiment import Assignment
from vocative.stats.hashing import stable_uniform

_CLOSE = 1e-9


class Lot(NamedTuple):
    """What could be drawn for one person, and what was."""

    options: tuple[Candidate, ...]
    """Candidates for which the limits left room; silence is always possible beside them."""
    lost: Mapping[str, str] = {}
    """Campaign → reason, of those for which they did not."""
    drawn: bool = False
    """Whether the person is one of those for whom it is drawn."""
    candidate: Candidate | None = None
    """What was drawn; None: silence, or nothing was drawn."""


def draw_lots(
    choices: Sequence[Choice], stocks: Sequence[Stock], costs: Mapping[str, float]
) -> tuple[list[Lot], list[Stock]]:
    """What is drawn for whom, and what that leaves of the limits.

    Args:
        choices: Everybody with a candidate, and how likely it is that it is drawn for them; nothing is for those who
            are held back.
        stocks: What is left of each limit before anybody gets anything.
        costs: Channel → what a message costs.
    """
    lots = [Lot(one.candidates) for one in choices]
    if not any(one.share > 0.0 for one in choices):
        return lots, list(stocks)
    used = [0.0] * len(stocks)
    for place in sorted(range(len(choices)), key=lambda one: choices[one].key):
        lot = _draw(choices[place], stocks, used, costs)
        lots[place] = lot
        if lot.candidate is not None:
            for number, stock in enumerate(stocks):
                used[number] += _use(stock, lot.candidate, choices[place], costs)
    return lots, [
        exchanged(stock, at_most=max(stock.at_most - gone, 0.0), at_least=max(stock.at_least - gone, 0.0))
        for stock, gone in zip(stocks, used, strict=True)
    ]


def _draw(choice: Choice, stocks: Sequence[Stock], used: Sequence[float], costs: Mapping[str, float]) -> Lot:
    every = tuple(_to_try(one) for one in (*choice.candidates, *choice.tried))
    lost = {
        one.campaign: stock.reason
        for one in every
        for stock, gone in zip(stocks, used, strict=True)
        if (use := _use(stock, one, choice, costs)) > 0.0 and gone + use > stock.at_most + _CLOSE * max(1.0, gone)
    }
    options = tuple(one for one in every if one.campaign not in lost)
    if choice.held_back or stable_uniform("exploring", choice.key) >= choice.share:
        return Lot(options)
    place = int(stable_uniform("explored", choice.key) * (len(options) + 1))
    if place == len(options):
        return Lot(options, lost, drawn=True)
    drawn = drawn_size(options[place], stable_uniform("size", choice.key))
    return Lot(options, lost, drawn=True, candidate=replace(drawn, removed=None))


def _to_try(candidate: Candidate) -> Candidate:
    """With the sizes that may be drawn."""
    sizes = tuple(one for one in candidate.sizes if may_be_tried(one))
    return candidate if len(sizes) == len(candidate.sizes) else replace(candidate, sizes=sizes)


def _use(stock: Stock, candidate: Candidate, choice: Choice, costs: Mapping[str, float]) -> float:
    if not stock.holds_for(candidate) or (stock.segment and stock.segment not in choice.segments):
        return 0.0
    return stock.use(costs[candidate.channel])


def probabilities(lot: Lot, odds: Mapping[str, float], share: float, held: float) -> dict[str, float]:
    """Key of an action → probability that the person gets it, by all lots together; impossible ones are missing.

    Args:
        lot: What could be drawn for them.
        odds: Campaign → probability that the plan gives it to them where nothing is drawn; empty: nothing.
        share: How likely it was that it is drawn for them.
        held: The part of the people who are held back as control group.
    """
    free, each = 1.0 - held, share / (len(lot.options) + 1)
    told = {SILENCE: held + free * (each + (1.0 - share) * odds.get(SILENCE, 0.0))}
    for one in lot.options:
        keys = [action.key for action in actions_of(one)]
        for key in keys:
            told[key] = told.get(key, 0.0) + free * each / len(keys)
        told[keys[0]] += free * (1.0 - share) * odds.get(one.campaign, 0.0)
    return {key: chance for key, chance in told.items() if chance > 0.0}


def settled(
    decision: Decision,
    assignment: Assignment | None,
    lot: Lot,
    planned: Candidate | None,
    odds: Mapping[str, float] | None,
    share: float,
) -> Decision:
    """The decision about marketing for one person.

    Args:
        decision: Silence, with what a limit took away marked in its candidates.
        assignment: Their arm in the experiment of the control group; None: they were never assigned.
        lot: What could be drawn for them, and what was.
        planned: What the plan gives them, or would at its prices.
        odds: As in `probabilities`; None where that cannot be told: then no probabilities are kept.
        share: How likely it was that it is drawn for them.
    """
    spared = in_control(assignment)
    possible = {SILENCE, *(one.campaign for one in lot.options)}
    if odds is not None and share < 1.0 and not possible.issuperset(odds):
        # At the prices they would get what there was no room for: prices that nobody had to pay say nothing.
        odds = None
    given = None if spared else lot.candidate if lot.drawn else planned
    sure = {planned.campaign if planned is not None else SILENCE: 1.0}
    chances = probabilities(lot, sure if odds is None else odds, share, held_back(assignment))
    happened = SILENCE if given is None else given.action.compared.key
    told = replace(
        decision,
        propensity=min(chances[happened], 1.0) if len(chances) > 1 else 1.0,
        probabilities=chances if odds is not None and len(chances) > 1 else {},
        explored=lot.drawn,
    )
    if given is not None:
        candidates = tuple(given if one.campaign == given.campaign else one for one in told.candidates)
        return replace(told, outcome="contact", reason=given.campaign, chosen=given, candidates=candidates)
    if spared and planned is not None:
        return replace(told, outcome="control", reason="control_group", chosen=planned)
    return replace(told, reason="explored") if lot.drawn and lot.options else told
