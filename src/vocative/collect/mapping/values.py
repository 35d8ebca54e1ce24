"""Single values in SQL: text, numbers, flags, and the words that a file uses for a gender, a language, a country."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from zoneinfo import available_timezones

import pyarrow as pa

from vocative.collect.formats.raw import RawColumn
from vocative.collect.mapping import vocabulary
from vocative.collect.mapping.moments import quote
from vocative.records.settings import Rule

_BLANKS = "' \t\r\n\xa0'"


def text_sql(column: RawColumn) -> str:
    """The column as trimmed text, null when empty; whole numbers without a decimal point."""
    field, kind = column.field, column.type
    if pa.types.is_string(kind):
        return f"nullif(trim({field}, {_BLANKS}), '')"
    if pa.types.is_floating(kind):
        whole = f"isfinite({field}) AND {field} = floor({field}) AND abs({field}) < 1e15"
        return (
            f"CASE WHEN isnan({field}) THEN NULL WHEN {whole} THEN CAST(CAST({field} AS BIGINT) AS VARCHAR) "
            f"ELSE CAST({field} AS VARCHAR) END"
        )
    if pa.types.is_nested(kind):
        return f"CAST(to_json({field}) AS VARCHAR)"
    if pa.types.is_binary(kind):
        return f"nullif(trim(decode({field}), {_BLANKS}), '')"
    return f"CAST({field} AS VARCHAR)"


def json_sql(column: RawColumn) -> str:
    """The column as the text of one JSON value, null when empty; numbers and truth values stay what they are."""
    field, kind = column.field, column.type
    if pa.types.is_floating(kind):
        return f"CASE WHEN isfinite({field}) THEN {text_sql(column)} END"
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_nested(kind):
        return f"CAST(to_json({field}) AS VARCHAR)"
    if pa.types.is_string(kind):
        # Text that needs no escape is by far the most frequent, and quoting it is much cheaper than to_json.
        return (
            f"CASE WHEN trim({field}, {_BLANKS}) = '' THEN NULL "
            f"ELSE CAST(to_json(trim({field}, {_BLANKS})) AS VARCHAR) END"
        )
    return f"CAST(to_json({text_sql(column)}) AS VARCHAR)"


def object_sql(members: Iterable[tuple[str, str]]) -> str:
    """A JSON object of (name, expression of a JSON value); members that are null are left out, none at all is null."""
    parts = [f"{quote(_json_name(name) + ':')} || ({expression})" for name, expression in members]
    return f"nullif('{{' || concat_ws(',', {', '.join(parts)}) || '}}', '{{}}')" if parts else "CAST(NULL AS VARCHAR)"


def rule_text_sql(rule: Rule, fields: Mapping[str, RawColumn]) -> str:
    """The text a rule yields, before it is given a type."""
    if rule.constant:
        return quote(rule.constant)
    if rule.join:
        parts = ", ".join(text_sql(fields[name]) for name in rule.join)
        text = f"nullif(concat_ws({quote(rule.separator)}, {parts}), '')"
    else:
        text = text_sql(fields[rule.column])
    if not rule.values:
        return text
    cases = " ".join(f"WHEN {quote(old)} THEN {quote(new)}" for old, new in rule.values.items())
    return f"nullif(CASE {text} {cases} ELSE {text} END, '')"


def number_sql(rule: Rule, fields: Mapping[str, RawColumn], decimal: str) -> tuple[str, str]:
    """Expressions for the number a rule yields and for whether a value was given at all.

    A value that was given and is no number makes the first one null, for a sum or a product as a whole.
    """
    if rule.sum or rule.product:
        pairs = [_one_number(fields[name], decimal) for name in (*rule.sum, *rule.product)]
        given = (" OR " if rule.sum else " AND ").join(f"({there})" for _, there in pairs)
        total = " + ".join(f"coalesce({number}, 0)" for number, _ in pairs)
        if rule.product:
            total = " * ".join(f"({number})" for number, _ in pairs)
        wrong = " OR ".join(f"(({there}) AND {number} IS NULL)" for number, there in pairs)
        number, there = f"CASE WHEN {wrong} THEN NULL ELSE {total} END", f"({given})"
        # Sums and products of cents in binary are off in the 17th digit; money is not.
        number = f"round({number}, 9)"
    elif rule.column and not rule.values and not pa.types.is_string(fields[rule.column].type):
        number, there = _one_number(fields[rule.column], decimal)
    else:
        text = rule_text_sql(rule, fields)
        number, there = _parsed(text, decimal), f"({text}) IS NOT NULL"
    return (f"-({number})" if rule.negate else number), there


def _one_number(column: RawColumn, decimal: str) -> tuple[str, str]:
    field, kind = column.field, column.type
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return f"CAST({field} AS DOUBLE)", f"{field} IS NOT NULL"
    if pa.types.is_floating(kind):
        return f"CASE WHEN isfinite({field}) THEN {field} END", f"({field} IS NOT NULL AND NOT isnan({field}))"
    text = text_sql(column)
    return _parsed(text, decimal), f"({text}) IS NOT NULL"


def _parsed(text: str, decimal: str) -> str:
    """Money as people write it: with a currency, with blanks or marks between the thousands."""
    money = "EUR|USD|PLN|[€$£₽₴]"
    bare = f"regexp_replace({text}, '^({money})[ \xa0]?|[ \xa0]?({money}|zł|Kč|грн|руб\\.?)$', '', 'g')"
    if decimal == ",":
        shape = r"[+-]?(\d+|\d{1,3}([. \xa0'' ]\d{3})+)?(,\d*)?"
        plain = f"replace(regexp_replace({bare}, '[. \xa0'' ]', '', 'g'), ',', '.')"
        return f"CASE WHEN regexp_full_match({bare}, '{shape}') THEN TRY_CAST({plain} AS DOUBLE) END"
    shape = r"[+-]?(\d+|\d{1,3}([, \xa0'' ]\d{3})+)?(\.\d*)?"
    plain = f"regexp_replace({bare}, '[, \xa0'' ]', '', 'g')"
    slow = f"CASE WHEN regexp_full_match({bare}, '{shape}') THEN TRY_CAST({plain} AS DOUBLE) END"
    fast = f"TRY_CAST({text} AS DOUBLE)"
    return f"CASE WHEN isfinite({fast}) THEN {fast} WHEN {fast} IS NULL THEN {slow} END"


def address_sql(text: str) -> str:
    """An e-mail address in small letters, as it is the same however it is written; other text as it is."""
    return f"CASE WHEN contains({text}, '@') THEN lower({text}) ELSE {text} END"


def flag_sql(text: str) -> str:
    """True or false for the words of several languages; null for any other."""
    lowered = f"lower({text})"
    yes, no = members(vocabulary.YES), members(vocabulary.NO)
    return f"CASE WHEN {lowered} IN {yes} THEN true WHEN {lowered} IN {no} THEN false END"


def gender_sql(text: str) -> str:
    """`female`, `male`, empty for words that say it is not known, null for a word that is not understood."""
    lowered = f"lower({text})"
    return (
        f"CASE WHEN {lowered} IN {members(vocabulary.FEMALE)} THEN 'female' "
        f"WHEN {lowered} IN {members(vocabulary.MALE)} THEN 'male' "
        f"WHEN {lowered} IN {members(vocabulary.UNKNOWN_GENDER)} THEN '' END"
    )


def language_sql(text: str) -> str:
    """A BCP 47 tag in its usual spelling (`pt-BR`), null for an unknown one."""
    tag = f"replace({text}, '_', '-')"
    primary, rest = f"lower(split_part({tag}, '-', 1))", f"substr({tag}, strpos({tag}, '-') + 1)"
    spelled = f"CASE WHEN length({rest}) = 2 THEN upper({rest}) ELSE {rest} END"
    known = f"{primary} IN {members(vocabulary.LANGUAGES)}"
    shaped = f"regexp_full_match({tag}, '[A-Za-z]{{2,3}}(-[A-Za-z0-9]{{2,8}})*')"
    return (
        f"CASE WHEN {known} AND {shaped} "
        f"THEN CASE WHEN strpos({tag}, '-') > 0 THEN {primary} || '-' || {spelled} ELSE {primary} END "
        f"ELSE {_looked_up(f'lower({text})', vocabulary.LANGUAGE_NAMES)} END"
    )


def country_sql(text: str) -> str:
    """An ISO 3166-1 alpha-2 code, null for an unknown country."""
    return (
        f"CASE WHEN upper({text}) IN {members(vocabulary.COUNTRIES)} THEN upper({text}) "
        f"ELSE {_looked_up(f'lower({text})', vocabulary.COUNTRY_NAMES)} END"
    )


def zone_sql(text: str) -> str:
    """An IANA zone in its own spelling, null for an unknown one."""
    names = {name.lower(): name for name in available_timezones() if name != "localtime"}
    return f"map_extract(MAP {{{_pairs(names)}}}, lower({text}))[1]"


def members(values: Iterable[str]) -> str:
    """A list of texts for IN."""
    return f"({', '.join(quote(value) for value in sorted(values))})"


def _looked_up(text: str, table: Mapping[str, str]) -> str:
    return f"map_extract(MAP {{{_pairs(table)}}}, {text})[1]"


def _pairs(table: Mapping[str, str]) -> str:
    return ", ".join(f"{quote(key)}: {quote(value)}" for key, value in sorted(table.items()))


def _json_name(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
