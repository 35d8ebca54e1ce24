"""Every command as a user types it: what it prints, what it returns, how mistakes are told."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from tests.line.shop import NOW, change, import_all, prepare
from vocative.cli import main
from vocative.line.snapshot.clock import to_text

AT = ["--now", to_text(NOW)]


def vocative(*words: str) -> Result:
    """Run a command; anything but an exit is a failure of ours."""
    result = CliRunner().invoke(main, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def as_json(*words: str) -> dict[str, object]:
    result = vocative(*words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("cli") / "workspace"
    prepare(root, days=100, people=40)
    import_all(root)
    as_json("run", "-w", str(root), *AT)
    return str(root)


def test_init_makes_a_workspace_and_never_overwrites_one(tmp_path: Path) -> None:
    folder = str(tmp_path / "shop")
    made = as_json("init", folder)
    assert isinstance(made["files"], list)
    assert "vocative.toml" in made["files"]
    again = vocative("init", folder)
    assert again.exit_code == 2
    assert "already" in again.stderr


def test_import_prints_a_full_account_and_the_same_file_changes_nothing(tmp_path: Path) -> None:
    raw = prepare(tmp_path / "shop", days=30, people=5)
    words = ("import", "events", str(raw / "events.csv"), "-w", str(tmp_path / "shop"), *AT)
    first = as_json(*words)
    assert first["read"] == first["accepted"] != 0
    second = as_json(*words)
    assert second["accepted"] == 0
    assert second["merged"] == first["read"]
    assert "nothing changed" in vocative(*words).stdout


def test_import_guesses_a_mapping_that_then_works(tmp_path: Path) -> None:
    raw = prepare(tmp_path / "shop", days=30, people=5)
    guessed = vocative("import", "--guess", str(raw / "events.csv"))
    assert guessed.exit_code == 0
    assert "[imports." in guessed.stdout


def test_rejected_rows_are_kept_shown_and_taken_again(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    prepare(root, days=30, people=5)
    broken = tmp_path / "broken.csv"
    broken.write_text(
        "message_id,timestamp,event,user_id,quantity\na,2025-02-01T10:00:00Z,purchase,p1,1\nb,someday,purchase,p1,1\n",
        encoding="utf-8",
    )
    account = as_json("import", "events", str(broken), "-w", str(root), *AT)
    assert (account["read"], account["accepted"], account["rejected"]) == (2, 1, 1)
    out = tmp_path / "rejected.jsonl"
    as_json("export", "quarantine", "--out", str(out), "-w", str(root))
    (row,) = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert row["row"] == 3
    assert "someday" in row["reason"]
    again = as_json("import", "events", "--redrive", "-w", str(root), *AT)
    assert again["rejected"] == 1


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("import", "orders", "x.csv"), "not a kind of data"),
        (("import", "events"), "no file was named"),
        (("import", "events", "missing.csv"), "missing.csv"),
        (("import", "events", "x.csv", "--map", "nothing"), "no mapping named"),
        (("run", "--now", "yesterday"), "not a moment"),
        (("run", "--now", "2025-05-01T08:00"), "no zone"),
        (("run", "--now", "2024-01-01T08:00Z"), "before the last completed run"),
        (("person", "nobody", "why"), "nothing has been decided"),
        (("person", "nobody", "show"), "nobody"),
        (("export", "events", "--out", "x.xlsx"), "unknown ending"),
    ],
)
def test_a_mistake_is_told_with_its_remedy_and_exit_code_2(shop: str, words: tuple[str, ...], part: str) -> None:
    folder = ("-w", shop)
    result = vocative(*words, *folder)
    assert result.exit_code == 2
    assert part in result.stderr
    assert "Traceback" not in result.output
    assert "→" in result.stderr or "Usage" in result.stderr


def test_no_workspace_is_told(tmp_path: Path) -> None:
    result = vocative("status", "-w", str(tmp_path))
    assert result.exit_code == 2
    assert "vocative init" in result.stderr


def test_a_mistake_in_the_settings_names_file_line_and_remedy(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    as_json("init", str(root))
    path = root / "vocative.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("per_day = 1", "per_dai = 1"), encoding="utf-8")
    line = next(n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if "per_dai" in text)
    result = vocative("status", "-w", str(root))
    assert result.exit_code == 2
    assert f"vocative.toml:{line}" in result.stderr
    assert "did you mean `per_day`" in result.stderr


def test_status_says_what_may_run_and_what_may_not(shop: str) -> None:
    found = as_json("status", "-w", shop, *AT)
    readiness = found["readiness"]
    assert isinstance(readiness, dict)
    assert readiness["repeat_rhythm"]["ready"] is True
    assert readiness["full_programme"]["ready"] is False
    assert "10,000 are needed" in readiness["full_programme"]["why"]
    assert found["as_of"] == to_text(NOW)
    shown = vocative("status", "-w", shop, *AT).stdout
    assert "may not yet" in shown


def test_stages_one_by_one_come_to_the_same_as_a_run(tmp_path: Path) -> None:
    results = []
    for name in ("whole", "stages"):
        root = tmp_path / name
        prepare(root, days=100, people=20)
        import_all(root)
        if name == "whole":
            as_json("run", "-w", str(root), *AT)
        else:
            for stage in ("build", "decide", "compose", "send"):
                as_json(stage, "-w", str(root), *AT)
        results.append(sorted(path.name for path in (root / "outbox").glob("*.eml")))
    assert results[0] == results[1] != []


def test_a_dry_run_shows_what_would_happen(shop: str) -> None:
    found = as_json("run", "--dry-run", "-w", shop, "--now", "2025-03-01T08:00Z")
    assert found["dry_run"] is True
    assert as_json("decide", "--dry-run", "-w", shop, "--now", "2025-03-01T08:00Z")["decide"] == found["decide"]


def test_a_person_can_be_asked_about(shop: str) -> None:
    card = as_json("person", "p0", "show", "-w", shop, *AT)
    assert card["profiled"] is True
    assert card["permissions"]
    predictions = card["predictions"]
    assert isinstance(predictions, list)
    assert predictions
    assert "model" not in {one["acts"] for one in predictions}, "with sixty people nothing is proved"
    shown = vocative("person", "p0", "show", "-w", shop, *AT)
    assert "p0@example.com" in shown.stdout
    assert "the model is not admitted" in " ".join(shown.stdout.split())
    without = as_json("person", "p1", "show", "-w", shop, *AT)
    assert (without["predictions"], without["segments"]) == ([], {}), "p1 never allowed a profile"
    decisions = as_json("person", "p0", "why", "-w", shop, *AT)["decisions"]
    assert isinstance(decisions, list)
    assert decisions[0]["because"]
    assert "because" in vocative("person", "p0", "why", "-w", shop, *AT).stdout


def test_two_identifiers_can_be_declared_one_person_and_parted_again(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    prepare(root, days=60, people=10)
    import_all(root)
    folder = ("-w", str(root), *AT)

    def orders(person: str) -> str:
        card = as_json("person", person, "show", *folder)
        assert isinstance(card["facts"], list)
        return next(str(fact["value"]) for fact in card["facts"] if fact["name"] == "orders")

    alone = int(orders("p0"))
    assert "No other identifier" in vocative("person", "p0", "identities", *folder).stdout
    linked = as_json("person", "p0", "identities", "--same", "p3", *folder)["identities"]
    assert isinstance(linked, list)
    assert [(row["alias"], row["holds"]) for row in linked] == [("user:p3", True)]
    assert int(orders("p0")) > alone
    assert as_json("person", "p3", "show", *folder)["person_id"] == "p0"
    undone = as_json("person", "p0", "identities", "--undo", linked[0]["link_id"], *folder)["identities"]
    assert isinstance(undone, list)
    assert undone[0]["holds"] is False
    assert int(orders("p0")) == alone
    refused = vocative("person", "p0", "identities", "--undo", "nothing", *folder)
    assert refused.exit_code == 2


def test_a_person_who_allowed_no_profile_has_an_empty_one(shop: str) -> None:
    card = as_json("person", "p1", "show", "-w", shop, *AT)
    assert card["profiled"] is False
    assert card["features"] == {}
    assert card["affinities"] == []


@pytest.mark.parametrize(
    "what", ["events", "people", "items", "profiles", "affinities", "predictions", "decisions", "messages", "receipts"]
)
@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_every_table_is_exported_in_every_format(shop: str, tmp_path: Path, what: str, ending: str) -> None:
    out = tmp_path / f"{what}.{ending}"
    rows = as_json("export", what, "--out", str(out), "-w", shop)["rows"]
    assert isinstance(rows, int)
    assert rows > 0
    if ending == "parquet":
        assert pq.read_metadata(out).num_rows == rows
    elif ending == "jsonl":
        assert len(out.read_text(encoding="utf-8").splitlines()) == rows


def test_since_leaves_out_what_is_older(shop: str, tmp_path: Path) -> None:
    every = as_json("export", "events", "--out", str(tmp_path / "a.csv"), "-w", shop)["rows"]
    late = as_json("export", "events", "--out", str(tmp_path / "b.csv"), "-w", shop, "--since", "2025-03-01T00:00Z")[
        "rows"
    ]
    assert isinstance(every, int)
    assert isinstance(late, int)
    assert 0 < late < every


def test_no_cell_of_a_csv_export_is_run_as_a_formula(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    prepare(root, days=30, people=5)
    people = tmp_path / "people.csv"
    people.write_text('user_id,email,first_name\n=1+1,a@example.com,"=HYPERLINK(""x"")"\n', encoding="utf-8")
    as_json("import", "people", str(people), "-w", str(root), *AT)
    out = tmp_path / "out.csv"
    as_json("export", "people", "--out", str(out), "-w", str(root))
    text = out.read_text(encoding="utf-8")
    assert "'=1+1" in text
    assert '"=' not in text.splitlines()[1].replace("\"'=", "")


def test_help_names_every_command() -> None:
    shown = vocative("--help").stdout
    for command in (
        "init",
        "import",
        "export",
        "status",
        "build",
        "decide",
        "compose",
        "send",
        "run",
        "person",
        "demo",
    ):
        assert command in shown


def test_of_several_files_one_that_cannot_be_read_keeps_no_other_back(tmp_path: Path) -> None:
    raw = prepare(tmp_path / "shop", days=30, people=5)
    names = [str(raw / "missing.csv"), str(raw / "events.csv")]
    result = vocative("import", "events", *names, "-w", str(tmp_path / "shop"), *AT, "--json")
    assert result.exit_code == 2
    assert "no such file" in result.stderr
    found = json.loads(result.stdout)
    assert found["read"] == found["accepted"] == found["files"][0]["accepted"] != 0
    assert list(found["failed"]) == names[:1]


def test_a_guess_reads_local_times_in_the_zone_of_the_workspace(tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text("Date,Customer,Product,Total\n2026-01-03 09:12,c1,bread,3.20\n", encoding="utf-8")
    as_json("init", str(tmp_path / "shop"))
    preview = as_json("import", "--guess", str(orders), "-w", str(tmp_path / "shop"))["preview"]
    assert isinstance(preview, list)
    assert preview[0]["timestamp"] == "2026-01-03T07:12:00Z"
    shown = vocative("import", "--guess", str(orders), "-w", str(tmp_path / "shop")).stdout
    assert "The first row would become" in shown
    assert "message_id" not in shown.partition("The first row")[2]


def test_every_stage_says_what_it_did_in_words_and_in_numbers(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    prepare(root, days=100, people=20)
    import_all(root)
    folder = ("-w", str(root), *AT)
    built = as_json("build", *folder)
    assert built["profiles"] == 8
    shown = vocative("build", *folder).stdout
    assert "people with a profile           8" in shown
    assert "said no to messages" in vocative("decide", *folder).stdout
    assert "could not be written    0" in vocative("compose", *folder).stdout
    assert "waiting for their hour" in vocative("send", *folder).stdout
    for words in (("run",), ("run", "--dry-run")):
        whole = vocative(*words, *folder).stdout
        assert "held back as control group" in whole
        assert ("Nothing was written" in whole) == (len(words) > 1)


def test_an_empty_workspace_and_one_without_campaigns_are_told_in_words(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    as_json("init", str(root))
    for path in (root / "campaigns").iterdir():
        path.unlink()
    shown = vocative("status", "-w", str(root), *AT).stdout
    assert "none yet" in shown
    assert "None" not in shown
    assert vocative("run", "-w", str(root), *AT).exit_code == 0


def test_names_in_brackets_are_shown_as_they_are(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    prepare(root, days=30, people=5)
    people = tmp_path / "people.csv"
    people.write_text(
        "user_id,email,first_name,traits.club\n[/p1],a@example.com,[red]Ann,[/b] gold\n", encoding="utf-8"
    )
    as_json("import", "people", str(people), "-w", str(root), "--now", "2025-01-01T00:00Z")
    shown = vocative("person", "[/p1]", "show", "-w", str(root), *AT)
    assert shown.exit_code == 0
    for part in ("[/p1]", "[red]Ann", "[/b] gold"):
        assert part in shown.stdout


def test_a_channel_that_reaches_nobody_or_may_send_nothing_is_warned_of(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    prepare(root, days=30, people=5)
    change(root, r"cost = 0.001", 'daily_budget = 0.0\n\n[channels.letter]\ndriver = "file"')
    shown = vocative("status", "-w", str(root), *AT).stdout
    assert "[channels.email] daily_budget = 0" in shown
    assert "[channels.letter]: people have no addresses" in shown


def test_an_export_that_cannot_be_written_is_a_mistake_with_a_remedy(shop: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = vocative("export", "events", "--out", str(tmp_path / "file" / "x.csv"), "-w", shop)
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
