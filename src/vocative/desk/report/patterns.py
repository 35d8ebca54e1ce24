"""Found patterns on the report: each sentence with its two rates drawn, its interval and what it was corrected for."""

from __future__ import annotations

from msgspec import Struct, field

from vocative.line.understand.pattern_words import percent
from vocative.line.understand.patterns import newest, sentences
from vocative.prove.patterns_testing import LEVEL
from vocative.records.patterns import Pattern
from vocative.stats.calendars import local_datetime
from vocative.workspace.opening import OpenWorkspace

_AXES = (0.05, 0.1, 0.2, 0.5, 1.0)


class DrawnPattern(Struct, frozen=True, kw_only=True):
    """One pattern, ready for the page."""

    sentence: str
    bars: list[tuple[str, str, float]]
    """Who, the rate, and the length of its bar in per cent of the axis."""
    interval: str
    chance: str
    today: int


class FoundPatterns(Struct, frozen=True, kw_only=True):
    """The newest search."""

    as_of: str
    looked_at: int
    tested: int
    people: int
    level: str
    why: str
    axis: str = ""
    """The rate at which every bar would be full."""
    drawn: list[DrawnPattern] = field(default_factory=list)


def found_patterns(workspace: OpenWorkspace, moment: int) -> FoundPatterns | None:
    """What the newest search up to a moment (µs UTC) has found; None before the first."""
    found = newest(workspace, moment)
    if found is None:
        return None
    local = local_datetime(found.moment, workspace.settings.business.timezone)
    told = sentences(workspace, found)
    largest = max((rate for one in found.found for _, rate in _rates(one)), default=0.0)
    axis = next((one for one in _AXES if largest <= one), 1.0)
    return FoundPatterns(
        as_of=f"{local.day} {local:%b %Y, %H:%M}",
        looked_at=found.looked_at,
        tested=found.tested,
        people=found.people,
        level=f"{LEVEL:.1%}",
        why=found.why,
        axis=f"{axis:.0%}",
        drawn=[_drawn(one, words, axis) for one, words in zip(found.found, told, strict=True)],
    )


def _rates(pattern: Pattern) -> tuple[tuple[str, float], ...]:
    return (("of those", pattern.rate), ("of others alike", pattern.alike), ("of all others", pattern.others))


def _drawn(pattern: Pattern, words: str, axis: float) -> DrawnPattern:
    return DrawnPattern(
        sentence=words,
        bars=[(name, percent(rate), round(100 * rate / axis, 1)) for name, rate in _rates(pattern)],
        interval=f"{100 * pattern.low:.1f} to {100 * pattern.high:.1f} points",
        chance="less than 0.01%" if pattern.p < 1e-4 else f"{pattern.p:.2%}",
        today=pattern.today,
    )
