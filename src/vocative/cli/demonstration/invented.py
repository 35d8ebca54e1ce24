"""What the demonstration's data lacks, drawn from a seed and named as invented in every file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

SEED = 20_170_101
SOURCE = "invented for the demonstration"

_NAMES = [
    "Ada",
    "Aisha",
    "Alice",
    "Amara",
    "Amelia",
    "Ana",
    "Anna",
    "Beatrice",
    "Bella",
    "Carla",
    "Carmen",
    "Charlotte",
    "Chloe",
    "Clara",
    "Daniela",
    "Diana",
    "Elena",
    "Eliza",
    "Ella",
    "Emily",
    "Emma",
    "Esther",
    "Eva",
    "Fatima",
    "Grace",
    "Hannah",
    "Helen",
    "Ida",
    "Iris",
    "Isabel",
    "Jane",
    "Jasmine",
    "Joan",
    "Julia",
    "Karen",
    "Laura",
    "Lena",
    "Lily",
    "Linda",
    "Lucy",
    "Maria",
    "Marta",
    "Maya",
    "Mia",
    "Mona",
    "Nadia",
    "Nina",
    "Nora",
    "Olga",
    "Olivia",
    "Paula",
    "Rachel",
    "Rosa",
    "Ruth",
    "Sara",
    "Sofia",
    "Stella",
    "Tara",
    "Teresa",
    "Vera",
    "Yara",
    "Zoe",
    "Adam",
    "Albert",
    "Alex",
    "Amir",
    "Andre",
    "Ben",
    "Bruno",
    "Carl",
    "Carlos",
    "Daniel",
    "David",
    "Diego",
    "Edgar",
    "Eli",
    "Erik",
    "Felix",
    "Frank",
    "Gabriel",
    "George",
    "Hans",
    "Henry",
    "Hugo",
    "Ian",
    "Isaac",
    "Ivan",
    "Jack",
    "Jacob",
    "James",
    "Joel",
    "John",
    "Jonas",
    "Jose",
    "Juan",
    "Kai",
    "Karl",
    "Leo",
    "Liam",
    "Louis",
    "Lucas",
    "Luis",
    "Marco",
    "Mark",
    "Martin",
    "Max",
    "Miguel",
    "Nathan",
    "Noah",
    "Omar",
    "Oscar",
    "Otto",
    "Paul",
    "Pedro",
    "Peter",
    "Rafael",
    "Ralph",
    "Robert",
    "Sam",
    "Samuel",
    "Simon",
    "Stefan",
    "Theo",
    "Thomas",
    "Tom",
    "Victor",
    "Walter",
    "William",
    "Yusuf",
]
_ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "")
_ZONE_SHARES = (0.86, 0.06, 0.02, 0.03, 0.03)
_MARKETING = "May we send you messages by e-mail?"
_PERSONALIZATION = "May we look at what you buy from us to make our messages fit you?"
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
    """First name, address, zone and language for each household; every column says that it is invented."""
    random = np.random.default_rng(SEED)
    count = len(household_ids)
    names = [str(name) for name in random.choice(_NAMES, count)]
    zones = [str(zone) for zone in random.choice(_ZONES, count, p=_ZONE_SHARES)]
    emails = [f"{name.lower()}.{household}@example.com" for name, household in zip(names, household_ids, strict=True)]
    nameless = random.random(count) < 0.05
    names = ["" if lacks else name for name, lacks in zip(names, nameless, strict=True)]
    if count > 2:
        names[0], zones[1], emails[2] = _FLAWED_NAME, _FLAWED_ZONE, _FLAWED_EMAIL
    return pa.table(
        {
            "household_id": pa.array(household_ids, pa.int64()),
            "invented_first_name": names,
            "invented_email": emails,
            "invented_timezone": zones,
            "invented_language": ["en"] * count,
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
