"""Will the person spend less than half of their usual in the next 28 days?"""

from __future__ import annotations

from vocative.predict.events.event_probability import Happening
from vocative.predict.events.question import Slowing
from vocative.predict.predictor import About

SLOWS_28D = Happening(
    name="slows_28d",
    about=About(
        title="Spends less than half",
        rank=40,
        question="whether the person spends less than half of their usual in the next 28 days",
        rests_on="purchases",
        people=460,
    ),
    asked=Slowing(),
)
