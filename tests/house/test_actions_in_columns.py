"""SQL asks columns what was decided: no query parses the JSON of candidates, or takes the key of an action apart."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import vocative

SOURCE = Path(vocative.__file__).parent
_SQL = re.compile(r"\b(SELECT|FROM|WHERE|JOIN)\b")
_APART = r"(from_json|json\w*|regexp\w*|\w*split\w*|starts_with|ends_with|contains|substr\w*|position|left|right|like)"
_BANNED = {
    "reads the JSON of `candidates`; ask the table `options`": re.compile(r"\bcandidates\b"),
    "reads `probabilities` as JSON; it is a map": re.compile(
        r"json[^;]*\bprobabilities\b|\bprobabilities\b\s*(AS|::|->)\s*\W*JSON", re.I
    ),
    "takes the key of an action apart; ask its columns": re.compile(
        rf"\b{_APART}\s*\([^()]*\b(action_key|chances|probabilities)\b|\baction_key\b\s*(NOT\s+)?(LIKE|SIMILAR|~)", re.I
    ),
    "knows how an action is written": re.compile(r" @ | offer=| channel="),
}  # fmt: skip


def texts(code: str) -> Iterator[tuple[int, str]]:
    """Every text of a module with its line; the parts of an f-string as one, gaps between them."""
    inside: set[int] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in node.values}
            parts = (part.value if isinstance(part, ast.Constant) else "?" for part in node.values)
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.lineno, node.value


def faults(code: str) -> list[str]:
    return [
        f"line {line} {why}"
        for line, text in texts(code)
        if _SQL.search(text)
        for why, banned in _BANNED.items()
        if banned.search(text)
    ]


def test_no_query_takes_apart_what_was_decided() -> None:
    found = {path.name: faults(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")}
    assert len(found) > 100
    assert {name: one for name, one in found.items() if one} == {}


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT unnest(from_json(candidates, \'[{"campaign": "VARCHAR"}]\')) FROM decisions',
        "SELECT 1 FROM decisions WHERE contains(candidates, '\"offer\":{')",
        "SELECT CAST(CAST(probabilities AS JSON) AS MAP(VARCHAR, DOUBLE)) FROM decisions",
        "SELECT probabilities::JSON FROM decisions",
        "SELECT probabilities->'$.news' AS one, json_extract(probabilities, '$') FROM decisions",
        "SELECT regexp_replace(arm, ' @ [^@]*$', '') FROM decisions",
        "SELECT 1 FROM decisions WHERE starts_with(one, campaign || ' offer=')",
        "SELECT string_split(action_key, ' ')[1] FROM decisions",
        "SELECT 1 FROM options WHERE action_key LIKE 'coupon%'",
    ],
)
def test_a_query_that_does_is_found(sql: str) -> None:
    assert faults(f"_QUERY_SQL = {sql!r}")
    escaped = sql.replace("{", "{{").replace("}", "}}")
    assert faults(f"_QUERY_SQL = f'''{escaped} AND {{condition}}'''")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT campaign, offer_discount, probabilities[''], cardinality(probabilities) FROM decisions",
        "SELECT action_key, count(*) FROM options WHERE given AND action_key = $key GROUP BY ALL",
    ],
)
def test_a_query_of_columns_is_fine(sql: str) -> None:
    assert faults(f"_QUERY_SQL = {sql!r}") == []
