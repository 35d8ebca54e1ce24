"""From declarations to one statement, in DuckDB's dialect or another engine's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vocative.facts.facts import ACTS
from vocative.facts.grain import Grain, with_clause
from vocative.facts.people import KNOWN
from vocative.facts.scope import Scope
from vocative.profile.feature import Feature
from vocative.records.settings import Settings

if TYPE_CHECKING:
    from sqlglot import exp


def feature_query(features: Sequence[Feature], scope: Scope) -> str:
    """The statement (DuckDB's dialect) that computes features of everybody with an act before the moment.

    It reads the tables `events`, `people`, `items`, `identity`, `allowed` and `offsets` (zone, from_s, to_s, offset_s)
    and returns `person_id` and one number per feature, sorted by person.
    """
    by_grain: dict[str, list[Feature]] = {}
    grains: dict[str, Grain] = {ACTS.name: ACTS, KNOWN.name: KNOWN}
    for feature in features:
        if feature.available(scope):
            by_grain.setdefault(feature.grain.name, []).append(feature)
            grains[feature.grain.name] = feature.grain
    parts = with_clause(grains.values(), scope)
    joins = []
    for name, members in by_grain.items():
        columns = ", ".join(f"{feature.sql(scope)} AS {feature.name}" for feature in members)
        parts.append(f"of_{name} AS (SELECT who, {columns} FROM {name} GROUP BY who)")
        joins.append(f"LEFT JOIN of_{name} ON of_{name}.who = known.who")
    columns = ",\n  ".join(f"{_output(feature, scope)} AS {feature.name}" for feature in features)
    return (
        f"WITH {', '.join(parts)}\nSELECT known.person_id,\n  {columns}\n"
        "FROM (SELECT DISTINCT who FROM acts) AS seen JOIN known ON known.who = seen.who\n"
        f"{chr(10).join(joins)}\nORDER BY known.person_id"
    )


def feature_sql(features: Sequence[Feature], settings: Settings, moment: int, dialect: str = "duckdb") -> str:
    """The same statement for an engine that SQLGlot knows, for example `spark`.

    Args:
        features: what to compute.
        settings: what the business's events mean.
        moment: the rows use only what was known before it (µs since 1970 UTC).
        dialect: SQLGlot's name of the engine's dialect.
    """
    import sqlglot

    tree = sqlglot.parse_one(feature_query(features, Scope(moment, settings)), read="duckdb")
    return tree.transform(_portable).sql(dialect=dialect, pretty=True) if dialect != "duckdb" else tree.sql("duckdb")


def _portable(node: exp.Expression) -> exp.Expression:
    from sqlglot import exp

    if isinstance(node, exp.Anonymous) and node.name.lower() == "epoch_us":
        return exp.Anonymous(this="unix_micros", expressions=node.expressions)
    return node


def _output(feature: Feature, scope: Scope) -> str:
    if not feature.available(scope):
        return "CAST(NULL AS DOUBLE)"
    column = f"CAST(of_{feature.grain.name}.{feature.name} AS DOUBLE)"
    return column if feature.empty is None else f"coalesce({column}, {feature.empty!r})"
