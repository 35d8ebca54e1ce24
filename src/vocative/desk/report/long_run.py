"""Reads who still buys and who said no, months after their first contact was drawn by lot."""

from __future__ import annotations

from vocative.facts.facts import FACTS
from vocative.facts.grain import with_clause
from vocative.facts.people import KNOWN
from vocative.facts.scope import CODES
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.snapshot.treatments import first_lots
from vocative.predict.history.main_role import main_role
from vocative.store.permissions import read_permissions
from vocative.trust.relationship import refusals
from vocative.trust.staying import Staying, StayingLot, staying

_BOUGHT_SQL = """
SELECT known.person_id, list(DISTINCT us) AS moments
FROM facts JOIN known ON known.who = facts.who WHERE role = $main GROUP BY 1
"""


def stayed(scene: Snapshot) -> Staying:
    """What contacts did to people in the long run, as far as is known at the moment of the scene.

    What people bought is looked at only of those who allow personalization now; what they said of messages, of all.
    """
    rows = first_lots(scene.workspace, scene.now).to_pylist()
    lots = [StayingLot(row["person_id"], bool(row["treated"]), row["moment"], row["chance"]) for row in rows]
    if not lots:
        return Staying([], [])
    with scene.workspace.stores.ledger.transaction() as transaction:
        said = read_permissions(transaction)
    return staying(lots, _bought(scene), refusals(said, scene.now), scene.now)


def _bought(scene: Snapshot) -> dict[str, list[int]] | None:
    """Person → moments of the act that matters; None where there is none."""
    main = main_role(scene.workspace.settings)
    if main is None:
        return None
    scope = scene.sources.scope(scene.now, scene.workspace.settings)
    found = scene.workspace.stores.engine.query(
        f"WITH {', '.join(with_clause([FACTS, KNOWN], scope))} {_BOUGHT_SQL}",
        scene.sources.relations(),
        {"main": CODES[main]},
    )
    bought: dict[str, list[int]] = {str(person): [] for person in scene.sources.allowed["person_id"].to_pylist()}
    return bought | {row["person_id"]: row["moments"] for row in found.to_pylist()}
