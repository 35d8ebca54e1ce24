"""Generated people: names in five languages, homes in four zones, habits, and permissions of all kinds."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import numpy as np

from vocative.recipes.moments import Calendar, Flags, Floats, Integers, iso
from vocative.recipes.tables import with_rows, write_csv

SOURCE = "generated for the recipe"
FLAWED_PEOPLE, FLAWED_PERMISSIONS = 1, 1
ZONES = ("Europe/Riga", "Europe/Warsaw", "Europe/Kyiv", "Europe/London")
LANGUAGES = ("en", "lv", "pl", "ru", "uk")

_COUNTRIES = ("LV", "PL", "UA", "GB")
_LANGUAGE_SHARES = (0.2, 0.24, 0.24, 0.16, 0.16)
# Language → shares of the zones, in the order of ZONES.
_HOMES = ((0.1, 0.05, 0.05, 0.8), (0.97, 0.0, 0.0, 0.03), (0.0, 0.95, 0.0, 0.05), (0.85, 0.05, 0.1, 0.0),
          (0.05, 0.25, 0.7, 0.0))  # fmt: skip
_PEAKS = (8.5, 13.0, 20.0)
_NAMELESS, _GENDERLESS, _ZONELESS, _LANGUAGELESS, _MINOR = 0.05, 0.12, 0.04, 0.06, 0.03
_LEAVE, _JOIN_LATER = 0.22, 0.3
# Answers about marketing and personalization → share of people; empty: never asked.
_ANSWERS = (
    (("yes", "yes"), 0.56),
    (("yes", ""), 0.15),
    (("yes", "no"), 0.09),
    (("no", "yes"), 0.05),
    (("no", ""), 0.07),
    (("", ""), 0.08),
)
_WITHDRAW, _EXPIRE = 0.04, 0.02
_TEXTS = {
    "marketing": "May we write to you by e-mail?",
    "personalization": (
        "May we use what you do with us to choose what we write to you: reminders, offers, something new now and then, "
        "your own numbers, and thanks?"
    ),
}
_FLAWED_NAMES, _FLAWED_ZONE, _FLAWED_EMAIL = ("test", "%FNAME%"), "Mars/Olympus", "not-an-address"


@dataclass(frozen=True, slots=True)
class Crowd:
    """Generated people as columns of one length.

    `zone` is the place of the home in ZONES. People are about from day `joined` until before day `left`. `pace` is how
    much they do against the average, `peak` the hour of their day at which they are about, `group` their taste.
    """

    ids: list[str]
    language: list[str]
    zone: Integers
    joined: Integers
    left: Integers
    pace: Floats
    peak: Floats
    group: Integers
    thrifty: Flags
    marketing: list[str]
    personalization: list[str]

    def __len__(self) -> int:
        return len(self.ids)


def crowd(random: np.random.Generator, people: int, calendar: Calendar, groups: int, prefix: str) -> Crowd:
    """Draw people; `groups` is the number of taste groups."""
    language = random.choice(len(LANGUAGES), people, p=_LANGUAGE_SHARES)
    zone = (random.random(people)[:, None] > np.cumsum(np.array(_HOMES), axis=1)[language]).sum(axis=1)
    days = calendar.days
    joined = np.where(random.random(people) < _JOIN_LATER, random.integers(0, max(days - 20, 1), people), 0)
    leaves = random.random(people) < _LEAVE
    left = np.where(leaves, joined + 10 + random.integers(0, max(days - 20, 1), people), days)
    answers = random.choice(len(_ANSWERS), people, p=[share for _, share in _ANSWERS])
    return Crowd(
        ids=[f"{prefix}{number:05d}" for number in range(1, people + 1)],
        language=[LANGUAGES[place] for place in language],
        zone=np.minimum(zone, len(ZONES) - 1).astype(np.int64),
        joined=joined.astype(np.int64),
        left=np.minimum(left, days).astype(np.int64),
        pace=random.lognormal(-0.25, 0.7, people),
        peak=np.array(_PEAKS)[random.choice(len(_PEAKS), people, p=(0.2, 0.25, 0.55))] + random.normal(0, 0.8, people),
        group=random.integers(0, groups, people),
        thrifty=random.random(people) < 0.3,
        marketing=[_ANSWERS[place][0][0] for place in answers],
        personalization=[_ANSWERS[place][0][1] for place in answers],
    )


def write_people(path: Path, random: np.random.Generator, who: Crowd, calendar: Calendar) -> None:
    """Write the people as an export of accounts has them: gaps, a few odd values, and one row without an identifier."""
    count = len(who)
    pool = tomllib.loads((files("vocative.recipes") / "names.toml").read_text(encoding="utf-8"))
    female = random.random(count) < 0.5
    pick = random.random(count)
    names, genders, zones = [], [], []
    for place in range(count):
        gender = "female" if female[place] else "male"
        choice = pool[who.language[place]][gender]
        names.append(choice[int(pick[place] * len(choice))])
        genders.append(gender)
        zones.append(ZONES[who.zone[place]])
    shown = {
        "account": who.ids,
        "e-mail": [f"{one.lower()}@example.com" for one in who.ids],
        "first name": _gaps(random, names, _NAMELESS),
        "sex": _gaps(random, genders, _GENDERLESS),
        "language": _gaps(random, who.language, _LANGUAGELESS),
        "time zone": _gaps(random, zones, _ZONELESS),
        "country": [_COUNTRIES[place] for place in who.zone],
        "born": _births(random, count, calendar),
        "since": iso(calendar.utc(who.zone, who.joined, np.zeros(count, np.int64))),
    }
    if count > 8:
        shown["first name"][1], shown["first name"][2] = _FLAWED_NAMES
        shown["time zone"][3], shown["e-mail"][4] = _FLAWED_ZONE, _FLAWED_EMAIL
    write_csv(path, with_rows(shown, [{"first name": "Nobody", "since": "2026-01-01T00:00:00Z"}]))


def write_permissions(path: Path, random: np.random.Generator, who: Crowd, calendar: Calendar) -> None:
    """Write the answers people gave: yes, no, withdrawn, expired; one row says neither; who was not asked has none."""
    asked = iso(calendar.utc(who.zone, who.joined, np.full(len(who), 36_000)))
    later = iso(calendar.utc(who.zone, (who.joined + calendar.days) // 2, np.full(len(who), 64_800)))
    withdraws, expires = random.random(len(who)) < _WITHDRAW, random.random(len(who)) < _EXPIRE
    rows: list[dict[str, str]] = []
    for place, person in enumerate(who.ids):
        for purpose, said in (("marketing", who.marketing[place]), ("personalization", who.personalization[place])):
            if not said:
                continue
            row = {"account": person, "for": purpose, "over": "email" if purpose == "marketing" else "*",
                   "answer": said, "when": asked[place], "until": "", "form": SOURCE,
                   "words": _TEXTS[purpose]}  # fmt: skip
            if said == "yes" and purpose == "personalization" and expires[place]:
                row["until"] = later[place]
            rows.append(row)
            if said == "yes" and purpose == "marketing" and withdraws[place]:
                rows.append({**row, "answer": "unsubscribed", "when": later[place]})
    rows.append({**rows[0], "answer": "perhaps"})
    write_csv(path, {name: [row[name] for row in rows] for name in rows[0]})


def _gaps(random: np.random.Generator, values: list[str], share: float) -> list[str]:
    return ["" if lacks else one for one, lacks in zip(values, random.random(len(values)) < share, strict=True)]


def _births(random: np.random.Generator, count: int, calendar: Calendar) -> list[str]:
    """Dates of birth of adults and a few minors; most people did not say."""
    years = np.where(
        random.random(count) < _MINOR, random.uniform(13.0, 17.5, count), random.uniform(19.0, 68.0, count)
    )
    last: date = calendar.first + timedelta(days=calendar.days)
    told = random.random(count) < 0.4
    told |= years < 18.0
    return [
        (last - timedelta(days=round(age * 365.25))).isoformat() if tells else ""
        for age, tells in zip(years.tolist(), told, strict=True)
    ]
