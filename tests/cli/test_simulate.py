"""`vocative simulate`: what it prints, that it repeats itself, and the engine driven by nothing but files."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vocative.cli import main

FIELDS = {
    "policy", "people", "weeks", "seed", "profit", "incremental_profit", "oracle_share", "contacts", "silent",
    "unsubscribes", "complaints", "sleeping_dogs_contacted", "spent", "budget", "violations", "estimated_gain",
    "true_gain", "by_week",
}  # fmt: skip
RULES = {"caps", "quiet_hours", "budget", "permission"}


def simulate(*words: str) -> Result:
    return CliRunner().invoke(main, ["simulate", *words])


def test_a_policy_prints_what_is_documented_and_the_same_again() -> None:
    words = ("--policy", "rules", "--people", "300", "--weeks", "14", "--seed", "4", "--json")
    first, second = simulate(*words), simulate(*words)
    assert first.exit_code == 0, first.output
    assert first.stdout == second.stdout
    found = json.loads(first.stdout)
    assert set(found) == FIELDS
    assert set(found["violations"]) == RULES
    assert found["estimated_gain"] is None
    assert found["true_gain"] == found["incremental_profit"]
    weeks = found["by_week"]
    assert [week["week"] for week in weeks] == list(range(1, 15))
    assert abs(sum(week["incremental_profit"] for week in weeks) - found["incremental_profit"]) < 1
    assert sum(week["contacts"] for week in weeks) == found["contacts"]


def test_silence_gains_nothing_and_the_oracle_all() -> None:
    for policy, share in (("silence", None), ("oracle", 1.0)):
        done = simulate("--policy", policy, "--people", "200", "--weeks", "2", "--json")
        found = json.loads(done.stdout)
        assert found["oracle_share"] == share
        assert (found["incremental_profit"] == 0) == (policy == "silence")


def test_people_read_a_table_that_says_it_is_simulated() -> None:
    done = simulate("--policy", "mass", "--people", "200", "--weeks", "14")
    assert done.exit_code == 0
    assert "Simulated" in done.stdout
    assert "after 90 days" in done.stdout
    assert "still buy" in done.stdout


def test_it_leaves_a_workspace_with_files_to_start_from(tmp_path: Path) -> None:
    folder = tmp_path / "grocer"
    words = ("--policy", "rules", "--people", "60", "--weeks", "2", "--files", str(folder), "--json")
    done = simulate(*words)
    assert done.exit_code == 0, done.output
    commands = json.loads(done.stdout)["next"]
    kinds = [shlex.split(command)[2] for command in commands if command.startswith("vocative import")]
    assert kinds == ["items", "people", "permissions", "offers", "events"]
    for command in commands[: len(kinds)]:
        typed = CliRunner().invoke(main, [*shlex.split(command)[1:], "--json"])
        assert typed.exit_code == 0, typed.output
        told = json.loads(typed.stdout)
        assert told["read"] == told["accepted"] > 0
    for command in commands[len(kinds) :]:
        typed = CliRunner().invoke(main, [*shlex.split(command)[1:], "--json"])
        assert typed.exit_code == 0, typed.output
    events = (folder / "raw" / "generated_events.csv").read_text(encoding="utf-8")
    for signal in ("purchase", "view", "mail_sent", "mail_open"):
        assert f'"{signal}"' in events
    again = simulate(*words)
    assert again.exit_code == 2, "the folder is a workspace already"
    bad = simulate("--policy", "oracle", "--people", "60", "--weeks", "1", "--files", str(tmp_path / "b"))
    assert bad.exit_code == 2
    assert "take plain, rules" in bad.output
    assert not (tmp_path / "b").exists()


@pytest.mark.slow
def test_the_engine_is_driven_by_files_and_breaks_no_rule(tmp_path: Path) -> None:
    done = simulate("--policy", "engine", "--people", "120", "--weeks", "1", "-w", str(tmp_path / "m"), "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["contacts"] > 0
    assert not any(found["violations"].values())
    assert set(found["estimated_gain"]) == {"value", "interval"}
    again = simulate("--policy", "engine", "--people", "120", "--weeks", "1", "-w", str(tmp_path / "m"))
    assert again.exit_code == 2
    assert "has seen a market already" in again.stderr


def test_a_folder_for_a_policy_that_needs_none_is_refused(tmp_path: Path) -> None:
    done = simulate("--policy", "mass", "-w", str(tmp_path))
    assert done.exit_code == 2
    assert "leave out --workspace" in done.stderr
