"""On which day of the week will the person come next?"""

from __future__ import annotations

from vocative.predict.predictor import About
from vocative.predict.rhythm.circular import CircularPredictor

BEST_WEEKDAY = CircularPredictor(
    name="best_weekday",
    about=About(
        title="Best day of the week",
        rank=120,
        question="on which day of the week the person comes next",
        people=690,
        counted="people who came by",
    ),
    kind="weekday",
)
