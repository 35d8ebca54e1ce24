"""Which version of a model acts: a history of changes, read as of any moment, and the changes that may follow.

Nothing here is ever overwritten. Who acted at a moment is what the changes up to it say, so a run of the past can be
replayed and `--now` stays true. What follows from a history is a list of changes to be added to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vocative.errors import ModelError
from vocative.records.models import Standing, State

US = "vocative"
"""Who changes standings where no person does."""

History = Sequence[Standing]
"""Every change of one module up to a moment, in their order."""


class Change(NamedTuple):
    """A change that is to be noted: what a version becomes, and why."""

    version: str
    state: State
    why: str


def states(history: History) -> dict[str, Standing]:
    """Version → what it is now, in the order in which versions first appeared."""
    found: dict[str, Standing] = {}
    for one in history:
        found[one.version] = one
    return found


def champion(history: History) -> str | None:
    """The version that acts; None where the best naive way does."""
    return next((version for version, one in states(history).items() if one.state == "champion"), None)


def challengers(history: History) -> list[Standing]:
    """The versions that wait in shadow, the newest first."""
    return [one for one in reversed(states(history).values()) if one.state == "challenger"]


def last_good(history: History) -> str | None:
    """The version that acted last, has not failed since and does not act now; None if there is none."""
    now = states(history)
    for one in reversed(history):
        if one.state == "champion" and now[one.version].state == "retired":
            return one.version
    return None


def after_verdict(history: History, version: str, *, admitted: bool, why: str) -> list[Change]:
    """What becomes of a version that has been fitted and tested on the past.

    Where it is refused, nothing of the module may act any more: the past says that its way of predicting is no better
    than a naive one. Where it is admitted, the first one acts at once; later ones wait in shadow, and so does one that
    comes after a failure, since the past had admitted that one too.
    """
    now, acting = states(history), champion(history)
    if not admitted:
        waiting = [one.version for one in challengers(history)]
        gone = [one for one in (acting, *waiting) if one is not None]
        return [Change(one, "retired", f"the module was refused: {why}") for one in gone]
    if version in now and now[version].state in ("champion", "challenger", "failed"):
        return []
    if acting is None and not _failed_last(history):
        return [Change(version, "champion", "admitted, and no other version acts")]
    return [Change(version, "challenger", "admitted; it waits in shadow until it is found not to be worse")]


def promoted(history: History, version: str, why: str) -> list[Change]:
    """A version acts from now on; the one before it and older ones that wait retire.

    Raises:
        ModelError: There is no such version, or it acts already.
    """
    now = states(history)
    if version not in now:
        known = ", ".join(reversed(now)) or "none"
        raise ModelError(f"there is no version {version!r}", remedy=f"versions, the newest first: {known}")
    if now[version].state == "champion":
        raise ModelError(f"version {version} acts already", remedy="`vocative models list` shows which versions wait")
    acting, order = champion(history), list(now)
    changes = [] if acting is None else [Change(acting, "retired", f"replaced by {version}")]
    changes += [
        Change(one.version, "retired", f"the newer {version} was promoted")
        for one in challengers(history)
        if one.version != version and order.index(one.version) < order.index(version)
    ]
    return [*changes, Change(version, "champion", why)]


def failed(history: History, why: str) -> list[Change]:
    """The version that acts is taken out for good; the last good one acts again, or else the best naive way.

    Raises:
        ModelError: No version acts.
    """
    acting = champion(history)
    if acting is None:
        raise ModelError(
            "no version acts, so there is nothing to take back", remedy="`vocative models list` shows what does"
        )
    changes = [Change(acting, "failed", why)]
    if (good := last_good(history)) is not None:
        changes.append(Change(good, "champion", f"the last good version, as {acting} was taken out"))
    return changes


def falls(history: History) -> list[Standing]:
    """Every time that a version that acted failed."""
    acting, found = "", []
    for one in history:
        if one.state == "failed" and one.version == acting:
            found.append(one)
        acting = one.version if one.state == "champion" else "" if one.version == acting else acting
    return found


def lost(version: str, why: str) -> list[Change]:
    """A version that waited in shadow was worse, and will not be promoted by a run."""
    return [Change(version, "failed", why)]


def _failed_last(history: History) -> bool:
    """Whether the last version that acted was taken out because it failed."""
    last = next((one.version for one in reversed(history) if one.state == "champion"), None)
    return last is not None and states(history)[last].state == "failed"
