"""What the generated shop sells, and the file in which its till exports it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from vocative.recipes.moments import Flags, Floats, Integers
from vocative.recipes.tables import with_rows, write_csv

FLAWED = 2


@dataclass(frozen=True, slots=True)
class ShopCatalogue:
    """Articles as columns of one length, and categories as rows of `liked` (categories × taste groups).

    `pauses` holds the days after which things of a category are bought again; 0 for gear.
    """

    skus: list[str]
    names: list[str]
    makers: list[str]
    category: Integers
    price: Floats
    categories: list[str]
    pauses: Floats
    liked: Floats
    searches: dict[str, list[str]]

    @property
    def lasting(self) -> Flags:
        """Which articles are gear."""
        flags: Flags = self.pauses[self.category] == 0
        return flags

    def of(self, category: Integers, pick: Floats) -> Integers:
        """An article of each category; `pick` in [0, 1) chooses, the first ones more often."""
        starts = np.searchsorted(self.category, np.arange(len(self.categories)))
        sizes = np.bincount(self.category, minlength=len(self.categories))
        return np.asarray(starts[category] + (pick**1.7 * sizes[category]).astype(np.int64), np.int64)


def read_catalogue() -> ShopCatalogue:
    """The catalogue that comes with the recipe."""
    text = (files("vocative.recipes.shop") / "catalogue.toml").read_text(encoding="utf-8")
    given = tomllib.loads(text)
    rows = [
        (place, f"{maker} {kind}", maker, float(price))
        for place, one in enumerate(given["category"])
        for maker in one["makers"]
        for kind, price in one["kinds"].items()
    ]
    return ShopCatalogue(
        skus=[f"A{1000 + number}" for number in range(len(rows))],
        names=[name for _, name, _, _ in rows],
        makers=[maker for _, _, maker, _ in rows],
        category=np.array([place for place, _, _, _ in rows], np.int64),
        price=np.array([price for _, _, _, price in rows]),
        categories=[one["name"] for one in given["category"]],
        pauses=np.array([float(one.get("pause", 0)) for one in given["category"]]),
        liked=np.array([one["groups"] for one in given["category"]], np.float64),
        searches=given["searches"],
    )


def write_catalogue(path: Path, random: np.random.Generator, shop: ShopCatalogue, since: str) -> None:
    """Write the articles; two rows are flawed: one has no article number, one a price that is no number."""
    count = len(shop.skus)
    columns = {
        "Article": shop.skus,
        "Title": shop.names,
        "Group": [shop.categories[place] for place in shop.category],
        "Maker": shop.makers,
        "Price": [f"{price:.2f}".replace(".", ",") for price in shop.price],
        "Earned": [f"{price * 0.35:.2f}".replace(".", ",") for price in shop.price],
        "In stock": [str(number) for number in random.integers(0, 120, count)],
        "Page": [f"https://northtrail.example.com/{sku}" for sku in shop.skus],
        "Lasting": ["yes" if lasts else "no" for lasts in shop.lasting],
        "Listed": [since] * count,
    }
    flawed = [{"Title": "No number", "Listed": since}, {"Article": "A9999", "Price": "on request", "Listed": since}]
    write_csv(path, with_rows(columns, flawed), delimiter=";")


def coupon_of(category: str) -> str:
    """The coupon that holds for a category.

    >>> coupon_of("Energy bars")
    'ENERGY-BARS-10'
    """
    return f"{category.upper().replace(' ', '-')}-10"


def write_coupons(path: Path, shop: ShopCatalogue, first: str, starts: str, ends: str) -> None:
    """Write the coupons that hold now and one that is over: a row for each article they are good for."""
    used_up = [place for place in range(len(shop.skus)) if shop.pauses[shop.category[place]] > 0]
    rows = [
        {"Coupon": coupon_of(shop.categories[shop.category[place]]), "Article": shop.skus[place],
         "Title": "", "Code": f"NORTH{10 + shop.category[place]}", "Off": "10", "Kind": "percent",
         "From": starts, "To": ends, "Made": starts}
        for place in used_up
    ]  # fmt: skip
    over = {**rows[0], "Coupon": "SPRING-20", "Code": "SPRING", "Off": "20", "From": first, "To": starts, "Made": first}
    rows.append(over)
    write_csv(path, {name: [row[name] for row in rows] for name in rows[0]}, delimiter=";")
