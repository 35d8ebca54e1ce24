"""The policy that asks the engine: files in, decisions out, by the commands anybody would type; nothing else passes.

Each Monday morning what happened is exported, imported, and `vocative run` decides. On every day on which something
waits, permissions of the day before are brought in first, and `vocative send` is called at each hour at which a message
is due. What was handed over by then is what people of the market hear.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vocative.market.catalogue import CATEGORIES
from vocative.market.clock import DAY_S, HOUR_S, iso, midnight
from vocative.market.files import Books, discount_of, person_of
from vocative.market.limits import daily_budgets
from vocative.market.messages import ASK, NEWS, OFFER, THANKS, MarketMessages, messages, none
from vocative.market.nature import CHANNELS, EMAIL, WEEK, Integers
from vocative.market.policies import Shop

Command = Callable[[Sequence[str]], Mapping[str, object]]
"""Types a command of `vocative` with `--json` and returns what it printed."""

SAYS = {"ask": ASK, "thanks": THANKS, "news": NEWS}
"""What campaigns of these names say; every other one is an offer, with or without a discount."""
SETTINGS = "vocative.toml"
_IMPORT_HOUR, _RUN_HOUR = 4, 5
_HANDED_OVER = ("delivered", "unknown")


@dataclass(slots=True)
class EnginePolicy:
    """Drives one workspace. `cost` and `arms` of people can be read from its exports afterwards."""

    root: Path
    books: Books
    command: Command
    waiting: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    """Moments (seconds since 1970) at which messages are due."""
    heard: set[str] = field(default_factory=set)
    """Messages the market knows of."""

    def __call__(self, seen: Shop, random: np.random.Generator) -> MarketMessages:  # noqa: ARG002 - the engine draws its own
        """The messages handed over on a day."""
        runs, start = seen.weekday == 0, midnight(seen.day)
        if not runs and not (self.waiting < start + DAY_S).any():
            return none()
        self._import(seen.day)
        if runs:
            if seen.day == 0:
                self._approve(start + _IMPORT_HOUR * HOUR_S)
            self._type("run", at=start + _RUN_HOUR * HOUR_S)
            self._clear()
        waiting = self._due(seen.day)
        for at in np.unique(-(-waiting[waiting < start + DAY_S] // HOUR_S) * HOUR_S).tolist():
            self._type("send", at=max(at, start + _RUN_HOUR * HOUR_S))
        return self._handed_over(seen.day)

    def close(self, day: int) -> None:
        """Bring in the rest of what happened before a day, so that the books are complete."""
        self._import(day)

    def _type(self, *words: str, at: int | None = None) -> Mapping[str, object]:
        when = [] if at is None else ["--now", iso(np.array([at]))[0]]
        return self.command([*words, "-w", str(self.root), *when])

    def _import(self, day: int) -> None:
        for kind, path in self.books.export(day):
            self._type("import", kind, str(path), at=midnight(day) + _IMPORT_HOUR * HOUR_S)

    def _approve(self, at: int) -> None:
        names = sorted(path.stem for path in (self.root / "campaigns").glob("*.yaml"))
        self._type("campaign", "preview", *names, at=at)
        self._type("campaign", "approve", *names, "--by", "the simulation (nothing is sent)", at=at)

    def _clear(self) -> None:
        """Written mails are nobody's; over months they would fill the disk."""
        for path in (self.root / "outbox").glob("*.*ml"):
            if path.stem != "index":
                path.unlink()

    def _export(self, what: str, day: int) -> pa.Table:
        out = self.root / f"{what}.parquet"
        self._type("export", what, "--out", str(out), "--since", iso(np.array([midnight(day)]))[0])
        return pq.read_table(out)

    def _due(self, day: int) -> Integers:
        """When what is queued is due, from the outbox."""
        rows = self._export("receipts", day - WEEK)
        queued = np.array(rows["state"].to_pylist(), object) == "queued"
        self.waiting = _seconds(rows["send_at"])[queued]
        return self.waiting

    def _handed_over(self, day: int) -> MarketMessages:
        rows = self._export("receipts", day - WEEK)
        state = rows["state"].to_pylist()
        ids = rows["message_id"].to_pylist()
        new = [row for row, one in enumerate(state) if one in _HANDED_OVER and ids[row] not in self.heard]
        self.heard.update(str(ids[row]) for row in new)
        self.waiting = _seconds(rows["send_at"])[np.array([one == "queued" for one in state], np.bool_)]
        if not new:
            return none()
        mine = rows.take(pa.array(new, pa.int64()))
        return self._as_messages(mine, self._export("decisions", day - WEEK), day)

    def _as_messages(self, sent: pa.Table, decisions: pa.Table, day: int) -> MarketMessages:
        place = {one: row for row, one in enumerate(decisions["decision_id"].to_pylist())}
        behind = decisions.take(pa.array([place[one] for one in sent["decision_id"].to_pylist()], pa.int64()))
        facts = [msgspec.json.decode(one or "{}") for one in behind["facts"].to_pylist()]
        who = np.array([person_of(str(one)) for one in sent["person_id"].to_pylist()], np.int64)
        # After midnight of the person's own clock it still counts as this day, and as the night it is.
        _, second = self.books.clock.local(self.books.market.people.zone[who], _seconds(sent["handed_over_at"]))
        return messages(
            who,
            day,
            second // HOUR_S,
            channel=np.array([CHANNELS.index(one) for one in sent["channel"].to_pylist()], np.int32),
            about=np.array([SAYS.get(str(one), OFFER) for one in sent["campaign"].to_pylist()], np.int32),
            discount=np.array([discount_of(str(one["offer"])) if one.get("offer") else 0.0 for one in facts]),
            category=np.array([self._category(one.get("targets")) for one in facts], np.int32),
            personal=np.array(behind["personalized"].to_pylist(), np.bool_),
        )

    def _category(self, targets: object) -> int:
        """The category a message speaks of first; -1: of none that the market knows."""
        if not isinstance(targets, list) or not targets:
            return -1
        names, shelf = [one.name for one in CATEGORIES], self.books.market.catalogue
        first = str(targets[0])
        if first in shelf.ids:
            first = shelf.categories()[int(shelf.category[shelf.ids.index(first)])]
        return names.index(first) if first in names else -1


def prepare(root: Path, people: int) -> None:
    """Write the market's workspace into a folder; files that are there already stay as they are."""
    budget = f"{float(daily_budgets(people)[EMAIL]):.2f}"
    with as_file(files("vocative.market") / "workspace") as given:
        for source in sorted(path for path in given.rglob("*") if path.is_file()):
            target = root / source.relative_to(given)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(source.read_text(encoding="utf-8").replace("DAILY_BUDGET", budget), encoding="utf-8")


def _seconds(column: pa.ChunkedArray[Any]) -> Integers:
    found: Integers = column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy() // 1_000_000
    return found
