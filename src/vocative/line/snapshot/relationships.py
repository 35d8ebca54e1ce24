"""How well each person and the business know each other, as was known at the moment of a scene."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vocative.facts.behaviour import behaviour, complaints
from vocative.line.snapshot.snapshot import Snapshot
from vocative.predict.history.main_role import main_role
from vocative.records.cells import integer, number
from vocative.records.results import Permission
from vocative.store.permissions import read_permissions
from vocative.trust.relationship import (
    RETURNS_DAYS,
    STRANGE,
    YEAR_DAYS,
    Relationship,
    RelationshipActs,
    preferences_set,
    relationship,
    withdrawals,
)
from vocative.workspace.opening import OpenWorkspace


def relationships(scene: Snapshot) -> dict[str, Relationship]:
    """The relationship of everybody who allowed personalization or is strained; who is missing is a stranger.

    Of people without permission for personalization only what they themselves said about being written to is read:
    permissions they took back, and complaints that came by a channel messages go over.
    """
    return scene.once("relationships", _relationships)


def acts_of(scene: Snapshot) -> Mapping[str, RelationshipActs]:
    """What relationships rest on, of everybody of whom anything may be read."""
    profiled, others = scene.once("acts", _acts_of)
    return {**others, **profiled}


def _acts_of(scene: Snapshot) -> tuple[dict[str, RelationshipActs], dict[str, RelationshipActs]]:
    with scene.workspace.stores.ledger.transaction() as transaction:
        said = read_permissions(transaction, None if scene.among is None else sorted(scene.among))
    return _profiled(scene, said), _unprofiled(scene, said)


def _relationships(scene: Snapshot) -> dict[str, Relationship]:
    profiled, others = scene.once("acts", _acts_of)
    strained = {person: one for person, acts in others.items() if (one := relationship(acts)).state == "strained"}
    return strained | {person: relationship(acts) for person, acts in profiled.items()}


def relationship_of(workspace: OpenWorkspace, person_id: str, now: int, scene: Snapshot | None = None) -> Relationship:
    """How well one person and the business knew each other at `now` (µs UTC); `scene`: theirs, if it is there."""
    person, own = Snapshot.of_person(workspace, person_id, now)
    return relationships(scene or own).get(person, STRANGE)


def _profiled(scene: Snapshot, said: Iterable[Permission]) -> dict[str, RelationshipActs]:
    said = list(said)
    settings, sources = scene.workspace.settings, scene.sources
    rows = behaviour(
        scene.workspace.stores.engine, sources, sources.scope(scene.now, settings), main_role(settings),
        year_days=YEAR_DAYS, returns_days=RETURNS_DAYS,
    )  # fmt: skip
    allowed = {str(person) for person in sources.allowed["person_id"].to_pylist()}
    withdrawn, preferences = withdrawals(said, scene.now), preferences_set(said, scene.now)
    behaved = {str(row["person_id"]): row for row in rows}
    return {
        person: _acts(behaved.get(person, {}), withdrawn.get(person, ()), preferences.get(person, 0))
        for person in allowed
    }


def _not_allowed(scene: Snapshot) -> set[str]:
    """Those of the scene who did not allow personalization."""
    return {str(row["person_id"]) for row in scene.people.rows} - set(scene.sources.allowed["person_id"].to_pylist())


def _acts(row: Mapping[str, object], opt_outs: tuple[float, ...], preferences: int) -> RelationshipActs:
    complaints, returned = row.get("complaints"), row.get("returned")
    return RelationshipActs(
        visits=_count(row, "visits"),
        known_days=number(row.get("known_days") or 0.0),
        replies=_count(row, "replies"),
        told=_count(row, "wishes") + _count(row, "declared") + preferences,
        returns=_count(row, "returns"),
        lately=_count(row, "lately"),
        returned=None if returned is None else number(returned),
        complaints=tuple(complaints) if isinstance(complaints, list) else (),
        opt_outs=opt_outs,
    )


def _count(row: Mapping[str, object], name: str) -> int:
    return integer(row.get(name) or 0)


def _unprofiled(scene: Snapshot, said: Iterable[Permission]) -> dict[str, RelationshipActs]:
    settings, sources = scene.workspace.settings, scene.sources
    found = {person: RelationshipActs(opt_outs=days) for person, days in withdrawals(said, scene.now).items()}
    complained = complaints(
        scene.workspace.stores.engine, sources, sources.scope(scene.now, settings), _not_allowed(scene),
        tuple(settings.channels),
    )  # fmt: skip
    for person, days in complained.items():
        found[person] = found.get(person, RelationshipActs())._replace(complaints=days)
    return found
