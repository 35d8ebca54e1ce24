"""What a message rests on, in the words of those who approve it; the person reads it in the footer, less exactly."""

from __future__ import annotations

from collections.abc import Mapping

from vocative.profile.standard.standard import STANDARD
from vocative.records.acting import Decision

_MEASURED = "The text is the same for everyone; the person was chosen by what such a message was measured to change."
_MEANINGS = {feature.name: feature.meaning for feature in STANDARD}


def rests_on(decision: Decision, words: Mapping[str, str]) -> str:
    """What is behind a message: the chances, the offer, the numbers, a measured effect, or that no profile was used.

    `words` are names of targets as customers know them.
    """
    chosen = decision.chosen
    if chosen is None or not chosen.personalized:
        told = "The same for everyone who gets it: no profile was used."
        return told if chosen is None or chosen.basis != "measured" else _MEASURED
    parts = [
        f"{words.get(one.target, one.target.lower())}: {one.probability:.0%} within {one.horizon_days:.0f} days"
        for one in chosen.targets
    ]
    if chosen.offer is not None:
        parts.append(f"the offer {chosen.offer.name or chosen.offer.offer_id} holds for it")
    parts += [
        f"{_MEANINGS.get(name, name)}: {value:,.2f}".removesuffix(".00") for name, value in chosen.numbers.items()
    ]
    text = "; ".join(parts) or decision.because or "the person belongs to the segment of the campaign"
    return text[0].upper() + text[1:] + "."
