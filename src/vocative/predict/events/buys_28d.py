"""Will the person buy within 28 days?"""

from __future__ import annotations

from vocative.predict.events.event_probability import Happening
from vocative.predict.events.question import Doing
from vocative.predict.predictor import About

BUYS_28D = Happening(
    name="buys_28d",
    about=About(
        title="Buys within 28 days",
        rank=20,
        question="whether the person buys within 28 days",
        people=1300,
    ),
    asked=Doing(days=28),
)
