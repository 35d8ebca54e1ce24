"""Will the person spend less than half of their usual in the next 28 days?"""

from __future__ import annotations

from vocative.predict.events.event_probability import Happening
from vocative.predict.events.question import Slowing

SLOWS_28D = Happening(name="slows_28d", asked=Slowing())
