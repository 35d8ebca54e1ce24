"""The films of the generated service, and the file in which its editors export them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from itertools import product
from pathlib import Path

import numpy as np

from vocative.recipes.moments import Calendar, Floats, Integers, iso
from vocative.recipes.tables import write_lines

FLAWED = 2
_OLDEST, _NEWEST = 1978, 2026
_THERE_FROM_THE_START = 0.75
_LIKES = 3


@dataclass(frozen=True, slots=True)
class Films:
    """Films as columns of one length, ordered by genre; `liked` holds genres × taste groups.

    A film can be watched from day `added` on; `fame` is how much it is watched against others of its genre.
    """

    ids: list[str]
    names: list[str]
    genre: Integers
    second: list[str]
    director: list[str]
    minutes: Integers
    year: Integers
    added: Integers
    fame: Floats
    genres: list[str]
    liked: Floats
    searches: dict[str, list[str]]


def draw_films(random: np.random.Generator, calendar: Calendar, groups: int) -> Films:
    """Draw the films there are."""
    text = (files("vocative.recipes.streaming") / "words.toml").read_text(encoding="utf-8")
    given = tomllib.loads(text)
    genres = list(given["genres"])
    pairs = [
        (place, f"{first} {last}")
        for place, genre in enumerate(genres)
        for first, last in product(given["genres"][genre]["first"], given["genres"][genre]["last"])
    ]
    count = len(pairs)
    genre = np.array([place for place, _ in pairs], np.int64)
    people = given["directors"]
    family, name = random.integers(0, len(people["family"]), count), random.integers(0, 4, count)
    usual = np.array([given["genres"][one]["minutes"] for one in genres])
    liked = np.full((len(genres), groups), 0.06)
    for group in range(groups):
        liked[random.choice(len(genres), _LIKES, replace=False), group] += random.uniform(0.5, 1.0, _LIKES)
    days = np.where(random.random(count) < _THERE_FROM_THE_START, 0, random.integers(0, calendar.days, count))
    return Films(
        ids=[f"F{100 + number}" for number in range(count)],
        names=[name for _, name in pairs],
        genre=genre,
        second=[genres[place] for place in random.integers(0, len(genres), count)],
        # A director has a few films in a few genres: the given name goes with the family name.
        director=[
            f"{people['given'][(one * 3 + two) % len(people['given'])]} {people['family'][one]}"
            for one, two in zip(family.tolist(), name.tolist(), strict=True)
        ],
        minutes=np.round(usual[genre] * random.normal(1.0, 0.08, count)).astype(np.int64),
        year=np.minimum(_NEWEST - random.exponential(9.0, count).astype(np.int64), _NEWEST).clip(_OLDEST),
        added=days.astype(np.int64),
        fame=random.pareto(1.6, count) + 0.15,
        genres=genres,
        liked=liked,
        searches=given["searches"],
    )


def write_films(path: Path, films: Films, calendar: Calendar) -> None:
    """Write the films as JSON lines; one has no identifier, and one line is broken."""
    zero = np.zeros(len(films.ids), np.int64)
    added = iso(calendar.utc(zero, np.where(films.added > 0, films.added, -30), zero))
    rows: list[dict[str, object]] = [
        {
            "id": film,
            "title": films.names[place],
            "genre": films.genres[films.genre[place]],
            "genres": sorted({films.genres[films.genre[place]], films.second[place]}),
            "director": films.director[place],
            "minutes": int(films.minutes[place]),
            "year": int(films.year[place]),
            "added": added[place],
        }
        for place, film in enumerate(films.ids)
    ]
    rows.append({**rows[0], "id": None})
    write_lines(path, rows, ('{"id": "F1", "title": ',))
