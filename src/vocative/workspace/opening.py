"""A workspace: one folder that holds the configuration and the data of one business."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import cast

from vocative.errors import SettingsError, WorkspaceError
from vocative.records.settings import Brand, Campaign, Settings, Wording
from vocative.stats.calendars import zone_or_none
from vocative.store.protocols import Engine, Inbox, Lake, Ledger, Stores
from vocative.store.registry import driver_names, load_driver
from vocative.workspace.reading import read_toml, read_yaml, toml_line

SETTINGS_FILE = "vocative.toml"
BRAND_FILE = "brand.toml"


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
        settings = read_settings(root)
        brand = read_toml(root / BRAND_FILE, Brand)
        campaigns = read_campaigns(root, settings)
        wordings = {path.stem: read_toml(path, Wording) for path in sorted((root / "wording").glob("*.toml"))}
        return cls(root, settings, brand, campaigns, wordings, _open_stores(root, settings))

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


def read_settings(root: Path) -> Settings:
    """Read `vocative.toml` and check what its types cannot say.

    Raises:
        SettingsError: with file, line and remedy.
    """
    path = root / SETTINGS_FILE
    settings = read_toml(path, Settings)
    text = path.read_text(encoding="utf-8")
    for keys, zone in _zones(settings):
        if zone_or_none(zone) is None:
            raise SettingsError(
                f"{zone!r} is not a time zone",
                where=f"{path}:{toml_line(text, keys)}",
                remedy='use an IANA name such as "Europe/Riga"',
            )
    _check_roles(settings, path, text)
    for name, channel in settings.channels.items():
        if channel.driver not in driver_names("channel"):
            raise SettingsError(
                f"no channel driver named {channel.driver!r} is installed",
                where=f"{path}:{toml_line(text, ['channels', name, 'driver'])}",
                remedy=f"installed: {', '.join(driver_names('channel'))}",
            )
    return settings


def read_campaigns(root: Path, settings: Settings) -> tuple[Campaign, ...]:
    """Read every file in `campaigns/`, sorted by name.

    Raises:
        SettingsError: a file has a mistake, names a channel or template that is not there, or a name stands twice.
    """
    campaigns: dict[str, Campaign] = {}
    for path in sorted((root / "campaigns").glob("*.y*ml")):
        campaign = read_yaml(path, Campaign)
        if campaign.channel not in settings.channels:
            known = ", ".join(sorted(settings.channels)) or "none"
            raise SettingsError(
                f"the channel {campaign.channel!r} is not set up",
                where=str(path),
                remedy=f"set it up as [channels.{campaign.channel}] in {SETTINGS_FILE}, or use one of: {known}",
            )
        if not (root / "templates" / campaign.template).is_dir():
            raise SettingsError(
                f"there is no folder templates/{campaign.template}",
                where=str(path),
                remedy="write a template there, one file for each language, for example en.txt",
            )
        if campaign.name in campaigns:
            raise SettingsError(
                f"the name {campaign.name!r} stands twice", where=str(path), remedy="rename one of them"
            )
        campaigns[campaign.name] = campaign
    return tuple(campaigns[name] for name in sorted(campaigns))


def _zones(settings: Settings) -> list[tuple[list[str], str]]:
    zones = [(["business", "timezone"], settings.business.timezone)]
    zones += [(["quiet_hours", "unknown_zones"], zone) for zone in settings.quiet_hours.unknown_zones]
    zones += [
        (["imports", name, "timezone"], mapping.timezone)
        for name, mapping in settings.imports.items()
        if mapping.timezone
    ]
    return zones


def _check_roles(settings: Settings, path: Path, text: str) -> None:
    seen: dict[str, str] = {}
    for role, names in settings.events.items():
        for name in names:
            if name in seen:
                raise SettingsError(
                    f"the event {name!r} stands under {seen[name]!r} and under {role!r}",
                    where=f"{path}:{toml_line(text, ['events', role])}",
                    remedy="an event means one thing: keep it in one list",
                )
            seen[name] = role


def _open_stores(root: Path, settings: Settings) -> Stores:
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
    )
