"""Of offers of several sizes the smallest that is worth most; the others can be drawn by lot.

No limit for everybody together tells sizes apart: they count messages, money for channels, or offers. So which is best
for a person is known before the plan is made.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from vocative.records.acting import Candidate, Offer, Size
from vocative.records.action import Action

TRIED_BY_LOT = ("not_worth_it", "not_measured")
"""Why a plan does not choose what may be drawn by lot all the same."""
_CLOSE = 1e-9


def best_size(candidates: Sequence[Candidate]) -> Candidate:
    """The candidate with the smallest of the sizes that are worth most, and the other sizes beside it.

    Where there are several and measured effects on the person chose, the offer says that its size is personal.

    Args:
        candidates: The same message with offers of different sizes, each with its worth.
    """
    if len(candidates) > 1 and any(one.basis == "measured" for one in candidates):
        candidates = [replace(one, offer=replace(size_of(one).offer, personal=True)) for one in candidates]
    ordered = sorted(candidates, key=_size)
    best = max(one.score or 0.0 for one in ordered)
    chosen = next(one for one in ordered if (one.score or 0.0) >= best - _CLOSE * max(1.0, abs(best)))
    return replace(chosen, sizes=tuple(size_of(one) for one in ordered if one is not chosen))


def drawn_size(candidate: Candidate, uniform: float) -> Candidate:
    """The candidate with one of all its sizes, each as likely as the other; where there are several, it says so.

    Args:
        candidate: With the sizes beside its own.
        uniform: A number from 0 to below 1.
    """
    if not candidate.sizes:
        return candidate
    every = [size_of(candidate), *candidate.sizes]
    size = every[int(uniform * len(every))]
    others = sorted((one for one in every if one is not size), key=_size)
    return replace(
        candidate,
        # Whatever measured effects would have chosen: it was not they.
        offer=replace(size.offer, personal=False, drawn=True),
        score=size.score,
        basis=size.basis,
        low=size.low,
        high=size.high,
        sizes=tuple(others),
    )


def actions_of(candidate: Candidate) -> list[Action]:
    """What the candidate does, as lots compare it, and what it would do with each of its other sizes."""
    mine = candidate.action.compared
    return [mine, *(replace(mine, offer=size.offer.level) for size in candidate.sizes)]


def size_of(candidate: Candidate) -> Size:
    """The size that a candidate has.

    Raises:
        ValueError: It makes no offer.
    """
    if candidate.offer is None:
        raise ValueError(f"{candidate.campaign} makes no offer, so there is no size")
    return Size(
        offer=candidate.offer,
        score=candidate.score or 0.0,
        basis=candidate.basis,
        low=candidate.low,
        high=candidate.high,
    )


def _size(one: Candidate | Size) -> tuple[str, float, str]:
    offer = one.offer or Offer(offer_id="")
    return offer.unit, offer.discount or 0.0, offer.offer_id
