"""A business that sells nothing: what people do there is what is predicted. All data is invented."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
from click.testing import CliRunner

from tests.line.shop import FIRST, change
from vocative.cli import main
from vocative.line.snapshot.clock import to_text
from vocative.workspace.starting import make_workspace

PEOPLE, DAYS = 80, 280
GENRES = ("Drama", "Crime", "Space")
NOW = to_text(int((FIRST + timedelta(days=DAYS)).timestamp() * 1_000_000))
BEFORE = to_text(int((FIRST - timedelta(days=1)).timestamp() * 1_000_000))
MONEY = ("slows_28d", "spend_90d", "orders_90d", "next_order", "uplift_money")
Row = tuple[object, ...]
Act = tuple[str, int, float, str, str]
Report = dict[str, dict[str, object]]


def days_of(person: int, random: np.random.Generator) -> Iterator[float]:
    """Days on which a person is there: half come every few days and stop one after the other, half come rarely."""
    pace = 2.0 + person % 4 if person % 2 else 20.0 + person % 30
    end = DAYS if person % 3 else random.uniform(60, DAYS)
    day = random.uniform(0, pace)
    while day < end:
        yield day
        day += random.exponential(pace)


def plays(random: np.random.Generator) -> Iterator[Act]:
    for person in range(PEOPLE):
        for day in days_of(person, random):
            genre = GENRES[person % 3] if random.random() < 0.8 else GENRES[int(random.integers(3))]
            yield "play", person, day, f"{genre}-{int(random.integers(5))}", ""


def letters(random: np.random.Generator) -> Iterator[Act]:
    """A newspaper by mail: one a week is sent, and opened, read on and answered as often as its reader is there."""
    for person in range(PEOPLE):
        for week in range(0, DAYS, 7):
            yield "letter sent", person, float(week), "", "email"
        for day in days_of(person, random):
            yield "letter opened", person, day, "", "email"
            if random.random() < 0.6:
                yield "read on", person, day + 0.01, "", "email"
            if random.random() < 0.05:
                yield "wrote back", person, day + 0.02, "", "email"


def vocative(root: Path, *words: str, now: str = NOW) -> str:
    result = CliRunner().invoke(main, [*words, "-w", str(root), "--now", now])
    assert result.exit_code == 0, result.output
    return result.stdout


def write(path: Path, header: list[str], rows: list[Row]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)


def walk(root: Path, events: str, acts: Iterator[Act]) -> Report:
    """From files to predictions: what the run says of each module."""
    make_workspace(root)
    change(root, r'purchase = \["purchase"\]', f'purchase = ["purchase"]\n{events}\n\n[proving]\nleast_people = 30')
    change(root, r"\[business\]", '[business]\ninvented = ["all data: generated"]')
    everybody = range(PEOPLE)
    permissions = write(
        root / "permissions.csv",
        ["user_id", "purpose", "status", "at", "source"],
        [(f"u{one}", "personalization", "yes", "2024-12-01T00:00:00Z", "form") for one in everybody],
    )
    items = [(f"{genre}-{number}", f"{genre} {number}", genre) for genre in GENRES for number in range(5)]
    vocative(
        root, "import", "items", write(root / "items.csv", ["item_id", "name", "category"], list(items)), now=BEFORE
    )
    vocative(root, "import", "permissions", permissions, now=BEFORE)
    lines: list[Row] = [
        (number, what, f"u{person}", (FIRST + timedelta(days=day)).isoformat(), item, channel)
        for number, (what, person, day, item, channel) in enumerate(acts)
    ]
    header = ["message_id", "event", "user_id", "timestamp", "item_id", "channel"]
    vocative(root, "import", "events", write(root / "events.csv", header, lines))
    told = json.loads(vocative(root, "run", "--json"))
    modules: Report = told["predict"]
    return modules


def check(modules: Report) -> None:
    """Whether people come back is told of everybody; what needs money says so, and nothing is silently missing."""
    assert modules["buys_28d"]["predictions"] == PEOPLE
    assert modules["quiet_56d"]["predictions"] == PEOPLE
    for name, module in modules.items():
        assert not module["faults"], (name, module["faults"])
        assert module["predictions"] or not module["ready"] or module["verdict"], name
    for name in MONEY:
        assert not modules[name]["ready"], name
        assert "there are no purchases" in str(modules[name]["why"])
        assert modules[name]["predictions"] == 0


def test_a_streaming_service_predicts_what_is_played(tmp_path: Path) -> None:
    modules = walk(tmp_path / "w", 'use = ["play"]', plays(np.random.default_rng(3)))
    check(modules)
    assert modules["buys_28d"]["admitted"], modules["buys_28d"]["verdict"]
    assert modules["next_items"]["predictions"]


def test_a_newspaper_by_mail_predicts_who_reads_on(tmp_path: Path) -> None:
    events = 'sent = ["letter sent"]\nopen = ["letter opened"]\nclick = ["read on"]\nreply = ["wrote back"]'
    modules = walk(tmp_path / "w", events, letters(np.random.default_rng(4)))
    check(modules)
    assert modules["buys_28d"]["admitted"] or modules["quiet_56d"]["admitted"]
    assert "names an item" in str(modules["next_items"]["verdict"])
