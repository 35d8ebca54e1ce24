"""What is done about a person: an action, its key, and what a lot compares.

An action is a campaign, in one of its variants, in a medium, over a channel, with an offer of some size. Nothing is an
action too: `SILENCE`. The key of an action is text that is read back here and nowhere else; tables have columns beside
it, so nothing else ever has to take a key apart.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

SILENCE = ""
"""The key of doing nothing."""
_MEDIA = {"email": "email", "sms": "text"}
_PARTS = ("variant", "medium", "channel", "offer")


class OfferLevel(Struct, frozen=True):
    """How large an offer is."""

    discount: float
    """In `unit`."""
    unit: str = ""
    """`percent` or `money`; empty where the business does not say."""


class Action(Struct, frozen=True, kw_only=True):
    """One thing that can be done: what is said, in which variant, medium and channel, and the size of its offer.

    >>> coupon = Action(campaign="coupon", channel="email", offer=OfferLevel(10.0, "percent"))
    >>> coupon.key, coupon.compared.key, coupon.compared.without_offer.key
    ('coupon channel=email offer=10:percent', 'coupon offer=10:percent', 'coupon')
    >>> action_of("coupon channel=email offer=10:percent") == coupon
    True
    >>> Action(campaign="win back", variant="b=2").key
    'win%20;back variant=b%3d;2'
    """

    campaign: str
    variant: str = ""
    """Which of several wordings of the campaign; empty where there is one."""
    medium: str = ""
    """`email`, `text` …; empty where it is not told."""
    channel: str = ""
    """The channel it goes over; empty: whichever."""
    offer: OfferLevel | None = None
    """The size of its offer; None where it makes none, or one without a size."""

    def __post_init__(self) -> None:
        if not self.campaign:
            raise ValueError("an action needs a campaign; doing nothing has the key SILENCE")

    @property
    def key(self) -> str:
        """The action as text; `action_of` reads it back."""
        offer = "" if self.offer is None else f"{_number(self.offer.discount)}:{_quoted(self.offer.unit)}"
        told = (_quoted(self.variant), _quoted(self.medium), _quoted(self.channel), offer)
        parts = (f"{name}={value}" for name, value in zip(_PARTS, told, strict=True) if value)
        return " ".join((_quoted(self.campaign), *parts))

    @property
    def compared(self) -> Action:
        """What lots compare: campaign, variant and size of the offer, over whichever channel."""
        return replace(self, medium="", channel="")

    @property
    def without_offer(self) -> Action:
        """The same, of whichever size."""
        return replace(self, offer=None)


@lru_cache(maxsize=4096)
def action_of(key: str) -> Action:
    """The action that a key stands for.

    Raises:
        ValueError: The key is that of silence, or no key.
    """
    campaign, *parts = key.split(" ")
    told = dict(part.partition("=")[::2] for part in parts)
    discount, _, unit = told.get("offer", "").partition(":")
    action = Action(
        campaign=_unquoted(campaign),
        variant=_unquoted(told.get("variant", "")),
        medium=_unquoted(told.get("medium", "")),
        channel=_unquoted(told.get("channel", "")),
        offer=OfferLevel(float(discount), _unquoted(unit)) if discount else None,
    )
    if action.key != key:
        raise ValueError(f"{key!r} is not the key of an action")
    return action


def medium_of(channel: str) -> str:
    """The medium of a channel, by its name; empty where that says nothing.

    >>> medium_of("email"), medium_of("sms"), medium_of("pigeon")
    ('email', 'text', '')
    """
    return _MEDIA.get(channel, "")


def _quoted(text: str) -> str:
    """Without what separates the parts of a key; other alphabets stay readable."""
    return re.sub(r"[\s=:%]", lambda found: f"%{ord(found[0]):x};", text)


def _unquoted(text: str) -> str:
    return re.sub(r"%([0-9a-f]+);", lambda found: chr(int(found[1], 16)), text)


def _number(value: float) -> str:
    """As short as possible, but exact."""
    short = f"{value:.12g}"
    return short if float(short) == value else repr(value)
