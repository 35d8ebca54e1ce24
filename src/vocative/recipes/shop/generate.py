"""Writes the files a small online shop would export, all of it generated."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from vocative.recipes import mailings
from vocative.recipes.moments import calendar, iso
from vocative.recipes.people import FLAWED_PEOPLE, FLAWED_PERMISSIONS, ZONES, crowd, write_people, write_permissions
from vocative.recipes.shop import browsing, catalogue, orders
from vocative.recipes.tables import write_csv

FLAWED = {
    "generated_articles.csv": catalogue.FLAWED,
    "generated_accounts.csv": FLAWED_PEOPLE,
    "generated_consents.csv": FLAWED_PERMISSIONS,
    "generated_coupons.csv": 0,
    "generated_orders.csv": orders.FLAWED,
    "generated_clicks.jsonl": browsing.FLAWED,
    "generated_mail.csv": mailings.FLAWED,
    "generated_complaints.csv": orders.FLAWED_COMPLAINTS,
    "generated_coupon_use.csv": 0,
}
"""File → how many of its rows are flawed on purpose and have to be rejected."""
_GROUPS = 4


def write(folder: Path, *, people: int, days: int, seed: int, until: date) -> None:
    """Write the files of the shop.

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
    who, shop = crowd(random, people, when, _GROUPS, "C"), catalogue.read_catalogue()
    zero = np.zeros(1, np.int64)
    first, lately, soon = (iso(when.utc(zero, np.array([day]), zero))[0] for day in (-30, days - 12, days + 21))
    catalogue.write_catalogue(folder / "generated_articles.csv", random, shop, first)
    write_people(folder / "generated_accounts.csv", random, who, when)
    write_permissions(folder / "generated_consents.csv", random, who, when)
    catalogue.write_coupons(folder / "generated_coupons.csv", shop, first, lately, soon)
    lines = orders.draw_orders(random, who, shop, when)
    orders.write_orders(folder / "generated_orders.csv", random, who, shop, lines, when)
    browsing.write_clicks(folder / "generated_clicks.jsonl", random, who, shop, lines, when)
    mailings.write_mailings(folder / "generated_mail.csv", random, who, when)
    orders.write_complaints(folder / "generated_complaints.csv", random, who, lines, when)
    _write_coupon_use(folder / "generated_coupon_use.csv", random, who.ids, lines, shop, days)


def _write_coupon_use(
    path: Path,
    random: np.random.Generator,
    ids: list[str],
    lines: orders.Lines,
    shop: catalogue.ShopCatalogue,
    days: int,
) -> None:
    """Write who used a coupon of those that hold now."""
    lately = (lines.day >= days - 12) & (shop.pauses[shop.category[lines.article]] > 0)
    rows = np.flatnonzero(lately & (random.random(len(lines)) < 0.1))
    category = shop.category[lines.article[rows]]
    write_csv(
        path,
        {
            "used": iso(lines.at[rows]),
            "account": [ids[place] for place in lines.who[rows]],
            "coupon": [catalogue.coupon_of(shop.categories[place]) for place in category],
        },
    )
