"""Will the person buy within 28 days?"""

from __future__ import annotations

from vocative.predict.asked import Doing
from vocative.predict.happening import Happening

BUYS_28D = Happening(name="buys_28d", asked=Doing(days=28))
