"""What somebody gets who asks for a list."""

from __future__ import annotations

from msgspec import Struct

from vocative.line.act.bubble import ListBubble


class Listed(Struct, frozen=True, kw_only=True):
    """One thing in a list."""

    item_id: str
    name: str
    category: str
    chance: float
    """That they have it within four weeks."""
    kind: str
    """`had before`, `goes with`, `many have it`, `declared` or `new in the catalogue`."""
    reason: str
    """In words."""
    acts: str
    """`model`, or the naive way that proposes it."""


class ThingList(Struct, frozen=True, kw_only=True):
    """A list of things for one person."""

    person_id: str
    as_of: str
    """The moment of the predictions."""
    personal: bool
    """Whether anything of the person was used."""
    note: str
    """What has to be said about the list; may be empty."""
    invented: list[str]
    items: list[Listed]
    bubble: ListBubble
    """How far the list lies outside what the person does anyway."""
