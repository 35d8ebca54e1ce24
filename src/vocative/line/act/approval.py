"""Nothing goes out before a person has approved it: draft, previewed, approved, armed; and one stop for everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from vocative.compose.messages import CompositionInputs
from vocative.errors import ApprovalError
from vocative.line.act.approvable import refuse_unfit
from vocative.line.snapshot.clock import to_text
from vocative.records.ledger_tables import APPROVALS, SWITCHES
from vocative.records.schema import Row
from vocative.records.settings import Campaign
from vocative.stats.hashing import stable_id
from vocative.store.approvals import STOP, Approved, approvals, is_stopped, not_before
from vocative.workspace.opening import OpenWorkspace

Step = Literal["draft", "previewed", "approved", "armed"]


class CampaignState(Struct, frozen=True, kw_only=True):
    """How far a campaign, as it stands now, is on its way to going out."""

    name: str
    goal: str
    channel: str
    languages: list[str]
    state: Step
    version: str
    """Hash of the campaign, its texts, its segment, the words and the voice: changing any of them makes it a draft."""
    by: str = ""
    """Who previewed or approved it."""
    at: str = ""
    armed_from: str = ""


def version_of(studio: CompositionInputs, campaign: Campaign) -> str:
    """The version of a campaign: everything written by the business that decides what a message says, and to whom."""
    texts = [
        f"{language}:{studio.templates.version(campaign.template, language)}"
        for language in studio.templates.languages(campaign.template)
    ]
    settings = studio.settings
    rule = settings.segments.get(campaign.segment)
    written = [campaign, rule, studio.brand, settings.sender, settings.business, settings.offers, studio.wordings]
    said = msgspec.json.encode(written, order="sorted")
    return stable_id(said.decode(), *texts)[:12]


def versions(studio: CompositionInputs) -> dict[str, str]:
    """Campaign → its version as it stands now."""
    return {name: version_of(studio, campaign) for name, campaign in studio.campaigns.items()}


def states(workspace: OpenWorkspace, studio: CompositionInputs, now: int) -> list[CampaignState]:
    """How far each campaign is at `now` (µs UTC), by name."""
    with workspace.stores.ledger.transaction() as transaction:
        held = approvals(transaction)
    return [
        _state(campaign, studio, version_of(studio, campaign), held, now)
        for _, campaign in sorted(studio.campaigns.items())
    ]


def armed(workspace: OpenWorkspace, studio: CompositionInputs, now: int) -> frozenset[str]:
    """Campaigns that may go out at `now` (µs UTC)."""
    return frozenset(one.name for one in states(workspace, studio, now) if one.state == "armed")


def stopped(workspace: OpenWorkspace) -> bool:
    """Whether everything has been stopped."""
    with workspace.stores.ledger.transaction() as transaction:
        return is_stopped(transaction)


def note_preview(
    workspace: OpenWorkspace, studio: CompositionInputs, name: str, now: int, detail: Mapping[str, object]
) -> None:
    """Write down that this version was shown on real recipients."""
    _note(workspace, name, version_of(studio, campaign_of(studio, name)), "previewed", "", now, detail=detail)


def approve(
    workspace: OpenWorkspace, studio: CompositionInputs, name: str, by: str, now: int, armed_from: int | None = None
) -> CampaignState:
    """Approve a campaign as it stands, by name; it goes out from `armed_from` on, or at once.

    Raises:
        ApprovalError: there is no such campaign, nobody is named, this version has not been previewed, or it is not
            fit to go out.
        TemplateError: a run would refuse its text.
    """
    return approve_each(workspace, studio, [name], by, now, armed_from)[0]


def approve_each(
    workspace: OpenWorkspace,
    studio: CompositionInputs,
    names: Sequence[str],
    by: str,
    now: int,
    armed_from: int | None = None,
) -> list[CampaignState]:
    """Approve campaigns as they stand, by name; they go out from `armed_from` on, or at once.

    Raises:
        ApprovalError: there is no such campaign, nobody is named, this version of one has not been previewed, or one is
            not fit to go out; then none is approved.
        TemplateError: a run would refuse the text of one; then none is approved.
    """
    wanted = {name: version_of(studio, campaign_of(studio, name)) for name in names}
    if not by.strip():
        raise ApprovalError("nobody is named", remedy="say who approves it: --by 'Anna Example'")
    with workspace.stores.ledger.transaction() as transaction:
        held = approvals(transaction)
    if missing := [name for name, version in wanted.items() if (name, version) not in held]:
        raise ApprovalError(
            f"the campaign {missing[0]!r} has not been previewed as it stands now",
            remedy=f"look at it first: vocative campaign preview {' '.join(missing)}",
        )
    for name, version in wanted.items():
        refuse_unfit(workspace, studio, studio.campaigns[name], version)
    start = now if armed_from is None else armed_from
    for name, version in wanted.items():
        _note(workspace, name, version, "approved", by.strip(), now, armed_from=start)
    by_name = {one.name: one for one in states(workspace, studio, now)}
    return [by_name[name] for name in wanted]


def withdraw(workspace: OpenWorkspace, studio: CompositionInputs, name: str, by: str, now: int) -> CampaignState:
    """Take an approval back; what is queued of the campaign is dropped at the next hand-over.

    Raises:
        ApprovalError: there is no such campaign, or nobody is named.
    """
    campaign = campaign_of(studio, name)
    if not by.strip():
        raise ApprovalError("nobody is named", remedy="say who withdraws it: --by 'Anna Example'")
    with workspace.stores.ledger.transaction() as transaction:
        held = [version for campaign_name, version in approvals(transaction) if campaign_name == name]
    for version in {*held, version_of(studio, campaign)}:
        _note(workspace, name, version, "withdrawn", by.strip(), now)
    return next(one for one in states(workspace, studio, now) if one.name == name)


def turn_stop(workspace: OpenWorkspace, state: Literal["on", "off"], by: str, why: str, now: int) -> None:
    """Stop everything, or let it go on again.

    Raises:
        ApprovalError: nobody is named for letting it go on; stopping needs no name.
    """
    if state == "off" and not by.strip():
        raise ApprovalError("nobody is named", remedy="say who lets it go on: --by 'Anna Example'")
    with workspace.stores.ledger.transaction() as transaction:
        at = not_before(now, transaction.select(SWITCHES, {"switch": STOP}))
        row: Row = {"switch": STOP, "at": at, "state": state, "by": by.strip(), "why": why}
        transaction.insert(SWITCHES, [row], on_conflict="replace")


def _state(
    campaign: Campaign, studio: CompositionInputs, version: str, held: Mapping[tuple[str, str], Approved], now: int
) -> CampaignState:
    found = held.get((campaign.name, version))
    step: Step = "draft"
    if found is not None:
        step = "armed" if found.armed(now) else "approved" if found.step == "approved" else "previewed"
    return CampaignState(
        name=campaign.name,
        goal=campaign.goal,
        channel=campaign.channel,
        languages=studio.templates.languages(campaign.template),
        state=step,
        version=version,
        by=found.by if found else "",
        at=to_text(found.at) if found else "",
        armed_from=to_text(found.armed_from) if found and found.armed_from is not None else "",
    )


def refuse_none(workspace: OpenWorkspace) -> None:
    """Refuse to look at campaigns where there are none.

    Raises:
        ApprovalError: there are no campaigns.
    """
    if not workspace.campaigns:
        raise ApprovalError(
            "there are no campaigns, so there is nothing to say to anybody",
            where=str(workspace.root / "campaigns"),
            remedy="write one as NAME.yaml in that folder: docs/reference/settings.md lists its keys",
        )


def campaign_of(studio: CompositionInputs, name: str) -> Campaign:
    """The campaign of a name.

    Raises:
        ApprovalError: there is no such campaign.
    """
    if name not in studio.campaigns:
        known = ", ".join(sorted(studio.campaigns)) or "none"
        raise ApprovalError(f"there is no campaign named {name!r}", remedy=f"there are: {known}")
    return studio.campaigns[name]


def _note(
    workspace: OpenWorkspace,
    campaign: str,
    version: str,
    step: str,
    by: str,
    now: int,
    *,
    armed_from: int | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    with workspace.stores.ledger.transaction() as transaction:
        at = not_before(now, transaction.select(APPROVALS, {"campaign": campaign, "version": version}))
        row: Row = {
            "approval_id": stable_id(campaign, version, step, by, str(at)),
            "campaign": campaign,
            "version": version,
            "step": step,
            "by": by,
            "at": at,
            "armed_from": armed_from,
            "detail": msgspec.json.encode(detail or {}).decode(),
        }
        transaction.insert(APPROVALS, [row], on_conflict="ignore")
