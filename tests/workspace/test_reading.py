"""Every mistake in a configuration file is named with file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from vocative.errors import SettingsError
from vocative.records.settings import Brand, Campaign, Settings
from vocative.workspace.reading import read_toml, read_yaml, toml_line, yaml_line

HEAD = """[business]
name = "Shop"
timezone = "Europe/Riga"

[sender]
name = "Shop"
email = "hello@example.com"
"""
TOML_MISTAKES = [
    ("[caps]\nper_dya = 1", 2, "unknown key `per_dya` in caps", "did you mean `per_day`?"),
    ("[caps]\nqqqq = 1", 2, "unknown key `qqqq` in caps", "known here: per_day, per_week, per_month"),
    ("[capps]\nper_day = 1", 1, "unknown key `capps` in the top level", "did you mean `caps`?"),
    ("[caps]\nper_day = 'one'", 2, "Invalid enum value 'one' for `caps.per_day`", '0 means none, "none" no limit'),
    ("[caps]\nper_day = ''", 2, "Invalid enum value '' for `caps.per_day`", '0 means none, "none" no limit'),
    ("[caps]\n\n# a comment\nper_week = 2\nper_day = -1", 5, "Expected `int` >= 0", "0 means none"),
    ('[quiet_hours]\nstart = "25:00"', 2, "matching regex", "expected type"),
    ('[channels.email]\ndrive = "file"', 2, "unknown key `drive` in channels.email", "did you mean `driver`?"),
    ("[channels.email]\ncost = 0.1", 1, "the key `driver` is missing in channels.email", "add `driver = …` there"),
    ("[channels.a]\ndriver = 'file'\n[channels.b]\ndriver = 5", 4, "for `channels.b.driver`", "expected type"),
    ("[channels]\nemail.driver = 'file'\nsms.driver = 1", 3, "for `channels.sms.driver`", "expected type"),
    ("[channels.'e.m[0]']\ndriver = 1", 2, "for `channels.e.m[0].driver`", "expected type"),
    ("[imports.shop]\nkind = 'event'\ncolumns = {}", 2, "Invalid enum value 'event'", "expected type"),
    (
        "[imports.a]\nkind = 'events'\n[imports.a.columns]\nevent = 'e'\nuser_id = { colum = 'u' }",
        5,
        "unknown key `colum` in imports.a.columns.user_id",
        "did you mean `column`?",
    ),
    (
        "[imports.a]\nkind = 'events'\n[imports.a.columns]\nevent = 'e'\n[imports.a.columns.user_id]\njion = ['u']",
        6,
        "unknown key `jion` in imports.a.columns.user_id",
        "did you mean `join`?",
    ),
    (
        "[imports.a]\nkind = 'events'\n[imports.a.columns]\nevent = { values = { x = 'y', z = 1 } }",
        4,
        "for `imports.a.columns.event.values.z`",
        "expected type",
    ),
    ("[events]\npurchas = ['x']", 2, "unknown key `purchas` in events", "did you mean `purchase`?"),
    ("[events]\npurchase = 'x'", 2, "Expected `array`, got `str` for `events.purchase`", "expected type"),
    ("[events]\nview = ['a']\npurchase = [\n  'x',\n  5,\n]", 3, "for `events.purchase.[1]`", "expected type"),
    ('[control]\nsalt = """\nshare = 7\n"""\nshare = 0.7', 5, "for `control.share`", "expected type"),
    ("seed = 1\nseed = 2", 2, "this is not valid TOML: Cannot overwrite a value", "mend that line"),
    ("[caps]\nper_day = = 1", 2, "this is not valid TOML: Invalid value", "mend that line"),
    ("[caps]\nper_day = [1", 2, "this is not valid TOML: Unclosed array", "mend that line"),
]


@pytest.mark.parametrize(("text", "line", "what", "remedy"), TOML_MISTAKES)
def test_a_mistake_in_toml_is_named_by_line(text: str, line: int, what: str, remedy: str, tmp_path: Path) -> None:
    path = tmp_path / "vocative.toml"
    # What is no TOML breaks off before the needed settings behind it; all else stands before them.
    first = HEAD if "[1" in text else ""
    path.write_text(f"{first}{text}\n{HEAD if not first else ''}", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_toml(path, Settings)
    assert caught.value.where == f"{path}:{line + len(first.splitlines())}"
    assert what in caught.value.what
    assert remedy in caught.value.remedy


YAML = "name: news\ngoal: g\nchannel: email\npersonalized: false\ntopic: news\ntemplate: news\n"
YAML_MISTAKES = [
    (YAML + "pause_day: 3", 7, "unknown key `pause_day` in the top level", "did you mean `pause_days`?"),
    (YAML + "pause_days: soon", 7, "Expected `int`, got `str` for `pause_days`", "expected type"),
    (YAML + "exclude_targets:\n- a\n- 5", 7, "for `exclude_targets.[1]`", "expected type"),
    (YAML + "name: other", 7, "the key `name` stands twice", "keep one of the two"),
    (YAML + "yes: other", 7, "the key `yes` is no text", "put it in quotes"),
    (YAML + "? [a]\n: b", 7, "not valid YAML", "mend that line"),
    (YAML + "value: [1", 7, "not valid YAML", "mend that line"),
    (YAML + "goal2: a: b", 7, "not valid YAML", "mend that line"),
    (YAML + "value: 2026-13-45", 1, "not valid YAML", "mend that line"),
    (YAML + "value: \x07", 1, "not valid YAML", "mend that line"),
    (YAML + "value: &a {x: *a}", 1, "not valid YAML", "mend that line"),
    ("name: news\nchannel: email\n", 1, "the key `goal` is missing in the top level", "add `goal: …` there"),
    ("", 1, "the file holds no settings", "write `key: value` lines"),
    ("- a\n- b\n", 1, "the file holds no settings", "write `key: value` lines"),
    ("name: a\n---\nname: b\n", 2, "not valid YAML", "mend that line"),
]


@pytest.mark.parametrize(("text", "line", "what", "remedy"), YAML_MISTAKES)
def test_a_mistake_in_yaml_is_named_by_line(text: str, line: int, what: str, remedy: str, tmp_path: Path) -> None:
    path = tmp_path / "news.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_yaml(path, Campaign)
    assert what in caught.value.what
    assert remedy in caught.value.remedy
    assert caught.value.where == f"{path}:{line}"


@pytest.mark.parametrize("read", [lambda path: read_toml(path, Brand), lambda path: read_yaml(path, Campaign)])
def test_a_file_that_is_no_text_is_named(read: object, tmp_path: Path) -> None:
    assert callable(read)
    path = tmp_path / "file"
    with pytest.raises(SettingsError, match="this file is missing") as caught:
        read(path)
    assert "vocative init" in caught.value.remedy
    path.write_bytes(b"a = 1\nb = '\xff'\n")
    with pytest.raises(SettingsError, match="not UTF-8") as caught:
        read(path)
    assert caught.value.where == f"{path}:2"
    path.unlink()
    path.mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        read(path)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_files_of_other_editors_are_read(mark: str, newline: str, tmp_path: Path) -> None:
    (tmp_path / "v.toml").write_bytes((mark + HEAD.replace("\n", newline)).encode())
    assert read_toml(tmp_path / "v.toml", Settings).business.name == "Shop"
    (tmp_path / "c.yaml").write_bytes((mark + YAML.replace("\n", newline)).encode())
    assert read_yaml(tmp_path / "c.yaml", Campaign).name == "news"


def test_lines_are_found_past_long_values() -> None:
    text = 'a = """\nb = 1\n"""\n\nlist = [\n  1,\n  2,\n]\n\n[t."x.y"]\n# b\n"k k".z = 1\n[u]\nb = 2\n'
    assert [toml_line(text, path) for path in (["a"], ["list"], ["t"], ["t", "x.y"], ["t", "x.y", "k k", "z"])] == [
        1, 5, 10, 10, 12,
    ]  # fmt: skip
    assert toml_line(text, ["u", "b"]) == 14
    assert toml_line(text.replace("\n", "\r\n"), ["u", "b"]) == 14
    assert toml_line(text, ["u", "missing"]) == 13
    assert toml_line(text, ["missing"]) == 1
    assert toml_line("a = 1\nlist = [\n  1,\n  2,\n  3,\n  4,\n  5,\n]\n", ["a"]) == 1
    assert yaml_line("a:\n  b: 1\n  c:\n    d: 2\n", ["a", "c", "d"]) == 4
    assert yaml_line("a:\n  b: 1\n", ["a", "x"]) == 1
