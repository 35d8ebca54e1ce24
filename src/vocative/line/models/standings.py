"""Which versions of a model act, wait or were taken out, and since when: read once, and kept up with what is noted."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from vocative.learn.standing import US, Change
from vocative.line.snapshot.snapshot import Scene
from vocative.records.ledger_tables import MODEL_STANDINGS
from vocative.records.models import Standing
from vocative.store.protocols import Transaction


class Standings:
    """Every change of standing in the ledger as it was read; what is noted through it is known to it at once.

    It is right as long as nobody else changes standings, as during a run, which holds the lock of runs.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._of: dict[str, list[Standing]] = {}
        for row in transaction.select(MODEL_STANDINGS, order_by=("module", "at", "place")):
            one = msgspec.convert(row, Standing)
            self._of.setdefault(one.module, []).append(one)

    def all_at(self, now: int) -> dict[str, list[Standing]]:
        """Predictor → every change of standing up to a moment (µs UTC), in order."""
        return {module: known for module in self._of if (known := self.at(module, now))}

    def at(self, module: str, now: int) -> list[Standing]:
        """Every change of standing of one predictor up to a moment (µs UTC), in order."""
        return sorted((one for one in self._of.get(module, ()) if one.at <= now), key=lambda one: (one.at, one.place))

    def note(
        self, transaction: Transaction, module: str, changes: Iterable[Change], at: int, by: str = US
    ) -> list[Standing]:
        """Add changes to the history of a predictor; the moment is in µs UTC."""
        mine = self._of.setdefault(module, [])
        rows = [
            Standing(
                module=module, version=one.version, state=one.state, at=at, place=len(mine) + number, by=by, why=one.why
            )
            for number, one in enumerate(changes)
        ]
        transaction.insert(MODEL_STANDINGS, [msgspec.to_builtins(row) for row in rows])
        mine += rows
        return rows


def standings_of(scene: Scene) -> Standings:
    """The standings in the ledger of a workspace, read once for all who ask this scene."""
    return scene.once("standings", _read)


def _read(scene: Scene) -> Standings:
    with scene.workspace.stores.ledger.transaction() as transaction:
        return Standings(transaction)
