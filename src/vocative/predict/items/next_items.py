"""Which items will the person buy in the next 28 days, known and new ones together?"""

from __future__ import annotations

from vocative.predict.items.ranker import Ranker

NEXT_ITEMS = Ranker(name="next_items", new_only=False)
