"""What a feature declares, whatever its kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from vocative.facts.grain import Grain
from vocative.facts.scope import Scope
from vocative.profile.history import History
from vocative.records.settings import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature(ABC):
    """One number about a person at a moment, declared once and computed in two ways.

    A kind of feature (a subclass, one per file) adds what it measures and over which window or half-life, and
    writes both computations side by side: `sql`, an aggregate over the rows of one person in `grain`, in DuckDB's
    dialect and free of functions that other engines count differently; and `read`, the same number from the live
    history.
    """

    grain: ClassVar[Grain]

    name: str
    meaning: str
    unit: str
    roles: tuple[Role, ...] = ()
    """Roles that the business's events must have; without one of them the feature has no value for anybody."""
    empty: float | None = None
    """The value for a person with nothing to aggregate: 0 for counts and sums, None where there is nothing to say."""

    @abstractmethod
    def sql(self, scope: Scope) -> str:
        """The aggregate expression over the person's rows in `grain`."""

    @abstractmethod
    def read(self, history: History) -> float | None:
        """The same number from the live history; None if there is none."""

    def available(self, scope: Scope) -> bool:
        """Whether the business has the events that the feature is about."""
        return scope.roles.issuperset(self.roles)
