"""At which local hour will the person come next?"""

from __future__ import annotations

from vocative.predict.predictor import About
from vocative.predict.rhythm.circular import CircularPredictor

BEST_HOUR = CircularPredictor(
    name="best_hour",
    about=About(
        title="Best hour",
        rank=110,
        question="at which hour of their own clock the person comes next",
        people=2600,
        counted="people who came by",
    ),
    kind="hour",
)
