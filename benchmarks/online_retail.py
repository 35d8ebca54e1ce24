"""A UK gift shop's invoices (Chen et al., 2012, "Online Retail"; CC0 as packed on CRAN) as the engine sees them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from vocative.facts.sources import Sources
from vocative.records.lake_tables import EVENTS, ITEMS, PEOPLE
from vocative.store.arrow import arrow_schema

FILE = "online_retail.parquet"
SPLIT, END = "2011-06-01T00:00Z", "2011-09-07T00:00Z"
"""What is known ends, and what is held out ends."""
DAYS = 98.0
_SQL = """
SELECT 'e' || InvoiceNo || any_value(CustomerID)::BIGINT AS message_id,
  min(InvoiceDate) AS timestamp, min(InvoiceDate) AS known_at,
  'purchase' AS event, CustomerID::BIGINT::VARCHAR AS user_id, InvoiceNo AS order_id,
  sum(Quantity)::DOUBLE AS quantity, sum(Quantity * UnitPrice) AS amount,
  false AS not_me, '' AS doubts, 'benchmark' AS source
FROM read_parquet($file) WHERE CustomerID IS NOT NULL AND Quantity > 0 AND InvoiceDate < '2011-09-07'
GROUP BY InvoiceNo, CustomerID ORDER BY timestamp, message_id
"""


def purchases(data: Path) -> Sources:
    """Invoices with a customer, as if everybody had allowed personalization; returns are left out."""
    with duckdb.connect() as engine:
        found = engine.sql(_SQL, params={"file": str(data / FILE)}).to_arrow_table()
    schema = arrow_schema(EVENTS)
    columns = [
        found[field.name].cast(field.type) if field.name in found.column_names else pa.nulls(len(found), field.type)
        for field in schema
    ]
    events = pa.Table.from_arrays(columns, schema=schema)
    nobody = pa.table({"alias": pa.array([], pa.string()), "person_id": pa.array([], pa.string())})
    people = pa.table({"person_id": events["user_id"].unique()})
    return Sources(events, arrow_schema(PEOPLE).empty_table(), arrow_schema(ITEMS).empty_table(), nobody, people)
