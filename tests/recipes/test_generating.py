"""Generated data: the same from the same seed, at the right moments, with the habits and flaws it is meant to have."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocative.recipes.known import RECIPES
from vocative.recipes.moments import calendar
from vocative.recipes.people import ZONES

UNTIL = date(2026, 10, 29)


def rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    RECIPES["shop"].write(folder, people=300, days=180, seed=1, until=UNTIL)
    return folder


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_the_same_seed_gives_the_same_files_and_another_seed_does_not(name: str, tmp_path: Path) -> None:
    for folder, seed in (("a", 7), ("b", 7), ("c", 8)):
        RECIPES[name].write(tmp_path / folder, people=30, days=40, seed=seed, until=UNTIL)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == sorted(file for _, file, _ in RECIPES[name].imports)
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file
    changed = [file for file in files if (tmp_path / "a" / file).read_bytes() != (tmp_path / "c" / file).read_bytes()]
    assert len(changed) >= len(files) - 1


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_file_says_by_its_name_that_it_is_generated(name: str) -> None:
    assert all(file.startswith("generated_") for _, file, _ in RECIPES[name].imports)
    assert RECIPES[name].flawed.keys() == {file for _, file, _ in RECIPES[name].imports}


@given(zone=st.integers(0, len(ZONES) - 1), day=st.integers(0, 399), second=st.integers(6 * 3_600, 24 * 3_600 - 1))
def test_local_moments_are_those_of_the_zone(zone: int, day: int, second: int) -> None:
    when = calendar(UNTIL, 400, ZONES)
    one = np.array([zone]), np.array([day]), np.array([second])
    local = datetime.combine(when.first + timedelta(days=day), datetime.min.time()) + timedelta(seconds=second)
    expected = local.replace(tzinfo=ZoneInfo(ZONES[zone]))
    assert datetime.fromtimestamp(int(when.utc(*one)[0]), UTC) == expected
    assert when.weekday(np.array([day]))[0] == local.weekday()


def test_no_event_lies_after_the_last_day_or_before_the_first(shop: Path) -> None:
    first, last = UNTIL - timedelta(days=180), UNTIL + timedelta(days=1)
    moments = [row["at"] for row in rows(shop / "generated_mail.csv") if row["at"].endswith("Z")]
    assert moments
    assert all(first.isoformat() <= moment[:10] <= last.isoformat() for moment in moments)


def test_things_that_run_out_come_back_and_gear_does_not(shop: Path) -> None:
    lasting = {row["Article"]: row["Lasting"] for row in rows(shop / "generated_articles.csv", ";")}
    sold = [row for row in rows(shop / "generated_orders.csv", ";") if row["Type"] == "S"]
    bought = Counter((row["Customer"], row["Article"]) for row in sold)
    again = {
        kind: np.mean([times > 1 for (_, article), times in bought.items() if lasting.get(article) == kind])
        for kind in ("yes", "no")
    }
    assert again["no"] > 0.4
    assert again["yes"] < 0.1


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_no_two_things_have_the_same_name(name: str, tmp_path: Path) -> None:
    RECIPES[name].write(tmp_path, people=20, days=30, seed=1, until=UNTIL)
    if name == "shop":
        names = [row["Title"] for row in rows(tmp_path / "generated_articles.csv", ";") if row["Article"] != "A9999"]
    else:
        lines = (tmp_path / "generated_titles.jsonl").read_text(encoding="utf-8").splitlines()[:-1]
        names = [str(row["title"]) for row in map(json.loads, lines) if row["id"]]
    assert len(names) > 100
    assert len(names) == len(set(names))


def test_returns_are_negative_and_of_gear(shop: Path) -> None:
    lasting = {row["Article"]: row["Lasting"] for row in rows(shop / "generated_articles.csv", ";")}
    back = [row for row in rows(shop / "generated_orders.csv", ";") if row["Type"] == "R"]
    assert back
    for row in back:
        assert int(row["Pieces"]) < 0
        assert float(row["Total"].replace(",", ".")) < 0
        assert lasting[row["Article"]] == "yes"


def test_people_answer_in_every_way(shop: Path) -> None:
    people = {row["account"] for row in rows(shop / "generated_accounts.csv") if row["account"]}
    answers = rows(shop / "generated_consents.csv")
    for purpose in ("marketing", "personalization"):
        said = {row["account"] for row in answers if row["for"] == purpose}
        assert {row["answer"] for row in answers if row["for"] == purpose} >= {"yes", "no"}
        assert 0 < len(people - said) < len(people)
    assert any(row["answer"] == "unsubscribed" for row in answers)
    assert any(row["until"] for row in answers)


def test_there_are_people_of_all_languages_zones_and_some_minors(shop: Path) -> None:
    people = rows(shop / "generated_accounts.csv")
    assert {row["language"] for row in people} == {"en", "lv", "pl", "ru", "uk", ""}
    assert {row["time zone"] for row in people} >= {*ZONES, ""}
    years = [(UNTIL - date.fromisoformat(row["born"])).days / 365.25 for row in people if row["born"]]
    assert 0 < sum(age < 18 for age in years) < 0.1 * len(people)
