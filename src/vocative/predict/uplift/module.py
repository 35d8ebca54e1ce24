"""What contacting a person changes: how much likelier they act, or how much more they spend, than left in peace.

Learnt from nothing but contacts and silences drawn by lot (`treatments`); without enough of them it says so, and how
large a pilot would have to be. What is known of a person is taken from before their treatment. The campaign that was
chosen is known before the lot is drawn too, so the effect may differ from campaign to campaign, as far as that is
proven. Where a lot decided which of several things a person gets (exploration), each with enough people is an arm with
effects of its own. People of whom even the upper end of the interval lies below 0 are better left in peace ("sleeping
dogs"), each arm for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from vocative.predict.history.event_history import DAY_US, Floats, Integers, Past, find
from vocative.predict.history.treatments import Treatments, treatments_of
from vocative.predict.learners.logistic import Encoding, learn_encoding, packed, unpacked
from vocative.predict.predictor import LEAST_HISTORY_DAYS, About, Baseline, Content, Forecast, Kind, Outcome
from vocative.predict.uplift.arms import Arms, several, tiled, weighed
from vocative.predict.uplift.effect import EDGE, Effect, Quantile, learn_effect
from vocative.predict.uplift.levels import learn_levels
from vocative.predict.uplift.pilot import needed_pilot
from vocative.predict.uplift.trial import Randomised
from vocative.records.action import Action

FEWEST = 100
"""People in each arm without whom nothing is learnt."""
_FEWEST_ACTS = 25
_MOST_MOMENTS = 8
_CAMPAIGN = 200
_REASONS = 3


@dataclass(frozen=True, slots=True)
class Uplift:
    """The effect of a contact within `days`: on P(the person acts), or with `money` on what they spend."""

    name: str
    about: About
    days: int
    money: bool = False
    kind: Kind = "effect"
    own_evidence: bool = True
    needs: str = "contacts and silences by lot: runs that decided, with `control.share` or `exploring.share` above 0"
    unseen: str = "the mean effect, with the interval of somebody of whom nothing is known"

    @property
    def unit(self) -> str:
        """See `Predictor.unit`."""
        return "money" if self.money else "probability"

    @property
    def horizon_days(self) -> float:
        """See `Predictor.horizon_days`."""
        return float(self.days)

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Predictor.baselines`."""
        return {"everybody_alike": self._alike}

    def needs_days(self) -> float:
        """See `Predictor.needs_days`."""
        return self.days + LEAST_HISTORY_DAYS

    def missing(self, past: Past) -> str:
        """Why no effect can be learnt yet; empty if it can."""
        done = self._done(past, past.now)
        acted = self._acted(past, done, past.now)
        if _enough(acted[done.treated], acted[~done.treated]):
            return ""
        contacted, spared = int(done.treated.sum()), int((~done.treated).sum())
        return (
            f"no causal evidence yet: {contacted:,} people were contacted and {spared:,} left in peace by lot "
            f"{self.days} days ago or more; each arm needs {FEWEST}, with {_FEWEST_ACTS} who act and as many who do not"
        )

    def needed(self, past: Past) -> str:
        """The pilot that would show an effect which matters; empty if an effect can be learnt."""
        return needed_pilot(past, self.days) if self.missing(past) else ""

    def trial(self, past: Past, moment: int, encoding: Encoding | None = None) -> tuple[Randomised, Content]:
        """The people treated by lot whose outcome was complete before the moment, and how their columns are made."""
        done = self._done(past, moment)
        design, how = _designed(past, done, _campaigns(done), encoding)
        outcome = self._acted(past, done, moment)
        return Randomised(design, done.treated, done.chance, outcome, binary=not self.money), how

    def arms(self, past: Past, moment: int) -> Arms | None:
        """The arms with evidence of their own; None where contacts are learnt from together."""
        return self._arms(past, moment)[1]

    def trials(self, past: Past, moment: int) -> dict[str, Randomised]:
        """Of each arm with evidence of its own the people who got it or nothing; empty where there are none."""
        done, arms = self._arms(past, moment)
        if arms is None:
            return {}
        design, outcome = _designed(past, done, [])[0], self._acted(past, done, moment)
        return {
            name: arms.trial(design, outcome, level, binary=not self.money) for level, name in enumerate(arms.names, 1)
        }

    def fit(self, past: Past, moment: int) -> Content:
        """See `Predictor.fit`."""
        random = np.random.default_rng(past.settings.seed)
        done, arms = self._arms(past, moment)
        if arms is not None:
            design, how = _designed(past, done, [])
            outcome = self._acted(past, done, moment)
            effects = learn_levels(design, arms.arm, arms.chances, outcome, random, binary=not self.money)
            return {**how, "arms": dict(zip(arms.names, map(asdict, effects), strict=True))}
        trial, how = self.trial(past, moment)
        effect = learn_effect(trial, random)
        return {**how, "effect": asdict(effect)}

    def forecast(self, past: Past, moment: int, content: Content) -> Forecast:
        """See `Predictor.forecast`."""
        rows = past.features(moment)
        names = [*content.get("arms", [str(one["name"]) for one in content["campaigns"]])]
        keys = names if "arms" in content else [Action(campaign=name).key for name in names]
        people, count, named = len(rows.who), max(len(names), 1), len(names) > 0
        effects = list(effects_of(content).values()) if "arms" in content else [effect_of(content)] * count
        value, error = np.zeros((people, count)), np.zeros((people, count))
        designs = [_design(content, rows.names, rows.values, [name] * people) for name in names or [""]]
        for place, (effect, design) in enumerate(zip(effects, designs, strict=True)):
            value[:, place], error[:, place] = effect.on(design)
        high = (value + EDGE * error).ravel()

        def reasons(row: int) -> dict[str, object]:
            told = _parts(effects[row % count], content, designs[row % count][row // count])
            return {**told, "better_left_in_peace": True} if high[row] < 0 else told

        return Forecast(
            who=np.repeat(rows.who, count),
            value=value.ravel(),
            low=(value - EDGE * error).ravel(),
            high=high,
            support=np.repeat(_own_acts(past, moment, rows.who), count),
            target=tiled(names, people) if named else None,
            targets=pa.array(keys, pa.string()) if named else None,
            reasons=reasons,
        )

    def outcome(self, past: Past, moment: int, by: int) -> Outcome:  # noqa: ARG002 - every module is asked alike
        """See `Predictor.outcome`: of nobody, since what a person would have done otherwise is never seen."""
        return Outcome(who=np.zeros(0, np.int64), value=np.zeros(0))

    def _done(self, past: Past, moment: int) -> Treatments:
        return treatments_of(past).before(moment - self.days * DAY_US)

    def _arms(self, past: Past, moment: int) -> tuple[Treatments, Arms | None]:
        done = self._done(past, moment)
        return done, several(done, self._acted(past, done, moment), _enough, FEWEST)

    def _acted(self, past: Past, done: Treatments, by: int) -> Floats:
        """What each did within the horizon from their treatment on, as known by a moment."""
        acts = past.during(past.first, (by - past.first) / DAY_US + 1, by, past.main)
        place, known = find(done.who, acts.who)
        since = acts.us - done.us[place] if len(done) else acts.us
        mine = known & (since >= 0) & (since < self.days * DAY_US)
        money = np.bincount(place[mine], acts.money[mine] if self.money else None, len(done)).astype(np.float64)
        return money if self.money else (money > 0).astype(np.float64)

    def _alike(self, past: Past, moment: int) -> Forecast:
        """The mean effect for everybody, by what was found in the arms; nobody is spoken of without evidence."""
        done, arms = self._arms(past, moment)
        outcome = self._acted(past, done, moment)
        who = past.features(moment).who
        if min(int(done.treated.sum()), int((~done.treated).sum())) < FEWEST:
            who = who[:0]
        means = _pooled(done, outcome, known=len(who) > 0) if arms is None else arms.means(outcome)
        value, error = (np.tile([one[part] for one in means], len(who)) for part in (0, 1))
        return Forecast(
            who=np.repeat(who, len(means)),
            value=value,
            low=value - EDGE * error,
            high=value + EDGE * error,
            support=np.repeat(_own_acts(past, moment, who), len(means)),
            target=None if arms is None else tiled(arms.names, len(who)),
            targets=None if arms is None else pa.array(arms.names, pa.string()),
        )


def effect_of(content: Content) -> Effect:
    """What was learnt of a contact, from its plain numbers."""
    return _effect(content["effect"])


def effects_of(content: Content) -> dict[str, Effect]:
    """What was learnt of each arm, from its plain numbers; empty where contacts were learnt from together."""
    return {name: _effect(told) for name, told in content.get("arms", {}).items()}


def _effect(kept: Mapping[str, Any]) -> Effect:
    told = dict(kept)
    found = [Quantile(**one) for one in told.pop("quantiles")]
    gains = {way: (float(gain[0]), float(gain[1])) for way, gain in told.pop("gains").items()}
    return Effect(**told, quantiles=found, gains=gains)


def _enough(treated: Floats, spared: Floats) -> bool:
    """Whether there are enough people of both, with enough who acted and who did not."""
    acts = [int(count) for one in (treated, spared) for count in ((one > 0).sum(), (one <= 0).sum())]
    return min(len(treated), len(spared)) >= FEWEST and min(acts) >= _FEWEST_ACTS


def _designed(
    past: Past, done: Treatments, campaigns: list[dict[str, Any]], encoding: Encoding | None = None
) -> tuple[Floats, Content]:
    """Columns of everybody treated, and how they are made."""
    names, values = _as_known_before(past, done)
    learnt = learn_encoding(names, values) if encoding is None else encoding
    how = {"encoding": packed(learnt), "campaigns": campaigns}
    return _design(how, names, values, [done.campaigns[place] for place in done.campaign]), how


def _as_known_before(past: Past, done: Treatments) -> tuple[tuple[str, ...], Floats]:
    """Features of everybody treated, as of one of a few moments, the last that is not after their treatment."""
    moments = np.unique(done.us)
    chosen = np.unique(moments[np.linspace(0, len(moments) - 1, min(_MOST_MOMENTS, len(moments))).astype(int)])
    nearest = np.searchsorted(chosen, done.us, side="right") - 1
    names: tuple[str, ...] = ()
    values: Floats = np.zeros((len(done), 0))
    for number, moment in enumerate(chosen):
        rows = past.features(int(moment))
        if not names:
            names, values = rows.names, np.full((len(done), len(rows.names)), np.nan)
        mine = np.flatnonzero(nearest == number)
        place, there = find(rows.who, done.who[mine])
        values[mine[there]] = rows.values[place[there]]
    return names, values


def _campaigns(done: Treatments) -> list[dict[str, Any]]:
    """Campaigns with enough people to be told apart, with their share."""
    counts = np.bincount(done.campaign, minlength=len(done.campaigns))
    kept = [place for place in range(len(done.campaigns)) if counts[place] >= _CAMPAIGN]
    return [{"name": done.campaigns[place], "share": round(float(counts[place] / len(done)), 9)} for place in kept]


def _design(how: Mapping[str, Any], names: tuple[str, ...], values: Floats, campaign: Sequence[str]) -> Floats:
    """Ones, features, and a column for each campaign that is told apart, of about mean 0 and variance 1."""
    columns = [unpacked(how["encoding"]).columns(names, values)]
    if len(how["campaigns"]) > 1:
        for one in how["campaigns"]:
            share = one["share"]
            mine = np.array([name == one["name"] for name in campaign], np.float64)
            columns.append(((mine - share) / np.sqrt(max(share * (1 - share), 1e-6)))[:, None])
    return np.hstack(columns)


def _parts(effect: Effect, content: Content, design: Floats) -> dict[str, object]:
    """What moves the effect on a person away from the mean most; nothing can be named where trees speak."""
    learnt = effect.learnt
    if effect.slope == 0 or effect.way == "trees":
        return {}
    weights = np.array(learnt.get("weights", 0.0))
    if effect.way in ("s", "t"):
        weights = np.array(learnt["treated"]) - np.array(learnt["others"])
    labels = unpacked(content["encoding"]).labels()
    parts = (effect.slope * weights * design)[1 : len(labels) + 1]
    best = np.argsort(-np.abs(parts), kind="stable")[:_REASONS]
    return {labels[place]: round(float(parts[place]), 4) for place in best}


def _pooled(done: Treatments, outcome: Floats, *, known: bool) -> list[tuple[float, float]]:
    """The mean effect of a contact, and its standard error."""
    if not known:
        return [(0.0, 0.0)]
    treated, weight = done.treated, np.where(done.treated, 1.0 / done.chance, 1.0 / (1.0 - done.chance))
    (with_it, error), (without, other) = (weighed(outcome[arm], weight[arm]) for arm in (treated, ~treated))
    return [(with_it - without, float(np.hypot(error, other)))]


def _own_acts(past: Past, moment: int, who: Integers) -> Floats:
    found: Floats = np.bincount(past.before(moment, past.main).who, minlength=len(past.people))[who].astype(np.float64)
    return found


UPLIFT = Uplift(
    name="uplift",
    about=About(
        title="Buys because of a contact",
        rank=160,
        question="how much likelier a contact makes it that the person buys within 28 days",
        # Hillstrom\'s e-mails to women (visits), half of the people left in peace: `benchmarks/uplift.py`.
        people=18_000,
    ),
    days=28,
)
UPLIFT_MONEY = Uplift(
    name="uplift_money",
    about=About(
        title="Money because of a contact",
        rank=170,
        question="how much more the person spends within 28 days after a contact",
        rests_on="purchases",
        # The same with what they spend.
        people=740_000,
    ),
    days=28,
    money=True,
)
