"""The registry of models: which version acts at a moment, what is known of each, and changing it by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from vocative.errors import ApprovalError, ModelError
from vocative.learn import standing
from vocative.learn.standing import Change, History
from vocative.line.models.standings import Standings
from vocative.line.snapshot.clock import refuse_going_back, to_text
from vocative.predict.predictor import Parameters
from vocative.predict.registry import predictors_of
from vocative.records.cells import integer
from vocative.records.ledger_tables import MODEL_CARDS, MODEL_DRIFT, MODELS, VERDICTS
from vocative.records.models import Drift, ModelCard, Standing, State
from vocative.records.proof import Verdict
from vocative.records.schema import Row
from vocative.store.protocols import Ledger, Transaction
from vocative.workspace.opening import OpenWorkspace


class Version(Struct, frozen=True, kw_only=True):
    """A fitted version of a model, as lists show it."""

    module: str
    version: str
    fitted_at: str
    state: State | None
    """None: it was refused by its verdict, or its module was."""
    since: str
    by: str
    why: str
    admitted: bool
    metric: str
    value: float
    baseline: str
    baseline_value: float


class Described(Struct, frozen=True, kw_only=True):
    """Everything that is known of one version."""

    card: ModelCard
    verdict: Verdict | None
    standings: list[Standing]
    """What it was, and since when."""
    drift: Drift | None
    """The newest look at it while it acted."""


def histories(transaction: Transaction, now: int) -> dict[str, list[Standing]]:
    """Predictor → every change of standing up to the moment, in order."""
    return Standings(transaction).all_at(now)


def history(ledger: Ledger, module: str, now: int) -> list[Standing]:
    """Every change of standing of one module up to the moment, in order."""
    with ledger.transaction() as transaction:
        return Standings(transaction).at(module, now)


def acting(ledger: Ledger, now: int) -> dict[str, str | None]:
    """Predictor → the version that acts at the moment; None or missing where the best naive way does."""
    with ledger.transaction() as transaction:
        known = histories(transaction, now)
    return {name: standing.champion(mine) for name, mine in known.items()}


def content_of(ledger: Ledger, module: str, version: str) -> Parameters | None:
    """What a version has learnt; None if it is not kept."""
    with ledger.transaction() as transaction:
        rows = transaction.select(MODELS, {"module": module, "version": version})
    return msgspec.json.decode(str(rows[0]["content"]), type=Parameters) if rows else None


def card_of(ledger: Ledger, module: str, version: str) -> ModelCard | None:
    """The card of a version; None if there is none."""
    with ledger.transaction() as transaction:
        rows = transaction.select(MODEL_CARDS, {"module": module, "version": version})
    return msgspec.json.decode(str(rows[0]["card"]), type=ModelCard) if rows else None


def verdict_of(ledger: Ledger, module: str, version: str, now: int) -> Verdict | None:
    """The newest verdict on a version up to the moment."""
    with ledger.transaction() as transaction:
        rows = transaction.select(VERDICTS, {"module": module, "version": version}, ("moment",))
    rows = [row for row in rows if integer(row["moment"]) <= now]
    return msgspec.json.decode(str(rows[-1]["result"]), type=Verdict) if rows else None


def drifts(ledger: Ledger, now: int) -> dict[str, Drift]:
    """Predictor → the newest look at how it drifts, up to the moment."""
    with ledger.transaction() as transaction:
        rows = transaction.select(MODEL_DRIFT, order_by=("moment",))
    rows = [row for row in rows if integer(row["moment"]) <= now]
    return {str(row["module"]): msgspec.json.decode(str(row["result"]), type=Drift) for row in rows}


def versions(workspace: OpenWorkspace, now: int) -> list[Version]:
    """Every fitted version there is at the moment, by module, the newest first."""
    ledger = workspace.stores.ledger
    with ledger.transaction() as transaction:
        fitted = transaction.select(MODELS, order_by=("module", "fitted_at"))
        known = histories(transaction, now)
    order = {name: place for place, name in enumerate(predictors_of(workspace.settings))}
    rows = [row for row in fitted if integer(row["fitted_at"]) <= now]
    rows.sort(key=lambda row: (order.get(str(row["module"]), len(order)), -integer(row["fitted_at"])))
    return [_version(ledger, row, known.get(str(row["module"]), ()), now) for row in rows]


def _version(ledger: Ledger, row: Row, known: History, now: int) -> Version:
    module, version = str(row["module"]), str(row["version"])
    verdict = verdict_of(ledger, module, version, now)
    stands = standing.states(known).get(version)
    return Version(
        module=module,
        version=version,
        fitted_at=to_text(integer(row["fitted_at"])),
        state=None if stands is None else stands.state,
        since="" if stands is None else to_text(stands.at),
        by="" if stands is None else stands.by,
        why=(verdict.why if verdict else "no verdict is kept") if stands is None else stands.why,
        admitted=verdict is not None and verdict.admitted,
        metric=verdict.metric if verdict else "",
        value=verdict.value if verdict else 0.0,
        baseline=verdict.baseline if verdict else "",
        baseline_value=verdict.baseline_value if verdict else 0.0,
    )


def describe(workspace: OpenWorkspace, module: str, version: str, now: int) -> Described:
    """Everything that is known of a version; with an empty `version` of the one that acts, or else of the newest.

    Raises:
        ModelError: There is no such version.
    """
    ledger = workspace.stores.ledger
    known = history(ledger, module, now)
    version = version or standing.champion(known) or _newest(workspace, module, now)
    card = card_of(ledger, module, version)
    if card is None:
        raise _unknown(workspace, module, version, now)
    drift = drifts(ledger, now).get(module)
    return Described(
        card=card,
        verdict=verdict_of(ledger, module, version, now),
        standings=[one for one in known if one.version == version],
        drift=drift if drift is not None and drift.version == version else None,
    )


def promote(workspace: OpenWorkspace, module: str, version: str, by: str, why: str, now: int) -> list[Standing]:
    """Let a version act from `now` (µs UTC) on, whatever has become of it in shadow.

    Raises:
        ApprovalError: Nobody is named.
        ModelError: There is no such version, it acts already, or the past refused it.
        ClockError: `now` lies before the last completed run.
    """

    def changes(known: History) -> list[Change]:
        verdict = verdict_of(workspace.stores.ledger, module, version, now)
        if version not in standing.states(known) and verdict is not None and not verdict.admitted:
            raise ModelError(f"version {version} may not act: {verdict.why}", remedy="nothing acts that is not proved")
        if version not in standing.states(known):
            raise _unknown(workspace, module, version, now)
        return standing.promoted(known, version, why or "promoted by hand")

    return _by_hand(workspace, module, by, now, changes)


def rollback(workspace: OpenWorkspace, module: str, by: str, why: str, now: int) -> list[Standing]:
    """Take the version that acts back; the last good one acts again from `now` (µs UTC) on, or else the naive way.

    Raises:
        ApprovalError: Nobody is named.
        ModelError: No version of the module acts.
        ClockError: `now` lies before the last completed run.
    """
    return _by_hand(workspace, module, by, now, lambda known: standing.failed(known, why or "rolled back by hand"))


def warnings(workspace: OpenWorkspace, now: int) -> list[str]:
    """What somebody should know about the models that act, in sentences; empty when all is well."""
    ledger = workspace.stores.ledger
    with ledger.transaction() as transaction:
        known = histories(transaction, now)
    found = []
    for name, looked in drifts(ledger, now).items():
        if looked.level == "red":
            found.append(f"model {name} is red: {'; '.join(looked.why)}; see `vocative models drift`")
    for name, changes in known.items():
        if standing.champion(changes) is None and changes[-1].state == "failed":
            found.append(f"model {name} was taken out ({changes[-1].why}): the best naive way acts in its place")
    return found


def _by_hand(
    workspace: OpenWorkspace, module: str, by: str, now: int, changes: Callable[[History], Sequence[Change]]
) -> list[Standing]:
    if not by.strip():
        raise ApprovalError("nobody is named who does it", remedy="add --by 'Your name'")
    if module not in predictors_of(workspace.settings):
        raise ModelError(
            f"there is no prediction {module!r}", remedy=f"there are: {', '.join(predictors_of(workspace.settings))}"
        )
    ledger = workspace.stores.ledger
    with ledger.lock("run"):
        refuse_going_back(ledger, now)
        noted = changes(history(ledger, module, now))
        with ledger.transaction() as transaction:
            return Standings(transaction).note(transaction, module, noted, now, by.strip())


def _newest(workspace: OpenWorkspace, module: str, now: int) -> str:
    return next((one.version for one in versions(workspace, now) if one.module == module), "")


def _unknown(workspace: OpenWorkspace, module: str, version: str, now: int) -> ModelError:
    known = [one.version for one in versions(workspace, now) if one.module == module]
    if not known:
        return ModelError(f"nothing has been fitted for {module!r}", remedy="`vocative prove` fits and tests it")
    return ModelError(
        f"there is no version {version!r} of {module}", remedy=f"versions, the newest first: {', '.join(known)}"
    )
