"""How often a vocative is right, on names that played no part while the rules were made.

    python -m benchmarks.languages.vocatives --language pl --data unseen.tsv --seen tried.csv

`--data` has a name, its vocative and its gender in a row, separated by tabs or commas. Names that stand in a file given
as `--seen`, or in the exceptions of the language, say nothing of how good the rules are on others: they are
counted apart.
"""

from __future__ import annotations

import argparse
import csv
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from vocative.compose.grammar.known import language_of
from vocative.compose.grammar.language import Gender

_GENDERS: dict[str, Gender] = {"f": "female", "female": "female", "m": "male", "male": "male"}


class Name(NamedTuple):
    """A name, its right vocative, and the gender of who bears it."""

    name: str
    vocative: str
    gender: Gender | None


def names_in(path: Path) -> Iterator[Name]:
    """The names of a file; a row that starts with `#`, and a head, are passed over."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    mark = "\t" if lines and "\t" in lines[0] else ","
    for row in csv.reader(lines, delimiter=mark):
        if len(row) >= 2 and row[1] != "vocative":
            yield Name(row[0], row[1], _GENDERS.get(row[2].lower()) if len(row) > 2 else None)


def exceptions(tag: str) -> frozenset[str]:
    """The names that the language's own data lists, in small letters."""
    source = files("vocative.compose.grammar") / "names" / f"{tag}.toml"
    if not source.is_file():
        return frozenset()
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    return frozenset(str(name).lower() for names in data.values() for name in names)


def measured(tag: str, names: Iterable[Name], seen: Collection[str], *, with_gender: bool) -> list[dict[str, object]]:
    """For names that were seen and those that were not: how many are right, left out and wrong."""
    language = language_of(tag)
    counts = {True: Counter[str](), False: Counter[str]()}
    wrong: dict[bool, list[str]] = {True: [], False: []}
    for one in names:
        said = language.vocative(one.name, one.gender if with_gender else None)
        kind = "right" if said == one.vocative else "left out" if said is None else "wrong"
        counts[one.name.lower() in seen][kind] += 1
        if kind == "wrong":
            wrong[one.name.lower() in seen].append(f"{one.name}: {said}, not {one.vocative}")
    return [
        {
            "names": "seen" if known else "unseen",
            "gender": "known" if with_gender else "unknown",
            "count": found.total(),
            **{kind: found[kind] for kind in ("right", "left out", "wrong")},
            "which are wrong": "; ".join(wrong[known]),
        }
        for known, found in counts.items()
        if found
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--language", required=True)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--seen", action="append", default=[], type=Path)
    asked = parser.parse_args()
    names = list(names_in(asked.data))
    seen = {one.name.lower() for path in asked.seen for one in names_in(path)} | exceptions(asked.language)
    for with_gender in (True, False):
        for row in measured(asked.language, names, seen, with_gender=with_gender):
            print(", ".join(f"{key}: {value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
