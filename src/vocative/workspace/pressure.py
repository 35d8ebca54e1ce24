"""Caps and quiet hours that say nothing, contradict themselves, or name what is not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vocative.records.caps import Cap, Most
from vocative.records.settings import Settings
from vocative.workspace.mistakes import Mistake, unknown

_WEEK = 7


def pressure_mistakes(settings: Settings) -> Iterator[Mistake]:
    """Mistakes in `[caps]` and `[quiet_hours]`."""
    channels, caps = sorted(settings.channels), settings.caps
    if caps.least_per_month is not None and caps.least_per_month > _number(caps.per_month):
        what = "the least_per_month of the caps is above per_month, or there is no per_month to go down from"
        yield Mistake(["caps", "least_per_month"], what, "lower it, or give per_month a number")
    for name, cap in settings.caps.more.items():
        yield from _of_cap(["caps", "more", name], name, cap, channels)
    quiet = settings.quiet_hours
    for name, own in quiet.channels.items():
        if name not in settings.channels:
            yield unknown(name, "channel", name, channels, ("quiet_hours", "channels"))
        if own.days is not None and len(set(own.days)) == _WEEK:
            yield _never(["quiet_hours", "channels", name, "days"])
    if len(set(quiet.days)) == _WEEK:
        yield _never(["quiet_hours", "days"])


def _of_cap(keys: Sequence[str], name: str, cap: Cap, channels: Sequence[str]) -> Iterator[Mistake]:
    if (cap.days is None) == (cap.hours is None):
        said = "neither `days` nor `hours`" if cap.days is None else "both `days` and `hours`"
        yield Mistake(
            keys,
            f"the cap {name!r} has {said}",
            "give one: `days` for days of the person's calendar, `hours` for any so many hours",
        )
    for key, listed, without in (
        ("channels", cap.channels, "for all channels together"),
        ("classes", cap.classes, "for marketing"),
    ):
        if listed is not None and not listed:
            yield Mistake([*keys, key], f"`{key}` is empty", f"name at least one, or leave it out {without}")
    for channel in cap.channels or ():
        if channel not in channels:
            yield unknown("channels", "channel", channel, channels, keys)


def _number(most: Most) -> int:
    return most if isinstance(most, int) else -1


def _never(keys: Sequence[str]) -> Mistake:
    return Mistake(keys, "all seven days are quiet: nobody would ever be contacted", "leave at least one of them out")
