"""What is known of fitted models: their cards, which acts since when, what it came to, how far the world has moved."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

State = Literal["champion", "challenger", "retired", "failed"]
"""`champion` acts; `challenger` predicts in shadow; `retired` was replaced or never had its turn; `failed` was worse
than what it had to beat, or was rolled back by hand, and is never promoted by a run again."""

Level = Literal["green", "amber", "red"]


class Standing(Struct, frozen=True, kw_only=True):
    """What a version of a model is from a moment on."""

    module: str
    version: str
    state: State
    at: int
    """µs UTC."""
    place: int
    """Number of the change within its module, from 0: orders changes of the same moment."""
    by: str
    """Name of the person of the business, or `vocative`."""
    why: str


class Spread(Struct, frozen=True, kw_only=True):
    """How a number was spread over people when a model was fitted: quantiles and shares, no data of people."""

    name: str
    edges: list[float]
    """Inner borders of the bins, ascending; a value on a border belongs to the bin below it."""
    shares: list[float]
    """Share of people in each bin, and last of those without a value."""
    people: int
    usual: float = 0.0
    """Population stability index between the fit and a moment `proving.step_days` before: what is usual of it."""


class DataVersion(Struct, frozen=True, kw_only=True):
    """What a model has learnt from: versions of the lake's tables, and counts."""

    tables: dict[str, int]
    acts: int
    """Acts that were known when it was fitted."""
    people: int
    first: int
    """The first act, µs UTC."""
    newest: int
    """The newest act, µs UTC."""


class ModelCard(Struct, frozen=True, kw_only=True):
    """What is kept of a version besides its content; the verdict on it stands beside."""

    module: str
    version: str
    kind: str
    unit: str
    horizon_days: float
    fitted_at: int
    """µs UTC."""
    seconds: float
    """How long fitting took."""
    code: str
    """Version of Vocative that fitted it."""
    data: DataVersion
    needs: str = ""
    unseen: str = ""
    """What it says of a person it has never seen."""
    importance: dict[str, float] = field(default_factory=dict)
    """What it looks at → share of its weight, the most important first; empty where it cannot be told."""
    inputs: list[Spread] = field(default_factory=list)
    """The features it looks at, at the moment of the fit."""
    scores: Spread | None = None
    """Its predictions at the moment of the fit."""


class Comparison(Struct, frozen=True, kw_only=True):
    """What the predictions of a moment came to, of a version and of what it was compared with."""

    module: str
    version: str
    against: str
    """Another version, or `baseline:NAME`."""
    moment: int
    """When was predicted, µs UTC."""
    judged_at: int
    people: int
    """Zero: there was nobody to judge by."""
    metric: str
    lower_is_better: bool
    value: float
    low: float
    high: float
    """95 % interval of `value`, from a bootstrap by person."""
    against_value: float
    worse: float
    """By how much the version was worse (negative: better), whatever direction the metric has."""
    error: float
    """Standard error of `worse`, paired by person."""


class Shift(Struct, frozen=True, kw_only=True):
    """How far one number has moved since the fit."""

    name: str
    index: float
    """Population stability index."""
    limit: float
    """What would be too much."""
    weight: float
    """Share of the model's weight it carries."""


class Drift(Struct, frozen=True, kw_only=True):
    """How the world has moved away from what a model has learnt."""

    module: str
    version: str
    """The version that acts; `baseline:NAME` where none does."""
    moment: int
    """µs UTC."""
    level: Level
    inputs: Level
    scores: Level
    outcomes: Level
    freshness: Level
    why: list[str]
    """A sentence for each part that is not green."""
    shifts: list[Shift] = field(default_factory=list)
    """Inputs that have moved too far, the furthest first, and `prediction` if that has."""
    compared: Comparison | None = None
    """The newest outcomes of the version against the best naive way, pooled."""
    event_age_days: float = 0.0
    model_age_days: float | None = None
