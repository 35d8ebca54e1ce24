"""At which local hour will the person come next?"""

from __future__ import annotations

from vocative.predict.rhythm.circular import Dial

BEST_HOUR = Dial(name="best_hour", kind="hour")
