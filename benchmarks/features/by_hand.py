"""The same features as an analyst would write them: one statement for this one data set, and nothing else.

It is right for purchases only, one zone, no linked identities and a moment on a quarter hour.
"""

from __future__ import annotations

import re

BY_HAND = """
WITH lines AS (
  SELECT user_id, order_id, item_id, quantity, amount, discount, timestamp AS ts,
    epoch(timestamp)::BIGINT // 900 AS slot
  FROM events
  WHERE event = 'purchase' AND timestamp < $t AND known_at < $t AND timestamp >= $t - INTERVAL 730 DAY
    AND NOT not_me AND doubts NOT LIKE '%row:%'
),
totals AS (
  SELECT user_id,
    ($now - min(slot)) / 96.0 AS tenure_days,
    ($now - max(slot)) / 96.0 AS days_since_purchase,
    {windows},
    sum(pow(0.5, ($now - slot) / 96.0 / 7)) AS lines_decayed_7d,
    sum(amount * pow(0.5, ($now - slot) / 96.0 / 7)) AS money_decayed_7d,
    sum(pow(0.5, ($now - slot) / 96.0 / 28)) AS lines_decayed_28d,
    sum(amount * pow(0.5, ($now - slot) / 96.0 / 28)) AS money_decayed_28d,
    sum(pow(0.5, ($now - slot) / 96.0 / 91)) AS lines_decayed_91d,
    sum(amount * pow(0.5, ($now - slot) / 96.0 / 91)) AS money_decayed_91d,
    coalesce(sum(amount) FILTER (ts >= $t - INTERVAL 28 DAY), 0) AS m1,
    coalesce(sum(amount) FILTER (ts >= $t - INTERVAL 56 DAY), 0) AS m2,
    coalesce(sum(amount) FILTER (ts >= $t - INTERVAL 91 DAY), 0) AS m3,
    coalesce(sum(amount) FILTER (ts >= $t - INTERVAL 182 DAY), 0) AS m4
  FROM lines GROUP BY user_id
),
orders AS (
  SELECT user_id, order_id, min(ts) AS ts, count(*) AS n, sum(quantity) AS units, sum(amount) AS money
  FROM lines GROUP BY user_id, order_id
),
order_totals AS (
  SELECT user_id,
    count(*) FILTER (ts >= $t - INTERVAL 7 DAY) AS orders_7d,
    count(*) FILTER (ts >= $t - INTERVAL 28 DAY) AS orders_28d,
    count(*) FILTER (ts >= $t - INTERVAL 91 DAY) AS orders_91d,
    count(*) FILTER (ts >= $t - INTERVAL 365 DAY) AS orders_365d,
    count(*) FILTER (ts >= $t - INTERVAL 56 DAY) AS orders_56d,
    count(*) FILTER (ts >= $t - INTERVAL 182 DAY) AS orders_182d,
    avg(n) FILTER (ts >= $t - INTERVAL 365 DAY) AS order_lines_mean,
    avg(units) FILTER (ts >= $t - INTERVAL 365 DAY) AS order_units_mean,
    avg(money) FILTER (ts >= $t - INTERVAL 365 DAY) AS order_money_mean,
    median(money) FILTER (ts >= $t - INTERVAL 365 DAY) AS order_money_median,
    stddev_pop(money) FILTER (ts >= $t - INTERVAL 365 DAY) AS order_money_deviation,
    max(money) FILTER (ts >= $t - INTERVAL 365 DAY) AS order_money_max
  FROM orders GROUP BY user_id
),
slots AS (
  SELECT DISTINCT user_id, slot, timezone($zone, make_timestamptz(slot * 900000000)) AS local
  FROM lines WHERE ts >= $t - INTERVAL 365 DAY
),
rhythm AS (
  SELECT user_id,
    count(*) FILTER (hour(local) < 6) / count(*) AS night_share,
    count(*) FILTER (hour(local) BETWEEN 6 AND 11) / count(*) AS morning_share,
    count(*) FILTER (hour(local) BETWEEN 12 AND 17) / count(*) AS afternoon_share,
    count(*) FILTER (hour(local) >= 18) / count(*) AS evening_share,
    count(*) FILTER (isodow(local) >= 6) / count(*) AS weekend_share
  FROM slots GROUP BY user_id
),
hours AS (
  SELECT user_id, arg_max(h, n * 100 - h) AS peak_hour, ln(sum(n)) - sum(n * ln(n)) / sum(n) AS hour_entropy
  FROM (SELECT user_id, hour(local) AS h, count(*) AS n FROM slots GROUP BY ALL) GROUP BY user_id
),
weekdays AS (
  SELECT user_id, arg_max(d, n * 100 - d) AS peak_weekday, ln(sum(n)) - sum(n * ln(n)) / sum(n) AS weekday_entropy
  FROM (SELECT user_id, isodow(local) - 1 AS d, count(*) AS n FROM slots GROUP BY ALL) GROUP BY user_id
),
days AS (
  SELECT user_id, day, day - lag(day) OVER (PARTITION BY user_id ORDER BY day) AS gap
  FROM (SELECT DISTINCT user_id, local::DATE AS day FROM slots)
),
gaps AS (
  SELECT user_id, count(*) AS purchase_days_365d, avg(gap) AS gap_days_mean, median(gap) AS gap_days_median,
    stddev_pop(gap) AS gap_days_deviation
  FROM days GROUP BY user_id
),
visits AS (
  SELECT user_id, min(ts) AS began, epoch(max(ts) - min(ts)) / 60 AS minutes, sum(n) AS acts
  FROM (
    SELECT *, sum(new) OVER (PARTITION BY user_id ORDER BY ts ROWS UNBOUNDED PRECEDING) AS visit
    FROM (
      SELECT *, CASE WHEN ts - lag(ts) OVER (PARTITION BY user_id ORDER BY ts) <= INTERVAL 30 MINUTE THEN 0 ELSE 1 END
        AS new
      FROM (SELECT user_id, ts, count(*) AS n FROM lines GROUP BY user_id, ts)
    )
  )
  GROUP BY user_id, visit
),
visit_totals AS (
  SELECT user_id,
    count(*) FILTER (began >= $t - INTERVAL 28 DAY) AS sessions_28d,
    count(*) FILTER (began >= $t - INTERVAL 91 DAY) AS sessions_91d,
    avg(minutes) FILTER (began >= $t - INTERVAL 91 DAY) AS session_minutes_mean,
    max(minutes) FILTER (began >= $t - INTERVAL 91 DAY) AS session_minutes_max,
    avg(acts) FILTER (began >= $t - INTERVAL 91 DAY) AS session_acts_mean
  FROM visits GROUP BY user_id
),
catalogue AS (
  SELECT item_id, category, brand FROM items WHERE timestamp < $t AND known_at < $t
  QUALIFY row_number() OVER (PARTITION BY item_id ORDER BY timestamp DESC, known_at DESC, version_id DESC) = 1
),
bought AS (
  SELECT user_id, item_id, min(ts) AS first_ts, max(ts) AS last_ts,
    count(*) FILTER (ts >= $t - INTERVAL 365 DAY) AS n,
    coalesce(sum(quantity) FILTER (ts >= $t - INTERVAL 365 DAY AND quantity > 0), 0) AS units,
    coalesce(sum(amount + discount) FILTER (ts >= $t - INTERVAL 365 DAY AND quantity > 0), 0) AS price
  FROM lines GROUP BY user_id, item_id
),
item_totals AS (
  SELECT user_id,
    count(*) FILTER (last_ts >= $t - INTERVAL 7 DAY) AS items_7d,
    count(*) FILTER (last_ts >= $t - INTERVAL 28 DAY) AS items_28d,
    count(*) FILTER (last_ts >= $t - INTERVAL 91 DAY) AS items_91d,
    count(*) FILTER (last_ts >= $t - INTERVAL 365 DAY) AS items_365d,
    count(*) FILTER (first_ts >= $t - INTERVAL 28 DAY) / nullif(count(*) FILTER (last_ts >= $t - INTERVAL 28 DAY), 0)
      AS novelty_share_28d,
    count(*) FILTER (first_ts >= $t - INTERVAL 91 DAY) / nullif(count(*) FILTER (last_ts >= $t - INTERVAL 91 DAY), 0)
      AS novelty_share_91d,
    count(*) FILTER (n > 1) / nullif(count(*) FILTER (n > 0), 0) AS repeat_share_365d
  FROM bought GROUP BY user_id
),
described AS (SELECT * FROM bought JOIN catalogue USING (item_id)),
categories AS (
  SELECT user_id,
    count(*) FILTER (last_ts >= $t - INTERVAL 91 DAY) AS categories_91d,
    count(*) FILTER (last_ts >= $t - INTERVAL 365 DAY) AS categories_365d,
    max(n) / nullif(sum(n), 0) AS top_category_share_365d,
    ln(nullif(sum(n), 0)) - sum(n * ln(greatest(n, 1))) / nullif(sum(n), 0) AS category_entropy_365d
  FROM (
    SELECT user_id, category, max(last_ts) AS last_ts, sum(n) AS n FROM described
    WHERE category IS NOT NULL GROUP BY user_id, category
  ) GROUP BY user_id
),
brands AS (
  SELECT user_id,
    count(DISTINCT brand) FILTER (last_ts >= $t - INTERVAL 91 DAY) AS brands_91d,
    count(DISTINCT brand) FILTER (last_ts >= $t - INTERVAL 365 DAY) AS brands_365d
  FROM described GROUP BY user_id
),
prices AS (
  SELECT category, sum(price) / sum(units) AS usual FROM described
  WHERE category IS NOT NULL GROUP BY category HAVING sum(price) > 0
),
levels AS (
  SELECT user_id, sum(price) / nullif(sum(units * usual), 0) AS price_level_365d
  FROM described JOIN prices USING (category) GROUP BY user_id
)
SELECT totals.user_id AS person_id, totals.* EXCLUDE (user_id, m1, m2, m3, m4),
  tenure_days AS days_since_first_purchase, days_since_purchase AS days_since_active,
  (2 * m1 - m2) / nullif(m2, 0) AS money_trend_28d, (2 * m3 - m4) / nullif(m4, 0) AS money_trend_91d,
  order_totals.* EXCLUDE (user_id, orders_56d, orders_182d),
  (2 * orders_28d - orders_56d) / nullif(orders_56d, 0) AS orders_trend_28d,
  (2 * orders_91d - orders_182d) / nullif(orders_182d, 0) AS orders_trend_91d,
  coalesce(purchase_days_365d, 0) AS purchase_days_365d, gaps.* EXCLUDE (user_id, purchase_days_365d),
  gap_days_deviation / gap_days_mean AS gap_variation,
  days_since_purchase / gap_days_mean AS overdue_ratio,
  {rhythms},
  visit_totals.* EXCLUDE (user_id), item_totals.* EXCLUDE (user_id), categories.* EXCLUDE (user_id),
  brands.* EXCLUDE (user_id), price_level_365d,
  0 AS returns_365d, 0 AS returned_money_365d, CASE WHEN units_365d > 0 THEN 0 END AS return_share_365d
FROM totals
LEFT JOIN order_totals USING (user_id) LEFT JOIN rhythm USING (user_id) LEFT JOIN hours USING (user_id)
LEFT JOIN weekdays USING (user_id) LEFT JOIN gaps USING (user_id) LEFT JOIN visit_totals USING (user_id)
LEFT JOIN item_totals USING (user_id) LEFT JOIN categories USING (user_id) LEFT JOIN brands USING (user_id)
LEFT JOIN levels USING (user_id)
ORDER BY person_id
"""

_WINDOW = """coalesce(sum(amount) FILTER (ts >= $t - INTERVAL {days} DAY), 0) AS money_{days}d,
    coalesce(sum(quantity) FILTER (ts >= $t - INTERVAL {days} DAY), 0) AS units_{days}d,
    coalesce(sum(discount) FILTER (ts >= $t - INTERVAL {days} DAY), 0) AS discount_{days}d,
    sum(discount) FILTER (ts >= $t - INTERVAL {days} DAY)
      / nullif(sum(amount + discount) FILTER (ts >= $t - INTERVAL {days} DAY), 0) AS discount_share_{days}d"""
_RHYTHM = (
    "night_share",
    "morning_share",
    "afternoon_share",
    "evening_share",
    "weekend_share",
    "peak_hour",
    "peak_weekday",
    "hour_entropy",
    "weekday_entropy",
)


def by_hand(moment: int, zone: str) -> str:
    """The statement for a moment (µs, on a quarter hour) and the zone of the shops."""
    windows = ",\n    ".join(_WINDOW.format(days=days) for days in (7, 28, 91, 365))
    rhythms = ", ".join(f"{name} AS {prefix}_{name}" for prefix in ("purchase", "active") for name in _RHYTHM)
    text = BY_HAND.format(windows=windows, rhythms=rhythms)
    literal = f"make_timestamptz({moment})"
    return re.sub(r"\$t\b", literal, text).replace("$now", str(moment // 900_000_000)).replace("$zone", f"'{zone}'")
