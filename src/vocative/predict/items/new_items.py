"""Which items will the person buy in the next 28 days that they never bought before?"""

from __future__ import annotations

from vocative.predict.items.ranker import Ranker

NEW_ITEMS = Ranker(name="new_items", new_only=True)
