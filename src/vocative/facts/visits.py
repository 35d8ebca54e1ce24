"""Visits: runs of acts without a long pause. Features of sessions read them."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct, field

from vocative.facts.facts import ACTS, Fact
from vocative.facts.grain import Grain
from vocative.facts.scope import CODES, SLOT_US, VISIT_ROLES, Scope

_ROLES = frozenset(CODES[role] for role in VISIT_ROLES)
_MINUTE_US = 60_000_000


def _gap(scope: Scope) -> int:
    return scope.settings.features.session_gap_minutes * _MINUTE_US


def _visits(scope: Scope) -> str:
    roles = ", ".join(str(code) for code in sorted(_ROLES))
    return f"""SELECT who, min(us) // {SLOT_US} AS slot, (max(us) - min(us)) / {float(_MINUTE_US)!r} AS minutes,
  sum(acts) AS acts
FROM (
  SELECT who, us, acts, sum(starts) OVER (PARTITION BY who ORDER BY us ROWS UNBOUNDED PRECEDING) AS visit
  FROM (
    SELECT who, us, acts,
      CASE WHEN us - lag(us) OVER (PARTITION BY who ORDER BY us) <= {_gap(scope)} THEN 0 ELSE 1 END AS starts
    FROM (SELECT who, us, sum(lines) AS acts FROM acts WHERE role IN ({roles}) GROUP BY who, us) AS instants
  ) AS marked
) AS numbered
GROUP BY who, visit"""


VISITS = Grain("visits", _visits, (ACTS,))
"""One row per person and visit: the slot it began in, its minutes from first to last act, and the number of acts.

Visits are told apart by pauses, not by the business's own session identifiers, which differ from source to source.
"""


class Visit(NamedTuple):
    """One visit: first slot, minutes, number of acts."""

    slot: int
    minutes: float
    acts: float


class VisitState(Struct):
    """Live: instant (µs) → number of acts; runs are found when read, as a late event may join two of them."""

    instants: dict[int, int] = field(default_factory=dict)

    def add(self, fact: Fact) -> None:
        """Count one fact."""
        if fact.role in _ROLES:
            self.instants[fact.at] = self.instants.get(fact.at, 0) + 1

    def forget(self, before: int) -> None:
        """Drop what is older than the history that is read."""
        self.instants = {at: acts for at, acts in self.instants.items() if at >= before * SLOT_US}

    def view(self, scope: Scope) -> list[Visit]:
        """The visits within the history that is read, oldest first."""
        gap, horizon = _gap(scope), scope.horizon * SLOT_US
        runs: list[list[int]] = []
        for at in sorted(self.instants):
            if at < horizon:
                continue
            acts = self.instants[at]
            if runs and at - runs[-1][1] <= gap:
                runs[-1][1] = at
                runs[-1][2] += acts
            else:
                runs.append([at, at, acts])
        return [Visit(first // SLOT_US, (last - first) / _MINUTE_US, float(acts)) for first, last, acts in runs]
