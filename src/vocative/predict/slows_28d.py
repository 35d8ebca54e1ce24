"""Will the person spend less than half of their usual in the next 28 days?"""

from __future__ import annotations

from vocative.predict.asked import Slowing
from vocative.predict.happening import Happening

SLOWS_28D = Happening(name="slows_28d", asked=Slowing())
