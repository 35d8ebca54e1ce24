"""The report: its figures, its page, and what happens where something is missing."""

from __future__ import annotations

import html
import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.line.shop import NOW, change, import_all, prepare
from vocative.cli import main
from vocative.desk.rehearse.gains import Gains
from vocative.desk.report import charts, write_report
from vocative.desk.report.customers import hours_of, spend_bins
from vocative.desk.report.deciding import decided, hidden, mails
from vocative.desk.report.figures import (
    Arrived,
    Counted,
    Customers,
    Decided,
    Headline,
    Mail,
    Proof,
    Refused,
    Report,
    Segments,
    Stage,
    told,
)
from vocative.desk.report.page import page
from vocative.desk.report.tested import drawn_proofs, overview
from vocative.errors import WorkspaceError
from vocative.line.act import approval, stages
from vocative.line.act.studio import studio_of
from vocative.line.snapshot.clock import to_text
from vocative.line.snapshot.journal import Journal
from vocative.line.snapshot.snapshot import Scene
from vocative.line.understand import build, segmenting
from vocative.records.acting import Candidate, Decision, Target
from vocative.records.proof import Bin, Origin, Score, Verdict
from vocative.records.settings import Campaign
from vocative.workspace.opening import Workspace

CAMPAIGN = Campaign(
    name="tea", goal="Tea for all", channel="email", personalized=True, topic="t", template="t", value=2.0
)
EMPTY = Report(
    business="Shop",
    currency="EUR",
    zone="Europe/Riga",
    simulation=False, invented=[],
    moment=NOW,
    headline=Headline(people=0, written_to=0, left_in_peace=0, control=0, may_be_personalized=0, never_asked=0,
                      gains=Gains(measured=None, declared=None, cost=0.0), may_be_written_to=0, approved_by=[]),
    arrived=Arrived(imports=[], customers=0, interactions=0, months=0.0, newest=None),
    customers=Customers(profiles=0, rfm=[[0] * 5] * 5, stages=[], hours=None, spend=[], spend_median=None,
                        spend_top_share=None),
    segments=Segments(rules=[], discovered=[], whole=None, whole_words="", too_small=[], minimum=0),
    decided=Decided(reasons=[], campaigns=[], channels=[], languages=[]),
    refused=Refused(modules=[], rows=[], messages=[]),
)  # fmt: skip
VERDICT = Verdict(
    module="buys_28d", version="1", moment=NOW, admitted=True, why="log_loss 0.4 against 0.5 of own rate",
    metric="log_loss", lower_is_better=True, value=0.4, baseline="own_rate", baseline_value=0.5, difference=-0.1,
    low=-0.2, high=-0.05, origins=[Origin(moment=NOW, people=300, value=0.4, baseline=0.5,
                    measures={"log_loss": (0.4, 0.5), "recall@10": (0.123, 0.111)})],
    scores=[Score(name="own_rate", metric="auc", value=0.6, low=0.5, high=0.7),
            Score(name="model", metric="auc", value=0.8, low=0.7, high=0.9)],
    calibration=[Bin(predicted=0.2, observed=0.25, people=100), Bin(predicted=0.7, observed=0.65, people=200)],
    calibration_error=0.05, lift=[0.5, 1.0], lift_baseline=[0.4, 1.0],
)  # fmt: skip


class Checker(HTMLParser):
    """Notes open tags, what is fetched from elsewhere, and pictures without words."""

    void = ("meta", "line", "rect", "circle", "polyline", "br", "link", "img")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.wordless = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.fetched += [str(given[name]) for name in ("src", "href", "data") if name in given]
        self.wordless += tag == "svg" and (given.get("role") != "img" or not given.get("aria-label"))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.void:
            assert self.open.pop() == tag


def check(text: str) -> None:
    checker = Checker()
    checker.feed(text)
    assert checker.open == []
    assert all(link.startswith("#") for link in checker.fetched)
    assert checker.wordless == 0
    assert "url(" not in text
    assert "{{" not in text
    assert not re.search(r"\bNone\b(?! has)", text)


def contact(person: str, probability: float, campaign: str = "tea") -> Decision:
    target = Target(module="m", target="TEA", probability=probability, support=3.0, horizon_days=7.0)
    chosen = Candidate(
        campaign=campaign, channel="email", personalized=True, targets=(target,), score=probability * 2 - 0.5
    )
    return Decision(decision_id=f"d-{person}", person_id=person, moment=NOW, outcome="contact", reason=campaign,
                    propensity=1.0, chosen=chosen, candidates=(chosen,))  # fmt: skip


def test_a_report_of_nothing_says_not_yet_and_breaks_nowhere() -> None:
    text = page(replace(EMPTY, proofs=[Proof(module="buys_28d", question="whether they buy", verdict=None)]))
    check(text)
    assert text.count("Not yet") >= 4
    assert "Nothing was refused" in text


def test_what_people_typed_is_text_and_never_markup() -> None:
    evil = "<script>alert(1)</script>&\"'"
    mail = Mail(language="en", language_name="English", to=evil, sender=evil, subject=evil, paragraphs=[evil],
                small_print=[evil], channel=evil, campaign=evil, why=evil, personalized=True)  # fmt: skip
    stage = Stage(name=evil, people=9, share=1.0, came=[Counted(name=evil, people=9)], went=[])
    text = page(
        replace(
            EMPTY,
            business=evil,
            mails=[mail],
            customers=replace(EMPTY.customers, stages=[stage]),
            refused=Refused(modules=[(evil, evil)], rows=[(evil, 3)], messages=[evil]),
            proofs=[Proof(module=evil, question=evil, verdict=replace(VERDICT, module=evil, why=evil, baseline=evil))],
        )
    )
    check(text)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_figures_about_fewer_than_five_people_are_not_shown() -> None:
    assert [told(people) for people in (0, 1, 4, 5, 6)] == [0, None, None, 5, 6]
    made = decided([contact(str(place), 0.5) for place in range(4)], {"tea": CAMPAIGN}, ["lv"] * 3)
    assert made.campaigns == [(Counted(name="tea", people=None), "Tea for all")]
    text = page(replace(EMPTY, decided=made))
    assert "fewer than 5" in text
    many, few = {"weekday": 1, "hour": 9, "acts": 8, "people": 8}, {"weekday": 7, "hour": 23, "acts": 2, "people": 2}
    hours = hours_of([many, few], "visits", 91)
    assert hours is not None
    assert hours.shares[0][9] == pytest.approx(0.8)
    assert hours.shares[6][23] is None


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200))
def test_everybody_is_in_one_column_of_spending(spent: list[float]) -> None:
    money = np.array(spent)
    bins = spend_bins(money)
    if money.max() <= 0:
        assert bins == []
        return
    for one in bins:
        inside = ((money >= one.low) & (money < (one.high if one.high is not None else np.inf))).sum()
        assert one.people == told(int(inside))
    assert [one.high for one in bins[:-1]] == [one.low for one in bins[1:]]


def message(person: str, language: str, campaign: str) -> dict[str, str]:
    return {"decision_id": f"d-{person}", "message_id": person, "language": language, "channel": "email",
            "address": f"{person}@example.com", "subject": campaign,
            "body_text": "Hi\r\n\r\nText\r\n-- \r\nWhy"}  # fmt: skip


def test_ten_messages_show_every_language_and_every_campaign() -> None:
    languages, campaigns = ("lv", "en", "pl", "uk", "ru"), ("tea", "news", "ask")
    people = [(f"{l}-{c}-{n}", l, c) for l in languages for c in campaigns for n in range(5)]  # noqa: E741
    found = mails(
        [message(*one) for one in people],
        {f"d-{name}": contact(name, 0.5, campaign) for name, _, campaign in people},
        {"TEA": "good tea"},
        "Shop",
    )
    assert len(found) == 10
    assert [mail.language for mail in found] == sorted([*languages] * 2, key=["en", "pl", "uk", "ru", "lv"].index)
    assert {mail.campaign for mail in found} == set(campaigns)
    assert all("@example.com" in mail.to and not mail.to.startswith(mail.language) for mail in found)
    assert found[0].paragraphs == ["Hi", "Text"]
    assert found[0].small_print == ["Why"]
    assert found[0].why == "Good tea: 50% within 7 days."


def test_an_address_is_not_shown() -> None:
    assert "anna" not in hidden("anna@example.com")
    assert "20000000" not in hidden("+37120000000")


def test_a_tested_prediction_shows_its_verdict_curves_and_every_moment() -> None:
    proofs = [
        Proof(module="buys_28d", question="whether", verdict=VERDICT),
        Proof(module="x", question="y", verdict=None),
    ]
    first, second = drawn_proofs(proofs, "Europe/Riga")
    assert (first.state, second.state) == ("admitted", "not yet")
    assert "20.0% better than own rate (95% interval +10.0% to +40.0%)" in first.summary
    assert [row.better for table in first.origins for row in table.rows] == ["+20.0%", "+10.8%"]
    assert [(row.model, row.baseline) for row in first.origins[1].rows] == [("0.123", "0.111")]
    assert [cell[0] for cell in first.metrics[0].cells] == ["model", "own rate"]
    assert "predicted 20%, happened 25%" in first.calibration
    assert "by the baseline 40%" in first.lift
    assert "Buys within 28 days +20.0%" in overview(proofs)
    check(page(replace(EMPTY, proofs=proofs)))


def test_where_more_is_better_the_sign_is_not_turned() -> None:
    ranked = replace(VERDICT, lower_is_better=False, value=0.6, difference=0.1, low=0.05, high=0.2)
    (drawn,) = drawn_proofs([Proof(module="m", question="q", verdict=ranked)], "Europe/Riga")
    assert "20.0% better" in drawn.summary
    worse = replace(VERDICT, difference=0.1, low=0.05, high=0.2, admitted=False)
    (drawn,) = drawn_proofs([Proof(module="m", question="q", verdict=worse)], "Europe/Riga")
    assert drawn.state == "refused"
    assert "20.0% worse" in drawn.summary


def test_a_prediction_that_could_not_be_tested_is_not_drawn_among_the_others() -> None:
    bare = replace(VERDICT, origins=[], scores=[], calibration=[], lift=[], lift_baseline=[], admitted=False,
                   calibration_error=None, why="not tested: 12 days of history")  # fmt: skip
    proof = Proof(module="buys_28d", question="q", verdict=bare)
    assert drawn_proofs([proof], "Europe/Riga")[0].state == "not tested"
    assert overview([proof]) == ""


def test_numbers_of_a_grid_stand_in_its_cells() -> None:
    drawn = charts.grid([[7, None], [1200, 0]], ["a", "b"], ["c", "d"], title="T", words="W")
    assert re.findall(r">([^<>]+)</text>", drawn) == ["a", "7", "&lt;5", "b", "1,200", "0", "c", "d"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("report") / "shop"
    prepare(root)
    change(root, r"\Z", "\n[segmenting]\nminimum_size = 5\n")
    import_all(root)
    with Workspace.open(root) as workspace:
        with pytest.raises(WorkspaceError, match="no run has decided"):
            write_report(workspace, NOW)
        approval.note_preview(workspace, studio_of(workspace), "news", NOW, {})
        approval.approve(workspace, studio_of(workspace), "news", "Anna", NOW)
        scene, journal = Scene(workspace, NOW), Journal(workspace.stores.ledger, NOW)
        journal.once("build", lambda: build.build(scene, journal))
        journal.once("segment", lambda: segmenting.segment(scene, journal))
        kept = build.kept(workspace)
        journal.once("decide", lambda: stages.summary(stages.decide(scene, journal.run_id, kept, keep=True)))
        journal.once("compose", lambda: stages.compose(scene, journal.run_id))
    return root


def test_the_command_writes_one_page_that_needs_nothing_else(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "here" / "report.html"
    asked = ["report", "-w", str(root), "--now", to_text(NOW), "--out", str(out), "--json"]
    told_path = json.loads(CliRunner().invoke(main, asked, catch_exceptions=False).stdout)["report"]
    assert told_path == str(out)
    text = out.read_text(encoding="utf-8")
    check(text)
    assert "As of Thursday 1 May 2025" in text
    assert "no effect on this page is causal" in text.lower()
    assert "p•••@example.com" in text
    assert not re.search(r"\bp\d+@example", text)


def test_the_figures_are_those_of_the_decisions(root: Path) -> None:
    with Workspace.open(root) as workspace:
        text = write_report(workspace, NOW).read_text(encoding="utf-8")
    assert (root / "report.html").exists()
    written, people, peace = re.findall(
        r"<h1>.*?<em>([\d,]+)</em> of ([\d,]+) people and leave <em>([\d,]+)</em>", text
    )[0]
    control = re.findall(r"control group: ([\d,]+)", text)[0]
    assert "Approved by: Anna, Tester." in text, "also who approved it at the moment of the run"
    assert int(people) == 60
    assert int(written) + int(peace) + int(control) == 60


def test_a_report_of_before_the_first_run_is_refused_in_words(root: Path) -> None:
    done = CliRunner().invoke(main, ["report", "-w", str(root), "--now", "2020-01-01T00:00Z"])
    assert done.exit_code == 2
    assert "vocative run" in done.stderr


@pytest.mark.needs_browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_a_phone_and_a_desk_and_the_browser_finds_no_fault(
    root: Path, tmp_path: Path, width: int
) -> None:
    with Workspace.open(root) as workspace:
        text = write_report(workspace, NOW).read_text(encoding="utf-8").replace("<details>", "<details open>")
    probe = tmp_path / "probe.html"
    probe.write_text(
        f'<title>-</title><body><iframe style="width:{width}px;height:900px;border:0" srcdoc="{html.escape(text)}">'
        "</iframe>"
        "<script>addEventListener('load', () => { document.title = "
        "document.querySelector('iframe').contentDocument.documentElement.scrollWidth; });</script>",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run", "--enable-logging=stderr",
         f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1400,900", "--dump-dom", probe.as_uri()],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    title = done.stdout.split("<title>")[1].split("</title>")[0]
    assert title.isdigit(), title
    assert 0 < int(title) <= width
    assert "CONSOLE" not in done.stderr
