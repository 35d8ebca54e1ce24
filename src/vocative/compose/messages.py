"""One individual message for each person who is to be contacted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vocative.compose.checking import check_templates
from vocative.compose.desk import Composer, CompositionInputs
from vocative.compose.footers import true_reason
from vocative.compose.layout import to_html
from vocative.compose.slots import (
    Addressee,
    Slots,
    gender_of,
    name_slots,
    offer_slots,
    target_slots,
)
from vocative.compose.voice import ZONE, Voice
from vocative.compose.writing import render
from vocative.decide.eligibility.languages import written_language
from vocative.errors import TemplateError, UserError
from vocative.records.acting import Candidate, Decision, Recipient
from vocative.records.settings import Campaign
from vocative.stats.hashing import stable_id

__all__ = ["Composed", "CompositionInputs", "check_templates", "compose_all"]


@dataclass(frozen=True, slots=True)
class Composed:
    """Rows of the table `messages`, and decision → reason where no message could be written."""

    rows: list[dict[str, str | int]]
    failed: dict[str, str]


def compose_all(
    studio: CompositionInputs,
    decisions: Iterable[Decision],
    recipients: Mapping[str, Recipient],
    run_id: str,
    now: int,
    labels: Mapping[str, str] | None = None,
) -> Composed:
    """Write the message of every decision to contact; one that fails is named and isolated, the others go on.

    Args:
        studio: settings, voice, templates and words.
        decisions: what was decided; those not to contact are passed over.
        recipients: the people, by id.
        run_id: the run the messages belong to.
        now: moment of the run, µs UTC.
        labels: item → its name in the catalogue, for campaigns about items.
    """
    desk = Composer(studio, labels or {})
    rows: list[dict[str, str | int]] = []
    failed: dict[str, str] = {}
    for decision in decisions:
        if decision.outcome != "contact" or decision.chosen is None:
            continue
        try:
            row = _compose(desk, decision, decision.chosen, recipients.get(decision.person_id), now)
        except UserError as error:
            failed[decision.decision_id] = str(error)
            continue
        rows.append({**row, "run_id": run_id, "moment": now})
    return Composed(rows, failed)


def _compose(
    desk: Composer, decision: Decision, chosen: Candidate, recipient: Recipient | None, now: int
) -> dict[str, str | int]:
    studio = desk.studio
    campaign = studio.campaigns.get(chosen.campaign)
    address = recipient.addresses.get(chosen.channel) if recipient is not None else None
    if campaign is None:
        raise TemplateError("the campaign is no longer there", where=chosen.campaign)
    if recipient is None or not address:
        raise TemplateError("the person has no usable address any more", where=chosen.campaign)
    language = _language(studio, campaign, chosen, recipient)
    zone = recipient.zone or studio.settings.business.timezone
    person = Addressee(recipient.first_name, gender_of(recipient.gender), zone, decision.relationship)
    voice = desk.voice(language, person.gender)
    slots = _slots(desk, campaign, chosen, person, voice, now)
    words = render(studio, campaign, language, slots, voice, frozenset(chosen.claims))
    message_id = stable_id("message", decision.decision_id)
    settings = studio.settings
    footer = desk.footer(language, true_reason(campaign, chosen)).lines(settings.sender.links, message_id, studio.key)
    below = "\n".join([line.plain() for line in footer])
    return {
        "message_id": message_id,
        "decision_id": decision.decision_id,
        "person_id": recipient.person_id,
        "channel": chosen.channel,
        "language": language,
        "template": campaign.template,
        "template_hash": studio.templates.version(campaign.template, language),
        "address": address,
        "subject": words.subject,
        "body_text": f"{words.body}\n\n-- \n{below}\n",
        "body_html": to_html(
            words.subject,
            words.body,
            footer,
            sender=settings.sender.name,
            language=language,
            invented=bool(settings.business.invented),
        ),
    }


def _slots(desk: Composer, campaign: Campaign, chosen: Candidate, person: Addressee, voice: Voice, now: int) -> Slots:
    words = [desk.words(campaign, target.target, voice.tag) for target in chosen.targets]
    if None in words:
        missing = chosen.targets[words.index(None)].target
        where = "the catalogue" if campaign.about == "item" else f"wording/{voice.tag}.toml"
        raise TemplateError(f"there are no words for {missing!r}", where=where, remedy="add them")
    because = [desk.thing(target.because, voice.tag) if target.because else None for target in chosen.targets]
    # Two categories may go by the same words; a thing is no reason for itself. And what somebody bought once or twice
    # is nothing they often buy.
    told = "often" in chosen.claims
    because = [None if why in words or not told else why for why in because]
    return {
        **desk.fixed(voice.tag),
        **name_slots(person, voice),
        **target_slots(
            [one for one in words if one is not None], because, chosen.targets, voice.tag, person.relationship
        ),
        "offer": offer_slots(chosen.offer, person.zone, voice),
        "numbers": chosen.numbers,
        "today": now,
        ZONE: person.zone,
    }


def _language(studio: CompositionInputs, campaign: Campaign, chosen: Candidate, recipient: Recipient) -> str:
    """The person's language where the business, the template and the words for the targets have it."""
    languages = studio.settings.business.languages
    written = studio.templates.languages(campaign.template)
    needs_words = bool(chosen.targets) and campaign.about == "category"
    ready = [one for one in languages if one in written and (not needs_words or one in studio.wordings)]
    return written_language(recipient.language, ready or languages)
