"""The embedded drivers keep every promise of their protocols."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.store import drivers
from vocative.checks.engine import ENGINE_CHECKS
from vocative.checks.inbox import INBOX_CHECKS
from vocative.checks.lake import LAKE_CHECKS
from vocative.checks.ledger import LEDGER_CHECKS
from vocative.checks.suite import Check
from vocative.store.protocols import Engine, Inbox, Lake, Ledger


def name(check: object) -> str:
    return str(getattr(check, "__name__", check))


@pytest.mark.parametrize("check", INBOX_CHECKS, ids=name)
def test_inbox(check: Check[Inbox], tmp_path: Path) -> None:
    check(partial(drivers.inbox, tmp_path))


@pytest.mark.parametrize("check", LEDGER_CHECKS, ids=name)
def test_ledger(check: Check[Ledger], tmp_path: Path) -> None:
    check(partial(drivers.ledger, tmp_path))


@pytest.mark.parametrize("check", LAKE_CHECKS, ids=name)
def test_lake(check: Check[Lake], tmp_path: Path) -> None:
    check(partial(drivers.lake, tmp_path))


@pytest.mark.parametrize("check", ENGINE_CHECKS, ids=name)
def test_engine(check: Check[Engine], tmp_path: Path) -> None:
    check(partial(drivers.engine, tmp_path))


def test_every_check_states_its_promise() -> None:
    checks = (*INBOX_CHECKS, *LEDGER_CHECKS, *LAKE_CHECKS, *ENGINE_CHECKS)
    assert [name(check) for check in checks if not (check.__doc__ or "").strip().endswith(".")] == []
    assert len({name(check) for check in checks}) == len(checks)
