"""Will the person stay away for the next 56 days?"""

from __future__ import annotations

from vocative.predict.events.event_probability import Happening
from vocative.predict.events.question import Doing
from vocative.predict.predictor import About

QUIET_56D = Happening(
    name="quiet_56d",
    about=About(
        title="Stays away for 56 days",
        rank=30,
        question="whether the person stays away for the next 56 days",
        people=1100,
    ),
    asked=Doing(days=56, away=True),
)
