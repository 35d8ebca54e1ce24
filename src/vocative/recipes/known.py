"""The recipes there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from vocative.recipes.shop import generate as shop
from vocative.recipes.streaming import generate as streaming
from vocative.records.settings import Kind

UNTIL = date(2026, 10, 29)
"""The last day of generated data, always the same, so that a recipe gives the same workspace today and next year."""
NOW = "2026-10-30T08:00Z"
"""The morning after: ten o'clock in Riga and in Kyiv."""
DAYS, SEED = 270, 1


class Write(Protocol):
    """Writes the files a business would export, all of them generated."""

    def __call__(self, folder: Path, *, people: int, days: int, seed: int, until: date) -> None:
        """Write the files of so many people and days up to a date into a folder."""
        ...


@dataclass(frozen=True, slots=True)
class Recipe:
    """One kind of business: what it is, how its data is generated, and its files in the order to import them.

    `imports` holds the kind of each file, its name and the mapping in `vocative.toml`; `flawed` the number of rows of
    each file that have to be rejected.
    """

    title: str
    write: Write
    imports: tuple[tuple[Kind, str, str], ...]
    flawed: Mapping[str, int]


RECIPES: Mapping[str, Recipe] = {
    "shop": Recipe(
        title="a small online shop for sports nutrition and outdoor gear",
        write=shop.write,
        imports=(
            ("items", "generated_articles.csv", "articles"),
            ("people", "generated_accounts.csv", "accounts"),
            ("permissions", "generated_consents.csv", "consents"),
            ("offers", "generated_coupons.csv", "coupons"),
            ("events", "generated_orders.csv", "orders"),
            ("events", "generated_clicks.jsonl", "clicks"),
            ("events", "generated_mail.csv", "mail"),
            ("events", "generated_complaints.csv", "complaints"),
            ("events", "generated_coupon_use.csv", "coupon_use"),
        ),
        flawed=shop.FLAWED,
    ),
    "streaming": Recipe(
        title="a streaming service for films",
        write=streaming.write,
        imports=(
            ("items", "generated_titles.jsonl", "titles"),
            ("people", "generated_accounts.csv", "accounts"),
            ("permissions", "generated_consents.csv", "consents"),
            ("events", "generated_plays.csv", "plays"),
            ("events", "generated_activity.jsonl", "activity"),
            ("events", "generated_subscriptions.csv", "subscriptions"),
            ("events", "generated_mail.csv", "mail"),
        ),
        flawed=streaming.FLAWED,
    ),
}
"""Name → recipe."""
