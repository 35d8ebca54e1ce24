"""A predictor as somebody else would ship it: one file, which an entry point names."""

from __future__ import annotations

from dataclasses import replace

from vocative.predict.events.buys_28d import BUYS_28D
from vocative.predict.predictor import About, Predictor

SPENDS_LITTLE: Predictor = replace(
    BUYS_28D,
    name="spends_little",
    about=About(title="Spends little", question="whether the person spends little", rests_on="purchases"),
)
