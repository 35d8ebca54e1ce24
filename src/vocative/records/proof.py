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


class Rival(Struct, frozen=True, kw_only=True):
    """A naive way the model was compared with: every one of them has to be beaten."""

    name: str
    value: float
    """What the naive way reached in the deciding metric."""
    difference: float
    """Model minus naive way."""
    low: float
    high: float
    """95 % interval of the difference, by person."""
    beaten: bool
    """Whether the model was better by more than chance."""


class Reliability(Struct, frozen=True, kw_only=True):
    """Whether probabilities mean what they say, over all moments together."""

    error: float
    """Mean distance between predicted and observed share over bins of equally many rows (ECE)."""
    low: float
    high: float
    """95 % interval of `error`, by person."""
    limit: float
    """What probabilities that are exactly right would stay below 95 times in 100, with these predictions and people."""
    tolerated: float
    """An error that is let pass; below it probabilities pass however many people are there to see it."""
    bound: float
    """What probabilities that are off by `tolerated` would stay below 95 times in 100: what is above is refused."""
    calibrated: bool
    """Whether `error` is within `bound`."""


class Coverage(Struct, frozen=True, kw_only=True):
    """How often what happened lay within the interval that was told."""

    nominal: float
    """The share that was promised."""
    share: float
    low: float
    high: float
    """95 % interval of `share`, by person."""
    kept: bool
    """Whether `share` is, but for chance, near enough to what was promised."""
    stretch: float = 1.0
    """By what both sides of intervals would have had to be multiplied to hold what was promised; 1 where they did."""


class Group(Struct, frozen=True, kw_only=True):
    """How the model did among some of the people, in the deciding metric."""

    trait: str
    """What divides people: `acquaintance`, `activity`, `language`, `segment` …"""
    name: str
    """Which of them: `new`, `known`, `lowest third`, `de` …"""
    people: int
    value: float
    baseline: float
    """What the best baseline reached among them."""
    difference: float
    """Model minus best baseline."""
    low: float
    high: float
    """95 % interval of the difference, by person; those of all groups of a verdict hold together."""


class Arm(Struct, frozen=True, kw_only=True):
    """One of several things that were drawn by lot: what it does against nothing, and whether effects on it may act."""

    name: str
    """The campaign, with the size of its offer where it has one."""
    admitted: bool
    why: str
    effect: float
    """The mean effect, by lot."""
    low: float
    high: float
    """95 % interval of `effect`; those of all arms of a verdict hold together."""
    people: int
    """Who got it or nothing, and could have got both."""
    sleeping_dogs: int
    """People of the groups on whom the effect is surely below nothing, all groups counted: this arm had better leave
    them in peace."""


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
    baselines: list[Rival] = field(default_factory=list)
    """Every naive way, the best first; empty for a module that was not tested."""
    reliability: Reliability | None = None
    """None where no probability is predicted."""
    coverage: Coverage | None = None
    """Of the intervals; None where there are none that a single outcome could lie in."""
    groups: list[Group] = field(default_factory=list)
    """Among which people it is better and worse; groups do not decide."""
    warnings: list[str] = field(default_factory=list)
    """What a reader should look into although it does not decide, in sentences."""
    needs: str = ""
    """What would make a refusal pass, in one sentence; empty for what is admitted."""
    arms: list[Arm] = field(default_factory=list)
    """Of an effect: each arm with evidence of its own; empty where contacts were learnt from together."""
    people_needed: int | None = None
    """About how many people a test would need to admit it, if what was seen is true; None where that is not known."""
