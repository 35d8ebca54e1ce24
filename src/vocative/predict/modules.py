"""The questions that are answered, by the names campaigns use."""

from __future__ import annotations

from collections.abc import Mapping

MODULES: Mapping[str, str] = {
    "repeat_rhythm": "which categories the person buys again within a week, going by their own rhythm",
}
"""Name of a module → the question it answers."""
