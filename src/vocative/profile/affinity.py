"""Affinity: which values of an attribute a person likes more than others do.

A person's acts on items are weighted by intent and fade with a half-life of 91 days. For an attribute let n_v be the
person's weight on value v, N the sum over values, and q_v the value's share in the weights of everybody who may be
profiled. The person's share is drawn towards the population's, as the posterior mean under a Dirichlet prior with
mean q and concentration m:

    share_v = (n_v + m q_v) / (N + m)          affinity_v = ln(share_v / q_v)

A value that is popular with everybody has an affinity of 0, and a person with little behind them stays close to 0
everywhere. m is estimated per attribute from how much shares differ between people beyond what N alone explains
(method of moments for the Dirichlet-multinomial; Mosimann, Biometrika 49, 1962), and kept within 1 and 100.

An attribute may hold a list: an album that is rock and jazz. Its values then share the weight of an act among them in
n_v, so that N stays the number of acts and a longer list is no stronger evidence; the support of each is the whole act,
since three such albums are three of each.
"""

from __future__ import annotations

import pyarrow as pa

from vocative.facts.facts import FACTS
from vocative.facts.grain import Grain, with_clause
from vocative.facts.items import CATALOGUE
from vocative.facts.scope import CODES, FIXED, Scope, text_literal
from vocative.facts.sources import Sources
from vocative.profile.declared import declared_preferences
from vocative.profile.kinds.decay import rate_per_slot
from vocative.records.settings import Role, Settings
from vocative.store.protocols import Engine

HALF_LIFE_DAYS = 91.0
LEAST_SUPPORT = 1.0
"""A value with less decayed weight than this is not reported."""
KEPT = 50
"""Values kept per person and attribute."""
DECLARED = 10.0
"""Affinity of a value that the person said they like; a dislike has the negative. Inferred ones stay below, either way;
so what was said wins, until it is older than `features.history_days`."""

_LARGEST_INFERRED = 8.0
_MOST_UNITS = 10.0
# A unit bought says more than a look; what is sent back is taken back.
_WEIGHTS: dict[Role, float] = {"purchase": 1.0, "return": -1.0, "use": 1.0, "basket": 0.3, "wish": 0.3, "view": 0.1}


def _liked(scope: Scope) -> str:
    units = f"least(units / {FIXED!r}, {_MOST_UNITS!r})"
    weights = " ".join(
        f"WHEN role = {CODES[role]} THEN {weight!r}{f' * {units}' if role in ('purchase', 'return') else ''}"
        for role, weight in _WEIGHTS.items()
    )
    roles = ", ".join(str(CODES[role]) for role in _WEIGHTS)
    fading = f"exp((slot - {scope.now}) * {rate_per_slot(HALF_LIFE_DAYS)!r})"
    return f"""SELECT who, item, sum((CASE {weights} END) * {fading}) AS weight
FROM facts WHERE item IS NOT NULL AND role IN ({roles}) GROUP BY who, item"""


def _attribute(name: str) -> str:
    """The values of an attribute as a list, of one or of as many as its JSON array holds."""
    if name in ("category", "brand"):
        return f"[{name}]"
    path = f'$."{name.replace(chr(34), "")}"'
    one, every = text_literal(path), text_literal(f"{path}[*]")
    return f"""CASE WHEN NOT json_valid(attributes) THEN []
  WHEN json_type(attributes, {one}) = 'ARRAY' THEN json_extract_string(attributes, {every})
  ELSE [json_extract_string(attributes, {one})] END"""


def _valued(scope: Scope) -> str:
    nothing = "SELECT item, '' AS attribute, '' AS value, 1.0 AS part FROM catalogue WHERE FALSE"
    told = "\nUNION ALL\n".join(
        f"SELECT item, {text_literal(name)} AS attribute, {_attribute(name)} AS every FROM catalogue"
        for name in scope.settings.features.affinities
    )
    if not told:
        return nothing
    return f"""SELECT item, attribute, unnest(every) AS value, 1.0 / len(every) AS part FROM (
  SELECT item, attribute, list_distinct(list_filter(every, lambda one: one <> '')) AS every FROM ({told}) AS told
) AS listed WHERE len(every) > 0"""


def _weighed(_: Scope) -> str:
    return """SELECT who, attribute, value, weight, units, sum(weight) OVER (PARTITION BY who, attribute) AS total
FROM (
  SELECT liked.who, valued.attribute, valued.value, sum(liked.weight * valued.part) AS weight,
    sum(liked.weight) AS units
  FROM liked JOIN valued ON valued.item = liked.item
  GROUP BY liked.who, valued.attribute, valued.value
) AS summed
WHERE weight > 0"""


def _population(_: Scope) -> str:
    return """SELECT attribute, value, sum(weight) / sum(sum(weight)) OVER (PARTITION BY attribute) AS share
FROM weighed GROUP BY attribute, value"""


def _concentration(_: Scope) -> str:
    return """SELECT spread.attribute, least(greatest(1.0 / least(greatest(
    ((differing + same) / nullif(1.0 - same, 0.0) - chance) / nullif(1.0 - chance, 0.0), 0.001), 1.0) - 1.0, 1.0), 100.0
  ) AS m
FROM (
  SELECT attribute, avg(own) AS differing, avg(1.0 / greatest(total, 1.0)) AS chance
  FROM (
    SELECT weighed.attribute, weighed.who, min(weighed.total) AS total,
      sum((weighed.weight / weighed.total) * (weighed.weight / weighed.total - 2.0 * population.share)) AS own
    FROM weighed JOIN population ON population.attribute = weighed.attribute AND population.value = weighed.value
    GROUP BY weighed.attribute, weighed.who
  ) AS one GROUP BY attribute
) AS spread
JOIN (SELECT attribute, sum(share * share) AS same FROM population GROUP BY attribute) AS together
  ON together.attribute = spread.attribute"""


LIKED = Grain("liked", _liked, (FACTS,))
VALUED = Grain("valued", _valued, (CATALOGUE,))
WEIGHED = Grain("weighed", _weighed, (LIKED, VALUED))
POPULATION = Grain("population", _population, (WEIGHED,))
CONCENTRATION = Grain("concentration", _concentration, (WEIGHED, POPULATION))


def build_affinities(engine: Engine, sources: Sources, settings: Settings, moment: int) -> pa.Table:
    """Affinities of everybody who may be profiled to values of `settings.features.affinities`.

    Args:
        engine: runs the query.
        sources: events, people, items, identities and who may have a row.
        settings: what events mean, and which attributes count: `category`, `brand` or a key of items' attributes.
        moment: only what was known before it counts (µs since 1970 UTC).

    Returns:
        Columns `person_id`, `attribute`, `value`, `affinity` (0 is average; ±10 is what the person said themselves),
        `share` (of the person's own decayed weight, 0 to 1) and `support` (decayed acts behind it); sorted by person,
        attribute and falling affinity. At most 50 inferred values per person and attribute.
    """
    scope = sources.scope(moment, settings)
    relations = sources.relations() | {"declared": declared_preferences(engine, sources, scope)}
    return engine.query(_statement(scope), relations)


def _statement(scope: Scope) -> str:
    return f"""WITH {", ".join(with_clause([CONCENTRATION], scope))}, told_us AS (
  SELECT DISTINCT known.who, valued.attribute, valued.value, declared.liked
  FROM declared JOIN known ON known.person_id = declared.person_id
  JOIN valued ON lower(valued.value) = declared.wording
), inferred AS (
  SELECT who, attribute, value, weight / total AS share, units AS support, affinity, row_number() OVER (
      PARTITION BY who, attribute ORDER BY affinity DESC, weight DESC, value
    ) AS place
  FROM (
    SELECT weighed.*, least(greatest(
        ln((weighed.weight + m * population.share) / ((weighed.total + m) * population.share)), -{_LARGEST_INFERRED!r}
      ), {_LARGEST_INFERRED!r}) AS affinity
    FROM weighed
    JOIN population ON population.attribute = weighed.attribute AND population.value = weighed.value
    JOIN concentration ON concentration.attribute = weighed.attribute
    WHERE weighed.units >= {LEAST_SUPPORT!r}
      AND NOT EXISTS (
        SELECT 1 FROM told_us
        WHERE told_us.who = weighed.who AND told_us.attribute = weighed.attribute AND told_us.value = weighed.value
      )
  ) AS scored
), every AS (
  SELECT who, attribute, value, affinity, share, support FROM inferred WHERE place <= {KEPT}
  UNION ALL
  SELECT told_us.who, told_us.attribute, told_us.value, CASE WHEN liked THEN {DECLARED!r} ELSE -{DECLARED!r} END,
    coalesce(weighed.weight / weighed.total, 0.0), coalesce(weighed.units, 0.0)
  FROM told_us LEFT JOIN weighed
    ON weighed.who = told_us.who AND weighed.attribute = told_us.attribute AND weighed.value = told_us.value
)
SELECT known.person_id, attribute, value, affinity, share, support
FROM every JOIN known ON known.who = every.who
ORDER BY known.person_id, attribute, affinity DESC, support DESC, value"""
