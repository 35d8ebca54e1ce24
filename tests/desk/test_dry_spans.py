"""A dry run of several days: what it would have said fills the caps, pauses and budgets of its own later days."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.line.shop import NOW, change, import_all, prepare
from tests.line.state import state_of
from vocative.cli import main
from vocative.desk.rehearse.dry_run_span import DryRunSpan, _moments, dry_run_span, span_of
from vocative.line.act.stages import send
from vocative.line.running import run
from vocative.line.snapshot.clock import parse_moment, to_text
from vocative.records.ledger_tables import OUTBOX
from vocative.workspace.opening import OpenWorkspace

HOUR = 3_600_000_000
DAY = 24 * HOUR
FIRST, LAST = date(2025, 5, 2), date(2025, 5, 3)
CLOCK = NOW + 30 * DAY
SPAN = DryRunSpan(FIRST, LAST)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented shop; everything in it is known since the morning of the first of May."""
    root = tmp_path_factory.mktemp("shop")
    prepare(root, people=15)
    import_all(root)
    return root


@pytest.fixture(scope="module")
def foretold(root: Path) -> dict[str, Any]:
    """The dry run of the span, before anything has happened in it."""
    with OpenWorkspace.open(root) as workspace:
        return dry_run_span(workspace, SPAN, CLOCK)


@pytest.fixture
def workspace(root: Path) -> Iterator[OpenWorkspace]:
    with OpenWorkspace.open(root) as opened:
        yield opened


def vocative(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["campaign", "dry-run", *arguments, "-w", str(root), "--now", to_text(CLOCK)])


def test_it_foretells_what_runs_on_those_days_then_do(root: Path, foretold: dict[str, Any], tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "shop")
    with OpenWorkspace.open(tmp_path / "shop") as workspace:
        really = []
        for _, now in _moments(SPAN, "Europe/Riga"):
            decided = run(workspace, now)["decide"]
            assert isinstance(decided, dict)
            really.append(decided["contacted"])
            for hour in range(3, 24, 5):
                send(workspace, now + hour * HOUR)
        assert [one["contacts"] for one in foretold["days"]] == really
        assert sum(really) == foretold["contacts"] > 0
        with workspace.stores.ledger.transaction() as transaction:
            rows = transaction.select(OUTBOX)
        assert {row["state"] for row in rows} == {"delivered"}
        assert len({row["person_id"] for row in rows}) == foretold["would_receive"]
        # What was really said in those days plays no part in a dry run of them.
        assert dry_run_span(workspace, SPAN, CLOCK) == foretold


def test_caps_and_pauses_are_carried_from_day_to_day(workspace: OpenWorkspace, foretold: dict[str, Any]) -> None:
    assert foretold["days"][0]["contacts"] > 0
    assert foretold["caps_hit"]["heard about this not long ago"]["people"] > 0
    alone = dry_run_span(workspace, DryRunSpan(LAST, LAST), CLOCK)
    assert alone["contacts"] > foretold["days"][1]["contacts"], "a day alone knows nothing of the one before"


def test_a_day_s_budget_is_full_again_on_the_next(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "shop")
    change(tmp_path / "shop", r'driver = "file"', 'driver = "file"\ndaily_budget = 0.003')
    with OpenWorkspace.open(tmp_path / "shop") as workspace:
        found = dry_run_span(workspace, SPAN, CLOCK)
    assert [one["contacts"] for one in found["days"]] == [3, 3]  # type: ignore[attr-defined]
    assert found["limits"] == {"budget of email": {"used": pytest.approx(0.006), "plans_it_binds": 2}}
    assert found["cost"] == pytest.approx(0.006)


def test_nothing_is_written(root: Path, workspace: OpenWorkspace) -> None:
    before = state_of(root)
    dry_run_span(workspace, DryRunSpan(FIRST, FIRST), CLOCK, "news")
    assert state_of(root) == before


def test_every_so_many_days_and_one_campaign_alone(root: Path) -> None:
    result = vocative(root, "news", "--from", "2025-05-02", "--until", "2025-05-06", "--every", "4", "--json")
    found = json.loads(result.stdout)
    assert [one["day"] for one in found["days"]] == ["2025-05-02", "2025-05-06"]
    assert list(found["by_campaign"]) == ["news"]
    assert found["every"] == 4
    shown = vocative(root, "--from", "2025-05-02", "--until", "2025-05-02").stdout
    assert "decided each day at 03:00" in shown
    assert "declared gain (a guess)" in shown
    assert "repeat_rhythm: naive way 1" in shown
    assert "Nothing was written" in shown


def test_where_nobody_receives_anything_it_says_why(workspace: OpenWorkspace) -> None:
    early = span_of(None, "2025-01-02", "2025-01-02", 1, "03:00")
    found = dry_run_span(workspace, early, CLOCK, "replenish")
    assert found["would_receive"] == 0
    assert str(found["sentence"]).startswith(f"0 of {found['people']} will receive it, because: ")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--month", "2025-13"), "'2025-13' is not a month"),
        (("--month", "2025-05", "--from", "2025-05-01"), "both given"),
        (("--from", "2025-05-01"), "--until is missing"),
        (("--from", "2025-05-09", "--until", "2025-05-01"), "lies before"),
        (("--from", "May", "--until", "2025-05-01"), "'May' is not a day"),
        (("--month", "2025-05", "--at", "25:00"), "is not a time of day"),
        (("--month", "2031-05"), "lies ahead"),
        (("nonsense", "--month", "2025-05"), "no campaign named 'nonsense'"),
    ],
)
def test_a_span_that_is_none_is_refused_in_words(root: Path, words: tuple[str, ...], told: str) -> None:
    result = vocative(root, *words)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())
    assert "→" in result.stderr


def test_days_that_lie_ahead_are_left_out_and_counted(workspace: OpenWorkspace) -> None:
    clock = parse_moment("2025-05-02T12:00Z")
    found = dry_run_span(workspace, SPAN, clock, "news")
    assert (found["days_decided"], found["days_left_out"]) == (1, 1)


@pytest.mark.parametrize("zone", ["Europe/Riga", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
def test_each_day_has_its_own_moment_also_when_the_clock_changes(zone: str) -> None:
    span = span_of("2025-03", None, None, 1, "03:00")
    moments = list(_moments(span, zone))
    assert [day for day, _ in moments] == span.days()
    gaps = {(later - now) / HOUR for (_, now), (_, later) in pairwise(moments)}
    assert gaps <= {23.0, 24.0, 25.0}
    assert all(earlier < later for (_, earlier), (_, later) in pairwise(moments))
