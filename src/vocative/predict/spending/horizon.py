"""What questions about the days ahead have in common: how far they look, and what learning them takes."""

from __future__ import annotations

from dataclasses import dataclass

from vocative.predict.predictor import LEAST_HISTORY_DAYS, LearntFromHistory


@dataclass(frozen=True, slots=True)
class Ahead(LearntFromHistory):
    """A question about the next `days`; learning it takes so many that are over, and some history before them."""

    days: int

    @property
    def horizon_days(self) -> float:
        """See `Predictor.horizon_days`."""
        return float(self.days)

    def needs_days(self) -> float:
        """See `Predictor.needs_days`."""
        return self.days + LEAST_HISTORY_DAYS
