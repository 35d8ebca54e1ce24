"""Who is meant when a person is erased: their identifiers, the marks of them, and what names them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

import msgspec

from vocative.trust.secret_key import SecretKey

ERASED = "the person was erased"
"""The reason that stands in the quarantine, beside a row's number and nothing else."""
NO_CONTENT = "{}"
"""What is kept of the content of such a row."""
IDENTITY_COLUMNS = ("user_id", "anonymous_id", "email", "phone")
"""Canonical columns that hold an identifier of a person."""

_PHONE = re.compile(r"\+?[\d ()./-]{6,24}")
_BETWEEN_FIELDS = re.compile(r"""[,;\t|"'<>\s{}\[\]]+""")
_LONG, _MIXED = 8, 5


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Everything by which one person is known; addresses that somebody else has too are not among them."""

    users: frozenset[str] = frozenset()
    """The business's own identifiers."""
    devices: frozenset[str] = frozenset()
    """Browsers and devices that are this person's alone."""
    emails: frozenset[str] = frozenset()
    """In small letters."""
    phones: frozenset[str] = frozenset()
    """As they were written."""

    @property
    def aliases(self) -> frozenset[str]:
        """Each identifier with its kind in front: `user:…`, `anonymous:…`, `email:…`, `phone:…`."""
        return frozenset(
            [
                *(f"user:{name}" for name in self.users),
                *(f"anonymous:{name}" for name in self.devices),
                *(f"email:{address}" for address in self.emails),
                *(f"phone:{digits(number)}" for number in self.phones),
                # Who is known by an address is known by it whatever column it stands in.
                *(f"email:{name}" for name in self.users if "@" in name),
                *(f"user:{address}" for address in self.emails),
            ]
        )


def mark_of(alias: str, key: SecretKey) -> str:
    """The keyed hash of an alias (BLAKE2b, 160 bits): without the key it tells nothing, not even to one who guesses.

    >>> mark_of("user:p1", SecretKey(b"a")) == mark_of("user:p1", SecretKey(b"b"))
    False
    """
    return key.mark(alias.encode("utf-8", "surrogatepass"), 20, b"erasure").hex()


def digits(number: str) -> str:
    """A phone number without what people put between its digits.

    >>> digits("+371 2000-0000")
    '37120000000'
    """
    return re.sub(r"\D", "", number)


def aliases_of(text: str) -> set[str]:
    """The aliases that a text may be, when nobody knows of what kind it is.

    >>> sorted(aliases_of("Anna@example.com"))
    ['anonymous:Anna@example.com', 'email:anna@example.com', 'user:anna@example.com']
    """
    found = {f"anonymous:{text}"}
    if "@" in text:
        return found | {f"email:{text.lower()}", f"user:{text.lower()}"}
    if _PHONE.fullmatch(text):
        found.add(f"phone:{digits(text)}")
    return found | {f"user:{text}"}


def aliases_in(content: str, columns: Container[str]) -> set[str]:
    """The aliases that the content of a row may name.

    A value in one of `columns` (those that hold identifiers) counts whatever it is. Elsewhere a number such as 7 may be
    a quantity, so only texts count that are hardly anything but an identifier. Of a line that could not be split into
    columns every field counts: it may be the person's, and it is of no use to anybody.

    Args:
        content: one JSON object, as the quarantine keeps it.
        columns: names of columns that hold identifiers.
    """
    try:
        value = msgspec.json.decode(content)
    except msgspec.DecodeError:
        value = {"_line": content}
    found: set[str] = set()
    for name, text in _leaves("", value):
        if name == "_line":
            fields = [field for field in _BETWEEN_FIELDS.split(text) if field]
            found.update(alias for field in fields for alias in aliases_of(field))
        elif name in columns or name.rpartition(".")[2] in columns or is_telling(text):
            found |= aliases_of(text.strip())
    return found


def _leaves(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key}" if name else str(key), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(name, inner)
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield name, str(value)
    elif isinstance(value, float) and value.is_integer():
        yield name, str(int(value))


def is_telling(text: str) -> bool:
    """Whether a text is hardly anything but an identifier, wherever it stands.

    >>> is_telling("anna@example.com"), is_telling("c10772"), is_telling("12"), is_telling("bread")
    (True, True, False, False)
    """
    mixed = any(one.isdigit() for one in text) and any(one.isalpha() for one in text)
    return "@" in text or len(text) >= _LONG or (mixed and len(text) >= _MIXED)
