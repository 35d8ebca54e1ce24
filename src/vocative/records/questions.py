"""Questions of a business's own: `[questions.NAME]` in `vocative.toml`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Question(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[questions.NAME]`: whether people do something within some days, or stay away from it; churn as you define it.

    It is answered, tested on the past and refused or admitted like every other prediction, and campaigns and segments
    name it as their `module`.
    """

    event: str
    """An event of `[events]` by its name, or a role (`purchase`, `view`, `use` …) for all events of that role."""
    days: Annotated[int, Meta(ge=1, le=365)]
    """How many days ahead."""
    away: bool = False
    """Ask who does *not* do it."""
    active_days: Annotated[int, Meta(ge=0, le=3650)] = 0
    """Only of people who did it within so many days before; 0: of everybody who has a profile."""
    times: Annotated[int, Meta(ge=1, le=100)] = 1
    """On how many different moments at least within the days."""
