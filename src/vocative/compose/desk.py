"""What is the same for many messages of one run: voices, footers, words; made once and looked up after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vocative.compose.footers import Footer, footer_of
from vocative.compose.grammar.language import Gender
from vocative.compose.phrases import Reason, phrases_of
from vocative.compose.slots import Forms, Slots, forms_of, same_forms
from vocative.compose.templates import Templates
from vocative.compose.voice import Voice
from vocative.records.settings import Brand, Campaign, Settings, Wording
from vocative.trust.sayable import sayable_thing
from vocative.trust.secret_key import NO_KEY, SecretKey


@dataclass(frozen=True, slots=True)
class Studio:
    """What composing needs besides the person: settings, voice, templates and words."""

    settings: Settings
    brand: Brand
    campaigns: Mapping[str, Campaign]
    templates: Templates
    wordings: Mapping[str, Wording]
    key: SecretKey = NO_KEY
    """The workspace's key, with which links are signed; without one, messages have no links."""


class Desk:
    """A studio at work.

    Args:
        studio: settings, voice, templates and words.
        labels: item → its name in the catalogue; one that may not be said is as if it had none.
    """

    def __init__(self, studio: Studio, labels: Mapping[str, str]) -> None:
        self.studio = studio
        self._labels = labels
        self._voices: dict[tuple[str, Gender | None], Voice] = {}
        self._footers: dict[tuple[str, Reason], Footer] = {}
        self._fixed: dict[str, Slots] = {}
        self._categories = {
            tag: {category: forms_of(word, tag) for category, word in wording.category.items() if word}
            for tag, wording in studio.wordings.items()
        }

    def voice(self, tag: str, gender: Gender | None) -> Voice:
        """How somebody of this gender is spoken to in this language."""
        known = self._voices.get((tag, gender))
        if known is None:
            register = self.studio.brand.register.get(tag, "formal")
            known = Voice(tag, register, gender, self.studio.settings.business.currency)
            self._voices[tag, gender] = known
        return known

    def footer(self, tag: str, reason: Reason) -> Footer:
        """The footer of every message in this language that rests on this reason."""
        known = self._footers.get((tag, reason))
        if known is None:
            phrases = phrases_of(tag)
            manner = phrases.manner(self.voice(tag, None).register)
            known = footer_of(
                self.studio.settings, phrases, manner, reason, self._texts(tag), signed=bool(self.studio.key)
            )
            self._footers[tag, reason] = known
        return known

    def fixed(self, tag: str) -> Slots:
        """The slots that are the same for everybody: `business` and `signature`."""
        known = self._fixed.get(tag)
        if known is None:
            signature = self.studio.brand.signature
            known = {
                "business": self.studio.settings.business.name,
                "signature": self._texts(tag).get(signature, signature),
            }
            self._fixed[tag] = known
        return known

    def words(self, campaign: Campaign, target: str, tag: str) -> Forms | None:
        """The words for a target of a campaign; None if there are none."""
        return self._label(target) if campaign.about == "item" else self._categories.get(tag, {}).get(target)

    def thing(self, name: str, tag: str) -> Forms | None:
        """The words for a category or an item, whichever it is; None if there are none."""
        return self._categories.get(tag, {}).get(name) or self._label(name)

    def _label(self, item: str) -> Forms | None:
        label = sayable_thing(" ".join(self._labels.get(item, "").split()))
        return same_forms(label) if label is not None else None

    def _texts(self, tag: str) -> Mapping[str, str]:
        return self.studio.wordings.get(tag, Wording()).texts
