"""What a template may say of one person: names, things, offers and numbers, each in the form the language asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vocative.compose.formats import day, money, number, percent, until
from vocative.compose.grammar.known import language_of
from vocative.compose.grammar.language import Gender, capitalised
from vocative.compose.phrases import greeting, phrases_of
from vocative.compose.voice import ZONE, Voice
from vocative.errors import TemplateError
from vocative.records.acting import Offer, Target
from vocative.records.relationship import State
from vocative.records.settings import WordForms
from vocative.trust.sayable import FAULTS, LONGEST_CODE, judge_thing, sayable_name, sayable_thing
from vocative.trust.saying import may_say, rough_pause

Slots = dict[str, object]
Forms = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Addressee:
    """The person as a text may speak of them.

    Args:
        first_name: as it was told, not yet checked.
        gender: None when it is not known.
        zone: IANA zone in which days are told.
        relationship: how well they and the business know each other; what may be said hangs on it.
    """

    first_name: str | None = None
    gender: Gender | None = None
    zone: str = "UTC"
    relationship: State = "stranger"


def forms_of(word: str | WordForms, tag: str) -> Forms:
    """The forms of words for a thing; a plain text serves as every form only where the language has no cases."""
    if isinstance(word, WordForms):
        given = {
            "nominative": word.nominative,
            "accusative": word.accusative,
            "genitive": word.genitive,
            "gender": word.gender,
            "number": word.number,
        }
        return {name: form for name, form in given.items() if form}
    return {"nominative": word, "number": "singular"} if language_of(tag).has_cases else same_forms(word)


def same_forms(text: str) -> Forms:
    """The forms of what never changes: a title, a name of a product."""
    return {"nominative": text, "accusative": text, "genitive": text, "number": "singular"}


def gender_of(told: str | None) -> Gender | None:
    """The gender as grammar needs it; anything but `female` and `male` is unknown."""
    return "female" if told == "female" else "male" if told == "male" else None


@lru_cache(maxsize=65_536)
def name_slots(person: Addressee, voice: Voice) -> Mapping[str, str | None]:
    """`first_name`, `vocative` and `greeting`; a name that may not be said, or has no sure form, is None."""
    said = sayable_name(person.first_name) if may_say("name", person.relationship) else None
    # Written properly or declined, a name may become what cannot be said: none, nan.
    name = sayable_name(capitalised(said)) if said is not None else None
    called = sayable_name(language_of(voice.tag).vocative(name, person.gender)) if name is not None else None
    manner = phrases_of(voice.tag).manner(voice.register)
    return {"first_name": name, "vocative": called, "greeting": greeting(manner, called, person.gender)}


def target_slots(
    words: Sequence[Forms], because: Sequence[Forms | None], targets: Sequence[Target], tag: str, state: State
) -> Slots:
    """`targets`, `because` (None where that is not known or may not be said) and `pauses` (None: there is no habit).

    How exactly a pause is told hangs on how well the person knows the business.
    """
    told = phrases_of(tag).pauses
    pauses = [None if one.typical_days is None else told[rough_pause(one.typical_days, state)] for one in targets]
    origins = because if may_say("origin", state) else [None] * len(because)
    return {"targets": list(words), "because": list(origins), "pauses": pauses}


def offer_slots(offer: Offer | None, zone: str, voice: Voice) -> Slots | None:
    """The offer: `name`, `code`, `discount` and `until` as texts, None where there is none; `personal`: its size is.

    Raises:
        TemplateError: its code may not be said; without it the offer would be worth nothing.
    """
    if offer is None:
        return None
    code = judge_thing(offer.code, LONGEST_CODE)
    if offer.code and code.said != offer.code:
        raise TemplateError(
            f"the code of the offer cannot be said: {FAULTS[code.fault or 'signs']}",
            where=f"offer {offer.offer_id}",
            remedy="give it a code of letters, digits and hyphens",
        )
    size = None
    if offer.discount is not None and offer.unit:
        is_share = offer.unit == "percent"
        size = percent(offer.discount, voice.tag) if is_share else money(offer.discount, voice.currency, voice.tag)
    return {
        "name": sayable_thing(offer.name),
        "code": offer.code or None,
        "discount": size,
        "until": until(offer.ends_at, zone, voice.tag) if offer.ends_at is not None else None,
        "personal": offer.personal,
    }


def facts_in(slots: Slots, voice: Voice) -> Iterator[str]:
    """Every text the slots can put into a message, and every number as the language writes it."""
    today, zone = slots["today"], str(slots[ZONE])
    if isinstance(today, int):
        yield day(today, zone, voice.tag)
    for value in slots.values():
        yield from _texts(value, voice)


def _texts(value: object, voice: Voice) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, float):
        yield number(value, voice.tag)
        yield money(value, voice.currency, voice.tag)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one, voice)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, voice)
