"""Money, percentages, numbers and days as each language writes them, from the Unicode locale data."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from vocative.compose.grammar.known import language_of
from vocative.stats.calendars import local_datetime

_FALLBACK = "en"
_KEPT = 65_536


@lru_cache(maxsize=256)
def locale_of(tag: str) -> Locale:
    """The locale of a BCP 47 tag; its language alone where the region is not known, English where both are not.

    >>> str(locale_of("pl-PL")), str(locale_of("lv-XX")), str(locale_of("zz"))
    ('pl_PL', 'lv', 'en')
    """
    for candidate in (tag.replace("_", "-"), tag.replace("_", "-").partition("-")[0]):
        try:
            return Locale.parse(candidate, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(_FALLBACK)


@lru_cache(maxsize=_KEPT)
def money(amount: float, currency: str, tag: str) -> str:
    r"""An amount with its currency; a whole one without the decimals that say nothing.

    >>> money(12.4, "USD", "en"), money(2.0, "USD", "en"), money(1234.5, "PLN", "pl").replace("\xa0", " ")
    ('$12.40', '$2', '1 234,50 zł')
    """
    locale = locale_of(tag)
    if not amount.is_integer():
        return str(format_currency(amount, currency, locale=locale))
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
    return str(format_currency(amount, currency, format=pattern, currency_digits=False, locale=locale))


@lru_cache(maxsize=_KEPT)
def percent(share: float, tag: str) -> str:
    r"""A share in hundredths as a percentage: 20.0 is twenty percent.

    >>> percent(20.0, "en"), percent(12.5, "lv").replace("\xa0", " ")
    ('20%', '12,5%')
    """
    return str(format_percent(share / 100.0, locale=locale_of(tag), decimal_quantization=False))


@lru_cache(maxsize=_KEPT)
def number(value: float, tag: str) -> str:
    """A number with at most two decimals.

    >>> number(8.0, "en"), number(2.5, "pl")
    ('8', '2,5')
    """
    return str(format_decimal(round(value, 2), locale=locale_of(tag)))


@lru_cache(maxsize=_KEPT)
def plural_category(value: float, tag: str) -> str:
    """Which of zero, one, two, few, many, other the number asks for, by the Unicode plural rules.

    >>> plural_category(2, "pl"), plural_category(21, "uk"), plural_category(11, "lv")
    ('few', 'one', 'zero')
    """
    return str(locale_of(tag).plural_form(int(value) if float(value).is_integer() else value))


def day(moment: int, zone: str, tag: str) -> str:
    """Day and month of a moment (µs UTC) in a zone.

    >>> day(1_514_073_600_000_000, "Europe/Warsaw", "pl"), day(1_514_073_600_000_000, "America/New_York", "en")
    ('24 grudnia', 'December 23')
    """
    return _day(local_datetime(moment, zone).date().toordinal(), tag)


def until(moment: int, zone: str, tag: str) -> str:
    """The last day before a moment (µs UTC), as it stands after the word for *until*.

    >>> until(1_514_152_800_000_000, "Europe/Riga", "lv"), until(1_514_156_400_000_000, "Europe/Warsaw", "pl")
    ('24. decembrim', '24 grudnia')
    """
    last = (local_datetime(moment, zone) - timedelta(microseconds=1)).date()
    return language_of(tag).until(last, _day(last.toordinal(), tag))


@lru_cache(maxsize=_KEPT)
def _day(ordinal: int, tag: str) -> str:
    locale = locale_of(tag)
    skeleton = locale.datetime_skeletons.get("MMMMd")
    return str(format_date(date.fromordinal(ordinal), str(getattr(skeleton, "pattern", "d MMMM")), locale=locale))
