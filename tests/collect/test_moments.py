"""Moments as people and machines write them."""

# ruff: noqa: DTZ001 - local times are what is tested
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.collect.conftest import NOW, load, rows
from tests.store import drivers
from vocative.collect.mapping.moments import MomentReading, iso_sql, moment_sql, order_of, pattern_order
from vocative.errors import MappingError
from vocative.records.lake_tables import EVENTS, PEOPLE, QUARANTINE
from vocative.records.settings import ImportMapping
from vocative.store.protocols import Engine, Stores

ZONES = ["Europe/Riga", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC", "Pacific/Apia"]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine of its own."""
    return drivers.engine(tmp_path_factory.mktemp("spill"))


def read(engine: Engine, texts: list[str], reading: MomentReading) -> list[datetime | None]:
    """The moments that texts are read as."""
    sql = f"SELECT {moment_sql('t', 'i', reading)} AS m FROM (SELECT t, {iso_sql('t', reading.order)} AS i FROM texts)"
    found: list[datetime | None] = engine.query(sql, {"texts": pa.table({"t": texts})})["m"].to_pylist()
    return found


WAYS: list[Callable[[datetime], str]] = [
    lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S"),
    lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S"),
    lambda moment: moment.strftime("%d.%m.%Y %H:%M:%S"),
    lambda moment: moment.strftime("%d/%m/%Y %H:%M:%S"),
    lambda moment: moment.strftime("%Y/%m/%d %H:%M:%S"),
    lambda moment: moment.strftime("%d/%m/%Y %I:%M:%S %p"),
    lambda moment: moment.strftime("%b %d, %Y %H:%M:%S"),
    lambda moment: moment.strftime("%Y%m%d%H%M%S"),
]


@given(
    st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),
    st.sampled_from(ZONES),
)
@settings(max_examples=40, deadline=None)
def test_local_times_are_read_in_their_zone(engine: Engine, local: datetime, zone: str) -> None:
    """In a gap the offset before it holds, a time that happened twice is the second: Python's fold 0 and 1."""
    first, second = (local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    expected = max(first, second)
    found = read(engine, [way(local) for way in WAYS], MomentReading(zone, order="day"))
    assert found == [expected] * len(WAYS)


@given(
    st.datetimes(datetime(2001, 9, 10), datetime(2200, 1, 1), timezones=st.just(UTC)),
    st.integers(-14 * 4, 14 * 4).map(lambda quarters: timedelta(minutes=15 * quarters)),
)
@settings(max_examples=40, deadline=None)
def test_zoned_times_and_numbers_say_the_moment_themselves(engine: Engine, moment: datetime, offset: timedelta) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    sign, minutes = ("-", -offset) if offset < timedelta(0) else ("+", offset)
    hours, rest = divmod(minutes // timedelta(minutes=1), 60)
    local = (moment + offset).replace(tzinfo=None).isoformat(" ", "milliseconds")
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    texts = [
        f"{local}{sign}{hours:02}:{rest:02}",
        f"{local} {sign}{hours:02}{rest:02}",
        moment.replace(tzinfo=None).isoformat("T", "milliseconds") + "Z",
        str(milliseconds),
        str(milliseconds * 1000),
    ]
    assert read(engine, texts, MomentReading("Asia/Tokyo")) == [moment] * len(texts)
    seconds = read(engine, [str(milliseconds // 1000)], MomentReading("Asia/Tokyo"))
    assert seconds == [moment.replace(microsecond=0)]


@pytest.mark.parametrize(
    "text", ["yesterday", "2024-02-30", "2024-13-01", "32.01.2024", "0000-00-00", "12", "2024-01-05 10:00 Mars/Base",
             "24-01-05", "2024-01-05 25:00", "2024-01-05 13:00 PM", "5/6/2024"],
)  # fmt: skip
def test_what_is_no_moment_is_not_guessed(engine: Engine, text: str) -> None:
    assert read(engine, [text], MomentReading("UTC", order="row")) == [None]


def test_order_of_day_and_month() -> None:
    assert order_of(1, 0, 5) == "day"
    assert order_of(0, 1, 5) == "month"
    assert order_of(1, 1, 5) == "row"
    assert order_of(0, 0, 5) is None
    assert order_of(0, 0, 0) == ""
    assert pattern_order("%m/%d/%Y") == "month"
    assert pattern_order("%j") == ""


HEADER = "timestamp,event,user_id\n"


def lines(*texts: str) -> str:
    """A file with these timestamps."""
    return HEADER + "".join(f"{text},view,p{number}\n" for number, text in enumerate(texts))


def test_mixed_formats_in_one_column(stores: Stores, tmp_path: Path) -> None:
    texts = ["2024-05-13", "1715547600", "13.05.2024 00:00", "13/05/2024", "5.5.2024", "05/06/2024", "never"]
    account = load(stores, tmp_path / "a.csv", lines(*texts))
    assert (account.accepted, account.rejected) == (6, 1)
    found = [row["timestamp"].isoformat() for row in rows(stores, EVENTS, "user_id")]
    assert found[:4] == ["2024-05-12T21:00:00+00:00"] * 4
    assert found[5] == "2024-06-04T21:00:00+00:00"
    assert "«never»" in rows(stores, QUARANTINE, "row")[0]["reason"]


def test_month_first_is_told_by_the_other_rows(stores: Stores, tmp_path: Path) -> None:
    load(stores, tmp_path / "a.csv", lines("05/06/2024", "05/13/2024"))
    assert rows(stores, EVENTS, "user_id")[0]["timestamp"].isoformat() == "2024-05-05T21:00:00+00:00"


def test_contradicting_rows_are_read_one_by_one(stores: Stores, tmp_path: Path) -> None:
    account = load(stores, tmp_path / "a.csv", lines("13/05/2024", "05/13/2024", "05/06/2024", "05/05/2024"))
    assert (account.accepted, account.rejected) == (3, 1)


def test_an_ambiguous_column_is_refused_until_the_format_is_stated(stores: Stores, tmp_path: Path) -> None:
    text = lines("05/06/2024", "06/07/2024")
    with pytest.raises(MappingError, match='timestamp_format = "%d/%m/%Y"'):
        load(stores, tmp_path / "a.csv", text)
    assert rows(stores, EVENTS, "1") == []
    columns = {name: name for name in ("timestamp", "event", "user_id")}
    mapping = ImportMapping(
        kind="events", columns=dict(columns), timestamp_format="%d/%m/%Y", timezone="Asia/Tokyo", known_after=60.0
    )
    load(stores, tmp_path / "a.csv", text, mapping=mapping)
    first = rows(stores, EVENTS, "user_id")[0]
    assert first["timestamp"].isoformat() == "2024-06-04T15:00:00+00:00"
    assert first["known_at"].isoformat() == "2024-06-04T15:01:00+00:00"


def test_an_unknown_zone_in_the_mapping(stores: Stores, tmp_path: Path) -> None:
    mapping = ImportMapping(kind="people", columns={"user_id": "user_id"}, timezone="Mars/Base")
    with pytest.raises(MappingError, match="time zone"):
        load(stores, tmp_path / "a.csv", "user_id\np1\n", "people", mapping)


def test_people_without_times_hold_from_now(stores: Stores, tmp_path: Path) -> None:
    load(
        stores,
        tmp_path / "a.csv",
        "user_id,birth_date\np1,0000-00-00\np2,31/12/1980\np3,1980-12-31T00:00:00\n",
        "people",
    )
    found = rows(stores, PEOPLE, "user_id")
    assert all(int(row["timestamp"].timestamp()) * 1_000_000 == NOW for row in found)
    assert [str(row["birth_date"]) for row in found] == ["None", "1980-12-31", "1980-12-31"]
