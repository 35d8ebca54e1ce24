"""Writes the files a streaming service would export, all of it generated."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from vocative.recipes import mailings
from vocative.recipes.moments import calendar
from vocative.recipes.people import FLAWED_PEOPLE, FLAWED_PERMISSIONS, ZONES, crowd, write_people, write_permissions
from vocative.recipes.streaming import titles, viewing

FLAWED = {
    "generated_titles.jsonl": titles.FLAWED,
    "generated_accounts.csv": FLAWED_PEOPLE,
    "generated_consents.csv": FLAWED_PERMISSIONS,
    "generated_plays.csv": viewing.FLAWED_PLAYS,
    "generated_activity.jsonl": viewing.FLAWED_ACTIVITY,
    "generated_subscriptions.csv": viewing.FLAWED_SUBSCRIPTIONS,
    "generated_mail.csv": mailings.FLAWED,
}
"""File → how many of its rows are flawed on purpose and have to be rejected."""
_GROUPS = 5


def write(folder: Path, *, people: int, days: int, seed: int, until: date) -> None:
    """Write the files of the streaming service.

    Args:
        folder: where to; it is made if need be.
        people: how many accounts there are.
        days: length of the history, the last day included.
        seed: the same seed, people, days and date give the same files.
        until: the last day.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    when = calendar(until, days, ZONES)
    who, films = crowd(random, people, when, _GROUPS, "V"), titles.draw_films(random, when, _GROUPS)
    titles.write_films(folder / "generated_titles.jsonl", films, when)
    write_people(folder / "generated_accounts.csv", random, who, when)
    write_permissions(folder / "generated_consents.csv", random, who, when)
    plays = viewing.draw_plays(random, who, films, when)
    viewing.write_plays(folder / "generated_plays.csv", random, who, films, plays)
    viewing.write_activity(folder / "generated_activity.jsonl", random, who, films, plays, when)
    viewing.write_subscriptions(folder / "generated_subscriptions.csv", who, when)
    mailings.write_mailings(folder / "generated_mail.csv", random, who, when)
