"""Contacts: messages sent to a person over each channel, and what came back. Reply rates read them."""

from __future__ import annotations

from msgspec import Struct, field

from vocative.facts.facts import ACTS, Fact
from vocative.facts.grain import Grain
from vocative.facts.scope import CODES, CONTACT_ROLES, Scope
from vocative.records.settings import Role

_ROLES = frozenset(CODES[role] for role in CONTACT_ROLES)


def _contacts(_: Scope) -> str:
    roles = ", ".join(str(code) for code in sorted(_ROLES))
    return f"SELECT who, slot, role, channel, lines FROM acts WHERE role IN ({roles}) AND channel IS NOT NULL"


CONTACTS = Grain("contacts", _contacts, (ACTS,))
"""`who`, `slot`, `role` (code), `channel`, `lines` (how many)."""


class ContactState(Struct):
    """Live: channel → role code → slot → number."""

    channels: dict[str, dict[int, dict[int, int]]] = field(default_factory=dict)

    def add(self, fact: Fact) -> None:
        """Count one fact."""
        if fact.channel is not None and fact.role in _ROLES:
            slots = self.channels.setdefault(fact.channel, {}).setdefault(fact.role, {})
            slots[fact.slot] = slots.get(fact.slot, 0) + 1

    def forget(self, before: int) -> None:
        """Drop what is older than the history that is read."""
        for roles in self.channels.values():
            for role, slots in roles.items():
                roles[role] = {slot: number for slot, number in slots.items() if slot >= before}

    def count(self, channel: str, role: Role, start: int) -> float:
        """How many contacts of a role came over a channel since a slot."""
        slots = self.channels.get(channel, {}).get(CODES[role], {})
        return float(sum(number for slot, number in slots.items() if slot >= start))
