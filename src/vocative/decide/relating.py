"""What the relationship to a person allows: lower caps, and messages that give between those that sell."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from vocative.records.acting import Contact
from vocative.records.caps import Caps, Most
from vocative.records.relationship import StateCaps


def lower(caps: Caps, state: StateCaps) -> Caps:
    """The caps for people in one state of relationship: never above those for everybody.

    >>> found = lower(Caps(per_day=1, per_week=2, per_month="none"), StateCaps(per_week=1, per_month=9))
    >>> found.per_day, found.per_week, found.per_month
    (1, 1, 9)
    """
    return replace(
        caps,
        per_day=_lower(caps.per_day, state.per_day),
        per_week=_lower(caps.per_week, state.per_week),
        per_month=_lower(caps.per_month, state.per_month),
    )


def sold_in_a_row(messages: Iterable[Contact], since: int) -> int:
    """Marketing messages that sold something since the last one that did not, and not before `since` (µs UTC).

    Of messages of one moment, those that sell count as the later ones.
    """
    marketing = [one for one in messages if one.message_class == "marketing" and one.sent_at >= since]
    given = max((one.sent_at for one in marketing if not one.sells), default=since)
    return sum(one.sells and one.sent_at >= given for one in marketing)


def _lower(one: Most, other: int | None) -> Most:
    return min((cap for cap in (one, other) if isinstance(cap, int)), default=one)
