"""Finds drivers by entry point, so that a third party's driver needs no change here."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Literal, cast

from vocative.errors import DriverError
from vocative.store.context import StoreContext
from vocative.store.protocols import Engine, Inbox, Lake, Ledger

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


def open_inbox(name: str, context: StoreContext) -> Inbox:
    """The inbox of a workspace, by the driver registered under a name."""
    return cast("Callable[[StoreContext], Inbox]", load_driver("inbox", name))(context)


def open_lake(name: str, context: StoreContext) -> Lake:
    """The lake of a workspace, by the driver registered under a name."""
    return cast("Callable[[StoreContext], Lake]", load_driver("lake", name))(context)


def open_ledger(name: str, context: StoreContext) -> Ledger:
    """The ledger of a workspace, by the driver registered under a name."""
    return cast("Callable[[StoreContext], Ledger]", load_driver("ledger", name))(context)


def open_engine(name: str, context: StoreContext) -> Engine:
    """The engine of a workspace, by the driver registered under a name."""
    return cast("Callable[[StoreContext], Engine]", load_driver("engine", name))(context)
