"""Moments as text and as numbers, and which runs can be taken up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.line.shop import NOW, prepare
from vocative.desk.status import status
from vocative.line.snapshot.clock import parse_moment, to_micros, to_text
from vocative.line.snapshot.journal import Journal
from vocative.workspace.opening import Workspace

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.integers(10**14, 7 * 10**15), ZONES)
def test_no_microsecond_of_a_moment_is_lost(micros: int, zone: timezone) -> None:
    assert to_micros((EPOCH + timedelta(microseconds=micros)).astimezone(zone)) == micros
    assert parse_moment(to_text(micros)) == micros


def test_a_late_part_of_a_second_does_not_lie_in_the_next_one() -> None:
    assert to_micros(datetime(1970, 1, 1, 0, 0, 0, 700_000, tzinfo=UTC)) == 700_000


def test_only_a_run_that_can_still_be_resumed_is_called_unfinished(tmp_path: Path) -> None:
    prepare(tmp_path / "shop", days=3, people=2)
    cut_off = NOW + 7
    with Workspace.open(tmp_path / "shop") as workspace:
        Journal(workspace.stores.ledger, cut_off).note("", "started", None)
        runs = status(workspace, NOW)["runs"]
        assert runs == {"done": 0, "unfinished": [to_text(cut_off)], "last": None}
        assert parse_moment(to_text(cut_off)) == cut_off
        Journal(workspace.stores.ledger, NOW + 8).once("", dict)
        assert status(workspace, NOW)["runs"] == {"done": 1, "unfinished": [], "last": to_text(NOW + 8)}
