"""Limits that hold for everybody together: budgets, capacities, minimum shares."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

Counted = Literal["messages", "money", "offers"]


class GlobalLimit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[limits.NAME]`: at most, or at least, so much for everybody together, over some days.

    Service messages use limits up first and are held back by none but a budget of their channel.
    """

    counts: Counted = "messages"
    """`messages`, the `money` that messages cost, or `offers`: messages that make one."""
    at_most: Annotated[float, Meta(ge=0.0)] | None = None
    """Never more than that; missing means no such limit, 0 means none."""
    at_least: Annotated[float, Meta(ge=0.0)] = 0.0
    """So much if it can be had within everything else; what is missing is told with the plan."""
    days: Annotated[int, Meta(ge=1, le=31)] = 1
    """Over how many local days of the business, today included."""
    channels: list[str] = field(default_factory=list)
    """Only messages over these channels; empty means all."""
    campaigns: list[str] = field(default_factory=list)
    """Only messages of these campaigns; empty means all."""
    segment: str = ""
    """Only messages to the people of this segment of `[segments]`; empty means everybody. What was sent on days before
    counts whoever got it."""
