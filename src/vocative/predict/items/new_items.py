"""Which items will the person buy in the next 28 days that they never bought before?"""

from __future__ import annotations

from vocative.predict.items.ranker import Ranker
from vocative.predict.predictor import About

NEW_ITEMS = Ranker(
    name="new_items",
    about=About(
        title="New items",
        rank=100,
        question="which items the person buys in the next 28 days that they never bought before",
        people=150,
        counted="people to whom something came true",
    ),
    new_only=True,
)
