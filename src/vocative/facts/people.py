"""Who may have a row, which identifiers are theirs, and the zone they live in."""

from __future__ import annotations

from vocative.facts.grain import Grain
from vocative.facts.scope import Scope, moment_literal, text_literal


def _known(_: Scope) -> str:
    # Small numbers instead of identifiers make every later grouping cheaper.
    return """SELECT person_id, CAST(row_number() OVER (ORDER BY person_id) AS INTEGER) AS who
FROM (SELECT DISTINCT person_id FROM allowed) AS permitted"""


def _aliases(prefix: str, column: str) -> str:
    return f"""SELECT substr(alias, {len(prefix) + 1}) AS {column}, min(person_id) AS person_id
FROM identity WHERE alias LIKE '{prefix}%' GROUP BY alias"""


def _users(_: Scope) -> str:
    return f"""SELECT linked.account, known.who
FROM ({_aliases("user:", "account")}) AS linked JOIN known ON linked.person_id = known.person_id
UNION ALL
SELECT known.person_id AS account, known.who FROM known
WHERE NOT EXISTS (SELECT 1 FROM identity WHERE identity.alias = 'user:' || known.person_id)"""


def _devices(_: Scope) -> str:
    return f"""SELECT linked.device, known.who
FROM ({_aliases("anonymous:", "device")}) AS linked JOIN known ON linked.person_id = known.person_id"""


def _homes(scope: Scope) -> str:
    known_then = f"timestamp < {moment_literal(scope.moment)} AND known_at < {moment_literal(scope.moment)}"
    return f"""SELECT known.who, coalesce(told.timezone, {text_literal(scope.settings.business.timezone)}) AS zone
FROM known LEFT JOIN (
  SELECT users.who, people.timezone, row_number() OVER (
    PARTITION BY users.who ORDER BY people.timestamp DESC, people.known_at DESC, people.version_id DESC
  ) AS age
  FROM people JOIN users ON people.user_id = users.account
  WHERE {known_then} AND people.timezone IN (SELECT zone FROM offsets)
    AND NOT contains(',' || people.doubts, ',timezone:') AND NOT contains(',' || people.doubts, ',row:')
) AS told ON told.who = known.who AND told.age = 1"""


KNOWN = Grain("known", _known)
"""Everybody who may have a row: `who`, `person_id`."""
USERS = Grain("users", _users, (KNOWN,))
"""`account` (a user identifier) → `who`: a link of the identifier if there is one, else the identifier itself."""
DEVICES = Grain("devices", _devices, (KNOWN,))
"""`device` (an anonymous identifier) → `who`."""
HOMES = Grain("homes", _homes, (KNOWN, USERS))
"""`who` → `zone`: the newest usable zone known before the moment, else the zone of the business."""
