"""Whatever the settings and however they are written: an unknown key is reported at its very line."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vocative.errors import SettingsError
from vocative.records.settings import Campaign, Settings
from vocative.workspace.reading import read_toml, read_yaml

PLANTED = "zz_unknown"
NAME = st.text("abc.[]'\" =#é\\\u2028", min_size=1, max_size=5)
TEXT = st.text("ab=[]{}#\"'\n\r\t\\ é\u2028", max_size=12)
Table = dict[str, object]

RULE = st.one_of(
    TEXT,
    st.fixed_dictionaries({"constant": TEXT}, optional={"join": st.lists(TEXT, max_size=3), "negate": st.booleans()}),
    st.fixed_dictionaries({"values": st.dictionaries(NAME, TEXT, max_size=2)}),
)
SETTINGS = st.fixed_dictionaries(
    {
        "business": st.fixed_dictionaries(
            {"name": TEXT, "timezone": TEXT}, optional={"languages": st.lists(TEXT, max_size=3), "currency": TEXT}
        ),
        "sender": st.fixed_dictionaries({"name": TEXT, "email": TEXT}, optional={"address": TEXT}),
    },
    optional={
        "seed": st.integers(0, 9),
        "events": st.dictionaries(st.sampled_from(["purchase", "view"]), st.lists(TEXT, max_size=3)),
        "imports": st.dictionaries(
            NAME,
            st.fixed_dictionaries({"kind": st.just("events"), "columns": st.dictionaries(NAME, RULE, max_size=3)}),
            max_size=3,
        ),
        "channels": st.dictionaries(
            NAME, st.fixed_dictionaries({"driver": TEXT}, optional={"cost": st.floats(0, 9)}), max_size=3
        ),
        "caps": st.fixed_dictionaries({}, optional={"per_day": st.integers(0, 9), "per_week": st.integers(0, 9)}),
    },
)


def places(table: Table, shape: str = "settings") -> list[list[str]]:
    """The tables whose keys are fixed, so that an unknown one is a mistake."""
    found: list[list[str]] = [[]]
    for name, part in table.items():
        if name in ("business", "sender", "caps"):
            found.append([name])
        if name in ("imports", "channels") and isinstance(part, dict):
            found += [[name, key] for key in part]
            for key, mapping in part.items():
                if isinstance(mapping, dict) and isinstance(columns := mapping.get("columns"), dict):
                    found += [[name, key, "columns", c] for c, rule in columns.items() if isinstance(rule, dict)]
    return found


def planted(table: Table, place: list[str]) -> Table:
    if not place:
        return {**table, PLANTED: 1}
    inner = table[place[0]]
    assert isinstance(inner, dict)
    return {**table, place[0]: planted(inner, place[1:])}


class Writer:
    """Writes TOML in one of the many ways it can be written, and remembers where the planted key came to stand."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.lines: list[str] = []

    def choose(self, *ways: str) -> str:
        return self.data.draw(st.sampled_from(ways))

    def table(self, table: Table, path: list[str]) -> None:
        nested: list[tuple[str, Table]] = []
        for key, value in table.items():
            if not isinstance(value, dict) or self.choose("table", "inline") == "inline":
                self.statement([key], value)
            else:
                nested.append((key, value))
        for key, value in nested:
            self.lines.append(f"[{'.'.join(map(quoted, [*path, key]))}]  # the table")
            self.table(value, [*path, key])

    def statement(self, keys: list[str], value: object) -> None:
        if self.choose("", "", "gap"):
            self.lines += ["", f"# {PLANTED} = 1"]
        if isinstance(value, dict) and value and self.choose("dotted", "braces") == "dotted":
            for key, inner in value.items():
                self.statement([*keys, key], inner)
            return
        text = inline(value)
        if isinstance(value, str) and self.choose("", "long"):
            text = '"""\n' + json.dumps(value)[1:-1].replace("\\n", "\n") + '"""'
        if isinstance(value, list) and self.choose("", "long"):
            text = "[\n" + "".join(f"  {inline(part)},\n" for part in value) + "]"
        self.lines += f"{' . '.join(map(quoted, keys))} = {text}".split("\n")


def quoted(key: str) -> str:
    return key if key.isidentifier() and key.isascii() else json.dumps(key)


def inline(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(key)} = {inline(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value)


def line_of(lines: list[str]) -> int:
    """Where the planted key stands: not in a comment, and it is in no text."""
    return next(at for at, line in enumerate(lines, start=1) if PLANTED in line and not line.startswith("#"))


@settings(max_examples=200, deadline=None)
@given(SETTINGS, st.data())
def test_a_key_planted_in_toml_is_reported_at_its_line(table: Table, data: st.DataObject) -> None:
    msgspec.convert(table, Settings)
    place = data.draw(st.sampled_from(places(table)))
    writer = Writer(data)
    writer.table(planted(table, place), [])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vocative.toml"
        path.write_text("\n".join(writer.lines), encoding="utf-8", newline="")
        with pytest.raises(SettingsError) as caught:
            read_toml(path, Settings)
    assert caught.value.what == f"unknown key `{PLANTED}` in {'.'.join(place) or 'the top level'}"
    assert caught.value.where == f"{path}:{line_of(writer.lines)}"


CAMPAIGN = st.fixed_dictionaries(
    {
        **dict.fromkeys(("name", "goal", "channel", "topic", "template"), TEXT),
        "personalized": st.booleans(),
        "exclude_targets": st.lists(TEXT, max_size=3),
    }
)


@settings(max_examples=100, deadline=None)
@given(CAMPAIGN, st.integers(0, 7), st.booleans())
def test_a_key_planted_in_yaml_is_reported_at_its_line(campaign: Table, at: int, flow: bool) -> None:
    items = list(campaign.items())
    text = yaml.safe_dump(
        dict([*items[:at], (PLANTED, 1), *items[at:]]), sort_keys=False, default_flow_style=flow or None, width=30
    )
    line = text[: text.index(f"{PLANTED}:")].count("\n") + 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError) as caught:
            read_yaml(path, Campaign)
    assert caught.value.what == f"unknown key `{PLANTED}` in the top level"
    assert caught.value.where == f"{path}:{line}"
