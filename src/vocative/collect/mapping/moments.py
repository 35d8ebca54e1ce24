r"""Moments and days in text, read in SQL: ISO, seconds or milliseconds since 1970, and the usual local ways to write.

What a value says without doubt is read as it says: ISO, `dd.mm.yyyy`, a number of seconds. `05/06/2024` says nothing by
itself: the order of day and month is taken from the other values of the same column, and a column in which no value
tells it is refused, not guessed.

A time without a zone is local. Where clocks are put forward, a time that was skipped is read with the offset that held
before; where they are put back, a time that happened twice is read as the second, in standard time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Order = Literal["day", "month", "row", ""]
"""Which comes first in `05/06/2024`: the day, the month, to be told row by row, or (empty) it never matters."""

_SLASHED = r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})"
_DOTTED = r"^(\d{1,2})\.(\d{1,2})\.(\d{4})"
_YEAR_FIRST = r"^(\d{4})[./](\d{1,2})[./](\d{1,2})"
_OFFSET = r"Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}"
_ISO = rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}([T ]\d{{1,2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?[ ]?({_OFFSET})?)?"
_ZONED = rf":\d{{2}}(\.\d+)?[ ]?({_OFFSET})$"
_HALF_DAY = r"^(\d{4}-\d{1,2}-\d{1,2}) +(\d{1,2}:\d{2}(?::\d{2})?) ?([AaPp])\.?[Mm]\.?$"
_NAMED = ("%b %d, %Y", "%d %b %Y", "%B %d, %Y", "%d %B %Y")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M:%S", ", %I:%M:%S %p")


@dataclass(frozen=True, slots=True)
class MomentReading:
    """How the moments of one column are written: `zone` for local times, a stated `pattern`, and the `order`."""

    zone: str
    pattern: str = ""
    order: Order = ""


def evidence_sql(text: str) -> tuple[str, str, str]:
    """Aggregates over a column: values that show the day first, the month first, and values that show neither."""
    first = f"TRY_CAST(regexp_extract({text}, '{_SLASHED}', 1) AS INTEGER)"
    second = f"TRY_CAST(regexp_extract({text}, '{_SLASHED}', 2) AS INTEGER)"
    return (
        f"count(*) FILTER ({first} BETWEEN 13 AND 31 AND {second} BETWEEN 1 AND 12)",
        f"count(*) FILTER ({second} BETWEEN 13 AND 31 AND {first} BETWEEN 1 AND 12)",
        f"count(*) FILTER ({first} BETWEEN 1 AND 12 AND {second} BETWEEN 1 AND 12 AND {first} <> {second})",
    )


def order_of(day_first: int, month_first: int, unclear: int) -> Order | None:
    """The order that the counts of `evidence_sql` show; None when values need one and none shows it."""
    if day_first and month_first:
        return "row"
    if day_first:
        return "day"
    if month_first:
        return "month"
    return None if unclear else ""


def pattern_order(pattern: str) -> Order:
    """The order of day and month in a stated pattern.

    >>> pattern_order("%d/%m/%Y %H:%M")
    'day'
    """
    day, month = pattern.find("%d"), pattern.find("%m")
    if day < 0 or month < 0:
        return ""
    return "day" if day < month else "month"


def iso_sql(text: str, order: Order) -> str:
    """A text expression with day, month and year in the order of ISO; the rest of the value stays as it is."""
    local = f"""CASE
        WHEN regexp_matches({text}, '{_DOTTED}') THEN regexp_replace({text}, '{_DOTTED}', '\\3-\\2-\\1')
        WHEN regexp_matches({text}, '{_YEAR_FIRST}') THEN regexp_replace({text}, '{_YEAR_FIRST}', '\\1-\\2-\\3')
        WHEN regexp_matches({text}, '{_SLASHED}') THEN {_slashed_sql(text, order)}
        ELSE {text} END"""
    return f"CASE WHEN regexp_matches({text}, '^\\d{{4}}-') THEN {text} ELSE replace({local}, ', ', ' ') END"


def moment_sql(text: str, iso: str, reading: MomentReading) -> str:
    """A TIMESTAMPTZ expression for a text and the same text by `iso_sql`; null where it is no moment."""
    zone = quote(reading.zone)
    zoned = f"regexp_replace({iso}, '[ ]?({_OFFSET})$', '\\1')"
    clock = f"regexp_replace({iso}, '{_HALF_DAY}', '\\1 \\2 \\3M')"
    plain = f"""CASE
        WHEN regexp_full_match({iso}, '{_ISO}') THEN CASE
            WHEN regexp_matches({iso}, '{_ZONED}') THEN TRY_CAST({zoned} AS TIMESTAMPTZ)
            ELSE timezone({zone}, TRY_CAST({iso} AS TIMESTAMP)) END
        WHEN regexp_full_match({text}, '\\d{{9,17}}(\\.\\d+)?') THEN {_since_1970(text, zone)}
        WHEN regexp_full_match({text}, '(19|20)\\d{{6}}') THEN timezone({zone}, try_strptime({text}, '%Y%m%d'))
        WHEN regexp_matches({iso}, '{_HALF_DAY}')
        THEN timezone({zone}, try_strptime({clock}, ['%Y-%m-%d %I:%M %p', '%Y-%m-%d %I:%M:%S %p']))
        WHEN regexp_matches({text}, '[A-Za-z]{{3}}') THEN timezone({zone}, try_strptime({text}, {_named_patterns()}))
        END"""
    if not reading.pattern:
        return plain
    stated = f"try_strptime({text}, {quote(reading.pattern)})"
    return f"coalesce({stated if '%z' in reading.pattern else f'timezone({zone}, {stated})'}, {plain})"


def day_sql(text: str, iso: str, reading: MomentReading) -> str:
    """A DATE expression for a text and the same text by `iso_sql`; null where it is no day."""
    day = f"TRY_CAST(regexp_extract({iso}, '^\\d{{4}}-\\d{{1,2}}-\\d{{1,2}}') AS DATE)"
    moment = moment_sql(text, iso, MomentReading("UTC"))
    plain = f"coalesce({day}, CAST(timezone('UTC', {moment}) AS DATE))"
    pattern = reading.pattern.partition(" ")[0]
    return f"coalesce(CAST(try_strptime({text}, {quote(pattern)}) AS DATE), {plain})" if pattern else plain


def quote(text: str) -> str:
    """A text as an SQL literal.

    >>> quote("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def _slashed_sql(text: str, order: Order) -> str:
    if order == "day":
        return f"regexp_replace({text}, '{_SLASHED}', '\\3-\\2-\\1')"
    if order == "month":
        return f"regexp_replace({text}, '{_SLASHED}', '\\3-\\1-\\2')"
    first = f"TRY_CAST(regexp_extract({text}, '{_SLASHED}', 1) AS INTEGER)"
    second = f"TRY_CAST(regexp_extract({text}, '{_SLASHED}', 2) AS INTEGER)"
    return (
        f"CASE WHEN {first} > 12 OR {first} = {second} THEN regexp_replace({text}, '{_SLASHED}', '\\3-\\2-\\1') "
        f"WHEN {second} > 12 THEN regexp_replace({text}, '{_SLASHED}', '\\3-\\1-\\2') ELSE {text} END"
    )


def _since_1970(text: str, zone: str) -> str:
    number = f"TRY_CAST({text} AS DOUBLE)"
    compact = f"timezone({zone}, try_strptime({text}, '%Y%m%d%H%M%S'))"
    return (
        f"CASE WHEN regexp_full_match({text}, '(19|20)\\d{{12}}') THEN {compact} "
        f"WHEN {number} < 1e11 THEN make_timestamptz(CAST(round({number} * 1e6) AS BIGINT)) "
        f"WHEN {number} < 1e14 THEN make_timestamptz(CAST(round({number} * 1e3) AS BIGINT)) "
        f"WHEN {number} < 1e17 THEN make_timestamptz(CAST({number} AS BIGINT)) END"
    )


def _named_patterns() -> str:
    patterns = ", ".join(quote(day + clock) for day in _NAMED for clock in _CLOCKS)
    return f"[{patterns}]"
