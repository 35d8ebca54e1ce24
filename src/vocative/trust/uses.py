"""What a personalized campaign uses the profile for, and whether a person was asked for that."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from vocative.records.settings import Campaign
from vocative.records.uses import USES, Use

WORDS: dict[Use, str] = {
    "reminders": "reminders of what may be running out",
    "offers": "offers and coupons picked for the person",
    "discoveries": "things chosen for the person, new ones among them",
    "summaries": "the person's own numbers, such as their month",
    "thanks": "thanks to those who come often",
}
"""Each use in words."""

_RUNS_OUT = frozenset({"repeat_rhythm", "runs_out"})
_SEPARATORS = str.maketrans(",;|+/[]\"'", " " * 9)


def use_of(campaign: Campaign) -> Use | None:
    """What a campaign uses the profile for: as it says (`use`), else by its kind; None if it is not personalized.

    >>> from vocative.records.settings import Campaign
    >>> use_of(Campaign(name="n", goal="", channel="email", personalized=True, topic="n", template="n", sells=False))
    'thanks'
    """
    if not campaign.personalized:
        return None
    if campaign.use:
        return campaign.use
    if campaign.offers:
        return "offers"
    if campaign.tells:
        return "summaries"
    if campaign.module:
        return "reminders" if campaign.module in _RUNS_OUT else "discoveries"
    return "offers" if campaign.sells else "thanks"


def covered_by(declared: str | None, otherwise: Collection[Use]) -> frozenset[Use]:
    """The uses a record of permission covers: those it names itself, else those in `otherwise`.

    A word that is no use covers nothing.

    >>> sorted(covered_by("Reminders, offers, everything", ["thanks"])), sorted(covered_by(None, ["thanks"]))
    (['offers', 'reminders'], ['thanks'])
    """
    if declared is None or not declared.strip():
        return frozenset(otherwise)
    named = declared.lower().translate(_SEPARATORS).split()
    return frozenset(use for use in USES if use in named)


def in_words(uses: Iterable[Use]) -> str:
    """Several uses, in the order of the list of all.

    >>> in_words(["thanks", "reminders"])
    'reminders, thanks'
    """
    wanted = set(uses)
    return ", ".join(use for use in USES if use in wanted)
