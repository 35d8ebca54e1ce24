"""A workspace: one folder that holds the configuration and the data of one business."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from vocative.records.settings import Brand, Campaign, Settings, StoreKind, StoreOption, Wording
from vocative.store.context import Lock, StoreContext
from vocative.store.private import close_all_to_others
from vocative.store.protocols import Stores
from vocative.store.registry import open_engine, open_inbox, open_lake, open_ledger
from vocative.trust.secret_key import SecretKey
from vocative.workspace.configuration import BRAND_FILE, read_campaigns, read_settings
from vocative.workspace.folder import SETTINGS_FILE, refuse_other_folder
from vocative.workspace.reading import read_toml
from vocative.workspace.secret import read_or_make_key, workspace_id

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
        refuse_other_folder(root)
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
    chosen = settings.stores

    def context(kind: StoreKind, lock: Lock | None = None, **more: StoreOption) -> StoreContext:
        return StoreContext(workspace_id(key), root / "data", {**more, **chosen.options.get(kind, {})}, lock)

    ledger = open_ledger(chosen.ledger, context("ledger"))
    return Stores(
        inbox=open_inbox(chosen.inbox, context("inbox")),
        lake=open_lake(chosen.lake, context("lake", ledger.lock)),
        ledger=ledger,
        engine=open_engine(chosen.engine, context("engine", memory=chosen.memory)),
        key=key,
    )
