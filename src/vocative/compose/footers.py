"""Why a person got a message and how to stop: below every message, in its language and register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from vocative.compose.layout import Line
from vocative.compose.phrases import Manner, Phrases, Reason
from vocative.errors import TemplateError
from vocative.records.acting import Candidate
from vocative.records.settings import Campaign, Settings
from vocative.trust.links import signed_link
from vocative.trust.secret_key import SecretKey

_WHY, _OFF = "why", "off"
_RHYTHM, _NEW, _POPULAR = "repeat_rhythm", "new_items", "popular"


class Footer(NamedTuple):
    """The lines that are the same for many people: `before` and `after` the links."""

    before: tuple[Line, ...]
    link_words: tuple[tuple[str, str], ...]
    """Verb of the link and its words; empty where replies serve."""
    after: tuple[Line, ...]

    def lines(self, base: str, message_id: str, key: SecretKey) -> list[Line]:
        """The footer of one message; `base` and `key` are those of the links."""
        links = [Line(words, signed_link(base, verb, message_id, key)) for verb, words in self.link_words]
        return [*self.before, *links, *self.after]


def reason_of(campaign: Campaign, chosen: Candidate) -> Reason:
    """What a message rested on."""
    if campaign.message_class == "service":
        return "service"
    if not campaign.personalized:
        if chosen.basis == "measured":
            return "measured"
        return "ask" if campaign.audience == "never_asked" else "generic"
    if chosen.offer is not None:
        return "offer_drawn" if chosen.offer.drawn else "offer_personal" if chosen.offer.personal else "offer"
    if chosen.numbers and not chosen.targets:
        return "numbers"
    if campaign.relationships and not chosen.targets:
        return "visits"
    if any(target.baseline.startswith(_POPULAR) for target in chosen.targets):
        return "popular"
    if campaign.module == _RHYTHM or any(target.baseline for target in chosen.targets):
        # The naive ways to predict but that one count what the person did, and nothing of others.
        return "rhythm"
    return "similar_taste" if campaign.module == _NEW else "habits"


_CLAIMS: Mapping[Reason, str] = {
    "rhythm": "buys",
    "offer": "bought",
    "offer_personal": "bought",
    "similar_taste": "bought",
    "habits": "bought",
    "popular": "untried",
    "visits": "bought",
}
"""What a reason says of the person: the claim that has to hold."""


def true_reason(campaign: Campaign, chosen: Candidate) -> Reason:
    """What a message rested on, said so that it is true of the person.

    Raises:
        TemplateError: the size of the offer was chosen by what the person buys, and they have bought nothing.
    """
    reason = reason_of(campaign, chosen)
    claim = _CLAIMS.get(reason)
    if claim is None or claim in chosen.claims:
        return reason
    if reason == "offer_personal":
        raise TemplateError(
            "the size of the offer would be said to rest on what the person buys, and they have bought nothing",
            where=campaign.name,
            remedy="nothing is to be done: this person gets no such message",
        )
    return "many"


def footer_of(
    settings: Settings, phrases: Phrases, manner: Manner, reason: Reason, texts: Mapping[str, str], *, signed: bool
) -> Footer:
    """The footer of all messages that rest on the same reason.

    Args:
        settings: for names, addresses and what is invented.
        phrases: the phrases of the language.
        manner: the sentences of the register.
        reason: what the messages rest on.
        texts: texts of the settings in this language.
        signed: whether there is a key for links; without one, or without pages, replies serve.
    """
    profiled = reason not in ("generic", "service", "ask")
    looking = texts.get("looking", manner.looking)
    before = [Line(manner.why[reason].format(business=settings.business.name, looking=looking))]
    links = ((_WHY, manner.link_why), (_OFF, manner.link_off)) if settings.sender.links and signed else ()
    if not links:
        before.append(Line(manner.off if profiled else manner.off_generic))
    after = []
    if settings.sender.address:
        after.append(Line(f"{settings.sender.name}, {settings.sender.address}"))
    if settings.business.invented:
        what = ", ".join(texts.get(one, one) for one in settings.business.invented)
        after.append(Line(phrases.invented.format(what=what)))
    return Footer(tuple(before), links, tuple(after))
