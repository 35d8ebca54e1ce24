"""What a decision could have been: every action that nothing forbade, with its worth and how likely it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from vocative.decide.eligibility.offer_sizes import TRIED_BY_LOT
from vocative.records.acting import Candidate, Decision, Option, Size

_NOT_TAKEN = (*TRIED_BY_LOT, "thanks_first", "budget", "limit")
"""Why something is not chosen that no rule forbids."""


def options_of(decision: Decision, costs: Mapping[str, float]) -> list[Option]:
    """The options of a decision: a campaign has one for each channel and size of its offer.

    Args:
        decision: With its candidates.
        costs: Channel → what a message costs, in money.
    """
    return [
        option
        for one in decision.candidates
        if one.removed is None or one.removed in _NOT_TAKEN
        for option in _options(decision, one, costs)
    ]


def _options(decision: Decision, candidate: Candidate, costs: Mapping[str, float]) -> Iterator[Option]:
    chosen = decision.chosen
    mine = decision.outcome == "contact" and chosen is not None and chosen.campaign == candidate.campaign
    for way in candidate.ways:
        action, cost, targets = way.action, costs[way.channel], tuple(target.target for target in way.targets)
        # A size is weighed as a candidate is.
        weighed: tuple[Candidate | Size, ...] = (way, *way.sizes)
        for one in weighed:
            best = one is candidate
            done = replace(action, offer=one.offer.level if one.offer is not None else None)
            yield Option(
                action=done,
                offer_id=one.offer.offer_id if one.offer is not None else None,
                best=best,
                given=best and mine,
                score=one.score,
                low=one.low,
                high=one.high,
                basis=one.basis,
                cost=cost,
                propensity=_propensity(decision, done.compared.key, certain=best and mine),
                removed=candidate.removed,
                targets=targets,
            )


def _propensity(decision: Decision, key: str, *, certain: bool) -> float | None:
    if decision.probabilities:
        return decision.probabilities.get(key, 0.0)
    # What no lot had a part in happened for certain; else rounding decided, and nobody can tell.
    return float(certain) if decision.propensity >= 1.0 else None
