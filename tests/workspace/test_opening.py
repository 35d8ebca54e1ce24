"""A workspace is made, opened, and refused where its configuration contradicts itself or the machine."""

from __future__ import annotations

import re
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from vocative.compose.messages import CompositionInputs, check_templates
from vocative.compose.templates import Templates
from vocative.errors import SettingsError, UserError, WorkspaceError
from vocative.records.lake_tables import EVENTS
from vocative.records.ledger_tables import OUTBOX
from vocative.workspace.configuration import read_campaigns, read_settings
from vocative.workspace.opening import OpenWorkspace
from vocative.workspace.starting import make_workspace

STARTER = Path(str(files("vocative.workspace") / "starter"))
DEMONSTRATION = Path(str(files("vocative.cli") / "demonstration" / "workspace"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_workspace(tmp_path / "shop")
    return tmp_path / "shop"


def change(path: Path, old: str, new: str) -> int:
    """Replace a text that stands once; returns the line on which the new one begins."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_a_new_workspace_opens_with_empty_stores(root: Path) -> None:
    with OpenWorkspace.open(root) as workspace:
        assert [one.name for one in workspace.campaigns] == ["ask", "news", "replenish", "thanks"]
        assert workspace.brand.signature
        assert workspace.wordings["en"].category
        assert workspace.stores.lake.scan(EVENTS).files == ()
        assert workspace.stores.inbox.take(1)[0] == []
        with workspace.stores.ledger.transaction() as transaction:
            assert transaction.select(OUTBOX) == []
        assert workspace.scratch.is_relative_to(root)


@pytest.mark.parametrize("folder", [STARTER, DEMONSTRATION], ids=lambda folder: folder.parent.name)
def test_every_campaign_that_is_shipped_renders(folder: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(folder, tmp_path / "copy"))
    with OpenWorkspace.open(root) as workspace:
        studio = CompositionInputs(
            settings=workspace.settings,
            brand=workspace.brand,
            campaigns={one.name: one for one in workspace.campaigns},
            templates=Templates.read(root / "templates", workspace.brand.avoid),
            wordings=workspace.wordings,
        )
        assert len(studio.campaigns) >= 3
        check_templates(studio)


def test_the_starter_is_written_once_and_never_over_anything(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    mine = root / "templates" / "news" / "en.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", encoding="utf-8")
    (root / "raw.csv").write_text("a,b\n", encoding="utf-8")
    written = make_workspace(root)
    assert mine.read_text(encoding="utf-8") == "mine"
    assert mine not in written
    expected = {path.relative_to(STARTER) for path in STARTER.rglob("*") if path.is_file()}
    assert {path.relative_to(root) for path in written} == expected - {mine.relative_to(root)}
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(WorkspaceError, match="workspace already"):
        make_workspace(root)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_what_was_cut_off_while_being_made_can_be_made_again(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    whole = make_workspace(root)
    assert whole[-1].name == "vocative.toml", "what makes it a workspace comes last"
    for path in whole[3:]:
        path.unlink()
    assert make_workspace(root) == whole[3:]


def test_a_workspace_cannot_be_made_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="this is a file"):
        make_workspace(tmp_path / "file")
    with pytest.raises(WorkspaceError, match="cannot be written to"):
        make_workspace(tmp_path / "file" / "below")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "campaigns").write_text("x", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="cannot be written to"):
        make_workspace(tmp_path / "shop")


def test_a_folder_that_is_no_workspace_is_refused_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        OpenWorkspace.open(tmp_path)
    assert f"vocative init {tmp_path}" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


SEGMENT = '[segments.it]\ntitle = "T"\nall = [{ feature = "orders_365d", at_least = 1 }]\n[control]'
SETTINGS_MISTAKES = [
    ('timezone = "Europe/Riga"', 'timezone = "Europe/Rigga"', 0, "'Europe/Rigga' is not a time zone", "IANA"),
    ('start = "20:00"', 'unknown_zones = ["UTC",\n"Mars/North"]', 0, "'Mars/North' is not a time zone", "IANA"),
    ('languages = ["en"]', "languages = []", 0, "the list of languages is empty", "name at least one"),
    ('email = "hello@example.com"', 'email = "hello"', 0, "'hello' is not an e-mail", "name@example.com"),
    ('email = "hello@example.com"', 'email = "a@b"\nreply_to = "x y@b"', 1, "'x y@b' is not", "name@example.com"),
    ('driver = "file"', 'driver = "fiel"', 0, "no channel driver named 'fiel'", "installed: file"),
    ("[control]", '[stores]\nlake = "iceberg"\n[control]', 1, "no lake driver named 'iceberg'", "delta"),
    ('purchase = ["purchase"]', 'purchase = ["a"]\nview = ["b", "a"]', 1, "the event 'a' stands under", "one list"),
    (
        "[caps]",
        '[imports.a]\nkind = "items"\ncolumns = {}\n[imports.b]\nkind = "events"\ncolumns = {}\ntimezone = "X"\n[caps]',
        6,
        "'X' is not a time zone",
        "IANA",
    ),
    (
        "[control]",
        '[segments.it]\ntitle = "T"\nall = [{ feature = "order_365d", at_least = 1 }]\n[control]',
        2,
        "no feature named 'order_365d'",
        "did you mean `orders_365d`?",
    ),
    (
        "[control]",
        '[questions.leaves]\nevent = "purchse"\ndays = 30\n[control]',
        1,
        "no event and no role 'purchse'",
        "did you mean 'purchase'?",
    ),
    ("[control]", '[questions.buys_28d]\nevent = "purchase"\ndays = 30\n[control]', 0, "'buys_28d' cannot", "buys_28d"),
    ("[control]", '[questions.profile]\nevent = "purchase"\ndays = 30\n[control]', 0, "'profile' cannot", "no name of"),
    ("[control]", "[limits.x]\ndays = 7\n[control]", 0, "the limit 'x' limits nothing", "give `at_most`"),
    ("[control]", "[limits.x]\nat_most = 5\nat_least = 6\n[control]", 2, "at least 6 is more than", "lower the one"),
    ("[control]", '[limits.x]\nat_most = 5\nchannels = ["emial"]\n[control]', 2, "no channel named 'emial'", "`email`"),
    ("[control]", '[limits.x]\nat_most = 5\nsegment = "it"\n[control]', 2, "no segment named 'it'", "there are: none"),
    ("[caps]", "[caps]\nleast_per_month = 99", 1, "least_per_month of the caps is above per_month", "lower it"),
    ("[control]", '[models]\nwithout = ["bys_28d"]\n[control]', 1, "no standard prediction named", "`buys_28d`"),
    ("[control]", "[lists]\nleast_discovery = 0.6\n[control]", 1, "0.6) is more than the most (0.5)", "raise most"),
    ("[control]", '[segments.it]\ntitle = "T"\n[control]', 0, "the rule has no conditions", "write `all`"),
]


@pytest.mark.parametrize(("old", "new", "below", "what", "remedy"), SETTINGS_MISTAKES)
def test_settings_that_no_type_can_check(old: str, new: str, below: int, what: str, remedy: str, root: Path) -> None:
    line = change(root / "vocative.toml", old, new)
    with pytest.raises(SettingsError) as caught:
        OpenWorkspace.open(root)
    assert what in caught.value.what
    assert remedy in caught.value.remedy
    assert caught.value.where == f"{root / 'vocative.toml'}:{line + below}"
    assert not (root / "data").exists(), "nothing is opened before the settings are right"


CAMPAIGN_MISTAKES = [
    ("channel: email", "channel: fax", "the channel 'fax' is not set up", "[channels.fax]"),
    ("channel: email", "channels: [email, fax]\nchannel: email", "the channel 'fax' is not set up", "[channels.fax]"),
    ("template: replenish", "template: gone", "there is no folder templates/gone", "en.txt"),
    ("template: replenish", 'template: ""', "there is no folder templates/", "en.txt"),
    ("name: replenish", "name: news", "the name 'news' stands twice", "rename"),
    (
        "module: repeat_rhythm",
        "module: repeat_rythm",
        "no prediction named 'repeat_rythm'",
        "did you mean `repeat_rhythm`?",
    ),
    ("module: repeat_rhythm", "module: horoscope", "no prediction named 'horoscope'", "there are: best_hour"),
    ("name: replenish", "name: ../replenish", "'../replenish' cannot be the name", "such as spring-news"),
    ("name: replenish", 'name: ""', "'' cannot be the name", "such as spring-news"),
    ("module: repeat_rhythm", "segment: regulars", "no segment named 'regulars'", "there are: none"),
    ("module: repeat_rhythm", "tells: {order_28d: 1}", "no feature named 'order_28d'", "did you mean `orders_28d`?"),
    ("module: repeat_rhythm", "tells: {horoscope: 1}", "no feature named 'horoscope'", "docs/reference/features.md"),
    ("module: repeat_rhythm", "offers: true", "the campaign names no prediction", "add `module: …`"),
    ("module: repeat_rhythm", "audience: never_asked", "cannot be for 'never_asked'", "leave `audience` out"),
]


@pytest.mark.parametrize(("old", "new", "what", "remedy"), CAMPAIGN_MISTAKES)
def test_campaigns_that_name_what_is_not_there(old: str, new: str, what: str, remedy: str, root: Path) -> None:
    path = root / "campaigns" / "replenish.yaml"
    line = change(path, old, new)
    with pytest.raises(SettingsError) as caught:
        read_campaigns(root, read_settings(root))
    assert what in caught.value.what
    assert remedy in caught.value.remedy
    assert caught.value.where == f"{path}:{line}"


def test_a_campaign_cannot_rest_on_a_prediction_that_is_not_made(root: Path) -> None:
    change(root / "vocative.toml", "[control]", '[models]\nwithout = ["repeat_rhythm"]\n[control]')
    with pytest.raises(SettingsError, match="'repeat_rhythm' is not made") as caught:
        read_campaigns(root, read_settings(root))
    assert "`without` in [models]" in caught.value.remedy


def test_the_first_choice_is_among_the_channels(root: Path) -> None:
    change(root / "vocative.toml", "[control]", '[channels.sms]\ndriver = "file"\n[control]')
    change(root / "campaigns" / "replenish.yaml", "channel: email", "channels: [sms]\nchannel: email")
    with pytest.raises(SettingsError, match="'email' is the first choice and not among the channels") as caught:
        read_campaigns(root, read_settings(root))
    assert "channels: [email, sms]" in caught.value.remedy


def test_a_prediction_is_never_used_without_asking_for_it(root: Path) -> None:
    change(root / "campaigns" / "replenish.yaml", "personalized: true", "personalized: false")
    with pytest.raises(SettingsError, match="a campaign that rests on a prediction is personalized"):
        read_campaigns(root, read_settings(root))


@pytest.mark.parametrize(
    ("asks", "what"),
    [
        ("segment: it", "for one segment"),
        ("tells: {orders_28d: 1}", "tells numbers"),
        ("relationships: [close]", "for some relationships"),
    ],
)
def test_nothing_of_a_profile_is_used_without_asking_for_it(asks: str, what: str, root: Path) -> None:
    change(root / "vocative.toml", "[control]", SEGMENT)
    change(root / "campaigns" / "news.yaml", "personalized: false", f"personalized: false\n{asks}")
    with pytest.raises(SettingsError, match=f"a campaign that (is )?{what} is personalized"):
        read_campaigns(root, read_settings(root))


def test_a_campaign_that_could_reach_nobody_is_refused(root: Path) -> None:
    change(root / "campaigns" / "thanks.yaml", "relationships: [regular, close]", "relationships: [close, strained]")
    with pytest.raises(SettingsError, match="a campaign for strained people reaches nobody"):
        read_campaigns(root, read_settings(root))


def test_the_same_event_twice_under_one_role_is_no_contradiction(root: Path) -> None:
    change(root / "vocative.toml", 'purchase = ["purchase"]', 'purchase = ["a", "a"]')
    assert read_settings(root).events == {"purchase": ["a", "a"]}


@pytest.mark.parametrize("name", ["brand.toml", "wording/en.toml", "campaigns/ask.yaml"])
def test_mistakes_in_every_file_carry_its_name(name: str, root: Path) -> None:
    with (root / name).open("a", encoding="utf-8") as file:
        file.write("\nzz = 1\n" if name.endswith("toml") else "\nzz: 1\n")
    with pytest.raises(UserError, match=re.escape(str(root / name))):
        OpenWorkspace.open(root)


def test_a_missing_brand_is_named(root: Path) -> None:
    (root / "brand.toml").unlink()
    with pytest.raises(SettingsError, match=r"brand\.toml: this file is missing"):
        OpenWorkspace.open(root)


def test_limits_name_campaigns_that_are_there(root: Path) -> None:
    line = change(root / "vocative.toml", "[control]", '[limits.x]\nat_most = 5\ncampaigns = ["nwes"]\n[control]')
    with pytest.raises(SettingsError) as caught:
        OpenWorkspace.open(root)
    assert "no campaign named 'nwes'" in caught.value.what
    assert "did you mean `news`?" in caught.value.remedy
    assert caught.value.where == f"{root / 'vocative.toml'}:{line + 2}"


def test_limits_below_zero_are_refused(root: Path) -> None:
    line = change(root / "vocative.toml", "[control]", "[limits.x]\nat_most = -5\n[control]")
    with pytest.raises(SettingsError) as caught:
        OpenWorkspace.open(root)
    assert "limits.x.at_most" in caught.value.what + str(caught.value)
    assert caught.value.where.endswith(f":{line + 1}")


def test_stores_are_opened_by_a_context(root: Path) -> None:
    settings = root / "vocative.toml"
    settings.write_text(settings.read_text() + "\n[stores.options.engine]\nthreads = 1\n")
    with OpenWorkspace.open(root) as workspace:
        assert workspace.stores.engine.query("SELECT 1 AS one", {})["one"].to_pylist() == [1]
    settings.write_text(settings.read_text() + "\n[stores.options.ledger]\nadress = 'localhost'\n")
    with pytest.raises(SettingsError, match="'sqlite' has no option 'adress'") as refused:
        OpenWorkspace.open(root)
    assert "options of this driver: none" in refused.value.remedy
