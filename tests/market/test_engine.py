"""The protocol of the policy `engine`: what is typed when, and how what came out becomes messages of the market."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vocative.market.catalogue import CATEGORIES
from vocative.market.engine import EnginePolicy, prepare
from vocative.market.files import books_of, offer_id
from vocative.market.limits import Contacts, daily_budgets
from vocative.market.messages import ASK, NEWS, OFFER, MarketMessages
from vocative.market.nature import COST, EMAIL
from vocative.market.people import YES
from vocative.market.policies import look
from vocative.market.simulating import history
from vocative.market.world import World, draw_market

PEOPLE = 60
MOMENT = pa.timestamp("us", "UTC")
Row = dict[str, object]


class Imagined:
    """Stands for the engine: notes what is typed, and hands over what a test has put into its outbox."""

    def __init__(self) -> None:
        self.typed: list[list[str]] = []
        self.outbox: list[Row] = []
        self.decisions: list[Row] = []

    def __call__(self, words: Sequence[str]) -> Mapping[str, object]:
        said = list(words)
        self.typed.append(said)
        if said[0] in ("send", "run"):
            self._send(self.when(said))
        if said[0] == "export":
            rows = {"receipts": self.outbox, "decisions": self.decisions}[said[1]]
            table = pa.Table.from_pylist(rows)
            for name in ("send_at", "handed_over_at"):
                if name in table.column_names:
                    table = table.set_column(table.column_names.index(name), name, table[name].cast(MOMENT))
            pq.write_table(table, said[said.index("--out") + 1])
        return {}

    @staticmethod
    def when(words: Sequence[str]) -> datetime:
        return datetime.fromisoformat(words[words.index("--now") + 1])

    def queue(self, person: str, campaign: str, at: datetime, facts: Row, *, personal: bool) -> None:
        name = f"m{len(self.outbox)}"
        self.outbox.append(
            {"message_id": name, "decision_id": name, "person_id": person, "campaign": campaign, "channel": "email",
             "state": "queued", "send_at": at, "handed_over_at": None}
        )  # fmt: skip
        self.decisions.append({"decision_id": name, "facts": json.dumps(facts), "personalized": personal})

    def _send(self, now: datetime) -> None:
        for row in self.outbox:
            if row["state"] == "queued" and isinstance(row["send_at"], datetime) and row["send_at"] <= now:
                row |= {"state": "delivered", "handed_over_at": now}


@pytest.fixture(scope="module")
def begun() -> tuple[World, Contacts]:
    return history(draw_market(2, PEOPLE, 2))


def driver(begun: tuple[World, Contacts], root: Path) -> tuple[EnginePolicy, Imagined]:
    imagined = Imagined()
    prepare(root, PEOPLE)
    return EnginePolicy(root, books_of(begun[0].market, root / "raw"), imagined), imagined


def on(engine: EnginePolicy, begun: tuple[World, Contacts], day: int) -> MarketMessages:
    return engine(look(*begun, day), np.random.default_rng(0))


def test_a_monday_imports_approves_and_runs_and_messages_are_heard_at_their_hour(
    begun: tuple[World, Contacts], tmp_path: Path
) -> None:
    engine, imagined = driver(begun, tmp_path)
    riga = np.flatnonzero(begun[0].market.people.zone == 0)[:3].tolist()
    names = [f"P{one:06d}" for one in riga]
    monday, tuesday = datetime(2025, 7, 7, 12, 0, tzinfo=UTC), datetime(2025, 7, 8, 7, 20, tzinfo=UTC)
    coupon: Row = {"targets": ["Coffee", "Milk"], "offer": offer_id(0, 0.15)}
    imagined.queue(names[0], "coupon", monday, coupon, personal=True)
    imagined.queue(names[1], "news", monday, {}, personal=False)
    imagined.queue(names[2], "ask", tuesday, {}, personal=False)
    first = on(engine, begun, 0)
    assert first.who.tolist() == riga[:2]
    assert first.hour.tolist() == [15, 15]
    assert first.discount.tolist() == pytest.approx([0.15, 0.0])
    assert [CATEGORIES[one].name if one >= 0 else "" for one in first.category.tolist()] == ["Coffee", ""]
    assert first.about.tolist() == [OFFER, NEWS]
    assert first.personal.tolist() == [True, False]
    commands = [words[0] for words in imagined.typed]
    assert commands.index("import") < commands.index("campaign") < commands.index("run") < commands.index("send")
    assert {words[1] for words in imagined.typed if words[0] == "import"} >= {
        "people",
        "items",
        "permissions",
        "offers",
    }
    second = on(engine, begun, 1)
    assert second.who.tolist() == riga[2:]
    assert second.hour.tolist() == [11]
    assert second.about.tolist() == [ASK]
    assert len(on(engine, begun, 2)) == 0


def test_only_commands_with_files_and_moments_pass_to_the_engine(begun: tuple[World, Contacts], tmp_path: Path) -> None:
    engine, imagined = driver(begun, tmp_path)
    who = f"P{int(np.flatnonzero(begun[0].state.marketing[:, EMAIL] == YES)[0]):06d}"
    imagined.queue(who, "news", datetime(2025, 7, 7, 12, 0, tzinfo=UTC), {}, personal=False)
    on(engine, begun, 0)
    moments = []
    for words in imagined.typed:
        assert words[0] in ("import", "campaign", "run", "send", "export")
        assert words[words.index("-w") + 1] == str(tmp_path)
        if "--now" in words:
            moments.append(imagined.when(words))
    assert moments == sorted(moments)


def test_the_workspace_carries_the_budget_and_what_was_edited_stays(tmp_path: Path) -> None:
    prepare(tmp_path, 5_000)
    text = (tmp_path / "vocative.toml").read_text(encoding="utf-8")
    budget = float(next(line for line in text.splitlines() if "daily_budget" in line).partition("=")[2])
    assert budget == pytest.approx(float(daily_budgets(5_000)[EMAIL]))
    assert budget / float(COST[EMAIL]) == pytest.approx(3_000)
    (tmp_path / "vocative.toml").write_text("mine", encoding="utf-8")
    prepare(tmp_path, 5_000)
    assert (tmp_path / "vocative.toml").read_text(encoding="utf-8") == "mine"
