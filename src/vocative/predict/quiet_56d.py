"""Will the person stay away for the next 56 days?"""

from __future__ import annotations

from vocative.predict.asked import Doing
from vocative.predict.happening import Happening

QUIET_56D = Happening(name="quiet_56d", asked=Doing(days=56, away=True))
