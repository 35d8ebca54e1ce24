"""One text for one person, rendered and looked over: what a reader must not see does not leave here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vocative.compose.desk import Studio
from vocative.compose.scanning import Context, scan_meaning
from vocative.compose.slots import Slots, facts_in
from vocative.compose.templates import Words
from vocative.compose.voice import Voice
from vocative.errors import TemplateError
from vocative.records.settings import Campaign
from vocative.trust.sayable import addresses_in


def render(studio: Studio, campaign: Campaign, language: str, slots: Slots, voice: Voice) -> Words:
    """Render a campaign's text and let nothing through that a reader must not see.

    Raises:
        TemplateError: the template has a fault, or the scanner found something.
    """
    words = studio.templates.render(campaign.template, language, slots, voice)
    names = frozenset(str(slots[name]) for name in ("first_name", "vocative") if slots[name] is not None)
    literals = studio.templates.literals(campaign.template, language)
    addresses = studio.templates.addresses(campaign.template, language) | own_addresses(slots)
    context = Context(voice.tag, names, _Facts(slots, voice), literals, addresses, campaign.personalized)
    found = scan_meaning(words, context)
    if found:
        raise TemplateError(
            f"the text would show {found[0].text!r} ({found[0].kind})",
            where=f"templates/{campaign.template}/{language}.txt",
            remedy="docs/how-to/write-a-message.md says what each finding means",
        )
    return words


def own_addresses(slots: Slots) -> frozenset[str]:
    """The addresses in what the business calls itself."""
    return addresses_in(f"{slots['business']}\n{slots['signature']}")


class _Facts(Iterable[str]):
    """The facts in the slots, looked up only if the text holds a number at all."""

    def __init__(self, slots: Slots, voice: Voice) -> None:
        self._slots = slots
        self._voice = voice

    def __iter__(self) -> Iterator[str]:
        return facts_in(self._slots, self._voice)
