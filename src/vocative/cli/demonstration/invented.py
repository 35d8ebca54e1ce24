"""What the demonstration's data lacks, drawn from a seed and named as invented in every file."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files

import numpy as np
import pyarrow as pa

SEED = 20_170_101
SOURCE = "invented for the demonstration"

_LANGUAGES = ("en", "pl", "uk", "ru", "lv")
_LANGUAGE_SHARES = (0.64, 0.09, 0.09, 0.09, 0.09)
_GENDERS = ("female", "male")
_ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "")
_ZONE_SHARES = (0.86, 0.06, 0.02, 0.03, 0.03)
_NAMELESS, _GENDER_UNKNOWN = 0.05, 0.15
_MARKETING = "May we send you messages by e-mail?"
_PERSONALIZATION = (
    "May we use what you buy from us for reminders, coupons that fit you, something new now and then, your month in "
    "numbers, and thanks?"
)
# Marketing and personalization: share of people with this pair of answers; an empty answer means never asked.
_ANSWERS = (
    (("yes", "yes"), 0.55),
    (("yes", ""), 0.17),
    (("yes", "no"), 0.08),
    (("no", ""), 0.08),
    (("no", "yes"), 0.04),
    (("", ""), 0.08),
)
# A few rows as real exports have them, so that one can see that they harm nobody else.
_FLAWED_NAME, _FLAWED_ZONE, _FLAWED_EMAIL = "test", "Mars/Olympus", "not-an-address"


def invented_people(household_ids: Sequence[int]) -> pa.Table:
    """Name, gender, address, zone and language for each household; every column says that it is invented."""
    random = np.random.default_rng(SEED)
    count = len(household_ids)
    languages = [str(one) for one in random.choice(_LANGUAGES, count, p=_LANGUAGE_SHARES)]
    genders = [str(one) for one in random.choice(_GENDERS, count)]
    pool = tomllib.loads((files("vocative.cli.demonstration") / "names.toml").read_text(encoding="utf-8"))
    names = [str(random.choice(pool[language][gender])) for language, gender in zip(languages, genders, strict=True)]
    zones = [str(zone) for zone in random.choice(_ZONES, count, p=_ZONE_SHARES)]
    emails = [f"household.{household}@example.com" for household in household_ids]
    names = ["" if lacks else name for name, lacks in zip(names, random.random(count) < _NAMELESS, strict=True)]
    genders = ["" if lacks else one for one, lacks in zip(genders, random.random(count) < _GENDER_UNKNOWN, strict=True)]
    if count > 2:
        names[0], zones[1], emails[2] = _FLAWED_NAME, _FLAWED_ZONE, _FLAWED_EMAIL
    return pa.table(
        {
            "household_id": pa.array(household_ids, pa.int64()),
            "invented_first_name": names,
            "invented_gender": genders,
            "invented_email": emails,
            "invented_timezone": zones,
            "invented_language": languages,
        }
    )


def invented_permissions(household_ids: Sequence[int]) -> pa.Table:
    """Answers of all kinds: yes, no and never asked, with the words that were shown."""
    random = np.random.default_rng(SEED + 1)
    kinds = random.choice(len(_ANSWERS), len(household_ids), p=[share for _, share in _ANSWERS])
    rows = [
        {
            "household_id": household,
            "purpose": purpose,
            "status": answer,
            "at": "2016-12-01T12:00:00Z",
            "text": text,
            "source": SOURCE,
        }
        for household, kind in zip(household_ids, kinds, strict=True)
        for purpose, answer, text in (
            ("marketing", _ANSWERS[kind][0][0], _MARKETING),
            ("personalization", _ANSWERS[kind][0][1], _PERSONALIZATION),
        )
        if answer
    ]
    return pa.Table.from_pylist(rows)
