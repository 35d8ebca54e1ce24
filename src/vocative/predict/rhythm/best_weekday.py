"""On which day of the week will the person come next?"""

from __future__ import annotations

from vocative.predict.rhythm.circular import Dial

BEST_WEEKDAY = Dial(name="best_weekday", kind="weekday")
