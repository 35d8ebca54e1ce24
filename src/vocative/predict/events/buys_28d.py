"""Will the person buy within 28 days?"""

from __future__ import annotations

from vocative.predict.events.event_probability import Happening
from vocative.predict.events.question import Doing

BUYS_28D = Happening(name="buys_28d", asked=Doing(days=28))
