"""The demonstration, as a newcomer runs it."""

from __future__ import annotations

import email
import email.policy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import vocative
from vocative.cli.demonstration.walking import demonstration_settings

Demo = tuple[Path, dict[str, Any]]

KEYS = {
    *("import", "people", "events", "items", "permissions", "readiness", "decisions", "messages", "outbox", "seconds"),
    *("models", "segments", "report"),
}
FOOTERS = {
    "en": ("Why this message", "are invented"),
    "pl": ("Skąd ta wiadomość", "zmyślone są"),
    "uk": ("Чому цей лист", "вигадані"),
    "ru": ("Почему это письмо", "вымышлены"),
    "lv": ("Kāpēc šī vēstule", "izdomāti"),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    out = tmp_path_factory.mktemp("demo") / "demo"
    done = subprocess.run(
        [sys.executable, "-m", "vocative", "demo", "--out", str(out), "--json"], check=True, capture_output=True
    )
    return out, json.loads(done.stdout)


@pytest.mark.slow
def test_the_result_has_every_key_and_its_sums_are_right(demo: Demo) -> None:
    _, result = demo
    assert set(result) >= KEYS
    account = result["import"]
    assert account["read"] == account["accepted"] + account["merged"] + account["rejected"]
    assert result["events"] >= 1_469_307
    assert result["people"] == 2469
    decisions = result["decisions"]
    assert decisions["contacted"] + decisions["silent"] + decisions["control"] == 2469
    assert result["readiness"]["full_programme"]["ready"] is False
    assert "2,4" in result["readiness"]["full_programme"]["why"]


@pytest.mark.slow
def test_messages_lie_on_disk_parse_back_and_say_that_they_are_invented(demo: Demo) -> None:
    out, result = demo
    mails = sorted((out / "outbox").glob("*.eml"))
    assert len(mails) == result["outbox"]["written"] > 100
    for path in mails:
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert not mail.defects
        assert mail["To"].endswith("@example.com")
        for part in ("plain", "html"):
            body = mail.get_body((part,))
            assert body is not None
            text = body.get_content()
            assert all(phrase in text for phrase in FOOTERS[mail["Content-Language"]])
            assert "{{" not in text
            assert "None" not in text


@pytest.mark.slow
def test_every_language_is_written_and_every_campaign_finds_its_people(demo: Demo) -> None:
    _, result = demo
    assert set(result["messages"]["languages"]) == set(FOOTERS)
    assert sum(result["messages"]["languages"].values()) == result["messages"]["composed"]
    # Thanks wait until several messages have sold something, or nothing else is to be said.
    found = set(result["decisions"]["by_campaign"]) - {"thanks"}
    assert found == {"ask", "news", "replenish", "coupon", "discover", "month"}
    assert result["decisions"]["by_channel"] == {"email": result["decisions"]["contacted"]}


@pytest.mark.slow
def test_what_is_admitted_beat_its_baseline_at_every_origin(demo: Demo) -> None:
    _, result = demo
    assert {"buys_28d", "quiet_56d", "spend_90d", "next_items", "new_items"} <= set(result["models"])
    for name, model in result["models"].items():
        if name.startswith(("uplift", "reacts", "click_to_open")):
            # Nobody in this data was contacted by lot, and its messages have no reactions.
            assert not model["admitted"]
            assert not model["origins"]
            continue
        assert len(model["origins"]) >= 4, name
        if model["admitted"]:
            assert model["interval"][0] * model["interval"][1] > 0, f"{name}: the interval of the difference holds 0"
    for origin in result["models"]["next_items"]["origins"]:
        assert origin["value"] >= origin["baseline"]


@pytest.mark.slow
def test_no_micro_segment_is_too_small_and_each_has_its_own_name(demo: Demo) -> None:
    _, result = demo
    assert len(result["segments"]) >= 3
    assert min(one["size"] for one in result["segments"]) >= 50
    assert len({one["name"] for one in result["segments"]}) == len(result["segments"])


@pytest.mark.slow
def test_the_index_page_marks_what_is_invented(demo: Demo) -> None:
    out, result = demo
    page = (out / "outbox" / "index.html").read_text(encoding="utf-8")
    assert "Invented here: the name of the shop" in page
    assert str(result["index"]).endswith("index.html")


@pytest.mark.slow
@pytest.mark.needs_browser
@pytest.mark.parametrize("width", [1100, 500])
def test_the_pages_fit_their_window(demo: Demo, tmp_path: Path, width: int) -> None:
    out, _ = demo
    probe = tmp_path / "probe.html"
    mail = next((out / "outbox").glob("[0-9a-f]*.html"))
    for page in (out / "outbox" / "index.html", out / "report.html", mail):
        script = "<script>document.title = document.documentElement.scrollWidth + '/' + innerWidth</script>"
        probe.write_text(page.read_text(encoding="utf-8") + script, encoding="utf-8")
        shown = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run",
             f"--user-data-dir={tmp_path / 'profile'}",
             f"--window-size={width},900", "--dump-dom", probe.as_uri()],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        title = shown.split("<title>")[1].split("</title>")[0]
        content, window = (int(number) for number in title.split("/"))
        assert content <= window, f"{page.name} is {content} px wide in a window of {window} px"


@pytest.mark.slow
def test_the_demonstration_again_changes_nothing(demo: Demo) -> None:
    out, first = demo
    again = vocative("demo", "--out", str(out), "--json")
    assert again.exit_code == 0
    second = json.loads(again.stdout)
    assert second["decisions"] == first["decisions"]
    assert second["import"]["accepted"] == 0
    assert second["outbox"] == first["outbox"]


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    result = vocative("demo", "--out", str(tmp_path))
    assert result.exit_code == 2
    assert "something else" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt"]


def test_a_workspace_of_somebody_is_left_alone(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    assert vocative("init", str(root)).exit_code == 0
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    result = vocative("demo", "--out", str(root))
    assert result.exit_code == 2
    assert "something else" in result.stderr
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_settings_of_the_demonstration_that_were_edited_stay(tmp_path: Path) -> None:
    demonstration_settings(tmp_path)
    settings = tmp_path / "vocative.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("per_day = 1", "per_day = 2"), encoding="utf-8")
    (tmp_path / "brand.toml").unlink()
    assert demonstration_settings(tmp_path).caps.per_day == 2
    assert (tmp_path / "brand.toml").exists()
