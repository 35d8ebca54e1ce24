"""What counts as an act that matters in a business."""

from __future__ import annotations

from collections.abc import Mapping

from vocative.records.settings import Role, Settings

MAIN: tuple[Role, ...] = ("purchase", "use", "view")
"""What matters most where it is done, in this order."""
DELIBERATE: tuple[Role, ...] = ("search", "basket", "wish", "click", "reply", "redeem")
"""What else people do on purpose."""


def main_role(settings: Settings, done: Mapping[Role, int] | None = None) -> Role | None:
    """What counts as an act that matters, as `business.main_act` tells; None: no event has such a meaning.

    Args:
        settings: Which events mean what.
        done: How often each was done, where that is known: then what nobody ever did does not matter.
    """
    if settings.business.main_act is not None:
        return settings.business.main_act
    named = [role for role, names in settings.events.items() if names]
    acted = [role for role in named if done is None or done.get(role, 0)] or named
    first = next((role for role in MAIN if role in acted), None)
    # An open is often a machine's, so it matters only where nothing else is done.
    own = [role for role in DELIBERATE if role in acted]
    often = max(own, key=lambda role: (done or {}).get(role, 0), default=None)
    return first or often or ("open" if "open" in acted else None)
