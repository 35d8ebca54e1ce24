"""One person with unmistakable identifiers in a whole workspace, and a search that decodes every file there is."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pyarrow.parquet as pq

from tests.line.shop import FIRST, NOW, import_all, prepare
from vocative.collect.commit.files import import_file
from vocative.desk.person.not_me import disown
from vocative.desk.track import track
from vocative.line.running import run
from vocative.line.snapshot.clock import to_micros
from vocative.records.lake_tables import SHADOWS
from vocative.records.settings import Kind
from vocative.store.arrow import rows_to_arrow
from vocative.workspace.opening import OpenWorkspace

USER = "zz-quokka-7781"
EARLIER = "zz-numbat-3302"
DEVICE = "dev-axolotl-9917"
EMAIL = "quokka.anders@example.com"
PHONE = "+371 2655 7781"
NAME = "Quokkaline"
TOKENS = (USER, EARLIER, DEVICE, EMAIL, PHONE, NAME)
DAY_US = 86_400_000_000

_MORE_EVENTS = f"""message_id,timestamp,event,user_id,anonymous_id,item_id,amount,properties.previous_id
m1,2025-01-05T10:00Z,purchase,{EARLIER},,item-Milk,2.5,
m2,2025-01-06T10:00Z,alias,{USER},,,,{EARLIER}
m3,2025-01-07T10:00Z,view,{USER},{DEVICE},item-Milk,,
m4,2025-01-08T10:00Z,view,,{DEVICE},item-Bread,,
m5,2025-01-08T11:00Z,view,p1,dev-of-p1,item-Bread,,
m6,2025-01-08T12:00Z,view,,dev-of-p1,item-Bread,,
m7,some day,view,{USER},,item-Bread,,
m8,some day,view,p1,,item-Bread,,
m9,2025-01-08T12:00Z,view,{USER},,item-Bread,7,8,9,10
n1,2025-01-08T12:00Z,view,p2,,item-Bread,7,8,9,10
n2,2025-01-08T12:00Z,,someone,{DEVICE},item-Bread,,
"""
_MORE_PEOPLE = f"""user_id,email,phone,first_name,language
{USER},{EMAIL.title()},{PHONE},{NAME},en
p1,p1@example.com,+371 2000 0001,Zane,en
,{EMAIL},,{NAME},en
,p3@example.com,,Uldis,en
"""
_MORE_PERMISSIONS = f"""user_id,purpose,status,at,source,text
{EMAIL},ads_audience,no,2024-12-02T00:00:00Z,desk,May we?
p1@example.com,ads_audience,no,2024-12-02T00:00:00Z,desk,May we?
"""
FILES: tuple[tuple[Kind, str], ...] = (
    ("items", "items.csv"),
    ("people", "people.csv"),
    ("people", "more-people.csv"),
    ("permissions", "permissions.csv"),
    ("permissions", "more-permissions.csv"),
    ("events", "events.csv"),
    ("events", "more-events.csv"),
)


def live(number: int, user_id: str, **more: str) -> dict[str, object]:
    """A live event whose id names the person, as ids of client libraries often do."""
    return {
        "message_id": f"live-{user_id}-{number}",
        "event": "view",
        "user_id": user_id,
        "item_id": "item-Milk",
        **more,
    }


def shadow(person_id: str) -> dict[str, str | int | float]:
    """A prediction in shadow, as one of a new version of a model."""
    return {
        "run_id": "earlier",
        "moment": NOW,
        "person_id": person_id,
        "module": "buys_28d",
        "target": "",
        "value": 0.5,
        "support": 3.0,
        "version": "new",
    }


def make(root: Path) -> None:
    """A workspace with several imports, live events, a run, messages, pages, refused rows and aliases."""
    raw = prepare(root, people=30)
    for name in ("events", "people", "permissions"):
        path = raw / f"{name}.csv"
        text = path.read_text(encoding="utf-8").replace("p0@example.com", EMAIL)
        text = re.sub(r"\bp0\b", USER, text)
        path.write_text(re.sub(rf"({re.escape(EMAIL)}),\w+", rf"\1,{NAME}", text), encoding="utf-8")
    (raw / "more-events.csv").write_text(_MORE_EVENTS, encoding="utf-8")
    (raw / "more-people.csv").write_text(_MORE_PEOPLE, encoding="utf-8")
    (raw / "more-permissions.csv").write_text(_MORE_PERMISSIONS, encoding="utf-8")
    import_all(root)
    with OpenWorkspace.open(root) as workspace:
        for kind, name in FILES:
            if name.startswith("more-"):
                take(workspace, kind, raw / name)
        track(workspace, [live(1, USER), live(2, "p1"), live(3, "p2", anonymous_id="dev-of-p2")], NOW - 5)
        run(workspace, NOW)
        workspace.stores.lake.append(SHADOWS, rows_to_arrow(SHADOWS, map(shadow, (USER, "p1"))), token="shadows")
        disown(workspace, USER, NOW + 2, message_ids=["m1"])
        disown(workspace, "p1", NOW + 2, message_ids=["m5"])
        track(workspace, [live(4, USER, text="my secret wish"), live(5, "p1")], NOW + 5)
        track(workspace, [{"event": "view", "anonymous_id": DEVICE, "item_id": "item-Milk"}], NOW + 5)
    (root / "previews").mkdir(exist_ok=True)
    (root / "previews" / "x.html").write_text(f"<p>Dear {NAME}</p>", encoding="utf-8")
    (root / "report.html").write_text(f"<p>Dear {NAME}</p>", encoding="utf-8")


def take(workspace: OpenWorkspace, kind: Kind, path: Path, now: int | None = None) -> tuple[int, int, int]:
    """Import a file; accepted, merged and rejected rows, which add up to those read."""
    before = to_micros(FIRST) - DAY_US
    account = import_file(
        workspace.stores, workspace.settings, path, kind=kind, mapping=None, scratch=workspace.scratch,
        now=now or (NOW - DAY_US if kind == "events" else before),
    )  # fmt: skip
    assert account.read == account.accepted + account.merged + account.rejected
    return account.accepted, account.merged, account.rejected


def traces(root: Path) -> dict[str, set[str]]:
    """Token → the files, relative to the workspace, that hold it: as bytes, or in anything that can be decoded."""
    found: dict[str, set[str]] = {token: set() for token in TOKENS}
    for path in sorted(root.rglob("*")):
        if path.is_file() and "raw" not in path.relative_to(root).parts:
            texts = [text.lower() for text in _readings(path)]
            for token in TOKENS:
                if any(token.lower() in text for text in texts):
                    found[token].add(str(path.relative_to(root)))
    return {token: files for token, files in found.items() if files}


def _readings(path: Path) -> Iterator[str]:
    """Everything a file says, read in every way that fits it."""
    data = path.read_bytes()
    yield data.decode("utf-8", "replace")
    yield data.decode("utf-16-le", "replace")
    if path.suffix == ".parquet":
        yield repr(pq.read_table(path).to_pylist())
    if path.suffix == ".sqlite":
        yield from _database(path)
    if path.suffix == ".eml":
        mail = message_from_bytes(data, policy=default)
        yield repr(mail.items())
        for part in mail.walk():
            if not part.is_multipart():
                yield str(part.get_content())


def _database(path: Path) -> Iterator[str]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        for row in connection.execute(f'SELECT * FROM "{table}"'):
            yield " ".join(cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell) for cell in row)
    connection.close()
