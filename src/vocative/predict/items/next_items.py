"""Which items will the person buy in the next 28 days, known and new ones together?"""

from __future__ import annotations

from vocative.predict.items.ranker import Ranker
from vocative.predict.predictor import About

NEXT_ITEMS = Ranker(
    name="next_items",
    about=About(
        title="Next items",
        rank=90,
        question="which items the person buys in the next 28 days",
        people=110,
        counted="people to whom something came true",
    ),
    new_only=False,
)
