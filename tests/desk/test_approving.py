"""Nothing goes out before a person has approved it as it stands; one command stops everything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.line.shop import FIRST_MOMENT, NOW, change, import_all, prepare
from vocative.cli import main
from vocative.collect.commit.files import import_file
from vocative.desk.rehearse import dry_run, preview
from vocative.errors import ApprovalError
from vocative.line.act import approval
from vocative.line.act.stages import send
from vocative.line.act.studio import studio_of
from vocative.line.running import run
from vocative.line.snapshot.clock import to_text
from vocative.records.ledger_tables import APPROVALS, OUTBOX, RUNS
from vocative.workspace.opening import OpenWorkspace

DAY = 86_400_000_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The invented shop, imported; nothing of it has been approved."""
    prepare(tmp_path)
    import_all(tmp_path)
    with OpenWorkspace.open(tmp_path) as workspace, workspace.stores.ledger.transaction() as transaction:
        transaction.delete(APPROVALS, {})
    return tmp_path


@pytest.fixture
def workspace(root: Path) -> Iterator[OpenWorkspace]:
    with OpenWorkspace.open(root) as opened:
        yield opened


def vocative(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "-w", str(root), "--now", to_text(NOW)])


def states(workspace: OpenWorkspace, now: int = NOW) -> dict[str, str]:
    return {one.name: one.state for one in approval.states(workspace, studio_of(workspace), now)}


def outbox(workspace: OpenWorkspace) -> list[dict[str, object]]:
    with workspace.stores.ledger.transaction() as transaction:
        return [dict(row) for row in transaction.select(OUTBOX)]


def test_without_approval_nothing_is_written_and_everybody_hears_why(workspace: OpenWorkspace) -> None:
    result = run(workspace, NOW)
    decided = result["decide"]
    assert isinstance(decided, dict)
    assert decided["contacted"] == 0
    assert decided["by_reason_not"] == {"not_approved": decided["people"]}
    assert outbox(workspace) == []


def test_from_draft_to_armed(workspace: OpenWorkspace) -> None:
    studio = studio_of(workspace)
    assert states(workspace)["news"] == "draft"
    with pytest.raises(ApprovalError, match="not been previewed"):
        approval.approve(workspace, studio, "news", "Anna", NOW)
    preview.preview(workspace, ["news"], NOW)
    assert states(workspace)["news"] == "previewed"
    with pytest.raises(ApprovalError, match="nobody is named"):
        approval.approve(workspace, studio, "news", " ", NOW)
    assert approval.approve(workspace, studio, "news", "Anna", NOW, NOW + DAY).state == "approved"
    assert approval.armed(workspace, studio, NOW) == frozenset()
    assert states(workspace, NOW + DAY)["news"] == "armed"
    assert approval.armed(workspace, studio, NOW + DAY) == {"news"}


def test_only_what_is_armed_goes_out(workspace: OpenWorkspace) -> None:
    preview.preview(workspace, ["news"], NOW)
    approval.approve(workspace, studio_of(workspace), "news", "Anna", NOW)
    run(workspace, NOW)
    assert {row["campaign"] for row in outbox(workspace)} == {"news"}


@pytest.mark.parametrize(
    "changed", ["templates/news/en.txt", "brand.toml", "campaigns/news.yaml", "wording/en.toml", "vocative.toml"]
)
def test_a_changed_word_makes_it_a_draft_again(root: Path, changed: str) -> None:
    with OpenWorkspace.open(root) as workspace:
        studio = studio_of(workspace)
        approval.note_preview(workspace, studio, "news", FIRST_MOMENT, {})
        approval.approve(workspace, studio, "news", "Anna", FIRST_MOMENT)
        assert states(workspace)["news"] == "armed"
    path = root / changed
    text = path.read_text(encoding="utf-8")
    word, other = {
        "templates/news/en.txt": ("Thank", "We thank"),
        "brand.toml": ("Your team", "Our team"),
        "campaigns/news.yaml": ("value: 0.05", "value: 0.06"),
        "wording/en.toml": ("milk", "fresh milk"),
        "vocative.toml": ('name = "', 'name = "The '),
    }[changed]
    assert word in text
    path.write_text(text.replace(word, other, 1), encoding="utf-8")
    with OpenWorkspace.open(root) as workspace:
        assert states(workspace)["news"] == "draft"
        assert run(workspace, NOW)
        assert outbox(workspace) == []
    path.write_text(text, encoding="utf-8")
    with OpenWorkspace.open(root) as workspace:
        assert states(workspace)["news"] == "armed", "the approved text itself is still approved"


def arm_all(workspace: OpenWorkspace) -> None:
    studio = studio_of(workspace)
    for name in studio.campaigns:
        approval.note_preview(workspace, studio, name, FIRST_MOMENT, {})
        approval.approve(workspace, studio, name, "Anna", FIRST_MOMENT)


def test_another_rule_for_its_segment_makes_it_a_draft_again(root: Path) -> None:
    rule = '[segments.it]\ntitle = "T"\nall = [{ feature = "orders_365d", at_least = 1 }]\n\n[control]'
    change(root, r"\[control\]", rule)
    path = root / "campaigns" / "replenish.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "segment: it\n", encoding="utf-8")
    with OpenWorkspace.open(root) as workspace:
        arm_all(workspace)
    change(root, "at_least = 1", "at_least = 2")
    with OpenWorkspace.open(root) as workspace:
        assert states(workspace) == {"ask": "armed", "news": "armed", "replenish": "draft", "thanks": "armed"}


def test_a_text_changed_while_a_run_was_cut_off_leaves_neither_old_nor_new(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class CutOffError(Exception): ...

    def cut_off(*_: object) -> int:
        raise CutOffError

    with OpenWorkspace.open(root) as workspace:
        arm_all(workspace)
        with monkeypatch.context() as patched:
            patched.setattr("vocative.line.act.stages.enqueue", cut_off)
            with pytest.raises(CutOffError):
                run(workspace, NOW)
    path = root / "templates" / "news" / "en.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("Thank", "We thank", 1), encoding="utf-8")
    with OpenWorkspace.open(root) as workspace:
        arm_all(workspace)
        composed = run(workspace, NOW)["compose"]
        assert isinstance(composed, dict)
        gone = {str(row["campaign"]) for row in outbox(workspace)}
        assert gone
        assert "news" not in gone, "what was kept says the old text, and only the new one is approved as it stands"
        assert composed["withheld"] > 0


def test_what_a_run_notes_of_texts_that_failed_quotes_nobody(root: Path) -> None:
    brand = root / "brand.toml"
    text = brand.read_text(encoding="utf-8")
    brand.write_text(text.replace("avoid = [", 'avoid = ["Persona", "Personb", "Personc", '), encoding="utf-8")
    with OpenWorkspace.open(root) as workspace:
        arm_all(workspace)
        run(workspace, NOW)
        with workspace.stores.ledger.transaction() as transaction:
            noted = [str(row["result"]) for row in transaction.select(RUNS)]
    assert any("the brand avoids" in one for one in noted)
    assert not any("Person" in one for one in noted)


def test_what_waits_is_dropped_when_the_approval_is_taken_back(workspace: OpenWorkspace) -> None:
    arm_all(workspace)
    studio = studio_of(workspace)
    # Two in the morning in Riga: everything waits.
    night = NOW - 8 * DAY // 24
    run(workspace, night)
    for name in studio.campaigns:
        approval.withdraw(workspace, studio, name, "Boris", night)
    assert set(states(workspace, NOW).values()) == {"draft"}
    assert vocative(workspace.root, "send").exit_code == 0
    due = [row for row in outbox(workspace) if row["send_at"] <= NOW]  # type: ignore[operator]
    assert due
    assert {(row["state"], row["reason"]) for row in due} == {("dropped", "its text is no longer approved")}


def test_a_preview_shows_real_people_the_hardest_first(workspace: OpenWorkspace, root: Path) -> None:
    (shown,) = preview.preview(workspace, ["replenish"], NOW)
    assert shown.would_receive > 0
    assert len(shown.shown) <= 20
    picked = [one.picked_for for one in shown.shown]
    assert len({one.person_id for one in shown.shown}) == len(shown.shown)
    assert {"gender not known", "the longest name", "gets nothing", "written in en"} <= set(picked)
    for one in shown.shown:
        assert bool(one.text) != bool(one.why_not)
    page = (root / "previews" / "replenish.html").read_text(encoding="utf-8")
    assert all(one.subject in page for one in shown.shown)
    assert outbox(workspace) == [], "looking sends nothing"


def test_several_campaigns_are_shown_as_each_alone_would_be(workspace: OpenWorkspace, root: Path) -> None:
    names = ["replenish", "ask", "news"]
    together = preview.preview(workspace, [*names, "ask"], NOW)
    pages = {name: (root / "previews" / f"{name}.html").read_bytes() for name in names}
    assert together == [preview.preview(workspace, [name], NOW)[0] for name in names]
    assert pages == {name: (root / "previews" / f"{name}.html").read_bytes() for name in names}
    assert len({one.would_receive for one in together}) == 3


def test_several_campaigns_are_approved_together_or_not_at_all(root: Path) -> None:
    assert vocative(root, "campaign", "preview", "ask", "news").exit_code == 0
    refused = vocative(root, "campaign", "approve", "ask", "replenish", "--by", "Anna")
    assert refused.exit_code == 2
    assert "vocative campaign preview replenish" in refused.stderr
    with OpenWorkspace.open(root) as workspace:
        assert {name for name, one in states(workspace).items() if one == "previewed"} == {"ask", "news"}
    approved = vocative(root, "campaign", "approve", "ask", "news", "--by", "Anna", "--json")
    assert [one["state"] for one in json.loads(approved.stdout)] == ["armed", "armed"]
    for wrong in (("preview",), ("preview", "ask", "--all"), ("approve", "--by", "Anna")):
        assert vocative(root, "campaign", *wrong).exit_code == 2
    shown = vocative(root, "campaign", "preview", "--all", "--json")
    assert [one["campaign"] for one in json.loads(shown.stdout)] == ["ask", "news", "replenish", "thanks"]


def test_a_dry_run_of_a_campaign_that_reaches_nobody_says_why(workspace: OpenWorkspace) -> None:
    found = dry_run.dry_run(workspace, FIRST_MOMENT, "replenish")
    assert found["would_receive"] == 0
    assert str(found["sentence"]).startswith("0 of ")
    assert found["why_not"]


def test_a_dry_run_counts_what_a_run_then_does(workspace: OpenWorkspace) -> None:
    looked = dry_run.dry_run(workspace, NOW)
    arm_all(workspace)
    decided = run(workspace, NOW)["decide"]
    assert isinstance(decided, dict)
    assert looked["by_campaign"] == decided["by_campaign"]
    assert looked["would_receive"] == decided["contacted"]
    assert looked["cost"] == pytest.approx(0.001 * decided["contacted"])
    gains = looked["expected_gain"]
    assert isinstance(gains, dict)
    assert gains["measured"] is None, "nothing was drawn by lot yet"
    gain = gains["declared"]
    assert gain["interval"][0] <= gain["value"] <= gain["interval"][1]
    assert gain["causal"] is False
    assert "a guess" in gain["assumes"]


def test_the_stop_holds_until_a_named_person_lifts_it(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        arm_all(workspace)
    assert vocative(root, "stop", "--why", "wrong price").exit_code == 0
    with OpenWorkspace.open(root) as workspace:
        result = run(workspace, NOW)["decide"]
        assert isinstance(result, dict)
        assert result["by_reason_not"] == {"stopped": result["people"]}
    nobody = vocative(root, "stop", "--lift")
    assert nobody.exit_code == 2
    assert "--by" in nobody.stderr
    assert vocative(root, "stop", "--lift", "--by", "Anna").exit_code == 0
    with OpenWorkspace.open(root) as workspace:
        assert not approval.stopped(workspace)
        later = run(workspace, NOW + DAY)["decide"]
        assert isinstance(later, dict)
        assert later["contacted"] > 0


def test_what_was_said_last_holds_whatever_clock_it_went_by(workspace: OpenWorkspace) -> None:
    studio = studio_of(workspace)
    approval.turn_stop(workspace, "on", "", "", NOW + 300 * DAY)
    approval.turn_stop(workspace, "off", "Anna", "", NOW)
    assert not approval.stopped(workspace)
    approval.note_preview(workspace, studio, "news", NOW, {})
    approval.approve(workspace, studio, "news", "Anna", NOW)
    approval.withdraw(workspace, studio, "news", "Boris", NOW + 300 * DAY)
    assert states(workspace)["news"] == "draft"
    approval.note_preview(workspace, studio, "news", NOW, {})
    approval.approve(workspace, studio, "news", "Anna", NOW)
    assert states(workspace)["news"] == "armed"


def test_the_commands_walk_a_campaign_to_the_end(root: Path) -> None:
    early = vocative(root, "campaign", "approve", "news", "--by", "Anna")
    assert early.exit_code == 2
    assert "vocative campaign preview news" in early.stderr
    assert vocative(root, "campaign", "preview", "news").exit_code == 0
    assert vocative(root, "campaign", "approve", "news", "--by", "Anna").exit_code == 0
    listed = vocative(root, "campaign", "list", "--json")
    found = {one["name"]: one for one in json.loads(listed.stdout)}
    assert (found["news"]["state"], found["news"]["by"]) == ("armed", "Anna")
    assert vocative(root, "campaign", "withdraw", "news", "--by", "Boris").exit_code == 0
    assert vocative(root, "campaign", "dry-run", "news").exit_code == 0
    unknown = vocative(root, "campaign", "preview", "nwes")
    assert unknown.exit_code == 2
    assert "there are: ask, news, replenish" in unknown.stderr


def test_a_text_that_cannot_be_written_is_found_by_the_check(root: Path) -> None:
    assert vocative(root, "campaign", "check").exit_code == 0
    (root / "templates" / "news" / "en.txt").write_text("Subject: Hi\n\nHello {{ nobody }}", encoding="utf-8")
    found = vocative(root, "campaign", "check")
    assert found.exit_code == 2
    assert "news (draft): cannot be written" in found.stdout
    assert "templates/news/en.txt:3" in found.stdout


def test_what_was_written_to_another_name_or_address_does_not_leave(root: Path) -> None:
    night = NOW - 8 * DAY // 24
    with OpenWorkspace.open(root) as workspace:
        arm_all(workspace)
        run(workspace, night)
        due = sorted({str(row["person_id"]) for row in outbox(workspace) if row["send_at"] <= NOW})  # type: ignore[operator]
        renamed, moved = due[:2]
        path = root / "raw" / "news_of_people.csv"
        path.write_text(
            f"user_id,email,first_name\n{renamed},{renamed}@example.com,Other\n{moved},new@example.com,\n",
            encoding="utf-8",
        )
        import_file(workspace.stores, workspace.settings, path, kind="people", mapping=None, now=NOW - 1)
        send(workspace, NOW)
        gone = {str(row["person_id"]): (row["state"], row["reason"]) for row in outbox(workspace)}
    told = "the person's name or address is no longer the one it was written to"
    assert gone[renamed] == gone[moved] == ("dropped", told)
    assert {gone[person][0] for person in due[2:]} == {"delivered"}
