"""`[exploring]`: the part of the people for whom marketing is drawn by lot, so that effects can be learnt."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Exploring(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[exploring]`: marketing drawn by lot; service messages never are."""

    share: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0
    """Part of the people for whom it is drawn what they get, on the first occasion there is: a campaign out of all that
    passed every hard filter, or silence, each as likely as the other, and then a size of its offer. 0: what a plan
    finds worth most is all that is ever tried."""
