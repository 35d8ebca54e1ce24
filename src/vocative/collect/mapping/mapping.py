"""Which column of a file fills which canonical column: a mapping checked against the columns that are really there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from msgspec import json, to_builtins

from vocative.collect.formats.raw import RawColumn
from vocative.errors import MappingError
from vocative.records.lake_tables import EVENTS, ITEMS, OFFERS, PEOPLE
from vocative.records.ledger_tables import PERMISSIONS
from vocative.records.schema import Table
from vocative.records.settings import ColumnRule, ImportMapping, Kind, Rule

TABLES: dict[Kind, Table] = {
    "events": EVENTS,
    "people": PEOPLE,
    "items": ITEMS,
    "permissions": PERMISSIONS,
    "offers": OFFERS,
}
JSON_COLUMN: dict[Kind, str] = {
    "events": "properties",
    "people": "traits",
    "items": "attributes",
    "permissions": "",
    "offers": "attributes",
}
REQUIRED: dict[Kind, tuple[str, ...]] = {
    "events": ("timestamp", "event"),
    "people": ("user_id",),
    "items": ("item_id",),
    "permissions": ("user_id", "status"),
    "offers": ("offer_id",),
}
# Columns that Vocative writes itself; a file that was exported by it has them, and they are not taken from it.
_OWN: dict[Kind, tuple[str, ...]] = {
    "events": ("doubts", "source"),
    "people": ("doubts", "source", "version_id"),
    "items": ("doubts", "source", "version_id"),
    "permissions": ("permission_id",),
    "offers": ("doubts", "source", "version_id"),
}


@dataclass(frozen=True, slots=True)
class Fitted:
    """A mapping that fits a file: `rules` per canonical column.

    `kept` are the columns that go into the JSON column as they are, `made` the rules that fill a name in it.
    """

    kind: Kind
    mapping: ImportMapping
    rules: dict[str, Rule]
    fields: dict[str, RawColumn]
    kept: tuple[tuple[str, RawColumn], ...]
    made: tuple[tuple[str, Rule], ...] = ()


def canonical_columns(kind: Kind) -> tuple[str, ...]:
    """The canonical columns a file of this kind may fill."""
    return tuple(name for name in TABLES[kind].column_names if name not in _OWN[kind] and name != JSON_COLUMN[kind])


def mapping_or_canonical(mapping: ImportMapping | None, kind: Kind, names: Iterable[str] | None) -> ImportMapping:
    """The mapping itself, or the one of a file that already uses the canonical names.

    `names` are the columns of the file; None when they cannot be listed in advance (JSON lines).

    Raises:
        MappingError: the mapping is for another kind.
    """
    if mapping is None:
        present = {*canonical_columns(kind), *_OWN[kind]} if names is None else {*names}
        columns: dict[str, ColumnRule] = {name: name for name in canonical_columns(kind) if name in present}
        return ImportMapping(kind=kind, columns=columns, ignore=[name for name in _OWN[kind] if name in present])
    if mapping.kind != kind:
        raise MappingError(
            f"the mapping is for {mapping.kind}, not for {kind}", remedy=f'set kind = "{kind}" or name another mapping'
        )
    return mapping


def mapping_text(mapping: ImportMapping | None) -> str:
    """The mapping as canonical JSON, part of the identity of an import."""
    return json.encode(to_builtins(mapping), order="deterministic").decode() if mapping is not None else ""


def used_columns(mapping: ImportMapping) -> list[str]:
    """Every column of the file that a rule reads, each once."""
    used: dict[str, None] = {}
    for rule in mapping.columns.values():
        used.update(dict.fromkeys(_reads(as_rule(rule))))
    return list(used)


def as_rule(rule: ColumnRule) -> Rule:
    """A plain column name as a rule."""
    return Rule(column=rule) if isinstance(rule, str) else rule


MOST_KEPT = 500
"""Columns that the mapping does not name and that are kept all the same; more are no table of people."""


def fit(mapping: ImportMapping, columns: Sequence[RawColumn], names: Sequence[str], where: str) -> Fitted:
    """Check a mapping against the columns of a file.

    Args:
        mapping: the mapping.
        columns: the columns that have a field of their own.
        names: every name seen in the file, for messages.
        where: the file, for messages.

    Raises:
        MappingError: a rule is malformed, a column it reads is missing, or a required column stays empty.
    """
    kind = mapping.kind
    fields = {column.name: column for column in columns}
    rules, made = {}, {}
    prefix = f"{JSON_COLUMN[kind]}."
    for target, given in mapping.columns.items():
        rule = as_rule(given)
        _check(kind, target, rule, fields, names, where)
        if target in canonical_columns(kind):
            rules[target] = rule
        else:
            made[target.removeprefix(prefix)] = rule
    _require(kind, rules, names, where)
    kept = _kept(mapping, columns)
    if len(kept) > MOST_KEPT:
        raise MappingError(
            f"the file has {len(kept):,} columns that the mapping does not name; at most {MOST_KEPT} can be kept",
            where=where,
            remedy="list those that nobody needs under `ignore` in the mapping, or leave them out of the file",
        )
    return Fitted(kind, mapping, rules, fields, kept, tuple(sorted(made.items())))


def _check(
    kind: Kind, target: str, rule: Rule, fields: Mapping[str, RawColumn], names: Sequence[str], where: str
) -> None:
    """Refuse a rule that cannot fill its target from this file."""
    allowed, inside = canonical_columns(kind), JSON_COLUMN[kind]
    if target not in allowed and not (inside and target.startswith(f"{inside}.") and target != f"{inside}."):
        raise MappingError(
            f"{target!r} is no column of {kind}", where=where, remedy=_suggest(target, allowed, "canonical columns")
        )
    if sum(map(bool, (rule.column, rule.join, rule.sum, rule.product, rule.constant))) != 1:
        raise MappingError(
            f"the rule for {target!r} must have exactly one of column, join, sum, product, constant", where=where
        )
    if (rule.sum or rule.product or rule.negate) and target not in _numbers(kind):
        raise MappingError(
            f"{target!r} holds no number, so sum, product and negate cannot fill it",
            where=where,
            remedy=f"use column, join or constant; numbers are {', '.join(_numbers(kind)) or 'in other files'}",
        )
    for name in _reads(rule):
        if name not in fields:
            raise MappingError(
                f"{target!r} is to be read from the column {name!r}, which the file does not have",
                where=where,
                remedy=_suggest(name, names, "columns of the file"),
            )


def _numbers(kind: Kind) -> list[str]:
    return [column.name for column in TABLES[kind].columns if column.type == "number"]


def _require(kind: Kind, rules: dict[str, Rule], names: Sequence[str], where: str) -> None:
    # Of JSON lines every canonical name could still come; a required one that never came is missing all the same.
    missing = [name for name in REQUIRED[kind] if name not in rules or not {*_reads(rules[name])} <= {*names}]
    if missing:
        hints = "; ".join(f"{name}: {_suggest(name, names, 'columns of the file')}" for name in missing)
        raise MappingError(
            f"{kind} need the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}",
            where=where,
            remedy=f"fill it by a mapping in vocative.toml, or let one be proposed with --guess ({hints})",
        )


def _kept(mapping: ImportMapping, columns: Sequence[RawColumn]) -> tuple[tuple[str, RawColumn], ...]:
    json_column = JSON_COLUMN[mapping.kind]
    if not json_column:
        return ()
    taken = {*used_columns(mapping), *mapping.ignore, json_column}
    kept = [(column.name.removeprefix(f"{json_column}."), column) for column in columns if column.name not in taken]
    return tuple(sorted(dict(kept).items()))


def _reads(rule: Rule) -> list[str]:
    return [rule.column] if rule.column else [*rule.join, *rule.sum, *rule.product]


def _suggest(name: str, names: Sequence[str], what: str) -> str:
    lowered = {candidate.lower(): candidate for candidate in names}
    parts = name.lower().split("_")
    close = [lowered[match] for match in get_close_matches(name.lower(), list(lowered), n=3, cutoff=0.5)]
    close += [lowered[low] for low in lowered if any(len(part) > 2 and part in low for part in parts)]
    nearest = list(dict.fromkeys(close))[:3]
    hint = f"did you mean {' or '.join(repr(match) for match in nearest)}? " if nearest else ""
    return f"{hint}{what}: {', '.join(names)}"
