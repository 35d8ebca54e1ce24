"""The workspace's key is made once, whole, and for its owner only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vocative.errors import WorkspaceError
from vocative.workspace.secret import read_or_make_key


def test_the_key_stays_the_same(tmp_path: Path) -> None:
    first = read_or_make_key(tmp_path / "data")
    assert len(first) == 32
    assert read_or_make_key(tmp_path / "data") == first
    assert (tmp_path / "data" / "key").stat().st_mode & 0o077 == 0


def test_all_who_ask_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read_or_make_key(tmp_path / "data"), range(16)))
    assert len(keys) == 1


def test_two_workspaces_have_different_keys(tmp_path: Path) -> None:
    assert read_or_make_key(tmp_path / "a") != read_or_make_key(tmp_path / "b")


def test_a_broken_key_is_not_replaced_silently(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(WorkspaceError, match="does not hold"):
        read_or_make_key(tmp_path)
