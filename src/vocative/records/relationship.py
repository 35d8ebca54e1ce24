"""How well a person and the business know each other, and what follows from it: `[relationship]` in `vocative.toml`."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct, field

from vocative.records.caps import Count

State = Literal["stranger", "acquainted", "regular", "close", "strained"]
STATES: tuple[State, ...] = get_args(State)
LOYAL: frozenset[State] = frozenset({"regular", "close"})
"""The states of people who have been customers for long."""


class StateCaps(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[relationship.STATE]`: how many marketing messages people in this state get at most.

    What is missing is as in `[caps]`; a number above that of `[caps]` changes nothing; 0 means nobody in this state
    gets any.
    """

    per_day: Count | None = None
    """On one local day."""
    per_week: Count | None = None
    """Over the last seven local days, today included."""
    per_month: Count | None = None
    """Over the last thirty local days, today included."""


class Relationships(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[relationship]`: how often people are written to who know the business little, well, or are displeased with it.

    What the states mean: docs/explanation/relationship.md.
    """

    selling_in_a_row: Count = 3
    """After so many marketing messages that sell, the next one is of a campaign with `sells: false`; 0 means that
    nothing sells."""
    row_days: Annotated[int, Meta(ge=1, le=365)] = 30
    """A row of messages that sell is over when the last so many days saw fewer of them."""
    stranger: StateCaps = field(default_factory=lambda: StateCaps(per_week=1, per_month=4))
    """Fewer than three visits in a year, or no permission for personalization; unless you say otherwise 1 in a week and
    4 in a month."""
    acquainted: StateCaps = field(default_factory=StateCaps)
    """Three visits in a year or more."""
    regular: StateCaps = field(default_factory=StateCaps)
    """Twelve visits in a year or more."""
    close: StateCaps = field(default_factory=StateCaps)
    """A regular for half a year who has answered or told the business something."""
    strained: StateCaps = field(default_factory=lambda: StateCaps(per_week=1, per_month=1))
    """A complaint, a withdrawn permission or many returns, not long ago; unless you say otherwise 1 in a week and in a
    month."""

    def caps_of(self, state: State) -> StateCaps:
        """The caps of one state."""
        caps: StateCaps = getattr(self, state)
        return caps
