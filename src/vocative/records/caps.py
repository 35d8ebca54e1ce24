"""Contact pressure as settings: how many messages one person gets at most, and when nobody is contacted."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MessageClass = Literal["marketing", "service"]

Count = Annotated[int, Meta(ge=0)]
Most = Count | Literal["none"] | None
"""A number, or that there is no limit."""
LocalTime = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Cap(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[caps.more.NAME]`: one cap beside the three for everything, over the channels and classes it names.

    Either over `days` of the person's calendar or over rolling `hours`. Only messages it is about count towards it, and
    only those are held back by it.
    """

    at_most: Count
    """Messages one person gets at most; 0 means none at all, and `status` says so."""
    days: Annotated[int, Meta(ge=1, le=365)] | None = None
    """Over so many local days of the person, the day of the message included."""
    hours: Annotated[int, Meta(ge=1, le=8760)] | None = None
    """Over any so many hours, whatever the calendar says; instead of `days`."""
    channels: list[str] | None = None
    """Only messages over these channels; missing means all together."""
    classes: list[MessageClass] = field(default_factory=lambda: ["marketing"])
    """Only messages of these classes; missing means `marketing`. Service messages count only where `service` stands."""


class Caps(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[caps]`: how many marketing messages one person gets at most, over all channels, in their own calendar days.

    A cap that is missing has the default below; "none" means no limit; 0 means nobody gets any, and `status` says so;
    anything else is refused. Service messages are exempt unless a cap of `[caps.more.NAME]` names them. Who asked for
    fewer in the trait `frequency` (marketing messages in thirty days) gets no more than that; nobody gets more by it.
    """

    per_day: Most = 1
    """On one local day."""
    per_week: Most = 2
    """Over the last seven local days, today included."""
    per_month: Most = 6
    """Over the last thirty local days, today included."""
    least_per_month: Count | None = None
    """Down to how many messages in thirty days the cap of a month goes for people who react to messages less often than
    people do on average: half as often, half as many. It needs the prediction `reacts` admitted; of whom nothing is
    known the cap of a month holds. Missing: that cap is the same for everybody."""
    more: dict[str, Cap] = field(default_factory=dict)
    """Caps of your own, as `[caps.more.NAME]`: by channel, by class, over other days or rolling hours."""


class ChannelQuiet(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[quiet_hours.channels.NAME]`: what is quiet for one channel; what is missing is as in `[quiet_hours]`."""

    start: LocalTime | None = None
    """Local time from which nobody is contacted over the channel, as HH:MM; equal to `end`: at no time."""
    end: LocalTime | None = None
    """Local time from which people may be contacted over it again, as HH:MM."""
    days: list[Weekday] | None = None
    """Weekdays on which nobody is contacted over it; an empty list means none."""
    holidays: bool | None = None
    """Whether public holidays are quiet for it."""
    service: bool | None = None
    """Whether all this holds for service messages over it too."""


class QuietHours(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[quiet_hours]`: when nobody is contacted, in the person's own zone.

    `start` after `end` goes across midnight; `start` equal to `end` means there are no quiet hours. A person whose zone
    is unknown gets a message only while it is allowed in every zone they may live in: those of their country; where
    that is unknown too, `unknown_zones`; without these, the zones of the business's country, or else its own zone.
    """

    start: LocalTime = "20:00"
    """Local time from which nobody is contacted, as HH:MM."""
    end: LocalTime = "08:00"
    """Local time from which people may be contacted again, as HH:MM."""
    unknown_zones: list[str] = field(default_factory=list)
    """Zones a person may live in of whom neither zone nor country is known; empty means those of the business's
    country."""
    days: list[Weekday] = field(default_factory=list)
    """Weekdays on which nobody is contacted, such as `["sunday"]`; empty means none."""
    holidays: bool = False
    """Whether nobody is contacted on public holidays of their country; of an unknown country, of the business's."""
    service: bool = True
    """Whether all this holds for service messages too; `false` lets them go at any time."""
    channels: dict[str, ChannelQuiet] = field(default_factory=dict)
    """What is otherwise for one channel, as `[quiet_hours.channels.NAME]`."""
