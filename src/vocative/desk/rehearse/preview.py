"""A campaign on twenty real recipients, the worst cases among them, before anybody approves it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from vocative.compose.checking import check_campaign
from vocative.compose.messages import Studio, compose_all
from vocative.decide.eligibility.filters import in_words
from vocative.desk.rehearse.dry_run import decided_in
from vocative.desk.unsaid import names_unsaid
from vocative.errors import UserError
from vocative.line.act import approval, stages
from vocative.line.act.approvable import refuse_placeholders, refuse_unsaid
from vocative.line.act.permission_text import ASKING, Resting, resting_on
from vocative.line.act.studio import studio_of
from vocative.line.running import Seen, understand
from vocative.line.snapshot.clock import SIMULATED, to_text
from vocative.line.snapshot.pages import render
from vocative.line.snapshot.snapshot import Scene
from vocative.records.acting import Decision, Recipient
from vocative.records.progress import Progress, no_progress
from vocative.stats.hashing import stable_uniform
from vocative.store.private import private_folder, write_private
from vocative.trust.sayable import sayable_name
from vocative.workspace.opening import Workspace

_SHOWN = 20
_LEFT_OUT = 3


class Shown(Struct, frozen=True, kw_only=True):
    """One real recipient of a preview."""

    person_id: str
    picked_for: str
    """What makes this recipient worth looking at."""
    language: str = ""
    subject: str = ""
    text: str = ""
    why_not: str = ""
    """Why they would get nothing, or why no text could be written; empty for a message."""


class Preview(Struct, frozen=True, kw_only=True):
    """What a campaign would say, to whom."""

    campaign: str
    version: str
    as_of: str
    would_receive: int
    people: int
    failed: int
    """Messages that could not be written; they would not be sent."""
    names_unsaid: dict[str, int]
    """Why first names of those who would receive it may not be said → how many; they are greeted without one."""
    shown: list[Shown]
    page: str
    rests_on_the_answer: list[Resting] = field(default_factory=list)
    """Of a campaign that asks for permission: what a yes decides about."""


class Check(Struct, frozen=True, kw_only=True):
    """Whether a campaign can be written in all its languages."""

    name: str
    state: str
    languages: list[str]
    missing: list[str]
    """Languages of the business it is not written in: those people are written to in the first one."""
    fault: str = ""


def preview(workspace: Workspace, names: Sequence[str], now: int, progress: Progress = no_progress) -> list[Preview]:
    """Write campaigns for everybody each would reach, show twenty of them on a page, and note that they were shown.

    Each is written as if it were the only one; what is known of people is worked out once for all. Caps and pauses play
    no part: whoever approves a text wants to see it on those it is for.

    Raises:
        ApprovalError: there is no such campaign, or none at all; then none is shown.
    """
    approval.refuse_none(workspace)
    studio = studio_of(workspace)
    campaigns = [approval.campaign_of(studio, name) for name in dict.fromkeys(names)]
    scene = Scene(workspace, now)
    seen = understand(scene, progress)
    return [_preview(scene.by([campaign]), studio, seen, workspace) for campaign in campaigns]


def _preview(scene: Scene, studio: Studio, seen: Seen, whole: Workspace) -> Preview:
    workspace, now, (campaign,) = scene.workspace, scene.now, scene.workspace.campaigns
    name = campaign.name
    found = decided_in(scene, seen, after_nothing=True)
    decisions, recipients = found.decisions, {one.person_id: one for one in found.reached}
    composed = compose_all(
        studio, decisions, recipients, f"preview-{name}", now, labels=stages.labels_of(scene, decisions)
    )
    rows = {str(row["decision_id"]): row for row in composed.rows}
    written = [recipients[one.person_id].first_name for one in decisions if one.decision_id in rows]
    shown = list(_pick(decisions, recipients, rows, composed.failed))
    result = Preview(
        campaign=name,
        version=approval.version_of(studio, studio.campaigns[name]),
        as_of=to_text(now),
        would_receive=len(rows),
        people=len(decisions),
        failed=len(composed.failed),
        names_unsaid=names_unsaid(written),
        shown=shown,
        page=str(workspace.root / "previews" / f"{name}.html"),
        rests_on_the_answer=resting_on(whole, campaign) if campaign.audience == ASKING else [],
    )
    _write_page(workspace, result)
    approval.note_preview(
        workspace,
        studio,
        name,
        now,
        {
            "would_receive": len(rows),
            "failed": len(composed.failed),
            "why_failed": sorted({stages.nameless(reason) for reason in composed.failed.values()})[:_LEFT_OUT],
            "shown": dict(Counter(one.picked_for for one in shown)),
            "languages": dict(Counter(str(row["language"]) for row in composed.rows)),
        },
    )
    return result


def check(workspace: Workspace, now: int) -> list[Check]:
    """Check every campaign's texts in all languages, for people of whom little or much is known.

    Raises:
        ApprovalError: there are no campaigns.
    """
    approval.refuse_none(workspace)
    studio = studio_of(workspace)
    states = {state.name: state.state for state in approval.states(workspace, studio, now)}
    return [_check(studio, name, states[name]) for name in sorted(studio.campaigns)]


def _check(studio: Studio, name: str, state: str) -> Check:
    campaign = studio.campaigns[name]
    written = studio.templates.languages(campaign.template)
    fault = ""
    try:
        check_campaign(studio, campaign)
        refuse_placeholders(studio, campaign)
        refuse_unsaid(studio, campaign)
    except UserError as error:
        fault = str(error)
    wanted = studio.settings.business.languages
    return Check(
        name=name,
        state=state,
        languages=written,
        missing=[language for language in wanted if language not in written],
        fault=fault,
    )


Rank = Callable[[Recipient, Mapping[str, str | int]], float]
_WORST: tuple[tuple[str, Rank], ...] = (
    ("the longest name", lambda one, _: len(sayable_name(one.first_name) or "")),
    ("a name that is not said", lambda one, _: 1.0 if one.first_name and sayable_name(one.first_name) is None else 0.0),
    ("no name", lambda one, _: 1.0 if not one.first_name else 0.0),
    ("a name with a mark or of two words", lambda one, _: float(not (sayable_name(one.first_name) or "a").isalpha())),
    ("gender not known", lambda one, _: 1.0 if one.gender not in ("female", "male") else 0.0),
    ("time zone not known", lambda one, _: 1.0 if one.zone is None else 0.0),
    ("the longest text", lambda _, row: len(str(row["body_text"]))),
    ("the longest subject", lambda _, row: len(str(row["subject"]))),
    ("the shortest text", lambda _, row: -len(str(row["body_text"]))),
    ("hardly knows the business", lambda one, _: 1.0 if one.relationship == "stranger" else 0.0),
)


def _pick(
    decisions: Sequence[Decision],
    recipients: Mapping[str, Recipient],
    rows: Mapping[str, Mapping[str, str | int]],
    failed: Mapping[str, str],
) -> Iterator[Shown]:
    """Twenty recipients: those with the worst to show first, then others at random."""
    left = _SHOWN
    for shown in [*_failed(decisions, failed), *_without(decisions)]:
        left -= 1
        yield shown
    texts = {
        one.decision_id: (recipients[one.person_id], rows[one.decision_id])
        for one in decisions
        if one.decision_id in rows
    }
    for wanted, identifier in _worst(texts):
        if left <= 0 or identifier not in texts:
            continue
        recipient, row = texts.pop(identifier)
        left -= 1
        yield _shown(wanted, recipient, row)
    by_chance = sorted(texts, key=lambda identifier: stable_uniform("preview", identifier))
    for identifier in by_chance[: max(left, 0)]:
        recipient, row = texts[identifier]
        yield _shown("by chance", recipient, row)


def _worst(texts: Mapping[str, tuple[Recipient, Mapping[str, str | int]]]) -> Iterator[tuple[str, str]]:
    for wanted, rank in _WORST:
        found = max(texts, key=lambda identifier: (rank(*texts[identifier]), identifier), default=None)
        if found is not None and rank(*texts[found]) != 0:
            yield wanted, found
    for language in sorted({str(row["language"]) for _, row in texts.values()}):
        mine = [identifier for identifier, (_, row) in texts.items() if row["language"] == language]
        yield f"written in {language}", min(mine, key=lambda identifier: stable_uniform(language, identifier))


def _failed(decisions: Sequence[Decision], failed: Mapping[str, str]) -> Iterator[Shown]:
    people = {one.decision_id: one.person_id for one in decisions}
    for identifier, why in list(failed.items())[:_LEFT_OUT]:
        yield Shown(person_id=people[identifier], picked_for="no text could be written", why_not=why)


def _without(decisions: Sequence[Decision]) -> Iterator[Shown]:
    """People who get nothing, for the reasons that matter most to them."""
    for reason in ("marketing_refused", "not_in_audience", "no_address"):
        found = next((one for one in decisions if one.reason == reason and one.outcome == "silence"), None)
        if found is not None:
            yield Shown(person_id=found.person_id, picked_for="gets nothing", why_not=in_words(reason))


def _shown(wanted: str, recipient: Recipient, row: Mapping[str, str | int]) -> Shown:
    return Shown(
        person_id=recipient.person_id,
        picked_for=wanted,
        language=str(row["language"]),
        subject=str(row["subject"]),
        text=str(row["body_text"]),
    )


def _write_page(workspace: Workspace, result: Preview) -> None:
    path = Path(result.page)
    private_folder(path.parent)
    page = render(
        "preview.html",
        campaign=result.campaign,
        goal=next(one.goal for one in workspace.campaigns if one.name == result.campaign),
        version=result.version,
        as_of=result.as_of,
        would_receive=f"{result.would_receive:,}",
        people=f"{result.people:,}",
        failed=result.failed,
        names_unsaid=result.names_unsaid,
        shown=[_card(one) for one in result.shown],
        resting=result.rests_on_the_answer,
        invented=workspace.settings.business.invented,
        simulated=SIMULATED if workspace.settings.business.simulation else "",
    )
    write_private(path, page.encode())


def _card(one: Shown) -> dict[str, object]:
    return {
        "person": one.person_id,
        "picked_for": one.picked_for,
        "language": one.language,
        "subject": one.subject,
        "paragraphs": one.text.split("\n\n"),
        "why_not": one.why_not,
    }
