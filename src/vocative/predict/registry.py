"""Every module, in the order of `MODULES`."""

from __future__ import annotations

from vocative.predict.buys_28d import BUYS_28D
from vocative.predict.module import Module
from vocative.predict.new_items import NEW_ITEMS
from vocative.predict.next_items import NEXT_ITEMS
from vocative.predict.quiet_56d import QUIET_56D
from vocative.predict.repeats import REPEAT_RHYTHM

REGISTRY: dict[str, Module] = {
    module.name: module for module in (REPEAT_RHYTHM, BUYS_28D, QUIET_56D, NEXT_ITEMS, NEW_ITEMS)
}
"""Name → module."""
