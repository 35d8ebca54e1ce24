"""The clock of this machine. Everything else is told what time it is."""

from __future__ import annotations

from datetime import UTC, datetime

from vocative.line.snapshot.clock import to_micros


def machine_now() -> int:
    """The moment by the clock of this machine, µs UTC."""
    return to_micros(datetime.now(UTC))
