"""Models in operation in a real workspace: who acts, who waits in shadow, who falls, and what a replay then sees."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest

from tests.line.planted_models import HORIZON, NAME, Planted, day, prepare_shop, some_features
from vocative.desk.rehearse.replay import replay
from vocative.desk.status import status
from vocative.errors import ApprovalError, ClockError, ModelError
from vocative.learn import standing
from vocative.line.models import monitoring, proving, registry
from vocative.line.running import run
from vocative.line.snapshot.journal import Journal, Result
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.understand import build, patterns
from vocative.predict import registry as predictors
from vocative.predict.history.event_history import EventHistory
from vocative.prove import judging
from vocative.records.lake_tables import PREDICTIONS, SHADOWS
from vocative.records.ledger_tables import MODEL_CARDS
from vocative.workspace.opening import OpenWorkspace


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare_shop(tmp_path_factory.mktemp("models") / "workspace")


@pytest.fixture
def root(shop: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop, tmp_path / "workspace"))


def plant(monkeypatch: pytest.MonkeyPatch, module: Planted, *, real: bool = False) -> None:
    """The planted question is the only one; unless all is to be `real`, a few numbers stand for the features."""
    monkeypatch.setattr(predictors, "STANDARD", {NAME: module})
    if not real:
        monkeypatch.setattr(EventHistory, "_features", some_features)
        monkeypatch.setattr(judging, "leaking", lambda *_: [])
        monkeypatch.setattr(patterns, "renew", lambda *_: None)


def predict(workspace: OpenWorkspace, number: float) -> Result:
    """The stage `predict` of the run of a day, and its account of the planted module."""
    scene = Snapshot(workspace, day(number))
    found = build.predict(scene, Journal(workspace.stores.ledger, scene.now))[NAME]
    assert isinstance(found, dict)
    return found


def acts(workspace: OpenWorkspace, number: float) -> str | None:
    return standing.champion(registry.history(workspace.stores.ledger, NAME, day(number)))


def state_of(workspace: OpenWorkspace, version: str, number: float) -> str:
    return standing.states(registry.history(workspace.stores.ledger, NAME, day(number)))[version].state


def rows(workspace: OpenWorkspace, table: str, number: float) -> pa.Table:
    scan = workspace.stores.lake.scan({"predictions": PREDICTIONS, "shadows": SHADOWS}[table])
    return workspace.stores.engine.query(
        "SELECT * FROM found WHERE moment = make_timestamptz($moment)", {"found": scan}, {"moment": day(number)}
    )


def test_a_new_version_waits_in_shadow_and_then_acts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, Planted())
    with OpenWorkspace.open(root) as workspace:
        first = str(predict(workspace, 60)["acts"])
        assert set(rows(workspace, "predictions", 60)["version"].to_pylist()) == {first}
        assert rows(workspace, "shadows", 60).num_rows == 0, "nobody waits"
        assert predict(workspace, 67)["acts"] == first, "the second is fitted, and waits"
        (second,) = {str(one) for one in rows(workspace, "shadows", 67)["version"].to_pylist()}
        assert second != first
        assert state_of(workspace, second, 67) == "challenger"
        assert predict(workspace, 68)["acts"] == first, "nothing is over yet"
        account = predict(workspace, 67 + HORIZON)
        assert account["acts"] == second, "its predictions of day 67 are over, and as good as the other's"
        assert "not worse in shadow" in str(account["changed"])
        assert state_of(workspace, first, 70) == "retired"
        assert acts(workspace, 68) == first, "who acted then does not change by what came later"
        version = proving.verdicts(workspace, day(70))[NAME].version
        assert registry.content_of(workspace.stores.ledger, NAME, version) is not None


def test_a_version_that_is_worse_in_shadow_never_acts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, Planted(wrong=(67,)))
    with OpenWorkspace.open(root) as workspace:
        first = str(predict(workspace, 60)["acts"])
        predict(workspace, 67)
        (second,) = (
            one.version for one in standing.challengers(registry.history(workspace.stores.ledger, NAME, day(67)))
        )
        account = predict(workspace, 67 + HORIZON)
        assert account["acts"] == first
        assert state_of(workspace, second, 70) == "failed"
        assert "worse in shadow" in str(account["changed"])


def test_new_data_does_not_wait_for_ever(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, Planted(horizon_days=20.0))
    path = root / "vocative.toml"
    path.write_text(path.read_text().replace("wait_days = 30", "wait_days = 5"))
    with OpenWorkspace.open(root) as workspace:
        first = predict(workspace, 80)["acts"]
        assert predict(workspace, 87)["acts"] == first
        assert predict(workspace, 91)["acts"] == first
        account = predict(workspace, 92)
        assert account["acts"] != first
        assert "nothing spoke against it" in str(account["changed"])


def test_by_hand_only_where_the_business_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, Planted())
    path = root / "vocative.toml"
    path.write_text(path.read_text().replace("[models]", "[models]\nautomatic = false"))
    with OpenWorkspace.open(root) as workspace:
        first = predict(workspace, 60)["acts"]
        for number in (67, 69, 70):
            assert predict(workspace, number)["acts"] == first
        (second,) = (
            one.version for one in standing.challengers(registry.history(workspace.stores.ledger, NAME, day(70)))
        )
        noted = registry.promote(workspace, NAME, second, "Anna Example", "", day(70.5))
        assert [one.by for one in noted] == ["Anna Example"] * len(noted)
        assert predict(workspace, 71)["acts"] == second


def test_what_fails_in_practice_is_taken_out_and_does_not_come_back(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All turns round on day 75, and no fit notices: the back-test's moments of before still admit it."""
    module = Planted(turns=75)
    plant(monkeypatch, module)
    with OpenWorkspace.open(root) as workspace:
        first = predict(workspace, 74)["acts"]
        for number in (75, 76):
            assert predict(workspace, number)["acts"] == first
        before = len(module.fitted)
        for number in (77, 78, 79):
            account = predict(workspace, number)
            if account["acts"] != first:
                break
        assert account["acts"] == "baseline:half", "there is no earlier version to go back to"
        assert len(module.fitted) > before, "it is fitted anew at once"
        assert "worse by more than chance" in str(account["changed"])
        assert isinstance(account["drift"], dict)
        assert account["drift"]["level"] == "red"
        assert any("taken out" in one for one in registry.warnings(workspace, day(number)))
        warned = status(workspace, day(number))["warnings"]
        assert isinstance(warned, list)
        assert any("taken out" in one for one in warned)
        assert state_of(workspace, str(first), number) == "failed"
        later = predict(workspace, number + 1)
        assert later["acts"] == "baseline:half", "what is fitted anew has to show in shadow that it is any better"


def test_after_a_failure_the_last_good_version_acts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second version is right while it waits, and from day 75 on wrong: the first acts again."""
    path = root / "vocative.toml"
    path.write_text(path.read_text().replace("retrain_every = 7", "retrain_every = 10"))
    with OpenWorkspace.open(root) as workspace:
        plant(monkeypatch, Planted(rots=(70, 75)))
        first = predict(workspace, 60)["acts"]
        predict(workspace, 70)
        second = predict(workspace, 72)["acts"]
        assert second not in (None, first)
        found = "", 0.0
        for number in (74, 75, 76, 77, 78, 79):
            found = str(predict(workspace, number)["acts"]), number
            if found[0] != second:
                break
        assert found[0] == first
        assert state_of(workspace, str(second), found[1]) == "failed"


def test_a_model_that_breaks_lets_another_speak_for_this_run_only(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, Planted(breaks=(61, 70), blank=(62,)))
    with OpenWorkspace.open(root) as workspace:
        first = predict(workspace, 60)["acts"]
        for number, why in ((61, "ZeroDivisionError: planted"), (62, "are no numbers")):
            account = predict(workspace, number)
            assert account["acts"] == "baseline:half"
            assert why in str(account["faults"])
            found = rows(workspace, "predictions", number)
            assert found.num_rows > 0
            assert set(found["version"].to_pylist()) == {"baseline:half"}
            assert found["value"].null_count == 0
        account = predict(workspace, 63)
        assert (account["acts"], account["faults"]) == (first, [])


def test_a_module_that_cannot_be_fitted_keeps_nobody_from_their_work(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch, Planted())
    with OpenWorkspace.open(root) as workspace:
        first = predict(workspace, 60)["acts"]

        def broken(*_: object) -> None:
            raise MemoryError("planted")

        monkeypatch.setattr(Planted, "fit", broken)
        account = predict(workspace, 67)
        assert account["acts"] == first
        assert "MemoryError: planted" in str(account["faults"])
        with pytest.raises(MemoryError):
            proving.prove_workspace(workspace, day(68), [NAME])


def test_outcomes_that_were_not_imported_yet_are_none(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop's events end on day 110: nobody seems to do anything afterwards, which says nothing of the model."""
    plant(monkeypatch, Planted(turns=109))
    with OpenWorkspace.open(root) as workspace:
        first = predict(workspace, 109)["acts"]
        for number in (111, 114):
            assert predict(workspace, number)["acts"] == first
        account = predict(workspace, 115)
        assert account["acts"] == first
        assert isinstance(account["drift"], dict)
        assert account["drift"]["level"] == "red", "but the data is not fresh any more"
        assert "newest event" in str(account["drift"]["why"])


def test_inputs_that_moved_have_the_module_fitted_anew(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, Planted())
    with OpenWorkspace.open(root) as workspace:
        predict(workspace, 60)
        past, found = proving.past_of(Snapshot(workspace, day(67.5))), proving.verdicts(workspace, day(67.5))
        scene = Snapshot(workspace, day(67.5))
        assert monitoring.due(scene, past, found) == []
        version = str(acts(workspace, 60))
        card = registry.card_of(workspace.stores.ledger, NAME, version)
        assert card is not None
        assert card.data.people > 0
        # A model that learnt from quite other people: all of their numbers lie elsewhere.
        moved = [
            msgspec.structs.replace(one, edges=[edge + 1e6 for edge in one.edges], usual=0.0, people=10_000)
            for one in card.inputs
        ]
        text = msgspec.json.encode(msgspec.structs.replace(card, inputs=moved)).decode()
        with workspace.stores.ledger.transaction() as transaction:
            transaction.update(MODEL_CARDS, {"card": text}, {"module": NAME, "version": version})
        assert monitoring.due(scene, past, found) == [NAME]
        assert monitoring.due(Snapshot(workspace, day(60.5)), past, found) == [], "it was fitted half a day ago"


def test_rolled_back_it_stays_back_and_it_is_on_record(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, Planted())
    with OpenWorkspace.open(root) as workspace:
        first = predict(workspace, 60)["acts"]
        predict(workspace, 67)
        second = predict(workspace, 69)["acts"]
        assert second != first
        with pytest.raises(ApprovalError, match="nobody is named"):
            registry.rollback(workspace, NAME, " ", "", day(69.5))
        registry.rollback(workspace, NAME, "Anna Example", "odd lists", day(69.5))
        assert acts(workspace, 69.6) == first
        assert acts(workspace, 69.4) == second
        noted = standing.states(registry.history(workspace.stores.ledger, NAME, day(70)))[str(second)]
        assert (noted.state, noted.by, noted.why, noted.at) == ("failed", "Anna Example", "odd lists", day(69.5))
        for number in (70, 71, 72):
            assert predict(workspace, number)["acts"] == first
        shown = {one.version: one for one in registry.versions(workspace, day(72))}
        assert shown[str(second)].state == "failed"
        assert registry.describe(workspace, NAME, "", day(72)).card.version == first
        with pytest.raises(ModelError, match="no version 'x'"):
            registry.promote(workspace, NAME, "x", "Anna Example", "", day(73))
        with pytest.raises(ModelError, match="there is no prediction"):
            registry.rollback(workspace, "other", "Anna Example", "", day(73))


def test_days_of_runs_with_new_versions_and_a_replay_of_the_past(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, Planted(), real=True)
    with OpenWorkspace.open(root) as workspace:
        versions, seen = {}, None
        for number in (60, 61, 67, 69, 70):
            result = run(workspace, day(number))
            assert run(workspace, day(number)) == result, "a complete run changes nothing"
            seen = replay(workspace, day(61)) if number == 61 else seen
            (versions[number],) = set(rows(workspace, "predictions", number)["version"].to_pylist())
        assert versions[60] == versions[61] == versions[67] != versions[69]
        assert versions[69] == versions[70]
        assert seen is not None
        assert seen.same == seen.decisions > 0, "also of those whose message of the day before was waiting"
        assert replay(workspace, day(61)) == seen, "what was decided then rests on the version of then"
        with pytest.raises(ClockError):
            registry.rollback(workspace, NAME, "Anna Example", "", day(69))
        looked = build.predictions(Snapshot(workspace, day(61)), "look")
        assert set(looked["version"].to_pylist()) == {versions[61]}, "so does a look back"
