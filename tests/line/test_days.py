"""Twelve daily runs on growing data: what must hold across days, counted from the mails that were written.

Who got what, and when, is read from the files of the channel; zones, permissions and caps from the files and settings
that went in. Nothing here asks the code that does the counting in the product.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.line.shop import FIRST, approve_all, change, may_be_profiled, may_be_written_to, prepare
from vocative.collect.commit.files import import_file
from vocative.line.act import stages
from vocative.line.act.approval import approve, note_preview, turn_stop
from vocative.line.act.studio import studio_of
from vocative.line.running import run
from vocative.line.snapshot.clock import to_micros
from vocative.records.lake_tables import EVENTS
from vocative.records.ledger_tables import ASSIGNMENTS, OUTBOX
from vocative.records.settings import Kind
from vocative.workspace.opening import Workspace

PEOPLE, HISTORY, RUNS = 100, 100, 12
PER_DAY, PER_WEEK, PER_MONTH = 1, 2, 3
COST, BUDGET = 0.01, 0.25
ZONES = ("Europe/Riga", "Europe/Warsaw", "America/New_York", "")
BUSINESS_ZONE = "Europe/Riga"
PAUSES = {"news": 30, "ask": 365, "replenish": 14, "note": 4, "thanks": 91}
WITHDRAWN_ON, CHANGED_ON, APPROVED_ON, STOPPED_ON, LIFTED_ON = 5, 6, 7, 8, 9

NOTE = """name: note
goal: A line to everybody who likes messages.
channel: email
personalized: false
topic: note
pause_days: 4
template: note
value: 0.4
send_hour: 10
valid_hours: 30
"""
NOTE_TEXT = "Subject: A line from {{ business }}\n\n{{ greeting }}\n\nWe are open all week.\n\n{{ signature }}\n"


@dataclass(frozen=True)
class Mail:
    """One mail as it lies on disk: who got it, when, and under which id."""

    person: str
    at: datetime
    message_id: str
    subject: str

    @property
    def local(self) -> datetime:
        """The clock on the person's wall; that of the business where theirs is unknown."""
        return self.at.astimezone(ZoneInfo(ZONES[int(self.person[1:]) % len(ZONES)] or BUSINESS_ZONE))


@dataclass
class Diary:
    """Twelve days: all mails, the rows of the outbox by message, and what each run reported."""

    root: Path
    results: list[dict[str, object]] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    outbox: dict[str, dict[str, object]] = field(default_factory=dict)
    control: set[str] = field(default_factory=set)

    def campaign(self, mail: Mail) -> str:
        return str(self.outbox[mail.message_id]["campaign"])

    def by_person(self) -> dict[str, list[Mail]]:
        found: defaultdict[str, list[Mail]] = defaultdict(list)
        for mail in self.mails:
            found[mail.person].append(mail)
        return found


def morning(day: int) -> datetime:
    """Eleven in Riga, four at night in New York."""
    return FIRST + timedelta(days=HISTORY + day, hours=9)


def evening(day: int) -> datetime:
    """Seven in the evening in Riga, noon in New York."""
    return morning(day) + timedelta(hours=8)


def read_mails(root: Path) -> list[Mail]:
    found = []
    for path in sorted((root / "outbox").glob("*.eml")):
        parsed = message_from_bytes(path.read_bytes(), policy=default)
        person = str(parsed["To"]).partition("@")[0]
        at = parsedate_to_datetime(str(parsed["Date"]))
        found.append(Mail(person, at, str(parsed["Message-ID"])[1:].partition("@")[0], str(parsed["Subject"])))
    return sorted(found, key=lambda mail: (mail.at, mail.message_id))


def bring(workspace: Workspace, path: Path, kind: Kind, at: datetime) -> None:
    account = import_file(
        workspace.stores,
        workspace.settings,
        path,
        kind=kind,
        mapping=None,
        now=to_micros(at),
        scratch=workspace.scratch,
    )
    assert account.rejected == 0
    assert account.accepted > 0


def write_rows(path: Path, rows: Iterable[dict[str, str]]) -> None:
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def start(root: Path) -> list[dict[str, str]]:
    """A shop with a hundred days behind it and a fourth campaign; returns the events still to come."""
    raw = prepare(root, days=HISTORY + RUNS + 1, people=PEOPLE)
    change(root, r"cost = 0.001", f"cost = {COST}\ndaily_budget = {BUDGET}")
    caps = f"per_week = {PER_WEEK}\nper_month = {PER_MONTH}\n\n[relationship.stranger]\nper_week = {PER_WEEK}"
    change(root, r"per_week = 2\nper_month = 6", caps)
    change(root, r"share = 0.1 ", "share = 0.15 ")
    (root / "campaigns" / "note.yaml").write_text(NOTE, encoding="utf-8")
    (root / "templates" / "note").mkdir()
    (root / "templates" / "note" / "en.txt").write_text(NOTE_TEXT, encoding="utf-8")
    with (raw / "events.csv").open(encoding="utf-8", newline="") as file:
        events = list(csv.DictReader(file))
    write_rows(raw / "first.csv", (row for row in events if row["timestamp"] < morning(-1).isoformat()))
    with Workspace.open(root) as workspace:
        for kind in ("items", "people", "permissions"):
            bring(workspace, raw / f"{kind}.csv", kind, FIRST - timedelta(days=1))
        bring(workspace, raw / "first.csv", "events", morning(-1))
        approve_all(workspace, to_micros(morning(-1)))
    return [row for row in events if row["timestamp"] >= morning(-1).isoformat()]


def happenings(diary: Diary, day: int) -> None:
    """What the business does before the run of a day."""
    root, now = diary.root, to_micros(morning(day))
    if day == WITHDRAWN_ON:
        # One who had a mail already, and all others of the first twenty who may still get one.
        had = {mail.person for mail in read_mails(root)}
        diary.withdrawn = sorted(had)[:6] + [f"p{number}" for number in range(20) if f"p{number}" not in had]
    with Workspace.open(root) as workspace:
        if day == WITHDRAWN_ON:
            rows = [{"user_id": one, "purpose": "marketing", "status": "no", "at": morning(day).isoformat()}
                    for one in dict.fromkeys(diary.withdrawn)]  # fmt: skip
            write_rows(root / "raw" / "withdrawn.csv", rows)
            bring(workspace, root / "raw" / "withdrawn.csv", "permissions", morning(day))
        if day == STOPPED_ON:
            turn_stop(workspace, "on", "Tester", "a fault in the shop", now - 1)
        if day == LIFTED_ON:
            turn_stop(workspace, "off", "Tester", "", now - 1)
        if day == APPROVED_ON:
            note_preview(workspace, studio_of(workspace), "note", now - 1, {})
            approve(workspace, studio_of(workspace), "note", "Tester", now - 1)
    if day == CHANGED_ON:
        text = NOTE_TEXT.replace("open all week", "open on Sundays too")
        (root / "templates" / "note" / "en.txt").write_text(text, encoding="utf-8")


def live(diary: Diary, day: int, events: list[dict[str, str]]) -> None:
    """One day: the events since yesterday come in, the line runs, and in the evening what waits is handed over."""
    since, until = morning(day - 1).isoformat(), morning(day).isoformat()
    write_rows(diary.root / "raw" / f"day{day}.csv", (row for row in events if since <= row["timestamp"] < until))
    happenings(diary, day)
    with Workspace.open(diary.root) as workspace:
        bring(workspace, diary.root / "raw" / f"day{day}.csv", "events", morning(day))
        diary.results.append(run(workspace, to_micros(morning(day))))
        stages.send(workspace, to_micros(evening(day)))


@pytest.fixture(scope="module")
def diary(tmp_path_factory: pytest.TempPathFactory) -> Diary:
    kept = Diary(tmp_path_factory.mktemp("days") / "shop")
    events = start(kept.root)
    for day in range(RUNS):
        live(kept, day, events)
    kept.mails = read_mails(kept.root)
    with Workspace.open(kept.root) as workspace, workspace.stores.ledger.transaction() as transaction:
        kept.outbox = {str(row["message_id"]): dict(row) for row in transaction.select(OUTBOX)}
        kept.control = {str(row["person_id"]) for row in transaction.select(ASSIGNMENTS) if row["arm"] == "control"}
    return kept


def test_caps_hold_over_every_persons_own_days(diary: Diary) -> None:
    fullest = Counter[int]()
    for mails in diary.by_person().values():
        days = [mail.local.date().toordinal() for mail in mails]
        for length, most in ((1, PER_DAY), (7, PER_WEEK), (30, PER_MONTH)):
            found = max(sum(first <= day < first + length for day in days) for first in days)
            assert found <= most, (mails[0].person, length)
            fullest[length] = max(fullest[length], found)
    # The caps were reached, so that they were put to the test.
    assert fullest == {1: PER_DAY, 7: PER_WEEK, 30: PER_MONTH}


def test_nobody_hears_the_same_thing_twice_within_its_pause(diary: Diary) -> None:
    heard: defaultdict[tuple[str, str], list[Mail]] = defaultdict(list)
    for mail in diary.mails:
        for topic in json.loads(str(diary.outbox[mail.message_id]["topics"])):
            heard[mail.person, topic].append(mail)
    again = 0
    for mails in heard.values():
        pause = timedelta(days=PAUSES[diary.campaign(mails[0])])
        for before, after in pairwise(mails):
            # A message may wait some hours of the day it was decided for: the pause counts from decision to decision.
            assert after.at - before.at > pause - timedelta(hours=12)
            again += 1
    assert again > 0


def test_the_budget_of_a_day_of_the_business_is_never_passed(diary: Diary) -> None:
    days = Counter(mail.at.astimezone(ZoneInfo(BUSINESS_ZONE)).date() for mail in diary.mails)
    assert max(days.values()) == round(BUDGET / COST)
    # On several days it was the budget that ended it.
    assert sum(count == round(BUDGET / COST) for count in days.values()) > 2


def test_nothing_arrives_in_the_quiet_hours_of_the_person(diary: Diary) -> None:
    assert {8 <= mail.local.hour < 20 for mail in diary.mails} == {True}
    zones = Counter(ZONES[int(mail.person[1:]) % len(ZONES)] for mail in diary.mails)
    assert set(zones) == set(ZONES)


def test_the_control_group_and_those_without_permission_get_nothing(diary: Diary) -> None:
    reached = {mail.person for mail in diary.mails}
    assert 0 < len(diary.control) < PEOPLE / 2
    assert not reached & diary.control
    assert all(may_be_written_to(int(person[1:])) for person in reached)
    personal = {mail.person for mail in diary.mails if diary.campaign(mail) == "replenish"}
    assert personal
    assert all(may_be_profiled(int(person[1:])) for person in personal)


def test_permission_withdrawn_ends_messages_at_once(diary: Diary) -> None:
    theirs = [mail for mail in diary.mails if mail.person in diary.withdrawn]
    assert theirs
    assert all(mail.at < morning(WITHDRAWN_ON) for mail in theirs)


def test_every_mail_belongs_to_one_decision_and_every_delivery_is_a_mail(diary: Diary) -> None:
    delivered = {message_id for message_id, row in diary.outbox.items() if row["state"] == "delivered"}
    assert delivered == {mail.message_id for mail in diary.mails}
    assert len(delivered) == len(diary.mails)
    decisions = Counter(row["decision_id"] for row in diary.outbox.values())
    assert max(decisions.values()) == 1


def test_changed_text_goes_out_only_after_it_is_approved_again(diary: Diary) -> None:
    days = {(mail.at - morning(0)).days for mail in diary.mails if diary.campaign(mail) == "note"}
    assert min(days) < CHANGED_ON
    assert CHANGED_ON not in days
    assert max(days) >= APPROVED_ON
    texts = {
        (diary.root / "outbox" / f"{mail.message_id}.html").read_text(encoding="utf-8").count("on Sundays too")
        for mail in diary.mails
        if diary.campaign(mail) == "note" and mail.at >= morning(CHANGED_ON)
    }
    assert texts == {1}


def test_nothing_leaves_while_everything_is_stopped_and_then_it_goes_on(diary: Diary) -> None:
    days = Counter((mail.at - morning(0)).days for mail in diary.mails)
    assert days[STOPPED_ON] == 0
    assert days[LIFTED_ON] > 0
    decided = diary.results[STOPPED_ON]["decide"]
    assert isinstance(decided, dict)
    assert decided["contacted"] == 0
    assert decided["by_reason_not"]["stopped"] > 0


def test_every_run_saw_the_events_of_its_day(diary: Diary) -> None:
    assert len(diary.results) == RUNS
    assert len({str(result["run_id"]) for result in diary.results}) == RUNS
    with Workspace.open(diary.root) as workspace:
        known = workspace.stores.engine.query(
            "SELECT count(*) AS n, count(DISTINCT message_id) AS ids FROM events",
            {"events": workspace.stores.lake.scan(EVENTS)},
        ).to_pylist()[0]
    with (diary.root / "raw" / "events.csv").open(encoding="utf-8", newline="") as file:
        written = sum(row["timestamp"] < morning(RUNS - 1).isoformat() for row in csv.DictReader(file))
    assert known["n"] == known["ids"] == written
