"""The workspace as a program meets it: one object, aware datetimes in, Arrow out."""

from __future__ import annotations

import pydoc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

import vocative
from tests.line.shop import NOW, import_all, prepare
from vocative import Workspace
from vocative.errors import ClockError, MappingError, MissingExtraError, ModelError, UnknownPersonError

AT = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=NOW)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("python") / "shop"
    prepare(folder, days=60, people=20)
    import_all(folder)
    with Workspace.open(str(folder)) as ws:
        ws.run(AT)
    return folder


def test_what_the_newest_run_made_comes_as_arrow(root: Path) -> None:
    with Workspace.open(root, clock=lambda: NOW + 1) as ws:
        assert [table.column_names for table in (pa.table(ws.decisions()),)] == [ws.decisions().columns]
        assert len(ws.decisions()) == 20
        assert {row["moment"] for row in ws.decisions().to_dicts()} == {AT}
        assert len(ws.predictions("repeat_rhythm")) == ws.predictions("repeat_rhythm").to_arrow().num_rows
        assert "segment" in ws.segments().columns
        assert len(ws.decisions(now=AT - timedelta(days=1))) == 0, "nothing was decided by then"


def test_one_person_can_be_asked_about(root: Path) -> None:
    with Workspace.open(root) as ws:
        person = ws.person("p0")
        assert person.card(now=AT).person_id == "p0"
        assert [one.moment for one in person.why(now=NOW)] == person_moments(ws)
        assert person.recommend(n=2, now=AT) == ws.recommend("p0", n=2, now=NOW)
        assert person.data(now=AT).person_id == "p0"
        with pytest.raises(UnknownPersonError):
            ws.person("nobody").card(now=AT)


def person_moments(ws: Workspace) -> list[str]:
    rows = [row for row in ws.decisions(now=AT).to_dicts() if row["person_id"] == "p0"]
    return [f"{row['moment']:%Y-%m-%dT%H:%M:%SZ}" for row in rows]


def test_mistakes_say_what_there_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Workspace.open(root) as ws:
        with pytest.raises(ModelError, match="buys_28d"):
            ws.predictions("buys_27d", now=AT)
        with pytest.raises(MappingError, match="no mapping 'orders'"):
            ws.import_file(root / "orders.csv", "events", mapping="orders", now=AT)
        with pytest.raises(ClockError, match="no zone"):
            ws.status(datetime(2026, 1, 5))  # noqa: DTZ001 - the mistake
        for name in ("pandas", "polars"):
            monkeypatch.setitem(__import__("sys").modules, name, None)
            with pytest.raises(MissingExtraError, match=f"pip install {name}"):
                getattr(ws.decisions(now=AT), f"to_{name}")()


def test_nobody_acts_ahead_of_the_clock(root: Path) -> None:
    with Workspace.open(root, clock=lambda: NOW) as ws:
        with pytest.raises(ClockError, match="lies ahead of the clock"):
            ws.run(AT + timedelta(days=400))
        assert len(ws.decisions(now=AT)) == 20


def test_a_data_frame_has_the_rows(root: Path) -> None:
    pytest.importorskip("pandas")
    with Workspace.open(root) as ws:
        frame = ws.decisions(now=AT).to_pandas()
        assert list(frame["person_id"]) == [row["person_id"] for row in ws.decisions(now=AT).to_dicts()]


def test_rows_show_themselves_in_a_notebook_without_running_what_is_in_them() -> None:
    table = pa.table({"name": ["<script>alert(1)</script>"] * 11, "value": [0.123456] * 11})
    shown = vocative.Rows(table)._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "0.1235" in shown
    assert "11 rows, 10 shown" in shown
    assert repr(vocative.Rows(table)) == "<11 rows of name, value>"


def test_a_new_workspace_is_made_and_opened(tmp_path: Path) -> None:
    with Workspace.create(tmp_path / "new") as ws:
        assert ws.folder == tmp_path / "new"
        assert ws.track([{"event": "purchase"}], now=AT)["accepted"] == 0
        assert "ask" in {campaign.name for campaign in ws.campaigns}


def test_the_public_names_are_shown() -> None:
    assert set(dir(vocative)) == set(vocative.__all__)
    assert len(vocative.__all__) <= 15
    assert all(hasattr(vocative, name) for name in vocative.__all__)
    text = pydoc.plain(pydoc.render_doc(vocative))
    assert all(name in text for name in ("class Workspace", "class Person", "predictions(self", "guess_mapping("))
