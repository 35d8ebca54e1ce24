"""`vocative models`, as a person of the business types it, on a planted question."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.line.planted_models import NAME, Planted, day, prepare_shop, some_features
from vocative.cli import main
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.journal import Journal
from vocative.line.snapshot.snapshot import Snapshot
from vocative.line.understand import build, patterns
from vocative.predict import registry
from vocative.predict.history.event_history import EventHistory
from vocative.prove import judging
from vocative.workspace.opening import OpenWorkspace

BY = ("--by", "Anna Example")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Versions of days 60 and 67; the second acts since day 69."""
    root = prepare_shop(tmp_path_factory.mktemp("cli_models") / "workspace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "STANDARD", {NAME: Planted()})
        patch.setattr(EventHistory, "_features", some_features)
        patch.setattr(judging, "leaking", lambda *_: [])
        patch.setattr(patterns, "renew", lambda *_: None)
        with OpenWorkspace.open(root) as workspace:
            for number in (60, 67, 69):
                build.predict(Snapshot(workspace, day(number)), Journal(workspace.stores.ledger, day(number)))
    return root


def vocative(root: Path, number: float, *words: str) -> Result:
    result = CliRunner().invoke(main, ["models", *words, "-w", str(root), "--now", to_text(day(number))])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def as_json(root: Path, number: float, *words: str) -> dict[str, object]:
    result = vocative(root, number, *words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def stands(root: Path, number: float) -> dict[str, str]:
    """Version → what it is, the oldest first."""
    found = as_json(root, number, "list")["versions"]
    assert isinstance(found, list)
    return {one["version"]: one["state"] for one in reversed(found)}


def test_versions_cards_drift_promotion_and_rollback(shop: Path, tmp_path: Path) -> None:
    (first, second), (old, new) = stands(shop, 70), stands(shop, 70).values()
    assert (old, new) == ("retired", "champion")
    assert list(stands(shop, 68).values()) == ["champion", "challenger"], "as it was then"
    assert second in vocative(shop, 70, "list").stdout
    card = as_json(shop, 70, "card", NAME)
    assert isinstance(card["card"], dict)
    assert card["card"]["version"] == second
    told = vocative(shop, 70, "card", NAME, "--version", first).stdout
    assert "What it must not be used for" in told
    assert "replaced by" in told
    for name, start in (("card.md", f"# {NAME}, version {second}"), ("card.html", "<!doctype html>")):
        out = tmp_path / name
        assert "Written" in vocative(shop, 70, "card", NAME, "--out", str(out)).stdout
        assert out.read_text().startswith(start)
    assert vocative(shop, 70, "card", NAME, "--out", str(tmp_path / "card.pdf")).exit_code == 2
    assert "as of" in vocative(shop, 70, "drift").stdout
    drift = as_json(shop, 70, "drift")["drift"]
    assert isinstance(drift, dict)
    assert drift[NAME]["version"] == second

    nobody = vocative(shop, 71, "rollback", NAME)
    assert nobody.exit_code == 2
    assert "--by" in nobody.stderr
    assert "acts again" not in vocative(shop, 71, "rollback", NAME, *BY, "--why", "odd").stderr
    assert stands(shop, 71) == {first: "champion", second: "failed"}
    assert f"{second} is champion" in vocative(shop, 72, "promote", NAME, second, *BY).stdout
    assert stands(shop, 72) == {first: "retired", second: "champion"}
    assert stands(shop, 70) == {first: "retired", second: "champion"}, "the past stays as it was"
    unknown = vocative(shop, 73, "promote", NAME, "nonsense", *BY)
    assert unknown.exit_code == 2
    assert second in unknown.stderr
    vocative(shop, 73, "rollback", NAME, *BY)
    last = vocative(shop, 74, "rollback", NAME, *BY)
    assert "best naive way predicts" in last.stdout
    assert vocative(shop, 75, "rollback", NAME, *BY).exit_code == 2, "there is nothing left to take back"


def test_without_any_model_the_commands_say_so(shop: Path) -> None:
    assert "Nothing has been fitted yet" in vocative(shop, 10, "list").stdout
    assert "No model has been looked at" in vocative(shop, 10, "drift").stdout
    missing = vocative(shop, 10, "card", NAME)
    assert missing.exit_code == 2
    assert "vocative prove" in missing.stderr
