"""A workspace: one folder that holds the configuration and the data of one business."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import cast

from vocative.errors import WorkspaceError
from vocative.records.settings import Brand, Campaign, Settings, Wording
from vocative.store.private import close_all_to_others
from vocative.store.protocols import Engine, Inbox, Lake, Ledger, Stores
from vocative.store.registry import load_driver
from vocative.trust.secret_key import SecretKey
from vocative.workspace.configuration import BRAND_FILE, SETTINGS_FILE, read_campaigns, read_settings
from vocative.workspace.reading import read_toml
from vocative.workspace.secret import read_or_make_key

__all__ = ["BRAND_FILE", "SETTINGS_FILE", "Workspace"]


@dataclass(frozen=True, slots=True)
class Workspace:
    """An opened workspace: typed settings and open stores. It runs nothing by itself.

    Use it as a context manager, or call `close`:

        with Workspace.open(Path("my-shop")) as workspace:
            ...
    """

    root: Path
    settings: Settings
    brand: Brand
    campaigns: tuple[Campaign, ...]
    wordings: dict[str, Wording]
    """Language → words for things of the catalogue."""
    stores: Stores
    key: SecretKey
    """The workspace's secret: signs links, marks the erased."""

    @classmethod
    def open(cls, root: Path) -> Workspace:
        """Read the configuration and open the stores.

        Raises:
            WorkspaceError: the folder is not a workspace.
            SettingsError: a setting is unknown, missing or of the wrong type.
        """
        if not (root / SETTINGS_FILE).is_file():
            raise WorkspaceError(
                f"there is no {SETTINGS_FILE} in this folder, so it is not a workspace",
                where=str(root),
                remedy=f"make one with `vocative init {root}`, or name another folder with --workspace",
            )
        close_all_to_others(root)
        settings = read_settings(root)
        brand = read_toml(root / BRAND_FILE, Brand)
        campaigns = read_campaigns(root, settings)
        wordings = {path.stem: read_toml(path, Wording) for path in sorted((root / "wording").glob("*.toml"))}
        key = read_or_make_key(root / "data")
        return cls(root, settings, brand, campaigns, wordings, _open_stores(root, settings, key), key)

    @property
    def scratch(self) -> Path:
        """Folder for files that nobody misses when they are gone."""
        return self.root / "data" / "scratch"

    def close(self) -> None:
        """Release the stores."""
        self.stores.inbox.close()
        self.stores.ledger.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _open_stores(root: Path, settings: Settings, key: SecretKey) -> Stores:
    data = root / "data"
    chosen = settings.stores
    make_ledger = cast("Callable[..., Ledger]", load_driver("ledger", chosen.ledger))
    make_inbox = cast("Callable[..., Inbox]", load_driver("inbox", chosen.inbox))
    make_lake = cast("Callable[..., Lake]", load_driver("lake", chosen.lake))
    make_engine = cast("Callable[..., Engine]", load_driver("engine", chosen.engine))
    ledger = make_ledger(data / "ledger.sqlite")
    return Stores(
        inbox=make_inbox(data / "inbox.sqlite"),
        lake=make_lake(data / "lake", ledger.lock),
        ledger=ledger,
        engine=make_engine(data / "scratch", memory=chosen.memory),
        key=key,
    )
