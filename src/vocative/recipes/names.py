"""The names of the recipes, apart from what they do, so that they can be told without loading it."""

from __future__ import annotations

NAMES = ("shop", "streaming")
"""Every recipe there is."""
PEOPLE = 1_500
"""How many people are generated when nobody says otherwise."""
