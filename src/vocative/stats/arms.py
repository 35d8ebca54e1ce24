"""Names of the arms of a lot: nothing, a campaign, or a campaign with an offer of some size."""

from __future__ import annotations

import re

NOTHING = ""
"""The arm of those who are left in peace."""
_SEPARATOR = " @ "


def arm_of(campaign: str, discount: float | None = None, unit: str = "") -> str:
    """The name of an arm: the campaign, with the size of its offer where it has one.

    >>> arm_of("news"), arm_of("coupon", 10.0, "percent"), arm_of("coupon", 5.0, "money")
    ('news', 'coupon @ 10 percent', 'coupon @ 5 money')
    """
    return campaign if discount is None else f"{campaign}{_SEPARATOR}{discount:.12g} {unit}".rstrip()


def campaign_of(arm: str) -> str:
    """The campaign of an arm.

    >>> campaign_of("coupon @ 10 percent")
    'coupon'
    """
    return arm.rpartition(_SEPARATOR)[0] if level_of(arm) is not None else arm


def level_of(arm: str) -> tuple[float, str] | None:
    """The size of the offer of an arm and its unit (`percent`, `money` or empty); None where it has none.

    >>> level_of("coupon @ 10 percent"), level_of("coupon @ 5 money"), level_of("news")
    ((10.0, 'percent'), (5.0, 'money'), None)
    """
    found = re.fullmatch(rf".+{_SEPARATOR}(\d[\d.e+-]*)(?: (\w+))?", arm)
    return None if found is None else (float(found[1]), found[2] or "")
