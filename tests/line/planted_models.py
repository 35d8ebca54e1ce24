"""A question whose truth is planted: each person does it with a chance of their own, until one day all turns round.

What a version learns is the day on which it was fitted, so each fit is a new version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import numpy as np

from tests.line.shop import FIRST, import_all, prepare
from vocative.line.snapshot.clock import to_micros
from vocative.predict.history.event_history import DAY_US, EventHistory, FeatureRows, Floats, Integers
from vocative.predict.predictor import About, Baseline, Forecast, Kind, LearntFromHistory, Outcome, Parameters

NAME = "buys_28d"
HORIZON = 2
NEVER = 10_000
_ABOUT = About(title="Planted", question="whether the person does it")
RULES = """
[proving]
least_people = 5
step_days = 3
retrain_every = 7

[models]
watch_every = 1
wait_days = 30
least_people = 10
"""


def day(number: float) -> int:
    """Eight in the morning of a day; the shop's first is day -10, its last day 110."""
    return to_micros(FIRST + timedelta(days=number + 10, hours=8))


def prepare_shop(root: Path) -> Path:
    """The shop with everything imported, and rules under which models change within days."""
    prepare(root)
    settings = root / "vocative.toml"
    settings.write_text(settings.read_text() + RULES)
    import_all(root)
    return root


@dataclass(frozen=True)
class Planted(LearntFromHistory):
    """The planted question; `turns` is the day from which it is the other way round, which no fit notices.

    A version fitted on one of the days `wrong` has it the wrong way round, the one fitted on the first day of `rots`
    from the second on. Forecasts on one of the days `breaks` raise, on one of the days `blank` they are no numbers.
    """

    turns: float = NEVER
    wrong: tuple[float, ...] = ()
    rots: tuple[float, float] = (NEVER, NEVER)
    breaks: tuple[float, ...] = ()
    blank: tuple[float, ...] = ()
    name: str = NAME
    about: About = _ABOUT
    kind: Kind = "probability"
    horizon_days: float = float(HORIZON)
    unit: str = "probability"
    needs: str = "acts of any kind"
    unseen: str = "nothing"
    fitted: list[int] = field(default_factory=list)

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        return {"half": lambda past, moment: _forecast(past.present(moment), np.full(len(past.present(moment)), 0.5))}

    def needs_days(self) -> float:
        return 28.0

    def fit(self, past: EventHistory, moment: int) -> Parameters:
        self.fitted.append(moment)
        return {"wrong": moment in map(day, self.wrong), "fitted": moment}

    def forecast(self, past: EventHistory, moment: int, content: Parameters) -> Forecast:
        if moment in map(day, self.breaks):
            raise ZeroDivisionError("planted")
        who = past.present(moment)
        rotten = content["fitted"] == day(self.rots[0]) and moment >= day(self.rots[1])
        value = _chance(who, turned=content["wrong"] or rotten)
        return _forecast(who, value * np.nan if moment in map(day, self.blank) else value)

    def outcome(self, past: EventHistory, moment: int, by: int) -> Outcome:
        who = past.present(moment)
        often = _chance(who, turned=moment >= day(self.turns)) > 0.5
        # One in ten does otherwise, each day others: what a chance of 0.9 promises, without the luck of the draw.
        otherwise = (who // 2 + moment // DAY_US) % 10 == 0
        return Outcome(who=who, value=(often != otherwise).astype(np.float64))


def some_features(past: EventHistory, moment: int, names: frozenset[str] | None = None) -> FeatureRows:
    """Three numbers of each person that do not change, in the place of all features, which take a second to build."""
    who = past.present(moment)
    return FeatureRows(who, ("x", "y", "z"), np.stack([np.sin(who), np.cos(who), who % 7.0], axis=1))


def _chance(who: Integers, *, turned: bool) -> Floats:
    often = (who % 2 == 0) != turned
    return np.where(often, 0.9, 0.1)


def _forecast(who: Integers, value: Floats) -> Forecast:
    return Forecast(who=who, value=value, low=value, high=value, support=np.ones(len(who)))
