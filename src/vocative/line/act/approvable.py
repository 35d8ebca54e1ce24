"""What keeps a campaign from being approved: everything that would keep it from being written, and some more."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Struct, field

from vocative.compose.checking import check_campaign
from vocative.compose.claiming import uses_unsaid
from vocative.compose.messages import Studio
from vocative.errors import ApprovalError
from vocative.line.act.permission_text import refuse_unasked
from vocative.records.ledger_tables import APPROVALS
from vocative.records.settings import Campaign, Wording
from vocative.trust.uses import WORDS
from vocative.workspace.opening import Workspace
from vocative.workspace.placeholders import placeholders

_MOST_FAILING = 0.05
"""More than this share of texts that cannot be written is a fault of the campaign, and not of an entry in the data."""


class Tried(Struct, frozen=True, kw_only=True):
    """What came of writing a campaign for everybody it would reach, as a preview notes it."""

    would_receive: int = 0
    failed: int = 0
    why_failed: list[str] = field(default_factory=list)
    shown: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)


def refuse_unfit(workspace: Workspace, studio: Studio, campaign: Campaign, version: str) -> None:
    """Refuse a campaign that a run would refuse to write, or that nobody would want to see in their name.

    Raises:
        TemplateError: a text has a fault, for invented people of whom little or much is known.
        ApprovalError: texts for real people could not be written; what a new workspace left to the business still
            stands there; or people were not asked for what the campaign does.
    """
    check_campaign(studio, campaign)
    refuse_placeholders(studio, campaign)
    refuse_unsaid(studio, campaign)
    _refuse_failing(workspace, campaign, version)
    refuse_unasked(workspace, campaign)


def refuse_unsaid(studio: Studio, campaign: Campaign) -> None:
    """Refuse a question for permission whose text does not speak of what a yes to it is declared to cover.

    Raises:
        ApprovalError: a text in one of its languages leaves a use out.
    """
    for language in studio.templates.languages(campaign.template):
        unsaid = uses_unsaid(studio.templates.source(campaign.template, language), language, campaign.covers)
        if unsaid:
            raise ApprovalError(
                f"a yes is said to cover {unsaid[0]} ({WORDS[unsaid[0]]}), and the text does not speak of that",
                where=f"templates/{campaign.template}/{language}.txt",
                remedy=f"say it there in plain words, or take {unsaid[0]} out of `covers` in "
                f"campaigns/{campaign.name}.yaml",
            )


def refuse_placeholders(studio: Studio, campaign: Campaign) -> None:
    """Refuse a text, a name or an address that is still the one of a new workspace.

    Raises:
        ApprovalError: one is.
    """
    left = placeholders()
    for where, text, words in _written(studio, campaign):
        found = next((one for one in sorted(left.texts) if one in text), None) if words else None
        if found is not None or text.strip().casefold() in left.names:
            raise ApprovalError(
                f"{found or text!r} is what a new workspace says until you write your own",
                where=where,
                remedy="write your own there, then preview the campaign again",
            )


def _written(studio: Studio, campaign: Campaign) -> Iterator[tuple[str, str, bool]]:
    """Everything the business wrote that stands in a message: its place, the text, and whether it is a whole letter."""
    settings, brand = studio.settings, studio.brand
    for language in studio.templates.languages(campaign.template):
        place = f"templates/{campaign.template}/{language}.txt"
        yield place, studio.templates.source(campaign.template, language), True
        texts = studio.wordings.get(language, Wording()).texts
        yield "brand.toml: signature", texts.get(brand.signature, brand.signature), False
    yield "vocative.toml: [business] name", settings.business.name, False
    yield "vocative.toml: [sender] name", settings.sender.name, False
    yield "vocative.toml: [sender] email", settings.sender.email, False
    yield "vocative.toml: [sender] address", settings.sender.address, False


def _refuse_failing(workspace: Workspace, campaign: Campaign, version: str) -> None:
    """Refuse what could not be written for real people when it was previewed."""
    with workspace.stores.ledger.transaction() as transaction:
        previews = transaction.select(
            APPROVALS, {"campaign": campaign.name, "version": version, "step": "previewed"}, order_by=("at",)
        )
    tried = msgspec.json.decode(str(previews[-1]["detail"] or "{}"), type=Tried) if previews else Tried()
    if tried.failed <= _MOST_FAILING * (tried.failed + tried.would_receive):
        return
    raise ApprovalError(
        f"for {tried.failed:,} of {tried.failed + tried.would_receive:,} people the campaign {campaign.name!r} could "
        f"not be written: {'; '.join(tried.why_failed) or 'the preview says why'}",
        where=f"templates/{campaign.template}",
        remedy=f"mend it, then look again: vocative campaign preview {campaign.name}",
    )
