"""How models are looked after once they act: `[models]` in `vocative.toml`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field


class Operation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[models]`: when a new version of a model replaces the one that acts, and how closely that one is watched."""

    without: list[str] = field(default_factory=list)
    """Standard predictions that are not made, since nothing of the business rests on them: a run is sooner done."""
    automatic: bool = True
    """A new version that is good enough is promoted by the run; `false`: only by `vocative models promote`."""
    watch_every: Annotated[int, Meta(ge=1, le=365)] = 7
    """Days between two moments at which what was predicted, also in shadow, is noted to be judged once it is over."""
    wait_days: Annotated[int, Meta(ge=0, le=3650)] = 28
    """Days a new version waits for outcomes; then it is promoted if nothing speaks against it: it knows newer data."""
    keeps: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.5
    """Share of its predecessor's lead over the best naive way that a new version has to keep for certain."""
    least_people: Annotated[int, Meta(ge=2)] = 100
    """Nothing is concluded from the outcomes of fewer people."""
