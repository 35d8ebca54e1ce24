"""Reads the configuration of a workspace and checks what the types of its settings cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from vocative.errors import SettingsError
from vocative.predict.registry import known_names, standard_names
from vocative.profile.standard.standard import STANDARD
from vocative.records.settings import Campaign, Settings, StoreSettings
from vocative.segment.rules import rule_mistakes
from vocative.stats.calendars import zone_or_none
from vocative.store.registry import driver_names
from vocative.trust.retention import CHOOSABLE
from vocative.workspace.folder import SETTINGS_FILE
from vocative.workspace.mistakes import Mistake, unknown
from vocative.workspace.pressure import pressure_mistakes
from vocative.workspace.reading import read_text, read_toml, read_yaml, toml_line, yaml_line

BRAND_FILE = "brand.toml"

_FEATURES = sorted(feature.name for feature in STANDARD)
_NAME = re.compile(r"\w(?:[\w -]*\w)?")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
# What `status` tells the readiness of beside predictions.
_TAKEN = frozenset({"profile", "affinities", "decisions", "effect_measurement", "full_programme"})
_STORES: tuple[Literal["inbox", "lake", "ledger", "engine"], ...] = ("inbox", "lake", "ledger", "engine")


def read_settings(root: Path) -> Settings:
    """Read `vocative.toml` and check what its types cannot say.

    Raises:
        SettingsError: with file, line and remedy.
    """
    path = root / SETTINGS_FILE
    settings = read_toml(path, Settings)
    for mistake in _mistakes(settings):
        raise SettingsError(
            mistake.what, where=f"{path}:{toml_line(read_text(path), mistake.keys)}", remedy=mistake.remedy
        )
    return settings


def read_campaigns(root: Path, settings: Settings) -> tuple[Campaign, ...]:
    """Read every file in `campaigns/`, sorted by name.

    Raises:
        SettingsError: a file has a mistake, names something that is not there (a channel, a template, a prediction, a
            segment, a feature), contradicts itself, or a name stands twice.
    """
    campaigns: dict[str, Campaign] = {}
    for path in sorted((root / "campaigns").glob("*.y*ml")):
        campaign = read_yaml(path, Campaign)
        mistakes = [*_campaign_mistakes(campaign, root, settings), *_told_otherwise(campaign, campaigns.values())]
        if campaign.name in campaigns:
            mistakes.append(Mistake(["name"], f"the name {campaign.name!r} stands twice", "rename one of them"))
        for mistake in mistakes:
            raise SettingsError(
                mistake.what, where=f"{path}:{yaml_line(read_text(path), mistake.keys)}", remedy=mistake.remedy
            )
        campaigns[campaign.name] = campaign
    for mistake in _limits_of_nothing(settings, sorted(campaigns)):
        path = root / SETTINGS_FILE
        raise SettingsError(
            mistake.what, where=f"{path}:{toml_line(read_text(path), mistake.keys)}", remedy=mistake.remedy
        )
    return tuple(campaigns[name] for name in sorted(campaigns))


def _mistakes(settings: Settings) -> Iterator[Mistake]:
    for keys, zone in _zones(settings):
        if zone_or_none(zone) is None:
            yield Mistake(keys, f"{zone!r} is not a time zone", 'use an IANA name such as "Europe/Riga"')
    if not settings.business.languages:
        yield Mistake(["business", "languages"], "the list of languages is empty", 'name at least one, such as ["en"]')
    yield from _bad_addresses(settings)
    yield from _double_roles(settings)
    yield from _unknown_drivers(settings)
    yield from _odd_questions(settings)
    yield from _odd_limits(settings)
    yield from pressure_mistakes(settings)
    yield from _odd_lists(settings)
    for name in settings.retention:
        if name not in CHOOSABLE:
            yield unknown(name, "table whose days can be chosen", name, CHOOSABLE, ["retention"])
    for name in settings.models.without:
        if name not in standard_names():
            yield unknown("without", "standard prediction", name, list(standard_names()), ["models"])
    for path, what, remedy in rule_mistakes(settings, _FEATURES, known_names(settings)):
        yield Mistake(path, what, remedy)


def _odd_lists(settings: Settings) -> Iterator[Mistake]:
    """A range of what people may ask for that holds nothing."""
    lists = settings.lists
    if lists.least_discovery > lists.most_discovery:
        yield Mistake(
            ["lists", "least_discovery"],
            f"the least that people may ask for ({lists.least_discovery:g}) is more than the most "
            f"({lists.most_discovery:g})",
            "raise most_discovery or lower least_discovery",
        )


def _zones(settings: Settings) -> Iterator[tuple[list[str], str]]:
    yield ["business", "timezone"], settings.business.timezone
    for zone in settings.quiet_hours.unknown_zones:
        yield ["quiet_hours", "unknown_zones"], zone
    for name, mapping in settings.imports.items():
        if mapping.timezone:
            yield ["imports", name, "timezone"], mapping.timezone


def _bad_addresses(settings: Settings) -> Iterator[Mistake]:
    for key, address in (("email", settings.sender.email), ("reply_to", settings.sender.reply_to)):
        local, _, domain = address.rpartition("@")
        whole = bool(local and domain) and not any(sign.isspace() or sign in "<>,;" for sign in address)
        if not whole and (address or key == "email"):
            yield Mistake(["sender", key], f"{address!r} is not an e-mail address", "write name@example.com")


def _odd_questions(settings: Settings) -> Iterator[Mistake]:
    """Questions about events that are not there, or whose names are taken."""
    events = {role: names for role, names in settings.events.items() if names and role != "shown"}
    known = {*events, *(name for names in events.values() for name in names)}
    for name, asked in settings.questions.items():
        if name in standard_names() or name in _TAKEN or not _IDENTIFIER.fullmatch(name):
            yield Mistake(
                ["questions", name],
                f"{name!r} cannot be the name of a question",
                "use small letters, digits and _, and no name of a prediction that is there: "
                + ", ".join(standard_names()),
            )
        if asked.event not in known:
            close = get_close_matches(asked.event, sorted(known), n=1)
            yield Mistake(
                ["questions", name, "event"],
                f"there is no event and no role {asked.event!r} in [events]",
                f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(sorted(known)) or 'none'}",
            )


def _double_roles(settings: Settings) -> Iterator[Mistake]:
    seen: dict[str, str] = {}
    for role, names in settings.events.items():
        for name in names:
            if seen.setdefault(name, role) != role:
                yield Mistake(
                    ["events", role],
                    f"the event {name!r} stands under {seen[name]!r} and under {role!r}",
                    "an event means one thing: keep it in one list",
                )


def _unknown_drivers(settings: Settings) -> Iterator[Mistake]:
    for kind in _STORES:
        chosen = _store(settings.stores, kind)
        if chosen not in driver_names(kind):
            yield Mistake(
                ["stores", kind],
                f"no {kind} driver named {chosen!r} is installed",
                f"installed: {', '.join(driver_names(kind))}",
            )
    for name, channel in settings.channels.items():
        if channel.driver not in driver_names("channel"):
            yield Mistake(
                ["channels", name, "driver"],
                f"no channel driver named {channel.driver!r} is installed",
                f"installed: {', '.join(driver_names('channel'))}",
            )


def _odd_limits(settings: Settings) -> Iterator[Mistake]:
    """Limits that say nothing, contradict themselves, or name what is not there."""
    for name, limit in settings.limits.items():
        if limit.at_most is None and not limit.at_least:
            yield Mistake(["limits", name], f"the limit {name!r} limits nothing", "give `at_most`, `at_least` or both")
        elif limit.at_most is not None and limit.at_least > limit.at_most:
            yield Mistake(
                ["limits", name, "at_least"],
                f"at least {limit.at_least:g} is more than at most {limit.at_most:g}",
                "no plan can keep both: lower the one or raise the other",
            )
        for channel in limit.channels:
            if channel not in settings.channels:
                yield unknown("channels", "channel", channel, sorted(settings.channels), ("limits", name))
        if limit.segment and limit.segment not in settings.segments:
            yield unknown("segment", "segment", limit.segment, sorted(settings.segments), ("limits", name))


def _limits_of_nothing(settings: Settings, campaigns: Sequence[str]) -> Iterator[Mistake]:
    """Limits on campaigns that are not there."""
    for name, limit in settings.limits.items():
        for campaign in limit.campaigns:
            if campaign not in campaigns:
                yield unknown("campaigns", "campaign", campaign, campaigns, ("limits", name))


def _told_otherwise(campaign: Campaign, others: Iterable[Campaign]) -> Iterator[Mistake]:
    """A topic that one campaign tells once and another again."""
    for other in others:
        if other.topic == campaign.topic and other.once != campaign.once:
            yield Mistake(
                ["once" if campaign.once else "topic"],
                f"the campaigns {other.name!r} and {campaign.name!r} share the topic {campaign.topic!r}, and only one "
                "of them tells it once",
                "write `once: true` in both, or give one of them a topic of its own",
            )


def _store(stores: StoreSettings, kind: Literal["inbox", "lake", "ledger", "engine"]) -> str:
    return {"inbox": stores.inbox, "lake": stores.lake, "ledger": stores.ledger, "engine": stores.engine}[kind]


def _campaign_mistakes(campaign: Campaign, root: Path, settings: Settings) -> Iterator[Mistake]:
    if not _NAME.fullmatch(campaign.name):
        yield Mistake(
            ["name"],
            f"{campaign.name!r} cannot be the name of a campaign: files are called after it",
            "use letters, digits, spaces, - and _, such as spring-news",
        )
    for name in dict.fromkeys([campaign.channel, *campaign.channels]):
        if name not in settings.channels:
            known = ", ".join(sorted(settings.channels)) or "none"
            yield Mistake(
                ["channel" if name == campaign.channel else "channels"],
                f"the channel {name!r} is not set up",
                f"set it up as [channels.{name}] in {SETTINGS_FILE}, or use one of: {known}",
            )
    if campaign.channels and campaign.channel not in campaign.channels:
        yield Mistake(
            ["channels"],
            f"{campaign.channel!r} is the first choice and not among the channels",
            f"write `channels: [{', '.join([campaign.channel, *campaign.channels])}]`",
        )
    if not campaign.template or not (root / "templates" / campaign.template).is_dir():
        yield Mistake(
            ["template"],
            f"there is no folder templates/{campaign.template}",
            "write a template there, one file for each language, for example en.txt",
        )
    yield from _unknown_names(campaign, settings)
    yield from _contradictions(campaign)


def _unknown_names(campaign: Campaign, settings: Settings) -> Iterator[Mistake]:
    """Predictions, segments and numbers that are not there."""
    if campaign.module in settings.models.without:
        yield Mistake(
            ["module"],
            f"the prediction {campaign.module!r} is not made",
            f"take it out of `without` in [models] of {SETTINGS_FILE}",
        )
    elif campaign.module and campaign.module not in known_names(settings):
        yield unknown("module", "prediction", campaign.module, known_names(settings))
    if campaign.segment and campaign.segment not in settings.segments:
        yield unknown("segment", "segment", campaign.segment, sorted(settings.segments))
    for name in campaign.tells:
        if name not in _FEATURES:
            yield unknown("tells", "feature", name, _FEATURES)


def _contradictions(campaign: Campaign) -> Iterator[Mistake]:
    """What a campaign asks of the profile although it is not personalized, and offers for nothing."""
    if not campaign.personalized:
        for key, what in (
            ("module", "rests on a prediction"),
            ("segment", "is for one segment"),
            ("tells", "tells numbers"),
            ("relationships", "is for some relationships"),
            ("use", "uses the profile"),
        ):
            if getattr(campaign, key):
                yield Mistake([key], f"a campaign that {what} is personalized", "write `personalized: true`")
    if campaign.covers and campaign.audience != "never_asked":
        yield Mistake(
            ["covers"],
            "only a campaign that asks for permission says what a yes covers",
            "write `audience: never_asked`, or leave `covers` out",
        )
    if "strained" in campaign.relationships and campaign.message_class == "marketing":
        yield Mistake(
            ["relationships"],
            "a campaign for strained people reaches nobody: nothing that rests on a profile goes to them",
            "leave `strained` out; what helps everybody is `personalized: false` and `sells: false`",
        )
    if campaign.personalized and campaign.audience != "everyone":
        yield Mistake(
            ["audience"],
            f"a personalized campaign cannot be for {campaign.audience!r}: it needs their permission",
            "leave `audience` out, or write `personalized: false`",
        )
    if campaign.offers and not campaign.module:
        yield Mistake(
            ["offers"],
            "offers are made for what is predicted, and the campaign names no prediction",
            f"add `module: …`, one of: {', '.join(standard_names())}",
        )
