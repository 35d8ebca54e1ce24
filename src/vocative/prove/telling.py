"""What was found of a module, in sentences: why it may act or may not, and what would make it pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vocative.prove import needs
from vocative.prove.bootstrap import Difference
from vocative.records.proof import Reliability


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFinding:
    """What a verdict rests on."""

    metric: str
    lower: bool
    """Whether less of the metric is better."""
    value: float
    """What the model reached."""
    rivals: Mapping[str, Difference]
    """Naive way → model minus it, the best naive way first."""
    reliability: Reliability | None
    instead: float | None
    """By how much the probabilities of the best naive way are off, which acts where the model may not."""
    leaks: Sequence[str]
    """Features that know the future."""
    people: int
    """People at the moment that has fewest."""
    joined: float
    """By how many people the moments grow in a day."""
    counted: str
    """Who they are."""

    def beaten(self, name: str) -> bool:
        """Whether the model was better than a naive way by more than chance."""
        apart = self.rivals[name]
        return apart.high < 0.0 if self.lower else apart.low > 0.0

    def gain(self, name: str) -> float:
        """By how much the model was better; positive is better."""
        return -self.rivals[name].value if self.lower else self.rivals[name].value

    @property
    def standing(self) -> list[str]:
        """Naive ways that were not beaten."""
        return [name for name in self.rivals if not self.beaten(name)]

    @property
    def admitted(self) -> bool:
        """Whether it may act: every naive way is beaten, probabilities will do, and nothing knew the future."""
        return not self.standing and (self.calibrated or self.lesser_evil) and not self.leaks

    @property
    def calibrated(self) -> bool:
        """Whether probabilities mean what they say; what tells none passes."""
        return self.reliability is None or self.reliability.calibrated

    @property
    def lesser_evil(self) -> bool:
        """Whether probabilities are off, but less than those that would act in their place."""
        found = self.reliability
        return found is not None and not found.calibrated and self.instead is not None and found.error < self.instead


def why_of(found: GateFinding) -> str:
    """One sentence: why it may act, or why not."""
    name = found.standing[0] if found.standing else next(iter(found.rivals))
    apart = found.rivals[name]
    told = f"{found.metric} {_short(found.value)} against {_short(found.value - apart.value)} of {_plain(name)}"
    told += f" (difference {_short(apart.value)}, 95 % interval {_short(apart.low)} to {_short(apart.high)})"
    if found.leaks:
        return f"refused: features know the future, so no figure counts: {', '.join(found.leaks)}"
    if found.standing:
        return f"refused: {told}; it would have to be better by more than chance"
    if found.reliability is None or found.calibrated:
        return f"admitted: {told}"
    off = f"its probabilities are off by {found.reliability.error:.1%} on average"
    if found.lesser_evil:
        return f"admitted: {told}; {off}, those of {_plain(next(iter(found.rivals)))} by {found.instead:.1%}"
    return f"refused: {told}, but {off}; at most {found.reliability.bound:.1%} would be needed"


def needed_for(found: GateFinding) -> tuple[str, int | None]:
    """What would make a refusal pass (empty if it passed), and about how many people a test needs for it to pass."""
    people: int | None = 0
    for name, apart in found.rivals.items():
        one = needs.people_needed(found.gain(name), apart.error, found.people)
        people = None if one is None or people is None else max(people, one)
    if found.admitted:
        return "", people
    if found.leaks:
        return (
            "features that hold only what was known at the moment; this is an error of the program, please report it",
            None,
        )
    if found.standing:
        name = min(found.standing, key=lambda one: found.gain(one) / max(found.rivals[one].error, 1e-300))
        return needs.more_people(
            people, found.gain(name), found.rivals[name].error, found.people, found.joined, found.counted, _plain(name)
        ), people
    return _calibration(found), None


def _calibration(found: GateFinding) -> str:
    if found.reliability is None:
        return ""
    told = f"probabilities that are off by at most {found.reliability.bound:.1%} on average"
    return (
        f"{told}: more moments to calibrate on, such as a few more months bring, or people who change less between them"
    )


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _short(number: float) -> str:
    return f"{number:.3g}" if abs(number) < 100 else f"{number:,.0f}"
