"""What the simulated shop sells: categories with their rhythm, and items with price, margin and day of release."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocative.market.nature import HISTORY_WEEKS, WEEK, Floats, Integers


@dataclass(frozen=True, slots=True)
class Category:
    """One shelf. `share` of trips and the spending on it are those of `source` in The Complete Journey."""

    name: str
    source: str
    share: float
    spent: float
    rhythm: float
    """Days after which most of what was bought is used up."""
    margin: float
    """Share of the price that is earned."""


CATEGORIES = (
    Category("Milk", "FLUID MILK PRODUCTS", 0.300, 3.04, 6.0, 0.22),
    Category("Soft drinks", "SOFT DRINKS", 0.297, 4.82, 5.0, 0.30),
    Category("Bread", "BAKED BREAD/BUNS/ROLLS", 0.263, 2.46, 6.0, 0.28),
    Category("Cheese", "CHEESE", 0.205, 4.09, 9.0, 0.30),
    Category("Snacks", "BAG SNACKS", 0.183, 3.63, 8.0, 0.38),
    Category("Eggs", "EGGS", 0.122, 1.44, 16.0, 0.18),
    Category("Juice", "REFRGRATD JUICES/DRNKS", 0.112, 2.86, 10.0, 0.32),
    Category("Cereal", "COLD CEREAL", 0.110, 4.49, 12.0, 0.34),
    Category("Frozen pizza", "FROZEN PIZZA", 0.100, 6.38, 12.0, 0.33),
    Category("Yogurt", "YOGURT", 0.078, 3.45, 5.0, 0.31),
    Category("Coffee", "COFFEE", 0.051, 5.67, 10.0, 0.40),
    Category("Laundry detergent", "LAUNDRY DETERGENTS", 0.038, 6.66, 20.0, 0.36),
)
"""Shelves that people have a rhythm for; the rest of a basket is `REST`. Margins are planted."""
REST = "Everything else"
REST_SHARE, REST_MARGIN = 0.62, 0.31
"""Share of a basket that lies on no shelf above, and what is earned on it."""
_MAKERS = ("Meadow", "Hillside", "Corner", "Daily")
_SIZES = (0.6, 0.9, 1.1, 1.5)
_NEW_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class MarketCatalogue:
    """Items as columns of one length, ordered by category; the last category is `REST`."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    brands: tuple[str, ...]
    category: Integers
    price: Floats
    margin: Floats
    """What is earned on one piece at its price."""
    stock: Integers
    released: Integers
    """The day from which it is sold."""
    starts: Integers
    """Where each category begins."""

    def categories(self) -> tuple[str, ...]:
        """Names of the categories, `REST` the last."""
        return (*(one.name for one in CATEGORIES), REST)


def draw_catalogue(random: np.random.Generator, weeks: int) -> MarketCatalogue:
    """Four items for each category; a quarter of the later ones of each appear during the market's weeks."""
    shelves = [(one.name, one.spent / 1.4, one.margin) for one in CATEGORIES] + [(REST, 5.0, REST_MARGIN)]
    rows = [
        (place, f"{maker} {name.lower()}", maker, round(price * size, 2), share)
        for place, (name, price, share) in enumerate(shelves)
        for maker, size in zip(_MAKERS, _SIZES, strict=True)
    ]
    count = len(rows)
    price = np.array([row[3] for row in rows], np.float32)
    later = (random.random(count) < _NEW_SHARE) & (np.arange(count) % len(_MAKERS) > 0)
    released = np.where(later, random.integers(0, max(weeks, 1) * WEEK, count), -HISTORY_WEEKS * WEEK)
    return MarketCatalogue(
        ids=tuple(f"I{100 + place}" for place in range(count)),
        names=tuple(row[1] for row in rows),
        brands=tuple(row[2] for row in rows),
        category=np.array([row[0] for row in rows], np.int32),
        price=price,
        margin=price * np.array([row[4] for row in rows], np.float32),
        stock=random.integers(40, 4000, count).astype(np.int32),
        released=released.astype(np.int32),
        starts=(np.arange(len(shelves)) * len(_MAKERS)).astype(np.int32),
    )


def margin_rates() -> Floats:
    """What is earned of the price in each category, `REST` the last."""
    return np.array([*(one.margin for one in CATEGORIES), REST_MARGIN], np.float32)
