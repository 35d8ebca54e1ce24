"""The standard declarations: enough of them, well described, and in more than one dialect."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
import sqlglot

from tests.profile.test_live_equals_batch import busy_world
from tests.profile.worlds import DAY, MOMENT, World, engine, make_event, make_item, make_settings
from vocative.facts.scope import Scope
from vocative.profile import STANDARD
from vocative.profile.batch import build_features, feature_rows, offsets_of
from vocative.profile.compile import feature_sql
from vocative.profile.feature import Feature
from vocative.records.lake_tables import FEATURES
from vocative.records.schema import Row, Value
from vocative.store.arrow import arrow_schema


def test_there_are_at_least_sixty_with_names_of_their_own() -> None:
    assert len(STANDARD) >= 60
    assert len({feature.name for feature in STANDARD}) == len(STANDARD)
    for feature in STANDARD:
        assert feature.name.isidentifier()
        assert feature.meaning
        assert feature.unit


@pytest.mark.parametrize("feature", STANDARD, ids=lambda feature: feature.name)
def test_each_feature_has_a_statement_for_spark(feature: Feature) -> None:
    text = feature_sql([feature], make_settings(), MOMENT, dialect="spark")
    tree = sqlglot.parse_one(text, read="spark")
    assert isinstance(tree, sqlglot.exp.Select)
    assert feature.name in tree.named_selects
    assert "unix_micros" in text.lower()
    assert not {"epoch_us", "arg_max(", "//"} & set(text.lower().split())


def test_statements_for_duckdb_give_the_same_rows(tmp_path: Path) -> None:
    """SQLGlot reads what we write: its own text of the statement means the same."""
    world, rules = busy_world(6), make_settings()
    sources = world.sources()
    relations = sources.relations() | {"offsets": offsets_of(engine(tmp_path), sources, Scope(MOMENT, rules))}
    mine = build_features(engine(tmp_path), sources, rules, [MOMENT])
    theirs = engine(tmp_path).query(feature_sql(STANDARD, rules, MOMENT), relations)
    assert mine.drop_columns(["moment"]).equals(theirs)


def test_a_role_the_business_lacks_has_no_values(tmp_path: Path) -> None:
    rules = make_settings(roles=("purchase",))
    row = build_features(engine(tmp_path), busy_world(7).sources(), rules, [MOMENT]).to_pylist()[0]
    absent = {name for name, value in row.items() if value is None}
    assert {"views_28d", "dwell_seconds_28d", "email_open_rate_91d", "complaints_365d", "days_since_click"} <= absent
    assert row["orders_365d"] > 0


def test_feature_rows_have_the_shape_of_the_lake(tmp_path: Path) -> None:
    table = build_features(engine(tmp_path), busy_world(8).sources(), make_settings(roles=("purchase",)), [MOMENT])
    rows = feature_rows(table, "run-1")
    assert rows.schema.equals(arrow_schema(FEATURES))
    first, wide = dict(rows.to_pylist()[0]["features"]), table.to_pylist()[0]
    assert first == {
        name: wide[name] for name in wide if name not in ("moment", "person_id") and wide[name] is not None
    }
    assert feature_rows(table.slice(0, 0), "run-1").num_rows == 0
    assert rows["run_id"].to_pylist() == ["run-1"] * 3
    assert isinstance(rows["moment"].type, pa.TimestampType)


def test_features_by_hand(tmp_path: Path) -> None:
    """Two orders and a return, worked out on paper."""
    week = MOMENT - 7 * DAY

    def line(
        number: int, at: int, order: str, item: str, quantity: float, amount: float, discount: float = 0.0
    ) -> object:
        return make_event(
            number, timestamp=at, known_at=at, order_id=order, item_id=item, quantity=quantity, amount=amount,
            discount=discount,
        )  # fmt: skip

    world = World(
        events=(
            line(1, week - DAY, "o1", "i1", 1.0, 4.0, 1.0),  # type: ignore[arg-type]
            line(2, week - DAY, "o1", "i2", 2.0, 6.0),
            line(3, MOMENT - DAY, "o2", "i1", 1.0, 5.0),
            line(4, MOMENT - DAY, "o2", "i3", 1.0, 9.0, 11.0),
            line(5, MOMENT - DAY // 2, "o1", "i2", -1.0, -3.0),
        ),
        items=(
            make_item(1, item_id="i1", category="tea"),
            make_item(2, item_id="i2", category="tea"),
            make_item(3, item_id="i3", category="cake"),
        ),
    )
    row = build_features(engine(tmp_path), world.sources(), make_settings(), [MOMENT]).to_pylist()[0]
    expected = {
        "orders_7d": 1.0,
        "orders_28d": 2.0,
        "money_7d": 11.0,
        "money_28d": 21.0,
        "units_28d": 4.0,
        "discount_share_28d": 12.0 / 36.0,
        "returns_365d": 1.0,
        "returned_money_365d": 3.0,
        "return_share_365d": 1.0 / 5.0,
        "order_money_mean": 12.0,
        "order_money_median": 12.0,
        "order_money_deviation": 2.0,
        "order_money_max": 14.0,
        "order_lines_mean": 2.0,
        "order_units_mean": 2.5,
        "purchase_days_365d": 2.0,
        "gap_days_mean": 7.0,
        "gap_days_deviation": 0.0,
        "overdue_ratio": 1.0 / 7.0,
        "items_365d": 3.0,
        "categories_365d": 2.0,
        "top_category_share_365d": 0.75,
        "novelty_share_28d": 1.0,
        "repeat_share_365d": 1.0 / 3.0,
        "price_level_365d": 1.0,
        "days_since_purchase": 1.0,
        "days_since_first_purchase": 8.0,
        "days_since_return": 0.5,
        "tenure_days": 8.0,
        "money_decayed_7d": 14.0 * 0.5 ** (1 / 7) + 10.0 * 0.5 ** (8 / 7),
    }
    assert {name: row[name] for name in expected} == pytest.approx(expected, abs=0.011)


def test_days_of_looking_are_those_on_which_nothing_was_bought(tmp_path: Path) -> None:
    """Views on a day with a purchase, however far apart by the clock, say nothing beyond the purchase."""

    def act(number: int, role: str, at: int, **fields: Value) -> Row:
        return make_event(number, event=f"did_{role}", timestamp=at, known_at=at, **fields)

    hour = DAY // 24
    bought, looked, long_ago = MOMENT - 3 * DAY, MOMENT - 10 * DAY, MOMENT - 60 * DAY
    world = World(
        events=(
            act(1, "purchase", bought, order_id="o1", item_id="i1"),
            act(2, "view", bought - 4 * hour, item_id="i1"),
            act(3, "view", looked, item_id="i2"),
            act(4, "view", looked + hour, item_id="i3"),
            act(5, "view", long_ago, item_id="i1"),
            act(6, "view", long_ago - 90 * DAY, item_id="i1"),
        ),
        items=(make_item(1, item_id="i1", category="tea"),),
    )
    settings = make_settings(roles=("purchase", "view"))
    row = build_features(engine(tmp_path), world.sources(), settings, [MOMENT]).to_pylist()[0]
    assert row["views_91d"] == 4.0
    assert [row[f"browse_days_{days}d"] for days in (28, 91, 182)] == [1.0, 2.0, 3.0]
