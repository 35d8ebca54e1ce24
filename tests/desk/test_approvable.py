"""What a run would refuse, or nobody would want to see in their name, is refused when it is to be approved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.line.shop import NOW, change, import_all, prepare
from vocative.cli import main
from vocative.errors import ApprovalError
from vocative.line.act import approval
from vocative.line.act.studio import studio_of
from vocative.line.snapshot.clock import to_text
from vocative.workspace.opening import Workspace
from vocative.workspace.placeholders import placeholders
from vocative.workspace.starting import make_workspace

OWN = "Subject: Hello\n\n{{ greeting }}\n\nWe are open all week.\n\n{{ signature }}\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop")
    prepare(root)
    import_all(root)
    return root


def vocative(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "-w", str(root), "--now", to_text(NOW)])


def approved(root: Path, name: str) -> Result:
    """The answer to an approval that follows a preview."""
    assert vocative(root, "campaign", "preview", name).exit_code == 0
    return vocative(root, "campaign", "approve", name, "--by", "Jo")


def refused(root: Path, name: str) -> str:
    answer = approved(root, name)
    assert answer.exit_code == 2, answer.stdout
    assert "Traceback" not in answer.stderr
    checked = vocative(root, "campaign", "check")
    assert checked.exit_code == 2
    assert "cannot be written" in checked.stdout
    return answer.stderr


def news(root: Path, text: str, language: str = "en") -> Path:
    path = root / "templates" / "news" / f"{language}.txt"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Subject: Hi\n\nHello {{ first_name }},\n\nCome by.\n", "no value"),
        ("Subject: Hi\n\n{{ greeting }}\n\nYou have {{ points }} points.\n", "undefined"),
        ("Subject: Hi\n\n{{ greeting }}\n\nLast chance, only today!\n", "Last chance"),
        ("Subject: Hi\n\n{{ greeting }}\n\nThe price is %PRICE% now.\n", "%PRICE%"),
        ("{{ greeting }}\n\nNo subject.\n", "Subject"),
        ("Subject: Hi\n\nDear Maria,\n\nCome by.\n", "Maria"),
        ("Subject: Hi\n\n{{ greeting }}\n\nNow 17% cheaper than {{ 3 }} shops.\n", "number"),
    ],
)
def test_a_text_that_a_run_refuses_is_refused_at_its_approval(shop: Path, text: str, told: str) -> None:
    before = (shop / "templates" / "news" / "en.txt").read_text(encoding="utf-8")
    news(shop, text)
    assert told in refused(shop, "news")
    news(shop, before)
    assert approved(shop, "news").exit_code == 0


def _signature(root: Path) -> None:
    path = root / "brand.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("Your team at the corner", "your team"), encoding="utf-8")


PLACEHOLDERS: dict[str, Callable[[Path], object]] = {
    "Write your own news here": lambda root: news(root, OWN.replace("We are", next(iter(placeholders().texts)))),
    "signature": _signature,
    "[business] name": lambda root: change(
        root, r'(?s)\[business\]\nname = "[^"]*"', '[business]\nname = "My business"'
    ),
    "[sender] name": lambda root: change(root, r'(?s)\[sender\]\nname = "[^"]*"', '[sender]\nname = "My business"'),
    "[sender] email": lambda root: change(root, r"hello@corner\.example\.com", "hello@example.com"),
}


@pytest.mark.parametrize("place", PLACEHOLDERS)
def test_what_a_new_workspace_leaves_to_the_business_cannot_be_approved(tmp_path: Path, place: str) -> None:
    prepare(tmp_path, days=1, people=5)
    assert approved(tmp_path, "news").exit_code == 0
    PLACEHOLDERS[place](tmp_path)
    assert place in refused(tmp_path, "news")


def test_every_placeholder_of_a_new_workspace_is_known_from_its_files(tmp_path: Path) -> None:
    make_workspace(tmp_path)
    assert any("Write your own news here" in one for one in placeholders().texts)
    assert {"your team", "my business", "hello@example.com"} <= placeholders().names
    for name in ("ask", "news", "thanks"):
        assert approved(tmp_path, name).exit_code == 2


def test_a_language_nobody_taught_the_engine_is_refused_and_not_served_in_english(tmp_path: Path) -> None:
    prepare(tmp_path, days=1, people=5)
    news(tmp_path, "Subject: Nur heute\n\n{{ greeting }}\n\nLetzte Chance!\n\n{{ signature }}\n", "de")
    told = refused(tmp_path, "news")
    assert "'de'" in told
    assert "en, lv, pl, ru, uk" in told


@pytest.mark.parametrize(("failed", "fits"), [(0, True), (4, True), (6, False), (100, False)])
def test_what_could_not_be_written_for_real_people_is_refused_unless_it_is_an_entry_here_and_there(
    shop: Path, failed: int, fits: bool
) -> None:
    """A preview writes the campaign for everybody it would reach; the approval reads what came of it."""
    with Workspace.open(shop) as workspace:
        studio = studio_of(workspace)
        detail = {"would_receive": 100 - failed, "failed": failed, "why_failed": ["the subject is too long"]}
        approval.note_preview(workspace, studio, "news", NOW, detail)
        if fits:
            assert approval.approve(workspace, studio, "news", "Jo", NOW).state == "armed"
        else:
            with pytest.raises(ApprovalError, match="too long"):
                approval.approve(workspace, studio, "news", "Jo", NOW)


def test_words_that_make_a_subject_too_long_are_refused(tmp_path: Path) -> None:
    prepare(tmp_path)
    import_all(tmp_path)
    wording = "[category]\n" + "".join(f'"{name}" = "{name * 60}"\n' for name in ("Milk", "Bread", "Coffee"))
    (tmp_path / "wording" / "en.toml").write_text(wording, encoding="utf-8")
    assert "longer than" in refused(tmp_path, "replenish")


def test_a_draft_with_a_fault_keeps_no_other_campaign_from_its_run(shop: Path) -> None:
    before = (shop / "templates" / "news" / "en.txt").read_text(encoding="utf-8")
    news(shop, "Subject: Hi\n\nHello {{ first_name }},\n\nCome by.\n")
    answer = vocative(shop, "run")
    news(shop, before)
    assert answer.exit_code == 0, answer.stderr
