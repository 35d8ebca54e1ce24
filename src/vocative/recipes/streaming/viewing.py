"""What people of the generated service watch: evenings and weekends, by taste, most of it once and much to the end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vocative.recipes.moments import Calendar, Flags, Integers, iso, seconds_of_day
from vocative.recipes.people import Crowd
from vocative.recipes.streaming.titles import Films
from vocative.recipes.tables import with_rows, write_csv, write_lines

FLAWED_PLAYS, FLAWED_ACTIVITY, FLAWED_SUBSCRIPTIONS = 2, 1, 1
_PLAYS_A_DAY = 0.28
_AGAIN = 0.08
_SAME_DIRECTOR = 0.2
_WEEKDAYS = np.array([0.7, 0.7, 0.75, 0.85, 1.0, 1.0, 0.95])
_DEVICES = ("tv", "phone", "tablet", "laptop")
_PERIOD = 30
_ACTIONS = ("title_opened", "title_started", "title_finished", "rated", "searched", "watchlist_added")
_OPENED, _STARTED, _FINISHED, _RATED, _SEARCHED, _LISTED = range(len(_ACTIONS))


@dataclass(frozen=True, slots=True)
class Plays:
    """Plays as columns of one length: person, film, start (seconds since 1970 in UTC), seconds watched."""

    who: Integers
    film: Integers
    at: Integers
    seconds: Integers
    finished: Flags

    def __len__(self) -> int:
        return len(self.who)


def draw_plays(random: np.random.Generator, who: Crowd, films: Films, calendar: Calendar) -> Plays:
    """Draw all plays, ordered by person and moment."""
    wished = random.poisson(_PLAYS_A_DAY / _WEEKDAYS.mean() * who.pace * (who.left - who.joined))
    person = np.repeat(np.arange(len(who)), wished)
    day = who.joined[person] + (random.random(len(person)) * (who.left - who.joined)[person]).astype(np.int64)
    kept = random.random(len(person)) < _WEEKDAYS[calendar.weekday(day)]
    person, day = person[kept], day[kept]
    film = _chosen(random, who, films, person)
    film = _by_the_same_director(random, films, person, film)
    kept = films.added[film] <= day
    person, day, film = person[kept], day[kept], film[kept]
    evening = np.maximum(who.peak[person], 18.0)
    at = calendar.utc(
        who.zone[person], day, seconds_of_day(random, np.where(calendar.weekday(day) >= 5, 17.0, evening))
    )
    order = np.lexsort((film, at, person))
    person, film, at = person[order], film[order], at[order]
    # What was watched before is rarely watched again.
    _, first = np.unique(person * len(films.ids) + film, return_index=True)
    kept = random.random(len(person)) < _AGAIN
    kept[first] = True
    person, film, at = person[kept], film[kept], at[kept]
    patience = np.clip(0.25 + 0.5 * films.liked[films.genre[film], who.group[person]], 0.0, 0.9)
    finished = random.random(len(person)) < patience
    share = np.where(finished, 1.0, random.beta(1.2, 2.5, len(person)))
    seconds = np.maximum(films.minutes[film] * 60 * share, 40).astype(np.int64)
    return Plays(person, film, at, seconds, finished)


def write_plays(path: Path, random: np.random.Generator, who: Crowd, films: Films, plays: Plays) -> None:
    """Write one row for each play; one is without a moment, one has a length that is no number."""
    order = np.lexsort((plays.who, plays.at))
    device = random.integers(0, len(_DEVICES), len(who))
    columns = {
        "play": [f"P{number}" for number in order.tolist()],
        "profile": [who.ids[place] for place in plays.who[order]],
        "film": [films.ids[place] for place in plays.film[order]],
        "started": iso(plays.at[order]),
        "watched_seconds": [str(number) for number in plays.seconds[order].tolist()],
        "device": [_DEVICES[place] for place in device[plays.who[order]]],
    }
    good = {name: values[0] for name, values in columns.items()}
    flawed = [{**good, "play": "P-x", "started": ""}, {**good, "play": "P-y", "watched_seconds": "long"}]
    write_csv(path, with_rows(columns, flawed))


def write_activity(path: Path, random: np.random.Generator, who: Crowd, films: Films, plays: Plays,
                   calendar: Calendar) -> None:  # fmt: skip
    """Write what else people did, as JSON lines; one line is broken."""
    every = np.arange(len(plays))
    rated = np.flatnonzero(plays.finished & (random.random(len(plays)) < 0.12))
    looked = np.flatnonzero(random.random(len(plays)) < 0.4)
    other = films.genre[plays.film[looked]]
    done, ends = np.flatnonzero(plays.finished), plays.at + plays.seconds
    parts = (
        (_OPENED, every, plays.film, plays.at - 45),
        (_OPENED, looked, _neighbour(random, films, other), plays.at[looked] - 140),
        (_LISTED, looked[::6], _neighbour(random, films, other[::6]), plays.at[looked[::6]] - 120),
        (_STARTED, every, plays.film, plays.at),
        (_FINISHED, done, plays.film[done], ends[done]),
        (_RATED, rated, plays.film[rated], ends[rated] + 60),
        (_SEARCHED, looked[::3], np.full(len(looked[::3]), -1), plays.at[looked[::3]] - 200),
    )
    kind = np.concatenate([np.full(len(rows), action) for action, rows, _, _ in parts])
    play, film, at = (np.concatenate([part[place] for part in parts]) for place in (1, 2, 3))
    last = calendar.utc_start + calendar.days * 86_400
    order = np.lexsort((kind, play, at))
    order = order[at[order] < last]
    pick = random.random(len(at))
    dwell, stars = random.lognormal(2.8, 0.8, len(at)), 2 + random.binomial(3, 0.7, len(at))
    rows = (
        {
            "n": f"a{number}",
            "t": moment,
            "what": _ACTIONS[what],
            "profile": who.ids[person],
            "film": films.ids[thing] if thing >= 0 else None,
            "seconds": round(length, 1) if what == _OPENED else None,
            "stars": star if what == _RATED else None,
            "words": _query(films, who.language[person], chance) if what == _SEARCHED else None,
        }
        for number, (moment, what, person, thing, length, star, chance) in enumerate(
            zip(iso(at[order]), kind[order].tolist(), plays.who[play[order]].tolist(), film[order].tolist(),
                dwell[order].tolist(), stars[order].tolist(), pick[order].tolist(), strict=True)
        )
    )  # fmt: skip
    write_lines(path, rows, ('{"n": "broken"',))


def write_subscriptions(path: Path, who: Crowd, calendar: Calendar) -> None:
    """Write when subscriptions were started, renewed each thirty days and cancelled; one row has no moment."""
    rows: list[tuple[int, int, str]] = []
    for place, (joined, left) in enumerate(zip(who.joined.tolist(), who.left.tolist(), strict=True)):
        rows.append((joined, place, "started"))
        rows.extend((day, place, "renewed") for day in range(joined + _PERIOD, left, _PERIOD))
        if left < calendar.days:
            rows.append((left, place, "cancelled"))
    rows.sort()
    day, person = (np.array([row[place] for row in rows], np.int64) for place in (0, 1))
    columns = {
        "profile": [who.ids[place] for place in person],
        "happened": iso(calendar.utc(who.zone[person], day, np.full(len(rows), 32_400))),
        "change": [change for _, _, change in rows],
        "plan": ["standard" if who.thrifty[place] else "family" for place in person],
    }
    write_csv(path, with_rows(columns, [{"profile": who.ids[0], "change": "renewed"}]))


def _chosen(random: np.random.Generator, who: Crowd, films: Films, person: Integers) -> Integers:
    """A film for each play: a genre by taste, then a film of it by fame."""
    weight = films.liked[films.genre] * films.fame[:, None]
    edges = np.cumsum(weight, axis=0)
    film = np.zeros(len(person), np.int64)
    for group in range(weight.shape[1]):
        mine = np.flatnonzero(who.group[person] == group)
        film[mine] = np.searchsorted(edges[:, group], random.random(len(mine)) * edges[-1, group])
    return np.minimum(film, len(films.ids) - 1)


def _by_the_same_director(random: np.random.Generator, films: Films, person: Integers, film: Integers) -> Integers:
    """Now and then another film by the director of the one before."""
    names, director = np.unique(films.director, return_inverse=True)
    order = np.argsort(director, kind="stable")
    starts, sizes = np.searchsorted(director[order], np.arange(len(names))), np.bincount(director)
    follows = np.zeros(len(film), bool)
    follows[1:] = (person[1:] == person[:-1]) & (random.random(len(film) - 1) < _SAME_DIRECTOR)
    wanted = director[np.roll(film, 1)]
    other = order[starts[wanted] + (random.random(len(film)) * sizes[wanted]).astype(np.int64)]
    return np.asarray(np.where(follows, other, film), np.int64)


def _neighbour(random: np.random.Generator, films: Films, genre: Integers) -> Integers:
    """Some film of each genre."""
    starts = np.searchsorted(films.genre, np.arange(len(films.genres)))
    sizes = np.bincount(films.genre, minlength=len(films.genres))
    return np.asarray(starts[genre] + (random.random(len(genre)) * sizes[genre]).astype(np.int64), np.int64)


def _query(films: Films, language: str, chance: float) -> str:
    words = films.searches[language]
    return words[int(chance * len(words))]
