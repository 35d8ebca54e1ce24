"""Will the person go on once they have opened the next message?

`reacts` asks who opens. Whom messages move is another question: of two people who open as often, one clicks and the
other has only looked. So it is asked of messages alone that a person is known to have opened, and
learnt from some of the profile and from how the person went on so far, by a logistic regression: opened messages are
few and clicks are rare, and with more columns or with trees chance is learnt. For the same reason the ridge is the
strongest that is not surely worse than the best one, on the newest moment (the rule of one standard error; Breiman et
al., *Classification and Regression Trees*, 1984). What machines open is no open here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vocative.predict.history.deliveries import handed_before, handed_during
from vocative.predict.history.event_history import EventHistory, Floats, Integers
from vocative.predict.learners import ensemble
from vocative.predict.learners.calibration import NEUTRAL
from vocative.predict.learners.ensemble import Sample, stacked
from vocative.predict.learners.logistic import log_loss, rounded
from vocative.predict.learners.tabular import tell
from vocative.predict.predictor import LEAST_HISTORY_DAYS, About, Baseline, Forecast, Kind, Outcome, Parameters
from vocative.predict.response.reactions import everybodys, first_of, groups_of, groups_rate, learnt_at, steadied
from vocative.predict.response.reacts import messages_missing, messages_needed

_OWN = 8.0
"""Opened messages of everybody's that a person's own rate is steadied by."""
_MOMENTS = 6
_FEWEST_ANSWERS = 50
_RIDGES = (5000.0, 1500.0, 500.0, 150.0, 50.0)
"""In observations, the strongest first."""
_USUAL_RIDGE = 1500.0
_OWN_COLUMN = "click_to_open_rate"
_PROFILE = (
    *("discount_share_365d", "orders_91d", "orders_365d", "order_money_mean"),
    *("browse_days_182d", "days_since_click"),
)
_VIEW = "whole"


_ABOUT = About(
    title="Goes on once it is opened",
    rank=150,
    question="whether the person goes on to click or reply once they have opened the next message",
    rests_on="messages",
    # Reckoned from three simulated markets, by their old newsletter, which moves people little.
    people=12_000,
    counted="people who opened a message",
)


@dataclass(frozen=True, slots=True)
class ClickToOpen:
    """The chance that a person who opens the next message clicks, replies, or buys through it."""

    name: str = "click_to_open"
    about: About = _ABOUT
    own_evidence: bool = True
    kind: Kind = "probability"
    unit: str = "probability"
    horizon_days: float = 28.0
    needs: str = "messages that were handed over (role sent), with opens and clicks or replies, and what people do else"
    unseen: str = "what the rest of their profile says; the rate of everybody, where there is none"

    @property
    def baselines(self) -> Mapping[str, Baseline]:
        """See `Predictor.baselines`."""
        return {"everybodys_rate": _everybodys, "own_rate": _own, "groups_rate": _groups}

    def needs_days(self) -> float:
        """See `Predictor.needs_days`."""
        return LEAST_HISTORY_DAYS

    def missing(self, past: EventHistory) -> str:
        """Why nothing can be learnt yet; empty if it can."""
        if why := messages_missing(past, self.horizon_days + self.needs_days()):
            return why
        answers = int(handed_before(past, past.now).answered.sum())
        return "" if answers >= _FEWEST_ANSWERS else f"{answers} messages were answered; {_FEWEST_ANSWERS} are needed"

    def needed(self, past: EventHistory) -> str:
        """What is waited for, in one sentence without its full stop; empty if there is enough."""
        if short := messages_needed(past, self.horizon_days + self.needs_days()):
            return short
        return f"{_FEWEST_ANSWERS} messages that were answered" if self.missing(past) else ""

    def outcome(self, past: EventHistory, moment: int, by: int) -> Outcome:
        """See `Predictor.outcome`: of everybody who opened a message whether they went on from the first one."""
        who, came = self._opened(past, moment, by)
        return Outcome(who=who, value=came, asked=True)

    def fit(self, past: EventHistory, moment: int) -> Parameters:
        """See `Predictor.fit`."""
        rows: list[tuple[Sample, Floats]] = []
        for then in learnt_at(past, moment, self.horizon_days, _MOMENTS):
            who, came = self._opened(past, then, moment)
            if len(who):
                rows.append((_sample(past, then, who), came))
        found: Parameters = {"shift": 0.0, "calibration": NEUTRAL, "members": []}
        every = np.concatenate([came for _, came in rows]) if rows else np.zeros(0)
        found["rate"], found["rows"] = round((float(every.sum()) + 0.5) / (len(every) + 1.0), 9), len(every)
        if min(every.sum(), len(every) - every.sum()) >= _FEWEST_ANSWERS:
            line = _line(rows, _ridge(rows))
            # Rows of one person at several moments are no independent observations.
            wide = rounded(np.array(line["covariance"]) * len(rows))
            found["members"] = [{"view": _VIEW, "weight": 1.0, **line, "covariance": wide}]
        return found

    def forecast(self, past: EventHistory, moment: int, content: Parameters) -> Forecast:
        """See `Predictor.forecast`."""
        who = _asked(past, moment)
        told = tell(content, {_VIEW: _sample(past, moment, who)})
        _, opened = _counts(past, moment)
        return Forecast(
            who=who, value=told.chance, low=told.low, high=told.high, support=opened[who, 0], reasons=told.reasons
        )

    def _opened(self, past: EventHistory, moment: int, by: int) -> tuple[Integers, Floats]:
        """Who opened a message after a moment, ascending, and whether they went on from the first one (0 or 1)."""
        messages = handed_during(past, moment, self.horizon_days, by)
        messages = messages.where(messages.opened)
        rows = first_of(messages.who, messages)
        return messages.who[rows], messages.answered[rows].astype(np.float64)


def _line(rows: Sequence[tuple[Sample, Floats]], ridge: float) -> Parameters:
    came = np.concatenate([one for _, one in rows])
    return ensemble.learn("linear", stacked([sample for sample, _ in rows]), came, ridge)


def _ridge(rows: Sequence[tuple[Sample, Floats]]) -> float:
    """The ridge for moments, the newest first; of one moment alone the usual one."""
    from scipy.special import expit

    (sample, truth), *older = rows
    if not older:
        return _USUAL_RIDGE
    lost = [log_loss(expit(ensemble.score(_line(older, one), sample)), truth) for one in _RIDGES]
    best = min(lost, key=np.mean)
    return next(
        ridge
        for ridge, mine in zip(_RIDGES, lost, strict=True)
        if np.mean(mine - best) <= np.std(mine - best) / np.sqrt(len(truth))
    )


def _everybodys(past: EventHistory, moment: int) -> Forecast:
    """The share of all opened messages."""
    came, opened = _counts(past, moment)
    return _flat(past, moment, np.broadcast_to(everybodys(came, opened), opened.shape))


def _own(past: EventHistory, moment: int) -> Forecast:
    """The share of the messages the person opened, steadied by everybody's."""
    came, opened = _counts(past, moment)
    return _flat(past, moment, _own_rate(came, opened))


def _groups(past: EventHistory, moment: int) -> Forecast:
    """The share of what people opened who act about as often."""
    came, opened = _counts(past, moment)
    return _flat(past, moment, groups_rate(groups_of(past, moment), came, opened))


def _flat(past: EventHistory, moment: int, value: Floats) -> Forecast:
    who = _asked(past, moment)
    mine = value[who, 0]
    _, opened = _counts(past, moment)
    return Forecast(who=who, value=mine, low=mine, high=mine, support=opened[who, 0])


def _asked(past: EventHistory, moment: int) -> Integers:
    """Everybody with an act or a message; nobody before anything was opened."""
    messages = handed_before(past, moment)
    if not messages.opened.any():
        return np.zeros(0, np.int64)
    return np.union1d(past.present(moment), messages.who)


def _counts(past: EventHistory, moment: int) -> tuple[Floats, Floats]:
    """People × 1: messages from which they went on, and messages they opened."""

    def make(known: EventHistory, at: int) -> tuple[Floats, Floats]:
        messages = handed_before(known, at)
        messages = messages.where(messages.opened)
        people = len(known.people)
        came, opened = (
            np.bincount(messages.who, weight, people).astype(np.float64)[:, None]
            for weight in (messages.answered, np.ones(len(messages)))
        )
        return came, opened

    return past.once("opened messages", moment, make)


def _own_rate(came: Floats, opened: Floats) -> Floats:
    return steadied(came, opened, everybodys(came, opened), _OWN)


def _sample(past: EventHistory, moment: int, who: Integers) -> Sample:
    """What is known of people at a moment: how they read, and their profile."""
    came, opened = _counts(past, moment)
    people = len(past.people)
    rows = past.features(moment)
    profile = np.full((people, len(_PROFILE)), np.nan)
    profile[rows.who] = rows.values[:, [rows.names.index(name) for name in _PROFILE]]
    return Sample((_OWN_COLUMN, *_PROFILE), np.hstack([_own_rate(came, opened)[who], profile[who]]))


CLICK_TO_OPEN = ClickToOpen()
