"""Whether what modules look at knows the future: looked into at every proof, on a sample of people."""

from __future__ import annotations

from vocative.predict.history.event_history import DAY_US, EventHistory
from vocative.profile.leakage import find_leaks

_PEOPLE = 30
_NAME = "leaking features"


def leaking(past: EventHistory) -> tuple[str, ...]:
    """Names of features whose values at a tested moment change when only what came later is changed.

    A future is planted for some people, in events and in what is known of people and items (`find_leaks`), in the
    middle of the moments that are tested. It is done once for all modules of a past.
    """
    return past.once(_NAME, past.now, _look)


def _look(past: EventHistory, now: int) -> tuple[str, ...]:
    proving = past.settings.proving
    moment = now - round(proving.step_days * proving.origins / 2 * DAY_US)
    found = find_leaks(past.engine, past.sources, past.settings, moment, people=_PEOPLE)
    return tuple(sorted({leak.feature for leak in found}))
