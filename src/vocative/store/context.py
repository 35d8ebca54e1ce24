"""What a driver of a store is opened with: whose it is, where it may write, and what the business chose for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from vocative.errors import SettingsError
from vocative.records.settings import StoreOption

Lock = Callable[[str], AbstractContextManager[None]]
"""Holds a lock by name; see `Ledger.lock`."""


@dataclass(frozen=True, slots=True)
class StoreContext:
    """One store of one workspace.

    A store that workspaces share, as a database server, tells their rows apart by `workspace_id`; it stays the same
    when the folder is moved, and says nothing about the workspace's key. An embedded one keeps everything in `folder`.
    """

    workspace_id: str
    folder: Path
    options: Mapping[str, StoreOption] = field(default_factory=dict)
    """`[stores.options.KIND]`, unread; a secret is better named than given, as `password_env = "SHOP_DB_PASSWORD"`."""
    lock: Lock | None = None
    """The ledger's lock, for the lake: it orders those who append, delete and merge."""

    def only(self, driver: str, *known: str) -> None:
        """Refuse options that a driver does not know.

        Raises:
            SettingsError: One of the options is none of `known`.
        """
        for name in self.options:
            if name not in known:
                there = ", ".join(known) or "none"
                raise SettingsError(
                    f"the driver {driver!r} has no option {name!r}",
                    where="vocative.toml [stores.options]",
                    remedy=f"take it out; options of this driver: {there}",
                )
