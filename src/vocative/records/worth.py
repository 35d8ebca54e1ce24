"""`[worth]`: what a message is expected to bring, in money."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Worth(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[worth]`: how an effect on people becomes money, and what a message costs beside its channel."""

    margin: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    """Share of the money people spend that is margin, above 0 to 1; what a measured effect on spending is worth."""
    floor: Annotated[float, Meta(ge=0.0, le=1.0)] | None = None
    """Share of the money people spend that has to be left of the margin after a discount; missing: no floor."""
    unread: Annotated[float, Meta(ge=0.0)] = 0.0
    """Money that a marketing message costs in goodwill if the person does not react to it."""
    goodwill: Annotated[float, Meta(ge=0.0)] = 0.0
    """Money that one more marketing message costs in goodwill, for each that the person had in the last 30 days."""
