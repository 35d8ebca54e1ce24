"""One query that turns the raw rows of a file into canonical rows, each with its fault or its doubts.

The query is built in steps that read like the work itself: the texts that the mapping names, their dates in one order,
their values, the verdict. Nothing is executed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from vocative.collect.formats.raw import RawColumn
from vocative.collect.mapping import doubts, offers, vocabulary
from vocative.collect.mapping.mapping import JSON_COLUMN, REQUIRED, Fitted
from vocative.collect.mapping.moments import MomentReading, Order, day_sql, iso_sql, moment_sql, quote
from vocative.collect.mapping.values import (
    address_sql,
    country_sql,
    flag_sql,
    gender_sql,
    json_sql,
    language_sql,
    members,
    number_sql,
    object_sql,
    rule_text_sql,
    zone_sql,
)
from vocative.records.settings import Kind, Rule

TEXTS: dict[Kind, tuple[str, ...]] = {
    "events": (
        "message_id", "event", "user_id", "anonymous_id", "session_id", "order_id", "item_id", "channel", "text",
    ),
    "people": ("user_id", "email", "phone", "first_name", "gender", "language", "timezone", "country"),
    "items": ("item_id", "name", "category", "brand", "url", "image"),
    "permissions": ("user_id", "purpose", "channel", "status", "basis", "source", "text", "covers"),
    "offers": ("offer_id", "item_id", "group", "name", "code", "unit"),
}  # fmt: skip
NUMBERS: dict[Kind, tuple[str, ...]] = {
    "events": ("quantity", "amount", "discount", "duration"),
    "people": (),
    "items": ("price", "margin", "stock"),
    "permissions": (),
    "offers": ("discount",),
}
MOMENTS: dict[Kind, tuple[str, ...]] = {
    "events": ("timestamp", "known_at"),
    "people": ("timestamp", "known_at"),
    "items": ("timestamp", "known_at"),
    "permissions": ("at", "known_at", "expires_at"),
    "offers": ("timestamp", "known_at", "starts_at", "ends_at"),
}
DAYS: dict[Kind, tuple[str, ...]] = {
    "events": (), "people": ("birth_date",), "items": (), "permissions": (), "offers": (),
}  # fmt: skip
CODES = {"gender": gender_sql, "language": language_sql, "timezone": zone_sql, "country": country_sql}
"""Fields of people with a vocabulary: a value outside it is dropped with a doubt and kept among the traits."""

LONGEST_IDENTIFIER = 500
"""An identifier with more characters is none: a column was mistaken, or quotes are missing."""
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything besides the file that decides how its rows are read. `now` is in microseconds since 1970."""

    fitted: Fitted
    zone: str
    now: int
    file: str
    event_source: str
    covers: Sequence[str] = ()
    """Uses that a permission covers which names none."""
    loose: bool = False
    """Whether the reader collects columns without a field of their own in `_rest`."""
    orders: dict[str, Order] = field(default_factory=dict)
    """The order of day and month per canonical column."""


def is_textual(reading: Fitted, target: str) -> bool:
    """Whether the column is filled from text, so that its dates have to be recognised."""
    rule = reading.rules.get(target)
    if rule is None:
        return False
    return not (rule.column and not rule.values and pa.types.is_temporal(reading.fields[rule.column].type))


def canonical_query(reading: Reading) -> str:
    """SQL over the relation `raw` that yields one row for each row of the file.

    Besides the canonical columns it yields `_row`, `_fault` (`column|reason`, null for a good row), `_content` (the row
    as JSON, for faulty rows only) and `_stated` (whether the file itself gave the id, or the time of a permission).
    """
    steps = (
        ("texts", _texts(reading), "raw"),
        ("ordered", _ordered(reading), "texts"),
        ("typed", _typed(reading), "ordered"),
        ("judged", f"{_fault(reading)} AS _fault", "typed"),
    )
    chain = ", ".join(f"{name} AS (SELECT *, {added} FROM {before})" for name, added, before in steps)
    content = f"CASE WHEN _fault IS NOT NULL THEN {_content(reading)} END AS _content"
    return f"WITH {chain} SELECT _row, _fault, {content}, {_result(reading)} FROM judged"


def _texts(reading: Reading) -> str:
    fitted, kind = reading.fitted, reading.fitted.kind
    parts = [f"make_timestamptz({reading.now}) AS now_"]
    flags = ("not_me",) if kind == "events" else ()
    for target in (*TEXTS[kind], *MOMENTS[kind], *DAYS[kind], *flags):
        rule = fitted.rules.get(target)
        text = rule_text_sql(rule, fitted.fields) if rule else "CAST(NULL AS VARCHAR)"
        if target == "user_id":
            text = address_sql(text)
        parts.append(f"{text} AS t_{target}")
    for target in NUMBERS[kind]:
        rule = fitted.rules.get(target)
        number, given = ("CAST(NULL AS DOUBLE)", "false")
        if rule:
            number, given = number_sql(rule, fitted.fields, fitted.mapping.decimal)
        parts += [f"{number} AS n_{target}", f"({given}) AS g_{target}"]
    return ", ".join(parts)


def _ordered(reading: Reading) -> str:
    kind = reading.fitted.kind
    parts = [
        f"{iso_sql(f't_{target}', reading.orders.get(target, ''))} AS i_{target}"
        for target in (*MOMENTS[kind], *DAYS[kind])
        if is_textual(reading.fitted, target)
    ]
    return ", ".join(parts) or "0 AS i_"


def _typed(reading: Reading) -> str:
    fitted, kind = reading.fitted, reading.fitted.kind
    parts = [f"{_moment(reading, target)} AS m_{target}" for target in MOMENTS[kind]]
    parts += [f"{_day(reading, target)} AS d_{target}" for target in DAYS[kind]]
    if kind == "people":
        parts += [
            f"{code(f't_{name}') if name in fitted.rules else 'CAST(NULL AS VARCHAR)'} AS k_{name}"
            for name, code in CODES.items()
        ]
    if kind == "events":
        parts.append(f"{flag_sql('t_not_me') if 'not_me' in fitted.rules else 'CAST(NULL AS BOOLEAN)'} AS k_not_me")
    if kind == "permissions":
        parts.append(f"{flag_sql('t_status')} AS k_status")
    return ", ".join(parts)


def _source_column(reading: Reading, target: str) -> RawColumn:
    return reading.fitted.fields[reading.fitted.rules[target].column]


def _moment(reading: Reading, target: str) -> str:
    fitted = reading.fitted
    if target not in fitted.rules:
        return "CAST(NULL AS TIMESTAMPTZ)"
    if is_textual(fitted, target):
        how = MomentReading(reading.zone, fitted.mapping.timestamp_format)
        return moment_sql(f"t_{target}", f"i_{target}", how)
    column = _source_column(reading, target)
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        return column.field
    return f"timezone({quote(reading.zone)}, CAST({column.field} AS TIMESTAMP))"


def _day(reading: Reading, target: str) -> str:
    fitted = reading.fitted
    if target not in fitted.rules:
        return "CAST(NULL AS DATE)"
    if is_textual(fitted, target):
        how = MomentReading(reading.zone, fitted.mapping.timestamp_format)
        # What a database writes for "no date" is no mistake of the person.
        text = f"CASE WHEN t_{target} NOT LIKE '0000-00-00%' THEN t_{target} END"
        return day_sql(f"({text})", f"i_{target}", how)
    return f"CAST({_source_column(reading, target).field} AS DATE)"


def _fault(reading: Reading) -> str:
    """The first thing that is wrong with a row, as `column|reason`."""
    kind = reading.fitted.kind
    cases = ["WHEN _broken IS NOT NULL THEN '|' || _broken"]
    cases += [f"WHEN t_{name} IS NULL THEN '{name}|{name} is empty'" for name in REQUIRED[kind]]
    cases += [
        f"WHEN length(t_{name}) > {LONGEST_IDENTIFIER} "
        f"THEN '{name}|{name} is longer than {LONGEST_IDENTIFIER} characters'"
        for name in TEXTS[kind]
        if name.endswith("_id")
    ]
    for name in MOMENTS[kind]:
        # Far in the future is how files write that an offer has no end.
        latest = "9999-12-31" if name == "ends_at" else "2200-01-01"
        span = f"m_{name} BETWEEN TIMESTAMPTZ '1901-01-01' AND TIMESTAMPTZ '{latest} 23:59:59'"
        cases.append(
            f"WHEN t_{name} IS NOT NULL AND ({span}) IS NOT TRUE THEN '{name}|' || {_cited(f't_{name}')} || "
            "' is no date or time that can be told for sure; state timestamp_format in the mapping'"
        )
    cases += [
        f"WHEN t_{name} IS NOT NULL AND d_{name} IS NULL AND t_{name} NOT LIKE '0000-00-00%' "
        f"THEN '{name}|' || {_cited(f't_{name}')} || ' is no date that can be told for sure'"
        for name in DAYS[kind]
    ]
    cases += [
        f"WHEN g_{name} AND n_{name} IS NULL THEN '{name}|{name} is no number; check decimal in the mapping'"
        for name in NUMBERS[kind]
    ]
    return f"CASE {' '.join([*cases, *_kind_faults(kind)])} END"


def _kind_faults(kind: Kind) -> list[str]:
    if kind == "events":
        return [
            f"WHEN m_timestamp > now_ + to_microseconds({_DAY}) "
            f"THEN 'timestamp|' || {_cited('t_timestamp')} || ' lies in the future; redrive the row when it is due'",
            f"WHEN t_not_me IS NOT NULL AND k_not_me IS NULL THEN 'not_me|' || {_cited('t_not_me')} || "
            "' is neither yes nor no; translate it with values in the mapping'",
        ]
    if kind == "offers":
        return offers.faults(_cited("t_unit"))
    if kind == "permissions":
        purposes = ", ".join(sorted(vocabulary.PURPOSES))
        return [
            f"WHEN k_status IS NULL THEN 'status|' || {_cited('t_status')} || "
            "' is neither yes nor no; translate it with values in the mapping'",
            f"WHEN lower(t_purpose) NOT IN {members(vocabulary.PURPOSES)} THEN 'purpose|' || {_cited('t_purpose')} || "
            f"' is no purpose; known are {purposes}'",
        ]
    return []


def _cited(text: str) -> str:
    return f"'«' || left({text}, 80) || '»'"


def _content(reading: Reading) -> str:
    columns = reading.fitted.fields.values()
    return f"coalesce(_content, {object_sql([(column.name, json_sql(column)) for column in columns])}, '{{}}')"


def _times(reading: Reading, own: str) -> str:
    """The two times of a row: when it happened or was given, and when the business knew it."""
    delay = round(reading.fitted.mapping.known_after * 1_000_000)
    known = f"CASE WHEN m_{own} IS NULL THEN now_ ELSE m_{own} + to_microseconds({delay}) END"
    return f"coalesce(m_{own}, now_) AS {own}, coalesce(m_known_at, {known}) AS known_at"


def _json_column(reading: Reading) -> str:
    """Columns without a canonical name, as one object; a whole object in the file is merged with them."""
    fitted, kind = reading.fitted, reading.fitted.kind
    name = JSON_COLUMN[kind]
    kept = [(key, json_sql(column)) for key, column in fitted.kept]
    kept = sorted(dict([*kept, *((key, _made_json(rule, fitted)) for key, rule in fitted.made)]).items())
    if kind == "people":
        unknown = [code for code in CODES if code in fitted.rules]
        kept += [
            (code, f"CASE WHEN k_{code} IS NULL AND t_{code} IS NOT NULL THEN CAST(to_json(t_{code}) AS VARCHAR) END")
            for code in unknown
        ]
        kept.sort()
    own = object_sql(kept)
    parts = ["_rest"] if reading.loose else []
    parts += [own] if kept else []
    if name in fitted.fields:
        whole = fitted.fields[name].field
        is_object = f"json_valid({whole}) AND json_type({whole}) = 'OBJECT'"
        # What was meant to be an object and is none is kept as it stands, under the column's own name.
        kept_whole = object_sql([(name, json_sql(fitted.fields[name]))])
        parts.insert(0, f"CASE WHEN {is_object} THEN {whole} ELSE {kept_whole} END")
    merged = parts[0] if parts else "CAST(NULL AS VARCHAR)"
    for part in parts[1:]:
        merged = f"CASE WHEN {merged} IS NULL THEN {part} WHEN {part} IS NULL THEN {merged} " + (
            f"ELSE CAST(json_merge_patch({merged}, {part}) AS VARCHAR) END"
        )
    if reading.loose and fitted.made:
        merged = _in_order(merged)
    return f"({merged}) AS {name}"


def _in_order(whole: str) -> str:
    """An object with its names in order, so that what a rule made stands where it stands in other formats."""
    pairs = f"list_sort(map_entries(CAST(CAST({whole} AS JSON) AS MAP(VARCHAR, JSON))))"
    text = "CAST(to_json(pair.key) AS VARCHAR) || ':' || CAST(pair.value AS VARCHAR)"
    texts = f"list_transform({pairs}, lambda pair: {text})"
    return f"CASE WHEN ({whole}) IS NOT NULL THEN '{{' || array_to_string({texts}, ',') || '}}' END"


def _made_json(rule: Rule, fitted: Fitted) -> str:
    """What a rule yields for a property, as the text of one JSON value; a plain column keeps its type."""
    if rule.column and not rule.values:
        return json_sql(fitted.fields[rule.column])
    return f"CAST(to_json({rule_text_sql(rule, fitted.fields)}) AS VARCHAR)"


def _result(reading: Reading) -> str:
    results = {
        "events": _events, "people": _people, "items": _items, "permissions": _permissions, "offers": _offers,
    }  # fmt: skip
    return results[reading.fitted.kind](reading)


def _events(reading: Reading) -> str:
    texts = ", ".join(f"t_{name} AS {name}" for name in TEXTS["events"] if name != "message_id")
    numbers = ", ".join(f"n_{name} AS {name}" for name in NUMBERS["events"])
    return (
        f"t_message_id IS NOT NULL AS _stated, t_message_id AS message_id, {_times(reading, 'timestamp')}, {texts}, "
        f"{numbers}, coalesce(k_not_me, false) AS not_me, {doubts.events_sql()} AS doubts, {_json_column(reading)}, "
        f"{quote(reading.event_source)} AS source"
    )


def _people(reading: Reading) -> str:
    return (
        f"t_timestamp IS NOT NULL AS _stated, '' AS version_id, {_times(reading, 'timestamp')}, t_user_id AS user_id, "
        "t_email AS email, t_phone AS phone, t_first_name AS first_name, nullif(k_gender, '') AS gender, "
        "k_language AS language, k_timezone AS timezone, k_country AS country, d_birth_date AS birth_date, "
        f"{doubts.people_sql()} AS doubts, {_json_column(reading)}, {quote(reading.file)} AS source"
    )


def _items(reading: Reading) -> str:
    texts = ", ".join(f"t_{name} AS {name}" for name in TEXTS["items"])
    numbers = ", ".join(f"n_{name} AS {name}" for name in NUMBERS["items"])
    return (
        f"t_timestamp IS NOT NULL AS _stated, '' AS version_id, {_times(reading, 'timestamp')}, {texts}, {numbers}, "
        f"{doubts.items_sql()} AS doubts, {_json_column(reading)}, {quote(reading.file)} AS source"
    )


def _offers(reading: Reading) -> str:
    texts = ", ".join(f't_{name} AS "{name}"' for name in TEXTS["offers"] if name != "unit")
    ends = offers.ends_sql(reading.zone)
    return (
        f"t_timestamp IS NOT NULL AS _stated, '' AS version_id, {_times(reading, 'timestamp')}, {texts}, "
        f"n_discount AS discount, {offers.unit_sql()} AS unit, m_starts_at AS starts_at, {ends} AS ends_at, "
        f"{doubts.offers_sql()} AS doubts, {_json_column(reading)}, {quote(reading.file)} AS source"
    )


def _permissions(reading: Reading) -> str:
    # What the words said when the record came in is kept with it: other words later change nothing about it.
    covers = f"nullif({quote(', '.join(reading.covers))}, '')"
    return (
        f"t_at IS NOT NULL AS _stated, '' AS permission_id, t_user_id AS user_id, "
        "coalesce(lower(t_purpose), 'marketing') AS purpose, coalesce(lower(t_channel), '*') AS channel, "
        f"CASE WHEN k_status THEN 'yes' ELSE 'no' END AS status, coalesce(lower(t_basis), 'consent') AS basis, "
        f"{_times(reading, 'at')}, m_expires_at AS expires_at, coalesce(t_source, {quote(reading.file)}) AS source, "
        "t_text AS text, "
        f"CASE WHEN lower(t_purpose) = 'personalization' THEN coalesce(t_covers, {covers}) END AS covers"
    )
