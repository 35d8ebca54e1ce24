"""What composing needs, read from a workspace; apart from the stages, since approvals need no more."""

from __future__ import annotations

from vocative.compose.messages import CompositionInputs
from vocative.compose.templates import Templates
from vocative.workspace.opening import OpenWorkspace


def studio_of(workspace: OpenWorkspace) -> CompositionInputs:
    """What composing needs, from the workspace."""
    return CompositionInputs(
        settings=workspace.settings,
        brand=workspace.brand,
        campaigns={campaign.name: campaign for campaign in workspace.campaigns},
        templates=Templates.read(workspace.root / "templates", workspace.brand.avoid),
        wordings=workspace.wordings,
        key=workspace.key,
    )
