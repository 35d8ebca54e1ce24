"""One individual message for each person who is to be contacted."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from vocative.compose.layout import to_html
from vocative.compose.scanning import sayable_name
from vocative.compose.templates import Templates
from vocative.decide.languages import written_language
from vocative.errors import TemplateError
from vocative.records.acting import Candidate, Decision, Recipient
from vocative.records.settings import Brand, Campaign, Settings, Wording
from vocative.stats.hashing import stable_id
from vocative.trust.saying import rough_pause

_FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Studio:
    """What composing needs besides the person: settings, voice, templates and words."""

    settings: Settings
    brand: Brand
    campaigns: Mapping[str, Campaign]
    templates: Templates
    wordings: Mapping[str, Wording]
    key: bytes = b""
    """The workspace's secret, with which links are signed."""


@dataclass(frozen=True, slots=True)
class Composed:
    """Rows of the table `messages`, and decision → reason where no message could be written."""

    rows: list[dict[str, str | int]]
    failed: dict[str, str]


def compose_all(
    studio: Studio,
    decisions: Iterable[Decision],
    recipients: Mapping[str, Recipient],
    run_id: str,
    now: int,
    *,
    labels: Mapping[str, str] = MappingProxyType({}),
) -> Composed:
    """Write the message of every decision to contact; one that fails is named and isolated, the others go on."""
    rows: list[dict[str, str | int]] = []
    failed: dict[str, str] = {}
    for decision in decisions:
        if decision.outcome != "contact" or decision.chosen is None:
            continue
        try:
            row = _compose(studio, decision, decision.chosen, recipients.get(decision.person_id))
        except TemplateError as error:
            failed[decision.decision_id] = str(error)
            continue
        rows.append({**row, "run_id": run_id, "moment": now})
    return Composed(rows, failed)


def check_templates(studio: Studio) -> None:
    """Render every campaign's template in every language for people about whom little or much is known.

    Raises:
        TemplateError: at the first text that has a fault, so that it is found before anybody is written to.
    """
    fallback = studio.settings.business.languages[0]
    for campaign in studio.campaigns.values():
        written = studio.templates.languages(campaign.template)
        if fallback not in written:
            raise TemplateError(
                f"there is no text in {fallback!r}, the first of the business's languages",
                where=f"templates/{campaign.template}",
                remedy=f"write {fallback}.txt there",
            )
        for language in written:
            for name in (None, "Maximiliane-Alexandrina"):
                for count in (1, 2, 3) if campaign.module else (0,):
                    targets = ["milk", "fresh bread", "eggs"][:count]
                    slots = _slots(studio, name, targets, ["about once a week"] * count)
                    studio.templates.render(campaign.template, language, slots)


def _compose(
    studio: Studio, decision: Decision, chosen: Candidate, recipient: Recipient | None
) -> dict[str, str | int]:
    campaign = studio.campaigns.get(chosen.campaign)
    address = recipient.addresses.get(chosen.channel) if recipient is not None else None
    if campaign is None:
        raise TemplateError("the campaign is no longer there", where=chosen.campaign)
    if recipient is None or not address:
        raise TemplateError("the person has no usable address any more", where=chosen.campaign)
    language = _language(studio, campaign, chosen, recipient)
    targets = _worded(studio, language, chosen)
    pauses = [rough_pause(target.typical_days or 0.0) for target in chosen.targets]
    rendered = studio.templates.render(
        campaign.template, language, _slots(studio, recipient.first_name, targets, pauses)
    )
    footer = _footer(studio.settings, campaign, language)
    sender = studio.settings.sender
    return {
        "message_id": stable_id("message", decision.decision_id),
        "decision_id": decision.decision_id,
        "person_id": recipient.person_id,
        "channel": chosen.channel,
        "language": language,
        "template": campaign.template,
        "template_hash": studio.templates.version(campaign.template, language),
        "address": address,
        "subject": rendered.subject,
        "body_text": rendered.body + "\n\n-- \n" + "\n".join(footer) + "\n",
        "body_html": to_html(
            rendered.subject,
            rendered.body,
            footer,
            sender=sender.name,
            language=language,
            invented=bool(studio.settings.business.invented),
        ),
    }


def _worded(studio: Studio, language: str, chosen: Candidate) -> list[str]:
    words = studio.wordings.get(language, Wording()).category
    for target in chosen.targets:
        if not words.get(target.target):
            raise TemplateError(
                f"there are no words for {target.target!r}", where=f"wording/{language}.toml", remedy="add them"
            )
    return [words[target.target] for target in chosen.targets]


def _slots(studio: Studio, first_name: str | None, targets: Sequence[str], pauses: Sequence[str]) -> dict[str, object]:
    return {
        "first_name": sayable_name(first_name),
        "targets": list(targets),
        "pauses": list(pauses),
        "business": studio.settings.business.name,
        "signature": studio.brand.signature,
    }


def _language(studio: Studio, campaign: Campaign, chosen: Candidate, recipient: Recipient) -> str:
    """The person's language where the business, the template and the words for the targets have it."""
    languages = studio.settings.business.languages
    written = studio.templates.languages(campaign.template)
    ready = [one for one in languages if one in written and (not chosen.targets or one in studio.wordings)]
    return written_language(recipient.language, ready or languages)


def _footer(settings: Settings, campaign: Campaign, language: str) -> list[str]:
    phrases = _phrases(language)
    kind = "why_service" if campaign.message_class == "service" else "why_generic"
    why = phrases["why_personal" if campaign.personalized else kind]
    lines = [why.format(business=settings.business.name), phrases["off" if campaign.personalized else "off_generic"]]
    if settings.sender.address:
        lines.append(f"{settings.sender.name}, {settings.sender.address}")
    if settings.business.invented:
        lines.append(phrases["invented"].format(what=", ".join(settings.business.invented)))
    return lines


@cache
def _phrases(language: str) -> dict[str, str]:
    folder = files("vocative.compose") / "phrases"
    source = folder / f"{language}.toml"
    if not source.is_file():
        source = folder / f"{language.partition('-')[0]}.toml"
    if not source.is_file():
        source = folder / f"{_FALLBACK}.toml"
    return {key: str(value) for key, value in tomllib.loads(source.read_text(encoding="utf-8")).items()}
