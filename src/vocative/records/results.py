"""What stages hand to each other and to people, besides tables."""

from __future__ import annotations

from msgspec import Struct


class ImportAccount(Struct, frozen=True, kw_only=True):
    """What became of every row of an import: `read == accepted + merged + rejected`, always."""

    import_id: str
    kind: str
    file: str
    read: int
    accepted: int
    merged: int
    rejected: int
    marked: int = 0
    """Accepted rows with a doubt (implausible name, age, price …): kept, but neither used nor said."""
    repeated: bool = False
    """Whether this very file had been imported before, so that nothing changed."""


class Permission(Struct, frozen=True, kw_only=True):
    """One record of permission given or refused. Moments are microseconds since 1970 in UTC."""

    user_id: str
    purpose: str
    channel: str
    status: str
    basis: str
    at: int
    known_at: int
    expires_at: int | None
    source: str
    text: str | None
    covers: str | None = None
    """What the words said the profile is used for; None: as `[personalization]` says."""


class Readiness(Struct, frozen=True, kw_only=True):
    """Whether a module may run on this data, and why (not)."""

    ready: bool
    why: str
    people: int | None = None
    """About how many people it takes for a prediction to be admitted, with a signal as usual; None: not known."""
