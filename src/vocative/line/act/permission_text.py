"""What rests on the answer to a question for permission, and whether people were asked for what a campaign does."""

from __future__ import annotations

from msgspec import Struct

from vocative.errors import ApprovalError
from vocative.records.ledger_tables import PERMISSIONS
from vocative.records.settings import Campaign
from vocative.records.uses import Use
from vocative.trust.uses import WORDS, covered_by, in_words, use_of
from vocative.workspace.opening import OpenWorkspace

ASKING = "never_asked"
"""The audience of campaigns that ask for permission."""


class Resting(Struct, frozen=True, kw_only=True):
    """A campaign that goes only to people who allowed personalization."""

    campaign: str
    use: Use
    words: str
    covered: bool
    """Whether a yes to the question covers it; people who were asked nothing else never get it otherwise."""


def resting_on(workspace: OpenWorkspace, asking: Campaign) -> list[Resting]:
    """The personalized campaigns of the workspace, as far as the answer to this question decides about them."""
    return [
        Resting(campaign=one.name, use=use, words=WORDS[use], covered=use in asking.covers)
        for one in workspace.campaigns
        if (use := use_of(one)) is not None
    ]


def uses_asked_for(workspace: OpenWorkspace) -> frozenset[Use]:
    """Every use that anybody was, or is to be, asked for: by a record, by `[personalization]`, or by a campaign."""
    otherwise = workspace.settings.personalization.covers
    with workspace.stores.ledger.transaction() as transaction:
        given = transaction.select(PERMISSIONS, {"purpose": "personalization", "status": "yes"})
    declared = {None if row["covers"] is None else str(row["covers"]) for row in given}
    asked = {use for one in workspace.campaigns if one.audience == ASKING for use in one.covers}
    return frozenset(asked.union(otherwise, *(covered_by(one, otherwise) for one in declared)))


def refuse_unasked(workspace: OpenWorkspace, campaign: Campaign) -> None:
    """Refuse a campaign that uses profiles for what nobody was asked about, and a question that covers nothing.

    Raises:
        ApprovalError: it is one of these.
    """
    use, where = use_of(campaign), f"campaigns/{campaign.name}.yaml"
    if campaign.audience == ASKING and not campaign.covers:
        meant = in_words(use for one in workspace.campaigns if (use := use_of(one)) is not None)
        raise ApprovalError(
            f"the campaign {campaign.name!r} asks for permission and does not say what for: a yes would cover nothing",
            where=where,
            remedy=f"write what its text asks for, such as `covers: [{meant or 'reminders'}]`",
        )
    if use is None or use in (asked := uses_asked_for(workspace)):
        return
    raise ApprovalError(
        f"the campaign {campaign.name!r} uses profiles for {use} ({WORDS[use]}), and people were asked "
        + (f"only for {in_words(asked)}" if asked else "for nothing so far"),
        where=where,
        remedy=f"ask for {use} in a text, and say so: `covers` in the campaign that asks, `[personalization] covers` "
        "in vocative.toml for other forms, or a column `covers` in the file of permissions",
    )
