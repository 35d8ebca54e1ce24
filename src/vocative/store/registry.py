"""Finds drivers by entry point, so that a third party's driver needs no change here."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Literal

from vocative.errors import DriverError

Kind = Literal["inbox", "lake", "ledger", "engine", "channel"]


def driver_names(kind: Kind) -> list[str]:
    """The names of all installed drivers of one kind, sorted."""
    return sorted(point.name for point in entry_points(group=f"vocative.{kind}"))


def load_driver(kind: Kind, name: str) -> object:
    """Load the driver registered as `name` in the entry-point group `vocative.<kind>`.

    Raises:
        DriverError: there is none of that name, or importing it failed.
    """
    found: list[EntryPoint] = [point for point in entry_points(group=f"vocative.{kind}") if point.name == name]
    if not found:
        installed = ", ".join(driver_names(kind)) or "none"
        raise DriverError(f"no {kind} driver named {name!r} is installed (installed: {installed})")
    try:
        return found[0].load()
    except ImportError as error:
        raise DriverError(f"the {kind} driver {name!r} cannot be loaded: {error}") from error
