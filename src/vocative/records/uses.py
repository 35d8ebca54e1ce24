"""What a profile may be used for: the words in which people are asked, and what each personalized campaign does."""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct, field

Use = Literal["reminders", "offers", "discoveries", "summaries", "thanks"]
USES: tuple[Use, ...] = get_args(Use)


class Personalization(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[personalization]`: what people were told their data is used for when they allowed it."""

    covers: list[Use] = field(default_factory=list)
    """What a permission covers whose record does not say it itself (column `covers`): `reminders`, `offers`,
    `discoveries`, `summaries` or `thanks`. It is written into each record at its import. Empty: nothing is covered, and
    no personalized campaign can be approved."""
