"""Proposes how the columns of a file fill the canonical ones, so that nobody has to write a mapping by hand.

Exports of well-known tools are recognised by their header; otherwise each column is judged by its name, in six
languages, and by its values. The proposal says how sure it is of each column and why, and shows rows as they would be
imported.
"""

from __future__ import annotations

import json
import re
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import pyarrow.parquet as pq

from vocative.collect.commit.understand import RowOrigin, understand
from vocative.collect.formats.csv_rows import read_csv
from vocative.collect.formats.json_rows import read_jsonl
from vocative.collect.formats.parquet_rows import read_parquet
from vocative.collect.formats.raw import RawFile
from vocative.collect.formats.source import open_source
from vocative.collect.guess.kinds import kind_of, looks_like_offers
from vocative.collect.guess.value_sniffing import (
    TELLING,
    TESTS,
    is_moment,
    is_order_unclear,
    share,
    uses_decimal_comma,
)
from vocative.collect.mapping.mapping import REQUIRED, canonical_columns, used_columns
from vocative.errors import MappingError
from vocative.records.progress import no_progress
from vocative.records.settings import ColumnRule, ImportMapping, Kind, Rule, StoreSettings
from vocative.store.context import StoreContext
from vocative.store.protocols import Engine
from vocative.store.registry import open_engine

_KNOWN: dict[str, Any] = tomllib.loads((files("vocative.collect.guess") / "guess.toml").read_text(encoding="utf-8"))
_NAMES: dict[str, list[str]] = _KNOWN["names"]
_SAMPLE_ROWS = 1_000
_PREVIEW_ROWS = 5
_LEAST = 0.5
_SURE = 0.8
_PERSONAL = re.compile(
    r"mail|phone|telefon|телефон|адрес|address|street|straße|ulica|\bzip\b|postal|surname|last ?name|фамилия|\bip\b"
    r"|first ?name|full ?name|(billing|shipping|customer|recipient|card ?holder)[ _.]name|\bnotes?\b|комментарий"
)
_TOTAL = re.compile(r"total|gesamt|razem|итого|kopā|разом")
_LINE = re.compile(r"line|item|position|pozycj|позиц|строк")
_EXACT_ONLY = ("text", "event", "name", "source", "channel")
"""Their usual names are common words, which say nothing inside a longer name."""
_OWN_TIME = re.compile(r"^timestamp$|updated|changed|modified|ge[äa]ndert|zmian|измен|змін")
"""When the facts of a person or an item hold from; when they were created is not it."""


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What one canonical column would be filled from, how sure that is (0 to 1), and why."""

    target: str
    column: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class Guess:
    """A proposed mapping.

    `missing` are required columns for which nothing was found, `questions` what only a person can answer, `preview` the
    first rows as they would be imported; one that would be refused holds `_fault` and `_column` instead.
    """

    kind: Kind
    name: str
    mapping: ImportMapping
    columns: tuple[ColumnGuess, ...]
    unmapped: tuple[str, ...]
    missing: tuple[str, ...]
    questions: tuple[str, ...]
    preview: tuple[dict[str, object], ...] = ()
    export: str = ""
    """Name of the tool whose export it is, when it was recognised."""

    def toml(self) -> str:
        """The mapping as text for `vocative.toml`."""
        lines = [f"[imports.{self.name}]", f"kind = {_quoted(self.kind)}"]
        if self.mapping.decimal != ".":
            lines.append(f"decimal = {_quoted(self.mapping.decimal)}")
        if self.mapping.ignore:
            lines.append(f"ignore = [{', '.join(_quoted(name) for name in self.mapping.ignore)}]")
        lines += [f"# {_plain(question)}" for question in self.questions]
        lines.append(f"\n[imports.{self.name}.columns]")
        unsure = {guess.target: guess.reason for guess in self.columns if guess.confidence < _SURE}
        for target, rule in self.mapping.columns.items():
            check = f"  # please check: {_plain(unsure[target])}" if target in unsure else ""
            lines.append(f"{target} = {_rule_text(rule)}{check}")
        return "\n".join(lines) + "\n"


@dataclass(slots=True)
class _Sample:
    """Names of the columns and some of their values, as trimmed text without empty ones."""

    raw: RawFile
    loose: bool
    values: dict[str, list[str]] = field(default_factory=dict)


def guess_mapping(
    path: Path, *, kind: Kind | None = None, timezone: str = "UTC", now: int = 4_102_444_800_000_000,
    engine: Engine | None = None,
) -> Guess:  # fmt: skip
    """Propose a mapping for a file.

    Args:
        path: the file.
        kind: what its rows are; None when that is to be told from the file.
        timezone: IANA zone of local times, for the preview.
        now: microseconds since 1970 for the preview; by default so late that no event lies in the future.
        engine: computes the preview; the default driver when missing.

    Raises:
        ImportFileError: the file cannot be read.
        MappingError: nothing in the file tells what its rows are.
    """
    sample = _sample(path)
    known = _known_export(sample, kind)
    columns = _from_export(known) if known else _from_columns(sample, kind)
    chosen = cast("Kind", known["kind"]) if known else kind or _told_kind(columns, path)
    if chosen in ("people", "items", "offers"):
        columns = _with_own_time(sample, columns)
    everything, columns = columns, [guess for guess in columns if guess.target in canonical_columns(chosen)]
    rules: dict[str, ColumnRule] = {guess.target: guess.column for guess in columns}
    if known:
        rules |= {target: Rule(constant=value) for target, value in known.get("constants", {}).items()}
        rules |= {target: Rule(product=factors) for target, factors in known.get("products", {}).items()}
    else:
        _complete(chosen, rules, everything, columns)
    if chosen == "permissions":
        rules |= _channel_of(rules)
    read = {*used_columns(ImportMapping(kind=chosen, columns=rules))}
    unmapped = [name for name in sample.values if name not in read]
    ignore = [name for name in unmapped if chosen == "events" and _PERSONAL.search(name.lower())]
    numbers = [
        value for guess in columns if TESTS.get(guess.target) is TESTS["price"] for value in sample.values[guess.column]
    ]
    mapping = ImportMapping(
        kind=chosen,
        columns={name: rules[name] for name in canonical_columns(chosen) if name in rules},
        decimal="," if uses_decimal_comma(numbers) else ".",
        ignore=ignore,
    )
    missing = tuple(name for name in REQUIRED[chosen] if name not in rules)
    questions = [known["question"]] if known and "question" in known else []
    questions += _questions(sample, columns, missing)
    questions += _questions_of_events(rules) if chosen == "events" else []
    questions += _questions_of_offers(rules) if chosen == "offers" else []
    preview = () if missing else _preview(engine, sample, mapping, timezone, now)
    return Guess(
        kind=chosen,
        name=re.sub(r"[^A-Za-z0-9_-]+", "_", path.name.split(".")[0]).strip("_") or "file",
        mapping=mapping,
        columns=tuple(columns),
        unmapped=tuple(name for name in unmapped if name not in ignore),
        missing=missing,
        questions=tuple(questions),
        preview=preview,
        export=str(known["name"]) if known else "",
    )


def _sample(path: Path) -> _Sample:
    source = open_source(path)
    if source.format == "parquet":
        raw = read_parquet(path)
    elif source.format == "jsonl":
        raw = read_jsonl(source, read_jsonl(source, ()).names)
    else:
        raw = read_csv(source)
    sample = _Sample(raw, source.format == "jsonl", {column.name: [] for column in raw.columns})
    for batch in raw.batches():
        rows = batch.slice(0, _SAMPLE_ROWS)
        for column in raw.columns:
            texts = (str(value).strip() for value in rows[column.field].to_pylist() if value is not None)
            sample.values[column.name].extend(text for text in texts if text)
        break
    return sample


def _known_export(sample: _Sample, kind: Kind | None) -> dict[str, Any] | None:
    for export in _KNOWN["exports"]:
        if set(export["has"]) <= set(sample.values) and kind in (None, export["kind"]):
            present = {target: name for target, name in export["columns"].items() if name in sample.values}
            return {**export, "columns": present}
    return None


def _from_export(known: Mapping[str, Any]) -> list[ColumnGuess]:
    reason = f"this is an export of {known['name']}"
    return [ColumnGuess(target, column, 1.0, reason) for target, column in known["columns"].items()]


def _from_columns(sample: _Sample, kind: Kind | None) -> list[ColumnGuess]:
    """The best column for each target, every column at most once."""
    # An address can stand for its person in files of every kind.
    if kind is None and looks_like_offers(sample.values, _NAMES):
        targets = canonical_columns("offers")
    else:
        targets = (*dict.fromkeys((*canonical_columns(kind), "email")),) if kind else tuple(_NAMES)
    found = [
        guess
        for column, values in sample.values.items()
        for target in targets
        if (guess := _judge(target, column, values)) is not None
    ]
    found.sort(key=lambda guess: -guess.confidence)
    chosen: dict[str, ColumnGuess] = {}
    used: set[str] = set()
    for guess in found:
        # Until the kind is known a name such as `name` may mean two things, and both stay open.
        if guess.target not in chosen and (guess.column not in used or (kind is None and guess.confidence >= 0.8)):
            chosen[guess.target] = guess
            used.add(guess.column)
    return [replace(guess, confidence=round(guess.confidence, 2)) for guess in chosen.values()]


def _judge(target: str, column: str, values: Sequence[str]) -> ColumnGuess | None:
    plain = re.sub(r"[\W_]+", "", column.lower())
    names = _NAMES.get(target, [])
    if plain == target.replace("_", "") or plain in names:
        score, reason = 0.9 - 0.01 * (names.index(plain) if plain in names else 0) / 10, f"called {column!r}"
    elif target not in _EXACT_ONLY and (held := _longest_held(column, names)):
        score, reason = 0.5 + 0.2 * len(held) / len(plain), f"{column!r} holds a usual name of it"
    else:
        score, reason = 0.0, ""
    test = TESTS.get(target)
    if test is not None and values:
        fitting = share(values, test)
        if fitting < 0.8:
            return None
        if score:
            score, reason = score + 0.1, f"{reason}, and {fitting:.0%} of the values look right"
        elif target in TELLING and not all(value.isdigit() for value in values):
            score, reason = 0.55, f"{fitting:.0%} of the values look like it"
    elif test is None and score and target not in ("text",) and share(values, is_moment) > 0.9 and "id" not in plain:
        return None
    return ColumnGuess(target, column, score, reason) if score >= _LEAST else None


def _with_own_time(sample: _Sample, columns: Sequence[ColumnGuess]) -> list[ColumnGuess]:
    """The columns with the time from which facts hold, if one says so, and with no other time in its place."""
    others = [guess for guess in columns if guess.target != "timestamp"]
    for column, values in sample.values.items():
        if _OWN_TIME.search(column.lower()) and share(values, is_moment) >= 0.8:
            return [*others, ColumnGuess("timestamp", column, 0.9, f"called {column!r}")]
    return others


def _longest_held(column: str, names: Sequence[str]) -> str:
    """The longest of the names that some words of the column in a row make up; empty if none does.

    >>> _longest_held("Order Total Amount", ["total", "ordertotal", "dert"])
    'ordertotal'
    """
    words = re.findall(r"[^\W_]+", re.sub(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])", " ", column).lower())
    runs = {"".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)}
    return max((name for name in names if len(name) > 3 and name in runs), key=len, default="")


def _told_kind(columns: Sequence[ColumnGuess], path: Path) -> Kind:
    found = kind_of({guess.target: guess.confidence for guess in columns})
    if found is None:
        raise MappingError(
            "nothing in the file tells what its rows are", where=str(path),
            remedy="say whether they are events, people, items, permissions or offers",
        )  # fmt: skip
    return found


def _complete(
    kind: Kind, rules: dict[str, ColumnRule], everything: Sequence[ColumnGuess], columns: list[ColumnGuess]
) -> None:
    """What follows from the rest: an order is a purchase, an address stands for its person, a code for its offer."""
    email = next((guess.column for guess in everything if guess.target == "email"), "")
    if kind == "events" and "event" not in rules and {"order_id", "amount", "quantity"} & set(rules):
        rules["event"] = Rule(constant="purchase")
    if kind not in ("items", "offers") and "user_id" not in rules and email:
        rules["user_id"] = email
        columns.append(ColumnGuess("user_id", email, 0.7, "no other column identifies a person"))
    code = rules.get("code")
    if kind == "offers" and "offer_id" not in rules and isinstance(code, str):
        rules["offer_id"] = code
        columns.append(ColumnGuess("offer_id", code, 0.7, "no other column identifies an offer"))


def _channel_of(rules: Mapping[str, ColumnRule]) -> dict[str, ColumnRule]:
    """Who said yes to mails said nothing about text messages: the channel that the name of the status column tells."""
    status = rules.get("status")
    named = re.search(r"e-?mail|sms", status.lower()) if isinstance(status, str) else None
    return {"channel": Rule(constant=named[0].replace("-", ""))} if named and "channel" not in rules else {}


def _questions_of_events(rules: Mapping[str, ColumnRule]) -> list[str]:
    questions = []
    if not {"user_id", "anonymous_id"} & set(rules):
        questions.append("which column says whose events these are (user_id)? without one they belong to nobody")
    amount = str(rules.get("amount", "")).lower()
    if "item_id" in rules and _TOTAL.search(amount) and not _LINE.search(amount):
        questions.append(
            f"is {rules['amount']!r} the money of one line? if it is that of the whole order and stands on each of its "
            "lines, it would count several times: then take the line's own money, or leave amount out"
        )
    return questions


def _questions_of_offers(rules: Mapping[str, ColumnRule]) -> list[str]:
    questions = []
    if "discount" in rules and "unit" not in rules:
        questions.append('is the discount in percent or in money? unit = { constant = "percent" } or "money"')
    if "timestamp" not in rules and "starts_at" in rules:
        questions.append(
            f"are these offers of the past? then say timestamp = {_quoted(str(rules['starts_at']))} as well; "
            "without it they count as known from the import on"
        )
    return questions


def _questions(sample: _Sample, columns: Sequence[ColumnGuess], missing: Sequence[str]) -> list[str]:
    questions = [f"which column holds {name}?" for name in missing]
    unclear = [
        guess.column
        for guess in columns
        if TESTS.get(guess.target) is is_moment and is_order_unclear(sample.values[guess.column])
    ]
    ways = 'timestamp_format = "%d/%m/%Y" or "%m/%d/%Y"'
    questions += [f"does the day or the month come first in {column!r}? {ways}" for column in unclear]
    return questions


def _preview(
    engine: Engine | None, sample: _Sample, mapping: ImportMapping, timezone: str, now: int
) -> tuple[dict[str, object], ...]:
    """The first rows by the very query that an import uses."""
    first = next(iter(sample.raw.batches()), None)
    if first is None:
        return ()
    rows = first.slice(0, _PREVIEW_ROWS)
    raw = RawFile(sample.raw.columns, sample.raw.names, lambda: iter([rows]))
    with tempfile.TemporaryDirectory(prefix="vocative-") as folder:
        runs = engine
        if runs is None:
            runs = open_engine(StoreSettings().engine, StoreContext("preview", Path(folder)))
        origin = RowOrigin("preview", "preview", "preview", now, sample.loose)
        try:
            staged = understand(runs, timezone, raw, mapping, origin, Path(folder), no_progress)
        except MappingError:
            return ()
        good = cast("list[dict[str, object]]", pq.read_table(staged.good).to_pylist())
        bad = cast("list[dict[str, object]]", pq.read_table(staged.bad).to_pylist())
    shown = [
        (row["_row"], {name: value for name, value in row.items() if value is not None and not name.startswith("_")})
        for row in good
    ]
    shown += [(row["row"], {"_fault": row["reason"], "_column": row["column"]}) for row in bad]
    return tuple(row for _, row in sorted(shown, key=lambda pair: cast("int", pair[0])))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(text: str) -> str:
    """Text for a comment, which must stay on its line."""
    return "".join(character if character.isprintable() else " " for character in text)


def _rule_text(rule: ColumnRule) -> str:
    if isinstance(rule, str):
        return _quoted(rule)
    if rule.product:
        return f"{{ product = [{', '.join(_quoted(name) for name in rule.product)}] }}"
    return f"{{ constant = {_quoted(rule.constant)} }}"
