"""Mistakes in settings: where they stand, what they are and how to mend them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

_FEATURES_PAGE = "docs/reference/features.md"
_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong at a key: what it is and how to mend it."""

    keys: Sequence[str]
    what: str
    remedy: str


def unknown(key: str, kind: str, name: str, known: Sequence[str], above: Sequence[str] = ()) -> Mistake:
    """A name that is not there, with the one that was probably meant."""
    close = get_close_matches(name, known, n=1)
    listed = f"there are: {', '.join(known) or 'none'}" if len(known) <= _MOST_LISTED else f"see {_FEATURES_PAGE}"
    remedy = f"did you mean `{close[0]}`?" if close else listed
    return Mistake([*above, key], f"there is no {kind} named {name!r}", remedy)
