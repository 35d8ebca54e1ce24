"""Every module of a business, in the order of `module_names`."""

from __future__ import annotations

from vocative.predict.events.buys_28d import BUYS_28D
from vocative.predict.events.event_probability import question_of
from vocative.predict.events.quiet_56d import QUIET_56D
from vocative.predict.events.slows_28d import SLOWS_28D
from vocative.predict.items.new_items import NEW_ITEMS
from vocative.predict.items.next_items import NEXT_ITEMS
from vocative.predict.module import Module
from vocative.predict.modules import module_names
from vocative.predict.response.click_to_open import CLICK_TO_OPEN
from vocative.predict.response.reacts import REACTS
from vocative.predict.response.reacts_when import REACTS_WHEN
from vocative.predict.rhythm.best_hour import BEST_HOUR
from vocative.predict.rhythm.best_weekday import BEST_WEEKDAY
from vocative.predict.rhythm.repeat_rhythm import REPEAT_RHYTHM
from vocative.predict.spending.next_order import NEXT_ORDER
from vocative.predict.spending.orders_90d import ORDERS_90D
from vocative.predict.spending.runs_out import RUNS_OUT
from vocative.predict.spending.spend_90d import SPEND_90D
from vocative.predict.uplift.module import UPLIFT, UPLIFT_MONEY
from vocative.records.settings import Settings

STANDARD: dict[str, Module] = {
    module.name: module
    for module in (
        *(REPEAT_RHYTHM, BUYS_28D, QUIET_56D, SLOWS_28D),
        *(SPEND_90D, ORDERS_90D, NEXT_ORDER, RUNS_OUT),
        *(NEXT_ITEMS, NEW_ITEMS, BEST_HOUR, BEST_WEEKDAY),
        *(REACTS, REACTS_WHEN, CLICK_TO_OPEN),
        *(UPLIFT, UPLIFT_MONEY),
    )
}


def modules_of(settings: Settings) -> dict[str, Module]:
    """Name → module, as `module_names` has them."""
    every = {**STANDARD, **{name: question_of(name, asked) for name, asked in settings.questions.items()}}
    wanted = module_names(settings)
    return {name: module for name, module in every.items() if name in wanted}
