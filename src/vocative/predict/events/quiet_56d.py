"""Will the person stay away for the next 56 days?"""

from __future__ import annotations

from vocative.predict.events.event_probability import Happening
from vocative.predict.events.question import Doing

QUIET_56D = Happening(name="quiet_56d", asked=Doing(days=56, away=True))
