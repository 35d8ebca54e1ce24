"""Small invented worlds for the tests of profiles: events, people and items in any mixture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from hypothesis import strategies as st

from vocative.facts.scope import ROLES
from vocative.facts.sources import Sources
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE
from vocative.records.schema import Row, Table, Value
from vocative.records.settings import Business, FeatureSettings, Sender, Settings
from vocative.store.adapters.duckdb_engine import DuckDBEngine
from vocative.store.arrow import rows_to_arrow

DAY = 86_400_000_000
HOUR = 3_600_000_000
MOMENT = int(datetime(2026, 4, 1, 9, 7, 13, 500, tzinfo=UTC).timestamp() * 1_000_000)
PERSONS = ("ada", "bo", "cy")
ITEM_IDS = ("i1", "i2", "i3", "i4")
ZONES = ("Europe/Riga", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Mars/Olympus", None)
# Two names for one role, and one that means nothing.
EVENT_NAMES = (*(f"did_{role}" for role in ROLES), "ordered", "nothing_known")


def make_settings(*, history_days: int = 730, roles: Sequence[str] = ROLES) -> Settings:
    events = {role: [f"did_{role}"] for role in ROLES if role in roles}
    if "purchase" in events:
        events["purchase"].append("ordered")
    return Settings(
        business=Business(name="Shop", timezone="Europe/Kyiv"),
        sender=Sender(name="Shop", email="shop@example.com"),
        events=events,
        features=FeatureSettings(history_days=history_days, affinities=["category", "brand", "colour"]),
    )


@dataclass(frozen=True)
class World:
    """Rows of the three tables, and who is who."""

    events: tuple[Row, ...] = ()
    people: tuple[Row, ...] = ()
    items: tuple[Row, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    allowed: tuple[str, ...] = PERSONS

    def sources(self) -> Sources:
        return Sources(
            events=_table(EVENTS, self.events),
            people=_table(PEOPLE, self.people),
            items=_table(ITEMS, self.items),
            identity=pa.table(
                {
                    "alias": pa.array([alias for alias, _ in self.aliases], pa.string()),
                    "person_id": pa.array([person for _, person in self.aliases], pa.string()),
                }
            ),
            allowed=pa.table({"person_id": pa.array(self.allowed, pa.string())}),
        )

    def person_of(self, event: Row) -> str | None:
        """Whose event it is, by the rule that all readers apply."""
        doubts = str(event["doubts"])
        if event["user_id"] is not None and "user_id:" not in doubts:
            return self.owner(event)
        if event["anonymous_id"] is None or "anonymous_id:" in doubts:
            return None
        return dict(self.aliases).get("anonymous:" + str(event["anonymous_id"]))

    def owner(self, row: Row) -> str:
        """Whose the user identifier of a row is."""
        user = str(row["user_id"])
        return dict(self.aliases).get("user:" + user, user)

    def but(self, **changes: Iterable[Row]) -> World:
        return replace(self, **{name: tuple(rows) for name, rows in changes.items()})  # type: ignore[arg-type]


def engine(folder: Path) -> DuckDBEngine:
    return DuckDBEngine(folder / "spill", threads=1)


def make_event(number: int, **changes: Value) -> Row:
    row: dict[str, Value] = {
        "message_id": f"m{number}",
        "timestamp": MOMENT - DAY,
        "known_at": MOMENT - DAY,
        "event": "did_purchase",
        "user_id": "ada",
        "not_me": False,
        "doubts": "",
        "source": "test",
    }
    row.update(dict.fromkeys(name for name in EVENTS.column_names if name not in row))
    row.update(changes)
    return row


def make_person(number: int, **changes: Value) -> Row:
    row: dict[str, Value] = {
        "version_id": f"v{number}",
        "timestamp": MOMENT - DAY,
        "known_at": MOMENT - DAY,
        "user_id": "ada",
        "doubts": "",
        "source": "test",
    }
    row.update(dict.fromkeys(name for name in PEOPLE.column_names if name not in row))
    row.update(changes)
    return row


def make_item(number: int, **changes: Value) -> Row:
    row: dict[str, Value] = {
        "version_id": f"v{number}",
        "timestamp": MOMENT - 900 * DAY,
        "known_at": MOMENT - 900 * DAY,
        "item_id": "i1",
        "doubts": "",
        "source": "test",
    }
    row.update(dict.fromkeys(name for name in ITEMS.column_names if name not in row))
    row.update(changes)
    return row


def times(before: int = 800, after: int = 20) -> st.SearchStrategy[int]:
    """Moments around `MOMENT`: close together, far apart, and on the edges of windows."""
    edges = [MOMENT - days * DAY for days in (0, 7, 28, 56, 91, 182, 365, 730)]
    return st.one_of(
        st.integers(MOMENT - before * DAY, MOMENT + after * DAY),
        st.integers(MOMENT - 3 * HOUR, MOMENT + HOUR),
        st.builds(lambda edge, off: edge + off * 60_000_000, st.sampled_from(edges), st.integers(-16, 16)),
        st.sampled_from([MOMENT - 40 * DAY + minutes * 60_000_000 for minutes in (0, 10, 30, 31, 70)]),
    )


numbers = st.one_of(
    st.none(),
    st.integers(-5, 60).map(float),
    st.floats(-50, 500).map(lambda value: round(value, 3)),
    st.sampled_from([0.0, 0.1, float("nan"), float("inf"), -0.3, 1e12]),
)


@st.composite
def events(draw: st.DrawFn, max_size: int = 25) -> tuple[Row, ...]:
    rows = []
    for number in range(draw(st.integers(0, max_size))):
        at = draw(times())
        late = draw(st.sampled_from([0, 0, 0, 60_000_000, DAY, 30 * DAY]))
        rows.append(
            make_event(
                number,
                timestamp=at,
                known_at=at + late,
                event=draw(st.sampled_from(EVENT_NAMES + ("did_purchase", "ordered") * 4)),
                user_id=draw(st.sampled_from(["ada", "ada", "ada", "bo", "cy", "ada-old", None])),
                anonymous_id=draw(st.sampled_from([None, "phone", "tablet"])),
                order_id=draw(st.sampled_from([None, "o1", "o2", "o3", "o4", "o5"])),
                item_id=draw(st.sampled_from([None, *ITEM_IDS])),
                quantity=draw(numbers),
                amount=draw(numbers),
                discount=draw(numbers),
                duration=draw(st.one_of(numbers, st.floats(0, 2000).map(lambda value: round(value, 2)))),
                channel=draw(st.sampled_from([None, "email", "sms", "web"])),
                not_me=draw(st.sampled_from([False] * 7 + [True])),
                doubts=draw(
                    st.sampled_from(
                        [""] * 12
                        + ["row:too_many_orders", "amount:zero", "item_id:odd,quantity:odd", "order_id:x", "user_id:x"]
                    )
                ),
            )
        )
    return tuple(rows)


@st.composite
def people(draw: st.DrawFn) -> tuple[Row, ...]:
    return tuple(
        make_person(
            number,
            timestamp=(at := draw(times())),
            known_at=at + draw(st.sampled_from([0, 0, DAY])),
            user_id=draw(st.sampled_from(["ada", "ada", "bo", "ada-old"])),
            timezone=draw(st.sampled_from(ZONES)),
            doubts=draw(st.sampled_from(["", "", "", "timezone:unknown", "row:test"])),
        )
        for number in range(draw(st.integers(0, 4)))
    )


@st.composite
def items(draw: st.DrawFn) -> tuple[Row, ...]:
    return tuple(
        make_item(
            number,
            timestamp=(at := draw(times())),
            known_at=at,
            item_id=draw(st.sampled_from(ITEM_IDS)),
            category=draw(st.sampled_from([None, "tea", "cake", ""])),
            brand=draw(st.sampled_from([None, "own", "other"])),
            attributes=draw(st.sampled_from([None, '{"colour": "red"}', '{"colour": "blue"}', "{}"])),
            doubts=draw(st.sampled_from(["", "", "", "category:odd"])),
        )
        for number in range(draw(st.integers(0, 7)))
    )


def worlds(max_events: int = 25) -> st.SearchStrategy[World]:
    return st.builds(
        World,
        events=events(max_events),
        people=people(),
        items=items(),
        aliases=st.sampled_from(
            [(), (("user:ada-old", "ada"), ("anonymous:phone", "ada")), (("anonymous:tablet", "bo"),)]
        ),
        allowed=st.just(PERSONS),
    )


def _table(table: Table, rows: Iterable[Row]) -> pa.Table:
    return rows_to_arrow(table, rows)
