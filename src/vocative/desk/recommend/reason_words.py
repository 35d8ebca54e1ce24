"""Why a thing stands in somebody's list, in words for that person."""

from __future__ import annotations

from collections.abc import Mapping

from vocative.line.understand.list_predictions import NEW

_DAYS = 1.5
"""From so many days on it is not one day."""


def kind_of(reasons: Mapping[str, object], support: float) -> str:
    """What kind of proposal it is; a naive way does not say."""
    told = reasons.get("kind")
    return str(told) if told else "had before" if support > 0 else "many have it"


def in_words(reasons: Mapping[str, object], support: float, names: Mapping[str, str]) -> str:
    """The reason of one proposal.

    Args:
        reasons: The facts behind it, as kept with the prediction.
        support: On how many days the person had it.
        names: Names of items by their identifiers.
    """
    kind, because = kind_of(reasons, support), reasons.get("because")
    if kind == "had before":
        return _again(reasons, support)
    if kind == "declared":
        return f"you told us you like {because}"
    if kind == "goes with":
        other = str(reasons.get("goes_with"))
        return f"goes with {names.get(other, other)}, which you have had"
    if kind == NEW:
        return f"new in the catalogue, in {because}" if because else "new in the catalogue"
    when = reasons.get("when")
    return f"many have it on {when}" if when else "many have it"


def _again(reasons: Mapping[str, object], support: float) -> str:
    times = _number(reasons.get("times")) or support
    told = "you have had it once" if times < _DAYS else f"you have had it {times:.0f} times"
    usual, since = _number(reasons.get("typical_days")), _number(reasons.get("days_since"))
    if usual >= _DAYS:
        told += f", usually every {usual:.0f} days"
    if "days_since" in reasons:
        told += ", last today" if since < 1 else f", last {since:.0f} day{'s' if since >= _DAYS else ''} ago"
    return told


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
