"""Verdicts and models in a workspace: written once, found again, used, and made anew when they are old."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.compute as pc
import pytest

from tests.line.shop import NOW, PEOPLE, import_all, may_be_profiled, prepare
from vocative.line.models import proving, registry
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.understand import build
from vocative.predict.history.event_history import DAY_US
from vocative.predict.registry import STANDARD
from vocative.prove.judging import NO_VERSION
from vocative.records.ledger_tables import MODELS, VERDICTS
from vocative.workspace.opening import OpenWorkspace

TESTED = "\n[proving]\nleast_people = 5\nstep_days = 7\n"


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop small enough that some modules can be tested and one cannot."""
    root = tmp_path_factory.mktemp("proved") / "workspace"
    prepare(root)
    settings = root / "vocative.toml"
    settings.write_text(settings.read_text() + TESTED)
    import_all(root)
    with OpenWorkspace.open(root) as workspace:
        proving.prove_workspace(workspace, NOW, STANDARD)
    return root


@pytest.fixture
def root(proved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(proved, tmp_path / "workspace"))


def rows(workspace: OpenWorkspace, module: str) -> int:
    with workspace.stores.ledger.transaction() as transaction:
        return len(transaction.select(VERDICTS, {"module": module}))


def test_every_module_has_a_verdict_and_a_tested_one_its_model(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        found = proving.verdicts(workspace, NOW)
        assert list(found) == list(STANDARD)
        assert "not tested" in found["spend_90d"].why
        assert registry.content_of(workspace.stores.ledger, "spend_90d", found["spend_90d"].version) is None
        assert "not tested" in found["new_items"].why, "everybody has everything"
        assert found["buys_28d"].origins
        content = registry.content_of(workspace.stores.ledger, "buys_28d", found["buys_28d"].version)
        assert content
        scene = Snapshot(workspace, NOW)
        assert STANDARD["buys_28d"].fit(proving.past_of(scene), NOW) == content


def test_models_hold_nobody(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace, workspace.stores.ledger.transaction() as transaction:
        text = " ".join(str(row["content"]) for row in transaction.select(MODELS))
    assert "weights" in text
    assert not any(f'"p{person}"' in text for person in range(PEOPLE))


def test_a_verdict_of_the_same_moment_is_not_made_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it was tested again")

    monkeypatch.setattr(proving, "_prove_one", never)
    with OpenWorkspace.open(root) as workspace:
        found = proving.prove_workspace(workspace, NOW, STANDARD)
        assert list(found) == list(STANDARD)
        with pytest.raises(AssertionError, match="again"):
            proving.prove_workspace(workspace, NOW, ["buys_28d"], force=True)


def test_made_again_it_is_the_same(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        before = proving.verdicts(workspace, NOW)
        again = proving.prove_workspace(workspace, NOW, ["buys_28d", "next_items"], force=True)
        assert {name: before[name] for name in again} == again
        assert rows(workspace, "buys_28d") == 1


def test_a_verdict_is_due_again_when_it_is_old(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        limit = workspace.settings.proving.retrain_every
        assert proving.due(Snapshot(workspace, NOW)) == []
        untested = [name for name, one in proving.verdicts(workspace, NOW).items() if one.version == NO_VERSION]
        assert untested
        assert proving.due(Snapshot(workspace, NOW + 6 * DAY_US)) == []
        assert proving.due(Snapshot(workspace, NOW + (limit - 1) * DAY_US)) == [
            one for one in STANDARD if one in untested
        ]
        assert proving.due(Snapshot(workspace, NOW + limit * DAY_US)) == list(STANDARD)
        assert proving.due(Snapshot(workspace, NOW - 1)) == list(STANDARD), "a verdict of the future is none"


def test_what_is_not_admitted_lets_its_baseline_speak(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        scene = Snapshot(workspace, NOW)
        table = build.predictions(scene, "look")
        found = proving.verdicts(workspace, NOW)
        for name, verdict in found.items():
            mine = table.filter(pc.equal(table["module"], name))  # type: ignore[call-overload]
            assert mine.num_rows > 0 or name == "new_items" or name.startswith(("uplift", "reacts", "click_to_open")), (
                name
            )
            versions = set(mine["version"].to_pylist())
            if verdict.admitted:
                assert versions == {verdict.version}
            else:
                assert versions <= {f"baseline:{verdict.baseline}"}
        people = {str(person) for person in table["person_id"].to_pylist()}
        assert people <= {f"p{person}" for person in range(PEOPLE) if may_be_profiled(person)}
        account = build.modules(scene, table)
        assert list(account) == list(STANDARD)


def test_looking_changes_nothing(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        build.predictions(Snapshot(workspace, NOW + 40 * DAY_US), "look")
        assert rows(workspace, "buys_28d") == 1
