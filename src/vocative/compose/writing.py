"""One text for one person, rendered and looked over: what a reader must not see does not leave here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from vocative.compose.claiming import claims_in
from vocative.compose.desk import Studio
from vocative.compose.scanning import Context, scan_meaning
from vocative.compose.slots import Slots, facts_in
from vocative.compose.templates import Words
from vocative.compose.voice import Voice
from vocative.errors import TemplateError
from vocative.records.settings import Campaign
from vocative.trust.claims import MEANINGS, PREDICATES
from vocative.trust.sayable import addresses_in

EVERY_CLAIM = frozenset(PREDICATES)
"""All claims, for a text that is tried before anybody is written to."""


def render(
    studio: Studio,
    campaign: Campaign,
    language: str,
    slots: Slots,
    voice: Voice,
    holding: Collection[str] = (),
) -> Words:
    """Render a campaign's text and let nothing through that a reader must not see.

    Args:
        studio: settings, voice, templates and words.
        campaign: what is said.
        language: in which language.
        slots: what the template may print.
        voice: how the person is spoken to.
        holding: the claims that are true of the person.

    Raises:
        TemplateError: the template has a fault, the scanner found something, or the text claims of the person what is
            not known to be true.
    """
    words = studio.templates.render(campaign.template, language, slots, voice)
    names = frozenset(str(slots[name]) for name in ("first_name", "vocative") if slots[name] is not None)
    literals = studio.templates.literals(campaign.template, language)
    addresses = studio.templates.addresses(campaign.template, language) | _own_addresses(slots)
    context = Context(voice.tag, names, _Facts(slots, voice), literals, addresses, campaign.personalized)
    found = scan_meaning(words, context)
    if found:
        raise TemplateError(
            f"the text would show {found[0].text!r} ({found[0].kind})",
            where=f"templates/{campaign.template}/{language}.txt",
            remedy="docs/how-to/write-a-message.md says what each finding means",
        )
    _refuse_claims(campaign, language, words, holding)
    return words


def _own_addresses(slots: Slots) -> frozenset[str]:
    """The addresses in what the business calls itself."""
    return addresses_in(f"{slots['business']}\n{slots['signature']}")


def _refuse_claims(campaign: Campaign, language: str, words: Words, holding: Collection[str]) -> None:
    """Refuse what a text says of the person and nobody checked; a question, and what people are owed, say nothing."""
    if campaign.message_class == "service" or campaign.audience == "never_asked":
        return
    where = f"templates/{campaign.template}/{language}.txt"
    for claim in claims_in(f"{words.subject}\n{words.body}", language):
        if not campaign.personalized:
            raise TemplateError(
                f"the text rests on no profile, and claims of everybody who gets it {claim.words!r}",
                where=where,
                remedy="say it without speaking of what people do, or write `personalized: true`",
            )
        if not claim.name:
            raise TemplateError(
                f"nothing can check whether it is true of a person when the text claims {claim.words!r}",
                where=where,
                remedy="say it in the words of a claim that is checked: docs/how-to/write-a-message.md lists them",
            )
        if claim.name not in holding:
            raise TemplateError(
                f"of this person it is not known that {MEANINGS[claim.name]}, and the text claims {claim.words!r}",
                where=where,
                remedy="ask with {% if … %} whether it holds, or leave it out; this person gets no such message",
            )


class _Facts(Iterable[str]):
    """The facts in the slots, looked up only if the text holds a number at all."""

    def __init__(self, slots: Slots, voice: Voice) -> None:
        self._slots = slots
        self._voice = voice

    def __iter__(self) -> Iterator[str]:
        return facts_in(self._slots, self._voice)
