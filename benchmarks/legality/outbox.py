"""Eight processes at once on one real ledger: each plans for everybody, fills the same outbox and hands over from it.

`python -m benchmarks.legality.outbox FOLDER NUMBER` is one of the eight; `run` starts them, between two rounds lets
people merge and change their minds, and gives what left to the checker. Texts stand in the lake beforehand.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter, sleep
from typing import cast

import msgspec
import numpy as np

from benchmarks.legality.checker import Person, Sent, Truth, both, violations
from benchmarks.legality.world import (
    PLANNERS,
    approved,
    campaigns,
    link,
    outbox_row,
    people,
    permission,
    recipients_now,
    settings,
)
from vocative.decide.planning import Plan, decide_all
from vocative.deliver.channel import Channel, Outgoing, Receipt
from vocative.deliver.outbox import enqueue, hand_over
from vocative.deliver.recheck import Rules, contact_of, told_before
from vocative.records.acting import Contact
from vocative.records.lake_tables import DECISIONS, MESSAGES
from vocative.records.ledger_tables import APPROVALS, IDENTITIES, OUTBOX, PERMISSIONS, TOLD
from vocative.records.schema import Cell, Value
from vocative.store.arrow import rows_to_arrow
from vocative.store.context import StoreContext
from vocative.store.permissions import owners_of
from vocative.store.protocols import Ledger, Stores
from vocative.store.registry import open_engine, open_inbox, open_lake, open_ledger

PEOPLE = 300
PROCESSES = 8
# Around the changes of the clock in America, Europe and Australia, and back.
ROUNDS = tuple(
    datetime(2026, month, day, hour, minute, tzinfo=UTC)
    for month, day in ((3, 7), (3, 9), (3, 28), (3, 30), (4, 4), (4, 6), (10, 24), (10, 26), (10, 31), (11, 2))
    for hour, minute in ((1, 10), (12, 40), (22, 5))
)
_STATES = ["queued", "handing_over", "delivered", "unknown"]


class Log:
    """A channel that writes down what it is given and when; appending one line is one call of the system."""

    idempotent = False

    def __init__(self, path: Path, name: str) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self._name = name

    def push(self, message: Outgoing) -> Receipt:
        """Write one line."""
        os.write(self._file, f"{message.message_id}|{self._name}|{message.sent_at}\n".encode())
        return Receipt(accepted=True, text="")

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def run() -> Iterator[dict[str, object]]:
    """One row: what eight processes sent, and what of it broke a rule."""
    with tempfile.TemporaryDirectory() as folder:
        yield _measured(Path(folder))


def _measured(folder: Path) -> dict[str, object]:
    rng = np.random.default_rng(11)
    start = perf_counter()
    everybody = {one.name: one for one in people(PEOPLE, rng)}
    truth = Truth(dict(everybody))
    stores = _stores(folder)
    _prepare(stores, truth, rng)
    _keep(folder, everybody)
    command = [sys.executable, "-m", "benchmarks.legality.outbox", str(folder)]
    workers = [subprocess.Popen([*command, str(number)]) for number in range(PROCESSES)]
    for number, moment in enumerate(ROUNDS):
        now = _micros(moment)
        _between(stores.ledger, truth, everybody, now - 60_000_000, rng)
        _keep(folder, everybody)
        (folder / f"go-{number}").touch()
        _wait(folder, [f"done-{number}-{worker}" for worker in range(PROCESSES)], workers)
    codes = [worker.wait() for worker in workers]
    if any(codes):
        raise RuntimeError(f"a process ended with {codes}")
    with stores.ledger.transaction() as transaction:
        rows = {str(row["message_id"]): row for row in transaction.select(OUTBOX)}
    log = []
    for line in (folder / "log").read_text(encoding="utf-8").splitlines():
        message, channel, at = line.split("|")
        row = rows[message]
        log.append(
            Sent(
                str(row["person_id"]),
                str(row["campaign"]),
                str(row["class"]),
                channel,
                int(at),
                float(str(row["cost"])),
            )
        )
    stores.ledger.close()
    stores.inbox.close()
    return {
        "part": "eight processes on one ledger",
        "decisions": len(ROUNDS) * PROCESSES * PEOPLE,
        "people": PEOPLE,
        "merges": len(truth.merges),
        "chosen": len(rows),
        "handed over": len(log),
        "twice": len(log) - len({line.split("|")[0] for line in (folder / "log").read_text().splitlines()}),
        **violations(truth, log, _budgets()),
        "wall seconds": round(perf_counter() - start, 1),
    }


def _budgets() -> dict[str, float]:
    return {"email": 0.6, "sms": 0.7}


def _stores(folder: Path) -> Stores:
    context = StoreContext("legality", folder)
    ledger = open_ledger("sqlite", context)
    own = StoreContext("legality", folder / f"spill-{os.getpid()}", {"memory": "200MB", "threads": 1})
    return Stores(
        open_inbox("sqlite", context),
        open_lake("delta", StoreContext("legality", folder, lock=ledger.lock)),
        ledger,
        open_engine("duckdb", own),
    )


def _prepare(stores: Stores, truth: Truth, rng: np.random.Generator) -> None:
    """Texts for every message that may be chosen, approvals, and what people said at first."""
    names = [
        _message(number, worker, name)
        for number in range(len(ROUNDS)) for worker in range(PROCESSES) for name in truth.people
    ]  # fmt: skip
    stores.lake.append(MESSAGES, rows_to_arrow(MESSAGES, (_text(name) for name in names)), token="texts")
    stores.lake.append(DECISIONS, rows_to_arrow(DECISIONS, (_decision(name) for name in names)), token="texts")
    said = {name: "yes" if rng.random() < 0.85 else "no" for name in truth.people}
    for name, status in said.items():
        truth.permissions[name].append((1, status == "yes"))
    with stores.ledger.transaction() as transaction:
        transaction.insert(APPROVALS, approved(campaigns()))
        transaction.insert(PERMISSIONS, [permission(name, status, 1) for name, status in said.items()])


def _message(number: int, worker: int, name: str) -> str:
    return f"{number}-{worker}-{name}"


def _text(message: str) -> dict[str, Value]:
    # Written, as far as a hand-over looks, at the moment of its round: what is older than the queue is not read.
    written = _micros(ROUNDS[int(message.partition("-")[0])])
    return {
        **dict.fromkeys(("template", "template_hash", "subject", "body_text", "body_html", "run_id"), "none"),
        "message_id": message, "decision_id": message, "moment": written, "person_id": message.rpartition("-")[2],
        "channel": "email", "language": "en", "address": "a@example.com",
    }  # fmt: skip


def _decision(message: str) -> dict[str, Cell]:
    return {
        **dict.fromkeys(("relationship", "relationship_reason"), "none"), "probabilities": [], "explored": False,
        **dict.fromkeys(("candidates", "facts", "versions"), "[]"),
        "decision_id": message, "run_id": "none", "moment": 1, "person_id": message.rpartition("-")[2],
        "outcome": "contact", "campaign": "news", "personalized": False, "propensity": 1.0, "reason": "news",
    }  # fmt: skip


def _between(ledger: Ledger, truth: Truth, everybody: dict[str, Person], at: int, rng: np.random.Generator) -> None:
    """Between two rounds some change their minds and two pairs turn out to be one person each."""
    gone = {user for _, user, _ in truth.merges}
    standing = sorted(set(everybody) - gone)
    drawn = [standing[place] for place in rng.choice(len(standing), 14, replace=False)]
    answers = [(name, "yes" if rng.random() < 0.6 else "no") for name in drawn[:10]]
    pairs = [(drawn[10], drawn[11]), (drawn[12], drawn[13])]
    with ledger.transaction() as transaction:
        transaction.insert(PERMISSIONS, [permission(name, status, at) for name, status in answers])
        transaction.insert(IDENTITIES, [link(user, person, at) for user, person in pairs])
    for name, status in answers:
        truth.permissions[name].append((at, status == "yes"))
    for user, person in pairs:
        truth.merges.append((at, user, person))
        everybody[person] = both(everybody[user], everybody[person])


def _keep(folder: Path, everybody: dict[str, Person]) -> None:
    (folder / "people.json").write_bytes(msgspec.json.encode(list(everybody.values())))


def _wait(folder: Path, names: Iterable[str], workers: Iterable[subprocess.Popen[bytes]] = ()) -> None:
    for name in names:
        while not (folder / name).exists():
            if any(worker.poll() for worker in workers):
                raise RuntimeError("a process broke off")
            sleep(0.005)


def work(folder: Path, worker: int) -> None:
    """One of the eight: in every round plan for everybody, fill the outbox, hand over."""
    stores = _stores(folder)
    channels = cast("dict[str, Channel]", {name: Log(folder / "log", name) for name in _budgets()})
    for number, moment in enumerate(ROUNDS):
        _wait(folder, [f"go-{number}"])
        known = {one.name: one for one in msgspec.json.decode((folder / "people.json").read_bytes(), type=list[Person])}
        _one_round(stores, channels, known, (number, worker), _micros(moment))
        (folder / f"done-{number}-{worker}").touch()
    stores.ledger.close()
    stores.inbox.close()


def _one_round(
    stores: Stores, channels: dict[str, Channel], known: dict[str, Person], place: tuple[int, int], now: int
) -> None:
    rules, texts = settings(_budgets()), campaigns()
    with stores.ledger.transaction() as transaction:
        recipients = recipients_now(transaction, known, sorted(known), now)
        owners = owners_of(transaction)
        contacts = list(_contacts(transaction.select(OUTBOX, {"state": _STATES}), owners))
        told = [(row, str(row["person_id"])) for row in transaction.select(TOLD)]
    contacts += [told_before(row, owners.get(name, name)) for row, name in told]
    plan = Plan(
        run_id=f"{place}", now=now, settings=rules, campaigns=[texts[name] for name in PLANNERS[place[1]]], wordings={}
    )
    rows = []
    for decision in decide_all(plan, recipients, {}, contacts, {}).decisions:
        chosen = decision.chosen
        if decision.outcome == "contact" and chosen is not None and chosen.send_at and chosen.local_day:
            message = _message(*place, decision.person_id)
            person = known[decision.person_id]
            rows.append(outbox_row(message, person, texts[chosen.campaign], now, chosen.send_at, chosen.local_day))
    enqueue(stores.ledger, rows)
    budgets = {name: one.daily_budget or 0.0 for name, one in rules.channels.items()}
    people_now = {one.person_id: one for one in recipients}
    once = frozenset({"launch"})
    hand_over(
        stores,
        channels,
        Rules(rules.caps, rules.quiet_hours, rules.business, budgets, people=people_now, once=once),
        now,
    )


def _contacts(rows: Iterable[dict[str, Value]], owners: dict[str, str]) -> Iterator[Contact]:
    for row in rows:
        name = str(row["person_id"])
        day = date.fromisoformat(str(row["local_day"])).toordinal()
        yield contact_of({**row, "person_id": owners.get(name, name)}, day)


def _micros(moment: datetime) -> int:
    return round(moment.timestamp()) * 1_000_000


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]))
