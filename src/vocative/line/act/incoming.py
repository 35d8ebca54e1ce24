"""Takes in what waits in the inbox, for a run and before each hand-over."""

from __future__ import annotations

from vocative.collect.live import drain
from vocative.records.lake_tables import EVENTS, ITEMS, OFFERS, PEOPLE
from vocative.records.progress import Progress, no_progress
from vocative.records.results import ImportAccount
from vocative.store.protocols import Lake
from vocative.workspace.opening import OpenWorkspace

_MANY_FILES = 32


def take_in(workspace: OpenWorkspace, now: int, progress: Progress = no_progress) -> ImportAccount:
    """Move what waits in the inbox to the lake; the account of it."""
    account = drain(workspace.stores, workspace.settings, now, progress, workspace.scratch)
    _merge_files(workspace.stores.lake)
    return account


def _merge_files(lake: Lake) -> None:
    """Merge the files of tables that are read as a whole: each import leaves one, and each question opens them all.

    Rows that runs wrote stay in a file for each run: who asks for one run then reads one file.
    """
    for table in (EVENTS, PEOPLE, ITEMS, OFFERS):
        if len(lake.scan(table).files) >= _MANY_FILES:
            lake.compact(table)
