"""Whether something happens to a person within some days, learnt from the past of many moments.

Two views of the past are learnt from: what the person's own acts of that kind say (`occasions`), at many moments, and
the same beside the whole profile, at fewer. The learner is `tabular`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil

import numpy as np

from vocative.predict.events.baselines import everybodys_rate, own_rate, rfm_rule
from vocative.predict.events.prior import shipped_prior
from vocative.predict.events.question import Asked, Doing, before
from vocative.predict.events.recency_features import occasions
from vocative.predict.history.event_history import DAY_US, EventHistory, Floats, Integers, distinct
from vocative.predict.learners.ensemble import Sample
from vocative.predict.learners.tabular import TrainingView, learn, tell
from vocative.predict.predictor import (
    LEAST_HISTORY_DAYS,
    About,
    Baseline,
    Forecast,
    Kind,
    LearntFromHistory,
    Outcome,
    Parameters,
    training_moments,
)
from vocative.records.questions import Question

_MOST_NEAR, _MOST_WIDE, _LEAST_MOMENTS = 12, 4, 3
_MOST_ROWS = 400_000
_LEAST_STEP_DAYS = 7


@dataclass(frozen=True, slots=True)
class Happening(LearntFromHistory):
    """The probability of what is asked."""

    name: str
    about: About
    asked: Asked
    kind: Kind = "probability"
    unit: str = "probability"

    @property
    def horizon_days(self) -> float:
        """See `Predictor.horizon_days`."""
        return float(self.asked.days)

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Predictor.baselines`."""
        prior: dict[str, Baseline] = {}
        if isinstance(self.asked, Doing) and self.asked.times == 1:
            prior["shipped_prior"] = partial(shipped_prior, self.asked)
        return {
            **prior,
            "own_rate": partial(own_rate, self.asked),
            "everybodys_rate": partial(everybodys_rate, self.asked),
            "rfm_rule": partial(rfm_rule, self.asked),
        }

    @property
    def needs(self) -> str:
        """See `Predictor.needs`."""
        return "the acts it asks about, by those who did them, with their time"

    @property
    def unseen(self) -> str:
        """See `Predictor.unseen`."""
        return "nothing; who was seen but never did it is told what the rest of their profile says"

    def needs_days(self) -> float:
        """See `Predictor.needs_days`."""
        return self.asked.days + LEAST_HISTORY_DAYS

    def outcome(self, past: EventHistory, moment: int, by: int) -> Outcome:
        """See `Predictor.outcome`."""
        who = self.asked.audience(past, moment)
        return Outcome(who=who, value=self._came(past, moment, by, who))

    def fit(self, past: EventHistory, moment: int) -> Parameters:
        """See `Predictor.fit`."""
        near, step = self._moments(past, moment)
        wide = [one for one in training_moments(past, moment, self.asked.days, _MOST_WIDE) if one >= near[-1]]
        whole = past.settings.proving.step_days
        views = {
            "near": self._view(past, near, moment, step, wide=False),
            "wide": self._view(past, wide or near[:1], moment, whole, wide=True),
        }
        return learn(views)

    def forecast(self, past: EventHistory, moment: int, content: Parameters) -> Forecast:
        """See `Predictor.forecast`."""
        who = self.asked.audience(past, moment)
        told = tell(content, {view: self._sample(past, moment, who, wide=view == "wide") for view in ("near", "wide")})
        acts = before(self.asked.acts(past), past, moment)
        days = distinct(acts.who, acts.us // DAY_US)[0]
        support: Floats = np.bincount(days, minlength=len(past.people))[who].astype(np.float64)
        return Forecast(who=who, value=told.chance, low=told.low, high=told.high, support=support, reasons=told.reasons)

    def _came(self, past: EventHistory, moment: int, by: int, who: Integers) -> Floats:
        return self.asked.happened(past, moment, by, who).astype(np.float64)

    def _moments(self, past: EventHistory, moment: int) -> tuple[list[int], float]:
        """Moments of the near view, the newest first, and the days between them.

        Before the first act that is asked about was recorded, nothing can be learnt about it.
        """
        step = max(past.settings.proving.step_days / 2.0, _LEAST_STEP_DAYS)
        most = int(np.clip(_MOST_ROWS // max(len(past.people), 1), _LEAST_MOMENTS, _MOST_NEAR))
        found = [moment - round((self.asked.days + step * place) * DAY_US) for place in range(most)]
        acts = before(self.asked.acts(past), past, moment)
        first = max(past.first, int(acts.us.min()) if len(acts) else past.first)
        return [one for one in found if one - first >= LEAST_HISTORY_DAYS * DAY_US] or found[:1], step

    def _view(self, past: EventHistory, moments: list[int], by: int, step: float, *, wide: bool) -> TrainingView:
        who = [self.asked.audience(past, one) for one in moments]
        return TrainingView(
            samples=[self._sample(past, one, mine, wide=wide) for one, mine in zip(moments, who, strict=True)],
            came=[self._came(past, one, by, mine) for one, mine in zip(moments, who, strict=True)],
            clear=ceil(self.asked.days / step),
        )

    def _sample(self, past: EventHistory, moment: int, who: Integers, *, wide: bool) -> Sample:
        """What is known of people at a moment."""
        names, values = past.once(f"occasions {self.asked!r}", moment, self._occasions)
        if not wide:
            return Sample(names, values[who])
        rows = past.features(moment)
        profile = np.full((len(past.people), len(rows.names)), np.nan)
        profile[rows.who] = rows.values
        return Sample((*names, *rows.names), np.hstack([values[who], profile[who]]))

    def _occasions(self, past: EventHistory, moment: int) -> tuple[tuple[str, ...], Floats]:
        acts = before(self.asked.acts(past), past, moment)
        return occasions(acts, len(past.people), moment, self.asked.days, money=_bought(past, self.asked))


def _bought(past: EventHistory, asked: Asked) -> bool:
    """Whether what is asked about is buying."""
    if not isinstance(asked, Doing):
        return True
    named = past.settings.events.get("purchase", [])
    return asked.event == "purchase" or asked.event in named or (not asked.event and bool(named))


def question_of(name: str, question: Question) -> Happening:
    """The predictor that answers a question of a business's own; nobody has measured how many people it needs."""
    return Happening(
        name=name,
        about=About(title=name.replace("_", " ").capitalize(), question=_in_words(question), event=question.event),
        asked=Doing(
            days=question.days,
            event=question.event,
            away=question.away,
            active_days=question.active_days,
            times=question.times,
        ),
    )


def _in_words(asked: Question) -> str:
    what = f"{asked.event!r} {'does not come' if asked.away else 'comes'}"
    often = "" if asked.times == 1 else f" at least {asked.times} times"
    among = f", of those with one in the {asked.active_days} days before" if asked.active_days else ""
    return f"whether {what}{often} from the person within {asked.days} days{among}"
