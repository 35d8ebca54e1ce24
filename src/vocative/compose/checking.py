"""Every text of every campaign, rendered for many kinds of people before anybody is written to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from vocative.compose.desk import Composer, CompositionInputs
from vocative.compose.grammar.language import Gender
from vocative.compose.slots import Addressee, Forms, Slots, name_slots, offer_slots, same_forms, target_slots
from vocative.compose.supported import known_languages, lacking
from vocative.compose.voice import ZONE
from vocative.compose.writing import EVERY_CLAIM, render
from vocative.errors import TemplateError
from vocative.records.acting import Offer, Target
from vocative.records.settings import Campaign

# The longest name that may be said, one of two words, one with an apostrophe.
_NAMES = (None, "Maximiliane-Alexandrina", "Anna Maria", "D'Arcy")
_GENDERS: tuple[Gender | None, ...] = (None, "female", "male")
_THINGS = ("milk", "fresh bread", "eggs")
_SOME_DAY = 1_514_073_600_000_000
_SOME_NUMBER = 12.4
_OFFERS = (
    Offer(offer_id="plain"),
    Offer(offer_id="full", name="Coupon", code="CODE", discount=20.0, unit="percent", ends_at=_SOME_DAY, personal=True),
    Offer(offer_id="money", discount=2.0, unit="money", ends_at=_SOME_DAY),
)


def check_templates(studio: CompositionInputs) -> None:
    """Check every campaign, as `check_campaign` does.

    Raises:
        TemplateError: at the first text that has a fault.
    """
    for campaign in studio.campaigns.values():
        check_campaign(studio, campaign)


def check_campaign(studio: CompositionInputs, campaign: Campaign) -> None:
    """Render a campaign's template in every language for people about whom little or much is known.

    Raises:
        TemplateError: at the first text that has a fault, so that it is found before anybody is written to; or if it
            is written in a language that lacks what a message needs.
    """
    fallback = studio.settings.business.languages[0]
    written = studio.templates.languages(campaign.template)
    if fallback not in written:
        raise TemplateError(
            f"there is no text in {fallback!r}, the first of the business's languages",
            where=f"templates/{campaign.template}",
            remedy=f"write {fallback}.txt there",
        )
    desk = Composer(studio, {})
    for language in written:
        _refuse_language(campaign, language)
        for gender, slots in _examples(desk, campaign, language):
            render(studio, campaign, language, slots, desk.voice(language, gender), EVERY_CLAIM)


def _refuse_language(campaign: Campaign, language: str) -> None:
    if missing := lacking(language):
        raise TemplateError(
            f"nothing can be written in {language!r} yet: there is no {', no '.join(missing)} of the language",
            where=f"templates/{campaign.template}/{language}.txt",
            remedy=f"write in one of {', '.join(known_languages())}, or add the language as ARCHITECTURE.md says; "
            "without it a message would end in English, and nothing would look for pressure in it",
        )


def _examples(desk: Composer, campaign: Campaign, language: str) -> Iterator[tuple[Gender | None, Slots]]:
    words = [same_forms(thing) for thing in _THINGS]
    lists = [words[:count] for count in (1, 2, 3)] if campaign.module else [[]]
    offers = _OFFERS if campaign.offers else (None,)
    for name, gender, shown, offer in product(_NAMES, _GENDERS, lists, offers):
        for known in (False, True) if shown else (False,):
            person = Addressee(name, gender, relationship="regular" if known else "stranger")
            yield gender, _slots(desk, campaign, language, person, shown, offer)
    if campaign.module and campaign.about == "category" and language in desk.studio.wordings:
        for category in desk.studio.wordings[language].category:
            word = desk.words(campaign, category, language)
            if word is not None and category not in campaign.exclude_targets:
                yield None, _slots(desk, campaign, language, Addressee(relationship="regular"), [word], offers[0])


def _slots(
    desk: Composer, campaign: Campaign, language: str, person: Addressee, words: Sequence[Forms], offer: Offer | None
) -> Slots:
    voice = desk.voice(language, person.gender)
    target = Target(module=campaign.module, target="", probability=1.0, support=1.0, typical_days=7.0, horizon_days=7.0)
    return {
        **desk.fixed(language),
        **name_slots(person, voice),
        **target_slots(words, words, [target] * len(words), language, person.relationship),
        "offer": offer_slots(offer, person.zone, voice),
        "numbers": dict.fromkeys(campaign.tells, _SOME_NUMBER),
        "today": _SOME_DAY,
        ZONE: person.zone,
    }
