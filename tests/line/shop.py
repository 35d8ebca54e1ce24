"""A small invented shop, the same for every test: files on disk, and a workspace that has imported them."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from vocative.collect.commit.files import import_file
from vocative.line.act.approval import approve, note_preview
from vocative.line.act.studio import studio_of
from vocative.line.snapshot.clock import to_micros
from vocative.records.settings import Kind
from vocative.records.uses import USES
from vocative.workspace.opening import Workspace
from vocative.workspace.starting import make_workspace

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
FIRST_MOMENT = to_micros(FIRST)
DAYS = 120
NOW = to_micros(FIRST + timedelta(days=DAYS, hours=8))
PEOPLE = 60
CATEGORIES = ("Milk", "Bread", "Coffee")
ANSWERS = (("yes", "yes"), ("yes", ""), ("yes", "no"), ("no", "yes"), ("", ""))


def may_be_profiled(person: int) -> bool:
    """Whether the invented person said yes to personalization."""
    return ANSWERS[person % len(ANSWERS)][1] == "yes"


def may_be_written_to(person: int) -> bool:
    """Whether the invented person said yes to marketing."""
    return ANSWERS[person % len(ANSWERS)][0] == "yes"


def write_files(folder: Path, *, days: int = DAYS, people: int = PEOPLE, seed: int = 1) -> None:
    """Write events.csv, people.csv, items.csv and permissions.csv in canonical columns."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    events: list[list[object]] = []
    for person in range(people):
        for place, category in enumerate(CATEGORIES):
            pause = 3 + (person + place) % 9
            day = float(random.uniform(0, pause))
            while day < days:
                moment = FIRST + timedelta(days=day)
                events.append([f"p{person}-{category}-{len(events)}", moment.isoformat(), "purchase", f"p{person}",
                               f"o{person}-{int(day)}", f"item-{category}", 1, 2.5 + place, 0.0])  # fmt: skip
                day += pause + float(random.normal(0, 0.4))
    _write(folder / "events.csv",
           ["message_id", "timestamp", "event", "user_id", "order_id", "item_id", "quantity", "amount", "discount"],
           sorted(events, key=lambda row: str(row[1])))  # fmt: skip
    zones = ("Europe/Riga", "Europe/Warsaw", "America/New_York", "")
    _write(folder / "people.csv", ["user_id", "email", "first_name", "timezone", "language"],
           [[f"p{p}", f"p{p}@example.com", f"Person{chr(97 + p % 26)}", zones[p % 4], "en"]
            for p in range(people)])  # fmt: skip
    _write(folder / "items.csv", ["item_id", "name", "category", "brand", "price"],
           [[f"item-{c}", c.lower(), c, "Own", 2.5 + i] for i, c in enumerate(CATEGORIES)])  # fmt: skip
    _write(folder / "permissions.csv", ["user_id", "purpose", "status", "at", "source", "text"],
           [[f"p{p}", purpose, answer, "2024-12-01T00:00:00Z", "test", "May we?"]
            for p in range(people)
            for purpose, answer in zip(("marketing", "personalization"), ANSWERS[p % len(ANSWERS)], strict=True)
            if answer])  # fmt: skip


def prepare(root: Path, *, days: int = DAYS, people: int = PEOPLE) -> Path:
    """A workspace in `root` whose settings fit the shop; nothing is imported yet. Returns the folder of the files."""
    make_workspace(root)
    change(root, r"\[control\]", "[readiness]\nrepeaters = 1\n\n[control]")
    change(root, r"(?m)^covers = .*$", f"covers = {json.dumps(USES)}")
    write_own_words(root)
    wording = "[category]\n" + "".join(f'"{name}" = "{name.lower()}"\n' for name in CATEGORIES)
    (root / "wording" / "en.toml").write_text(wording, encoding="utf-8")
    write_files(root / "raw", days=days, people=people)
    return root / "raw"


def write_own_words(root: Path) -> None:
    """Put the business's own words where a new workspace has placeholders, which nobody can approve."""
    news = root / "templates" / "news" / "en.txt"
    words = "Thank you for staying in touch. New teas are in."
    text = f"Subject: A short hello from {{{{ business }}}}\n\n{{{{ greeting }}}}\n\n{words}\n\n{{{{ signature }}}}\n"
    news.write_text(text, encoding="utf-8")
    brand = root / "brand.toml"
    brand.write_text(
        brand.read_text(encoding="utf-8").replace("[Your team]", "Your team at the corner"), encoding="utf-8"
    )
    settings = root / "vocative.toml"
    told = settings.read_text(encoding="utf-8")
    for placeholder, own in (("My business", "Corner shop"), ("hello@example.com", "hello@corner.example.com")):
        told = told.replace(placeholder, own)
    settings.write_text(told, encoding="utf-8")


def change(root: Path, pattern: str, replacement: str) -> None:
    """Edit vocative.toml."""
    path = root / "vocative.toml"
    text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"))
    assert count == 1, pattern
    path.write_text(text, encoding="utf-8")


def import_all(root: Path) -> None:
    """Import the four files; people, items and permissions were known before the first event."""
    kinds: tuple[Kind, ...] = ("items", "people", "permissions", "events")
    with Workspace.open(root) as workspace:
        for kind in kinds:
            now = NOW if kind == "events" else to_micros(FIRST - timedelta(days=1))
            account = import_file(
                workspace.stores, workspace.settings, root / "raw" / f"{kind}.csv", kind=kind, mapping=None, now=now
            )
            assert account.rejected == 0
            assert account.read == account.accepted + account.merged
        approve_all(workspace)


def approve_all(workspace: Workspace, now: int = FIRST_MOMENT) -> None:
    """Approve every campaign as it stands, as a person of the business would."""
    studio = studio_of(workspace)
    for campaign in workspace.campaigns:
        note_preview(workspace, studio, campaign.name, now, {})
        approve(workspace, studio, campaign.name, "Tester", now)


def _write(path: Path, header: list[str], rows: list[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
