"""What the past says about a prediction: measured, compared with its baselines, judged."""

from __future__ import annotations

from msgspec import Struct, field


class Score(Struct, frozen=True, kw_only=True):
    """How well one way to predict did: a metric, averaged over origins, with a 95 % interval by person."""

    name: str
    """`model`, or the name of the baseline."""
    metric: str
    value: float
    low: float
    high: float


class Bin(Struct, frozen=True, kw_only=True):
    """One bar of a reliability curve: people with about the same predicted probability."""

    predicted: float
    """Mean prediction."""
    observed: float
    """Share to whom it happened."""
    people: int


class Origin(Struct, frozen=True, kw_only=True):
    """One moment of the past at which was predicted what then happened."""

    moment: int
    """µs UTC."""
    people: int
    value: float
    baseline: float
    measures: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Every metric → what the model and what the best baseline reached."""


class Verdict(Struct, frozen=True, kw_only=True):
    """Whether a prediction may act, and what it was found to be worth on the past."""

    module: str
    version: str
    moment: int
    """The back-test used only what was known before it, µs UTC."""
    admitted: bool
    why: str
    """One sentence for people: why it may act, or why not and what would be needed."""
    metric: str
    """The metric that decides: `log_loss`, `ndcg@10`, `rmse` …"""
    lower_is_better: bool
    value: float
    baseline: str
    """Name of the best baseline."""
    baseline_value: float
    difference: float
    """Model minus best baseline."""
    low: float
    high: float
    """95 % interval of the difference, from a bootstrap by person."""
    origins: list[Origin] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    """Every metric of the model and of each baseline."""
    calibration: list[Bin] = field(default_factory=list)
    calibration_error: float | None = None
    """Mean distance between predicted and observed share (ECE); None where no probability is predicted."""
    lift: list[float] = field(default_factory=list)
    """Share of all events caught among the first 10 %, 20 % … 100 % of people by prediction; empty for rankings."""
    lift_baseline: list[float] = field(default_factory=list)
