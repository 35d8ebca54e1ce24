"""Public holidays by country, from one edition of the `holidays` package on every machine: a calendar, no network."""

from __future__ import annotations

from datetime import date
from functools import lru_cache


def is_holiday(day: date, country: str) -> bool:
    """Whether a day is a public holiday in the whole of a country; a country nobody knows holidays of has none.

    Holidays of single regions are not among them; days off in lieu of one that fell on a weekend are.

    Args:
        day: The day there.
        country: ISO 3166-1 alpha-2 code.

    >>> is_holiday(date(2026, 11, 18), "LV"), is_holiday(date(2026, 11, 18), "EE"), is_holiday(date(2026, 1, 1), "")
    (True, False, False)
    """
    return day in _of_year(country, day.year)


def knows_holidays(country: str) -> bool:
    """Whether the holidays of a country are known.

    >>> knows_holidays("LV"), knows_holidays("XX")
    (True, False)
    """
    # Taking the package in takes a fifth of a second, which only those wait for who ask for holidays.
    import holidays

    return country in holidays.list_supported_countries(include_aliases=False)


@lru_cache(maxsize=4096)
def _of_year(country: str, year: int) -> frozenset[date]:
    if not knows_holidays(country):
        return frozenset()
    import holidays

    return frozenset(holidays.country_holidays(country, years=year))
