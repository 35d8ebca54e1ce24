"""Settings of segments: how they are formed, and those by rule."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field


class Segmenting(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[segmenting]`: how segments are formed."""

    minimum_size: Annotated[int, Meta(ge=2)] = 50
    """No segment has fewer people; smaller ones are merged into their neighbours."""
    most_discovered: Annotated[int, Meta(ge=2, le=40)] = 12
    """Micro-segments to look for at most."""
    every_days: Annotated[int, Meta(ge=1, le=3650)] = 28
    """Days after which micro-segments are discovered anew; in between people are assigned to the ones there are."""


class Condition(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One condition about a person, or conditions joined: exactly one of the first six, a value with bounds."""

    all: list[Condition] = field(default_factory=list)
    """Every one holds."""
    any: list[Condition] = field(default_factory=list)
    """At least one holds."""
    none: list[Condition] = field(default_factory=list)
    """None holds."""
    feature: str = ""
    """A feature of the profile; docs/reference/features.md lists them."""
    affinity: str = ""
    """A liking, as `attribute:value`; 0 is average."""
    prediction: str = ""
    """A prediction that is admitted, as `module` or `module:target`."""
    at_least: float | None = None
    """Lower bound, included."""
    at_most: float | None = None
    """Upper bound, included."""
    top: Annotated[float, Meta(gt=0, le=1)] | None = None
    """The share of people with the highest values, of those of whom it is known: 0.2 is the upper fifth. Levels move
    with the season, the order of people hardly. Who has the value of the last of them is in, too."""
    known: bool | None = None
    """Whether the value is known at all: `false` holds for people of whom it is not, and for everybody as long as a
    prediction is not admitted."""


class SegmentRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[segments.NAME]`: people for whom the conditions hold; somebody of whom a value is unknown is not among them."""

    title: str
    """Its name in plain words."""
    all: list[Condition] = field(default_factory=list)
    """Every one holds."""
    any: list[Condition] = field(default_factory=list)
    """At least one holds."""
    none: list[Condition] = field(default_factory=list)
    """None holds."""
