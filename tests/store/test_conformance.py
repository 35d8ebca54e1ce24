"""The embedded drivers keep every promise of their protocols."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.store import drivers
from vocative.checks.inbox import INBOX_CHECKS
from vocative.checks.lake import LAKE_CHECKS
from vocative.checks.ledger import LEDGER_CHECKS
from vocative.checks.suite import Check
from vocative.store.protocols import Inbox, Lake, Ledger


@pytest.mark.parametrize("check", INBOX_CHECKS, ids=lambda check: str(check.__name__))
def test_inbox(check: Check[Inbox], tmp_path: Path) -> None:
    check(partial(drivers.inbox, tmp_path))


@pytest.mark.parametrize("check", LEDGER_CHECKS, ids=lambda check: str(check.__name__))
def test_ledger(check: Check[Ledger], tmp_path: Path) -> None:
    check(partial(drivers.ledger, tmp_path))


@pytest.mark.parametrize("check", LAKE_CHECKS, ids=lambda check: str(check.__name__))
def test_lake(check: Check[Lake], tmp_path: Path) -> None:
    check(partial(drivers.lake, tmp_path))
