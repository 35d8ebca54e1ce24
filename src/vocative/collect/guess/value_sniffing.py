"""What the values of a column look like, told from a sample: addresses, moments, money, flags, small vocabularies."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from zoneinfo import available_timezones

from vocative.collect.mapping import vocabulary

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_NUMBER = re.compile(r"[+-]?[€$£]?\s?(\d+|\d{1,3}([ .,\xa0']\d{3})+)?([.,]\d+)?\s?(€|zł|EUR|USD|PLN)?")
_MOMENT = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ,].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{4}([T ,].*)?|1\d{9}(\d{3}|\d{6})?|(19|20)\d{6}"
    r"|\d{1,2} [A-Z][a-z]+ \d{4}.*|[A-Z][a-z]+ \d{1,2}, \d{4}.*"
)
_PHONE = re.compile(r"\+?[\d ()./-]{6,20}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})?")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-]\d{4}")
_ZONES = {zone.lower() for zone in available_timezones()}
_GENDERS = vocabulary.FEMALE | vocabulary.MALE | vocabulary.UNKNOWN_GENDER


def share(values: Sequence[str], test: Callable[[str], bool]) -> float:
    """The share of values that pass a test; 0 for no values.

    >>> share(["a@b.lv", "x"], is_email)
    0.5
    """
    return sum(1 for value in values if test(value)) / len(values) if values else 0.0


def is_email(value: str) -> bool:
    """An e-mail address."""
    return _EMAIL.fullmatch(value) is not None


def is_identifier(value: str) -> bool:
    """What can identify a person or a device: one piece, not a name or a sentence."""
    return len(value) <= 128 and not any(character.isspace() for character in value)


def is_number(value: str) -> bool:
    """A number or an amount of money, as people write it."""
    return _NUMBER.fullmatch(value) is not None


def is_moment(value: str) -> bool:
    """A date or a time in one of the ways that are read."""
    return _MOMENT.fullmatch(value) is not None


def is_phone(value: str) -> bool:
    """A phone number."""
    return _PHONE.fullmatch(value) is not None


def is_zone(value: str) -> bool:
    """An IANA time zone."""
    return value.lower() in _ZONES


def is_country(value: str) -> bool:
    """A country, as a code or by name."""
    return value.upper() in vocabulary.COUNTRIES or value.lower() in vocabulary.COUNTRY_NAMES


def is_language(value: str) -> bool:
    """A language tag or a language's name."""
    tag = re.split("[-_]", value)[0].lower()
    return (
        _LANGUAGE.fullmatch(value) is not None and tag in vocabulary.LANGUAGES
    ) or value.lower() in vocabulary.LANGUAGE_NAMES


def is_gender(value: str) -> bool:
    """A word for a gender."""
    return value.lower() in _GENDERS


def is_flag(value: str) -> bool:
    """Yes or no, in any of the words that are read."""
    return value.lower() in vocabulary.YES or value.lower() in vocabulary.NO


def is_url(value: str) -> bool:
    """The address of a page or a picture."""
    return value.startswith(("http://", "https://", "//", "/"))


TESTS: dict[str, Callable[[str], bool]] = {
    "message_id": is_identifier,
    "user_id": is_identifier,
    "anonymous_id": is_identifier,
    "session_id": is_identifier,
    "timestamp": is_moment,
    "at": is_moment,
    "expires_at": is_moment,
    "starts_at": is_moment,
    "ends_at": is_moment,
    "birth_date": is_moment,
    "email": is_email,
    "phone": is_phone,
    "gender": is_gender,
    "language": is_language,
    "timezone": is_zone,
    "country": is_country,
    "quantity": is_number,
    "amount": is_number,
    "discount": is_number,
    "duration": is_number,
    "price": is_number,
    "margin": is_number,
    "stock": is_number,
    "status": is_flag,
    "url": is_url,
    "image": is_url,
}
"""What the values of a canonical column have to look like, where they have to look like anything."""

TELLING = ("email", "timestamp", "timezone")
"""Columns that are recognised by their values alone, whatever they are called."""


def uses_decimal_comma(values: Sequence[str]) -> bool:
    """Whether numbers have a decimal comma: some end in a comma and one or two digits, none in a point and such.

    >>> uses_decimal_comma(["1,50", "1.200,00"])
    True
    """
    comma = any(re.search(r",\d{1,2}\D*$", value) for value in values)
    return comma and not any(re.search(r"\.\d{1,2}\D*$", value) for value in values)


def is_order_unclear(values: Sequence[str]) -> bool:
    """Whether dates are written with slashes and none tells which of day and month comes first."""
    pairs = [(int(found[1]), int(found[2])) for value in values if (found := _SLASHED.match(value))]
    return any(first != second for first, second in pairs) and not any(max(pair) > 12 for pair in pairs)
