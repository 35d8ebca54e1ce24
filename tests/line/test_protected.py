"""The whole line, from files: other genders, ages and languages, the same decisions; only the words are others."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec

from tests.line.shop import CATEGORIES, NOW, change, import_all, prepare
from vocative.compose.messages import compose_all
from vocative.desk.rehearse.dry_run import decided
from vocative.line.act.studio import studio_of
from vocative.records.acting import Decision
from vocative.records.progress import no_progress
from vocative.workspace.opening import Workspace

PEOPLE = 20
GENDERS, LANGUAGES, BORN = ("female", "male", ""), ("en", "lv", ""), ("1948-03-01", "1985-07-09", "2001-12-31", "")


def shop(root: Path, turn: int) -> Path:
    """The invented shop in two languages; `turn` gives everybody another gender, age and language."""
    prepare(root, people=PEOPLE)
    change(root, r'languages = \["en"\]', 'languages = ["en", "lv"]')
    wording = "[category]\n" + "".join(f'"{name}" = "{name.lower()}s"\n' for name in CATEGORIES)
    (root / "wording" / "lv.toml").write_text(wording, encoding="utf-8")
    for folder in (root / "templates").iterdir():
        text = (folder / "en.txt").read_text(encoding="utf-8")
        if folder.name == "ask":
            # A question has to speak of what it covers in its own language.
            text = text.replace("{{ signature }}", "Atgādināsim un pateiksim paldies.\n\n{{ signature }}")
        (folder / "lv.txt").write_text(text, encoding="utf-8")
    path = root / "raw" / "people.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for place, row in enumerate(rows, turn):
        row |= {"gender": GENDERS[place % 3], "language": LANGUAGES[place % 3], "birth_date": BORN[place % 4]}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    import_all(root)
    return root


def look(root: Path) -> tuple[list[Decision], list[tuple[str, str | None, str | None]], list[str]]:
    """Decisions, the genders and languages that were read, and the language of each message."""
    with Workspace.open(root) as workspace:
        found = decided(workspace, None, NOW, no_progress)
        by_person = {one.person_id: one for one in found.reached}
        written = compose_all(studio_of(workspace), found.decisions, by_person, "r", NOW)
    told = [(one.person_id, one.gender, one.language) for one in found.reached]
    assert written.failed == {}
    return found.decisions, told, [str(row["language"]) for row in written.rows]


def test_other_genders_ages_and_languages_change_the_words_and_nothing_else(tmp_path: Path) -> None:
    plain, told, written = look(shop(tmp_path / "plain", 0))
    turned, told_then, written_then = look(shop(tmp_path / "turned", 1))
    assert all(one[1:] != other[1:] for one, other in zip(told, told_then, strict=True)), "everybody is somebody else"
    assert {one.outcome for one in plain} == {"contact", "silence", "control"}
    assert any(one.chosen is not None and one.chosen.personalized for one in plain)
    assert msgspec.json.encode(turned) == msgspec.json.encode(plain)
    assert written != written_then
