"""What is asked of lists of things, where nobody asks for anything else: `[lists]` in `vocative.toml`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Lists(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[lists]`: how lists of things are made for people; whoever asks for a list may ask for something else.

    They hold for decisions too, over the few things a message names; never for the tests on the past.
    """

    length: Annotated[int, Meta(ge=1, le=20)] = 10
    """Things in a list."""
    diversity: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.2
    """From 0 (by chance alone) to 1 (by unlikeness alone): how much things of one category or brand give way."""
    discovery: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.2
    """The least share of things a person never had, so that nobody sees more of the same only."""
    least_discovery: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.1
    """The least that a person can ask for themselves instead of `discovery`, in the trait `discovery`."""
    most_discovery: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.5
    """The most that a person can ask for. With both at the value of `discovery` nobody can ask for anything else."""
    exploration: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.05
    """The least share of things that came into the catalogue lately and that hardly anybody had, so that they get a
    chance; as far as there are any."""
    place_key: str = "position"
    """Property of events with the role `shown` that names the place of the thing in its list, counted upwards."""
