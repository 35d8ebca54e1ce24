"""Replies: how many messages went out over a channel, and which share was opened, clicked or answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vocative.facts.contacts import CONTACTS
from vocative.facts.grain import Grain
from vocative.facts.scope import CODES, Scope, text_literal
from vocative.profile.feature import Feature
from vocative.profile.history import History
from vocative.records.settings import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCount(Feature):
    """The number of contacts of a role over a channel in the last `days`."""

    grain: ClassVar[Grain] = CONTACTS

    channel: str
    role: Role
    days: int
    empty: float | None = 0.0

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        return _count(self.channel, self.role, scope.start(self.days))

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        return history.contacted(self.channel, self.role, history.scope.start(self.days))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRate(Feature):
    """Contacts of a role per message sent over a channel in the last `days`; none if nothing was sent."""

    grain: ClassVar[Grain] = CONTACTS

    channel: str
    role: Role
    days: int

    def sql(self, scope: Scope) -> str:
        """See `Feature.sql`."""
        start = scope.start(self.days)
        return f"{_count(self.channel, self.role, start)} / nullif({_count(self.channel, 'sent', start)}, 0.0)"

    def read(self, history: History) -> float | None:
        """See `Feature.read`."""
        start = history.scope.start(self.days)
        sent = history.contacted(self.channel, "sent", start)
        return history.contacted(self.channel, self.role, start) / sent if sent else None


def _count(channel: str, role: Role, start: int) -> str:
    same = f"channel = {text_literal(channel)} AND role = {CODES[role]} AND slot >= {start}"
    return f"sum(CASE WHEN {same} THEN lines ELSE 0.0 END)"
