"""Mistakes in caps and quiet hours are told with file, line and remedy before anything runs."""

from __future__ import annotations

from calendar import day_name
from pathlib import Path

import pytest

from tests.line.shop import change
from vocative.errors import SettingsError
from vocative.workspace.configuration import read_campaigns, read_settings
from vocative.workspace.starting import make_workspace

CASES = [
    ("[caps.more.x]\nat_most = 1", "neither `days` nor `hours`", "give one"),
    ("[caps.more.x]\nat_most = 1\ndays = 1\nhours = 1", "both `days` and `hours`", "give one"),
    ("[caps.more.x]\ndays = 1", "the key `at_most` is missing", "add `at_most"),
    ("[caps.more.x]\nat_most = 1\ndays = 1\nchannels = []", "`channels` is empty", "leave it out"),
    ("[caps.more.x]\nat_most = 1\ndays = 1\nclasses = []", "`classes` is empty", "leave it out for marketing"),
    ('[caps.more.x]\nat_most = 1\ndays = 1\nclasses = ["sale"]', "Invalid enum value 'sale'", "expected type"),
    ('[caps.more.x]\nat_most = 1\ndays = 1\nchannels = ["emial"]', "no channel named 'emial'", "did you mean `email`?"),
    ("[caps.more.x]\nat_most = -1\ndays = 1", ">= 0", "expected type"),
    ('[quiet_hours.channels.emial]\ndays = ["sunday"]', "no channel named 'emial'", "did you mean `email`?"),
    ('[quiet_hours.channels.email]\ndays = ["sonntag"]', "Invalid enum value 'sonntag'", "expected type"),
    (
        f"[quiet_hours.channels.email]\ndays = {[day.lower() for day in day_name]}",
        "all seven days are quiet",
        "leave at least one",
    ),
]


@pytest.mark.parametrize(("text", "what", "remedy"), CASES)
def test_a_mistake_says_what_it_is_and_how_to_mend_it(text: str, what: str, remedy: str, tmp_path: Path) -> None:
    make_workspace(tmp_path)
    path = tmp_path / "vocative.toml"
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{text}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_settings(tmp_path)
    assert what in caught.value.what
    assert remedy in caught.value.remedy
    assert caught.value.where is not None
    line = int(caught.value.where.rpartition(":")[2])
    assert line > len(before.splitlines()), "the line is one of those that were added"


def test_what_is_well_written_is_read(tmp_path: Path) -> None:
    make_workspace(tmp_path)
    path = tmp_path / "vocative.toml"
    more = (
        '\n[caps.more.texts]\nat_most = 1\nhours = 48\nchannels = ["email"]\nclasses = ["marketing", "service"]\n'
        '[quiet_hours.channels.email]\nstart = "21:00"\ndays = []\nholidays = true\nservice = false\n'
    )
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    change(tmp_path, r"per_week = \d+", 'per_week = "none"')
    settings = read_settings(tmp_path)
    assert settings.caps.per_week == "none"
    assert settings.caps.more["texts"].hours == 48
    assert settings.quiet_hours.channels["email"].days == []


def test_one_topic_is_told_once_by_all_its_campaigns_or_by_none(tmp_path: Path) -> None:
    make_workspace(tmp_path)
    first = sorted((tmp_path / "campaigns").glob("*.yaml"))[0]
    text = first.read_text(encoding="utf-8")
    name = next(line for line in text.splitlines() if line.startswith("name:"))
    (tmp_path / "campaigns" / "zz.yaml").write_text(f"{text.replace(name, 'name: zz')}\nonce: true\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="only one of them tells it once") as caught:
        read_campaigns(tmp_path, read_settings(tmp_path))
    assert "once: true" in caught.value.remedy
    first.write_text(f"{text}\nonce: true\n", encoding="utf-8")
    assert sum(one.once for one in read_campaigns(tmp_path, read_settings(tmp_path))) == 2
