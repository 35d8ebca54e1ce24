"""The weekly mail of a generated business, and what became of it: opened, clicked, or fetched by a machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vocative.recipes.moments import Calendar, Integers, iso
from vocative.recipes.people import Crowd
from vocative.recipes.tables import with_rows, write_csv

FLAWED = 1
_WEEKDAY, _SENT_AT = 1, 36_000
# A mail program that fetches every picture says nothing of its reader; a scanner follows links too.
_PROXY_SHARE, _SCANNER_SHARE = 0.2, 0.02


def write_mailings(path: Path, random: np.random.Generator, who: Crowd, calendar: Calendar) -> None:
    """Write one row for each mail sent, opened or clicked; `machine` says whether a program did it."""
    days = np.flatnonzero(calendar.weekday(np.arange(calendar.days)) == _WEEKDAY)
    willing = np.flatnonzero([answer == "yes" for answer in who.marketing])
    person, day = (grid.ravel() for grid in np.meshgrid(willing, days, indexing="ij"))
    about = (day >= who.joined[person]) & (day < who.left[person] + 60)
    person, day = person[about], day[about]
    sent = calendar.utc(who.zone[person], day, np.full(len(day), _SENT_AT))
    likes = random.beta(2.0, 4.0, len(who))[person]
    opened = random.random(len(person)) < likes
    clicked = opened & (random.random(len(person)) < 0.25)
    delay = random.exponential(14_000.0, len(person)).astype(np.int64) + 30
    proxied = (random.random(len(who)) < _PROXY_SHARE)[person]
    scanned = (random.random(len(who)) < _SCANNER_SHARE)[person]
    parts = (
        ("sent", "no", np.ones(len(person), bool), sent),
        ("open", "no", opened & ~proxied, sent + delay),
        ("open", "yes", proxied, sent + 4),
        ("click", "no", clicked, sent + delay + 25),
        ("click", "yes", scanned, sent + 2),
    )
    last = int(calendar.utc(np.zeros(1, np.int64), np.array([calendar.days]), np.zeros(1, np.int64))[0])
    kept = [(action, machine, mask & (at < last), at) for action, machine, mask, at in parts]
    rows: Integers = np.concatenate([np.flatnonzero(mask) for _, _, mask, _ in kept])
    at = np.concatenate([moment[mask] for _, _, mask, moment in kept])
    order = np.lexsort((rows, at))
    columns = {
        "recipient": [who.ids[place] for place in person[rows]],
        "mailing": [f"week {place // 7 + 1}" for place in day[rows]],
        "action": [action for action, _, mask, _ in kept for _ in range(int(mask.sum()))],
        "machine": [machine for _, machine, mask, _ in kept for _ in range(int(mask.sum()))],
        "at": iso(at),
    }
    flawed = {"recipient": who.ids[0], "mailing": "week 1", "action": "open", "machine": "no", "at": "some time"}
    write_csv(path, with_rows({name: [values[place] for place in order] for name, values in columns.items()}, [flawed]))
