"""The words in which people are asked cover what is then done: in every workspace we ship, and for each person."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result

from tests.line.shop import FIRST_MOMENT, NOW, change, import_all, prepare
from vocative.cli import main
from vocative.collect.commit.files import import_file
from vocative.compose.claiming import uses_unsaid
from vocative.line.running import run
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.records_io import decisions_of
from vocative.records.acting import Decision
from vocative.records.ledger_tables import APPROVALS, OUTBOX, PERMISSIONS
from vocative.records.uses import USES
from vocative.trust.uses import use_of
from vocative.workspace.configuration import read_campaigns, read_settings
from vocative.workspace.opening import Workspace

DAY = 86_400_000_000
SHIPPED = {
    "starter": "workspace/starter",
    "demo": "cli/demonstration/workspace",
    "market": "market/workspace",
    "shop": "recipes/shop/workspace",
    "streaming": "recipes/streaming/workspace",
}
TWELVE_MONTHS = {
    "en": "twelve months", "pl": "dwanaście miesięcy", "uk": "дванадцять місяців", "ru": "двенадцать месяцев",
    "lv": "divpadsmit mēnešus",
}  # fmt: skip
WORDS_FOR = {
    "en": {"reminders": ("remind", "running out"), "offers": ("coupon", "discount"),
           "discoveries": ("new", "may be for"), "summaries": ("in numbers",), "thanks": ("thank",)},
    "pl": {"reminders": ("przypom", "kończyć"), "offers": ("kupon", "zniż"), "discoveries": ("coś nowego", "polecić"),
           "summaries": ("w liczbach",), "thanks": ("podzięk",)},
    "uk": {"reminders": ("нагад",), "offers": ("купон",), "discoveries": ("нове", "порадити"),
           "summaries": ("у числах",), "thanks": ("подяк",)},
    "ru": {"reminders": ("напомн",), "offers": ("купон",), "discoveries": ("новое", "посоветовать"),
           "summaries": ("в числах",), "thanks": ("спасибо",)},
    "lv": {"reminders": ("atgādin",), "offers": ("kupon",), "discoveries": ("jaunu", "ieteikt"),
           "summaries": ("skaitļos",), "thanks": ("paldies",)},
}  # fmt: skip


@pytest.mark.parametrize("place", SHIPPED.values(), ids=SHIPPED)
def test_what_we_ship_asks_for_all_it_does_and_says_so_in_every_language(place: str, tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    with as_file(files("vocative") / place) as shipped:
        copytree(shipped, root)
    if place.startswith("market"):
        change(root, r"= DAILY_BUDGET", "= 1.0")
    settings = read_settings(root)
    campaigns = read_campaigns(root, settings)
    done = {use for one in campaigns if (use := use_of(one)) is not None}
    (asking,) = [one for one in campaigns if one.audience == "never_asked"]
    assert set(asking.covers) == done == set(settings.personalization.covers)
    assert asking.pause_days >= 365
    for language in settings.business.languages:
        text = (root / "templates" / asking.template / f"{language}.txt").read_text(encoding="utf-8")
        assert TWELVE_MONTHS[language] in text
        assert uses_unsaid(text, language, asking.covers) == []
        for use in done:
            assert any(word in text for word in WORDS_FOR[language][use]), (language, use)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The invented shop with its campaigns approved; nobody was written to yet."""
    prepare(tmp_path)
    import_all(tmp_path)
    return tmp_path


def vocative(root: Path, *arguments: str, now: int = NOW) -> Result:
    return CliRunner().invoke(main, [*arguments, "-w", str(root), "--now", to_text(now)])


def unapprove(root: Path) -> None:
    with Workspace.open(root) as workspace, workspace.stores.ledger.transaction() as transaction:
        transaction.delete(APPROVALS, {})


def forget_what_was_covered(root: Path) -> None:
    """Permissions as they stand where nobody ever said what was asked."""
    with Workspace.open(root) as workspace, workspace.stores.ledger.transaction() as transaction:
        rows = transaction.select(PERMISSIONS)
        transaction.delete(PERMISSIONS, {})
        transaction.insert(PERMISSIONS, [{**row, "covers": None} for row in rows])


def decided(root: Path, now: int = NOW) -> list[Decision]:
    with Workspace.open(root) as workspace:
        result = run(workspace, now)
        return decisions_of(workspace.stores, str(result["run_id"]))


def test_the_preview_of_the_question_lists_what_rests_on_the_answer(root: Path) -> None:
    told = vocative(root, "campaign", "preview", "ask", "--json")
    assert told.exit_code == 0, told.stderr
    resting = {one["campaign"]: (one["use"], one["covered"]) for one in json.loads(told.stdout)["rests_on_the_answer"]}
    assert resting == {"replenish": ("reminders", True), "thanks": ("thanks", True)}
    shown = vocative(root, "campaign", "preview", "ask").stdout
    assert "On the answer rests" in shown
    assert "replenish: reminders" in shown
    assert "replenish" in (root / "previews" / "ask.html").read_text(encoding="utf-8")
    ask = root / "campaigns" / "ask.yaml"
    ask.write_text(ask.read_text(encoding="utf-8").replace("[reminders, thanks]", "[reminders]"), encoding="utf-8")
    assert "thanks: thanks" in vocative(root, "campaign", "preview", "ask").stdout
    assert "not asked for" in vocative(root, "campaign", "preview", "ask").stdout
    assert json.loads(vocative(root, "campaign", "preview", "news", "--json").stdout)["rests_on_the_answer"] == []


def test_a_campaign_outside_what_people_were_asked_is_refused(root: Path) -> None:
    forget_what_was_covered(root)
    unapprove(root)
    change(root, r"(?m)^covers = .*$", 'covers = ["thanks"]')
    ask = root / "campaigns" / "ask.yaml"
    ask.write_text(ask.read_text(encoding="utf-8").replace("[reminders, thanks]", "[thanks]"), encoding="utf-8")
    assert vocative(root, "campaign", "preview", "--all").exit_code == 0
    refused = vocative(root, "campaign", "approve", "replenish", "--by", "Jo")
    assert refused.exit_code == 2
    assert "reminders" in refused.stderr
    assert "only for thanks" in refused.stderr
    assert vocative(root, "campaign", "approve", "thanks", "--by", "Jo").exit_code == 0


def test_a_question_that_does_not_say_what_for_is_refused(root: Path) -> None:
    unapprove(root)
    ask = root / "campaigns" / "ask.yaml"
    ask.write_text(ask.read_text(encoding="utf-8").replace("covers: [reminders, thanks]\n", ""), encoding="utf-8")
    assert vocative(root, "campaign", "preview", "ask").exit_code == 0
    refused = vocative(root, "campaign", "approve", "ask", "--by", "Jo")
    assert refused.exit_code == 2
    assert "covers: [reminders, thanks]" in refused.stderr


def test_a_question_that_does_not_speak_of_what_it_covers_is_refused(root: Path) -> None:
    unapprove(root)
    ask = root / "campaigns" / "ask.yaml"
    ask.write_text(ask.read_text(encoding="utf-8").replace("[reminders,", "[reminders, offers,"), encoding="utf-8")
    assert vocative(root, "campaign", "preview", "ask").exit_code == 0
    refused = vocative(root, "campaign", "approve", "ask", "--by", "Jo")
    assert refused.exit_code == 2
    assert "offers" in refused.stderr
    assert "does not speak of that" in refused.stderr
    text = root / "templates" / "ask" / "en.txt"
    text.write_text(text.read_text(encoding="utf-8").replace("a reminder", "a coupon, a reminder"), encoding="utf-8")
    assert vocative(root, "campaign", "preview", "ask").exit_code == 0
    assert vocative(root, "campaign", "approve", "ask", "--by", "Jo").exit_code == 0


def test_who_was_asked_under_narrower_words_gets_nothing_wider(root: Path) -> None:
    """Half of those who said yes were asked for thanks only: what reminds goes to the other half."""
    said = root / "raw" / "narrow.csv"
    people = [f"p{person}" for person in range(0, 60, 10)]
    said.write_text(
        "user_id,purpose,status,at,source,text,covers\n"
        + "".join(f"{one},personalization,yes,2024-12-02T00:00:00Z,form,May we thank you?,thanks\n" for one in people),
        encoding="utf-8",
    )
    with Workspace.open(root) as workspace:
        import_file(workspace.stores, workspace.settings, said, kind="permissions", mapping=None, now=FIRST_MOMENT)
    found = {one.person_id: one for one in decided(root)}
    reminded = {person for person, one in found.items() if one.chosen and one.chosen.campaign == "replenish"}
    assert reminded
    assert not reminded & set(people)
    removed = {one.removed for person in people for one in found[person].candidates if one.campaign == "replenish"}
    assert removed == {"not_asked_for_this"}


def test_words_that_grow_wider_later_widen_no_permission_that_is_there(root: Path) -> None:
    with Workspace.open(root) as workspace, workspace.stores.ledger.transaction() as transaction:
        kept = {str(row["covers"]) for row in transaction.select(PERMISSIONS, {"purpose": "personalization"})}
        others = {row["covers"] for row in transaction.select(PERMISSIONS, {"purpose": "marketing"})}
    assert kept == {", ".join(USES)}
    assert others == {None}
    with Workspace.open(root) as workspace, workspace.stores.ledger.transaction() as transaction:
        rows = transaction.select(PERMISSIONS, {"purpose": "personalization"})
        transaction.delete(PERMISSIONS, {"purpose": "personalization"})
        transaction.insert(PERMISSIONS, [{**row, "covers": "thanks"} for row in rows])
    assert not [one for one in decided(root) if one.chosen and one.chosen.campaign == "replenish"]


def test_a_narrower_answer_stops_what_waits(root: Path) -> None:
    waiting = [one.person_id for one in decided(root) if one.chosen and one.chosen.campaign == "replenish"]
    with Workspace.open(root) as workspace, workspace.stores.ledger.transaction() as transaction:
        queued = {str(row["person_id"]) for row in transaction.select(OUTBOX, {"state": "queued"})}
    person = next(one for one in waiting if one in queued)
    said = root / "raw" / "later.csv"
    said.write_text(
        "user_id,purpose,status,at,source,text,covers\n"
        f"{person},personalization,yes,{to_text(NOW)},form,May we thank you?,thanks\n",
        encoding="utf-8",
    )
    with Workspace.open(root) as workspace:
        import_file(workspace.stores, workspace.settings, said, kind="permissions", mapping=None, now=NOW)
    assert vocative(root, "send", now=NOW + DAY // 2).exit_code == 0
    with Workspace.open(root) as workspace, workspace.stores.ledger.transaction() as transaction:
        (mine,) = transaction.select(OUTBOX, {"person_id": person})
    assert mine["state"] == "dropped"
    assert "not asked whether their profile may be used for this" in str(mine["reason"])


def test_status_tells_of_people_who_were_not_asked_for_a_campaign(root: Path) -> None:
    forget_what_was_covered(root)
    change(root, r"(?m)^covers = .*$", 'covers = ["reminders"]')
    told = json.loads(vocative(root, "status", "--json").stdout)
    assert any("thanks" in one and "24 people" in one for one in told["warnings"]), told["warnings"]
    assert not any("replenish" in one and "not asked" in one for one in told["warnings"])
