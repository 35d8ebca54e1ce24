"""A workspace from Python: what the commands do, as methods of one object.

from vocative import Workspace

with Workspace.open("my-shop") as ws:
ws.import_file("orders.csv", "events", mapping="orders")
ws.run()
ws.predictions("buys_28d").to_pandas()
ws.person("1042").why()
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias

from vocative.desk.machine_clock import machine_now
from vocative.errors import ClockError, MappingError, ModelError
from vocative.line.snapshot.clock import lies_ahead, refuse_impossible, to_micros, to_text
from vocative.records.progress import Progress, no_progress
from vocative.records.settings import Brand, Campaign, ImportMapping, Kind, Settings
from vocative.workspace.opening import OpenWorkspace as OpenedWorkspace
from vocative.workspace.starting import make_workspace

if TYPE_CHECKING:
    from vocative.desk.person.subject_access import PersonalData, Why
    from vocative.desk.recommend.item_lookup import ThingList
    from vocative.desk.rows import Rows
    from vocative.line.snapshot.journal import Result
    from vocative.profile.card.card import ProfileCard
    from vocative.records.results import ImportAccount
    from vocative.records.schema import Table

Moment: TypeAlias = datetime | int
"""A moment: a datetime with a zone, or whole microseconds since 1970 in UTC."""


class Workspace:
    """The folder of one business, opened: settings, stores, and everything that can be asked or done.

    Every method that rests on the time takes `now`: a datetime with a zone, or microseconds since 1970 in UTC; without
    it the clock of this machine tells. A moment ahead of the clock is refused, unless the settings say that the
    workspace is a simulation. Methods that ask answer as of that moment and write nothing.
    """

    def __init__(self, opened: OpenedWorkspace, clock: Callable[[], int] = machine_now) -> None:
        """Wrap an opened workspace; `clock` tells the time where no `now` is given, in µs UTC."""
        self._opened = opened
        self._clock = clock

    @classmethod
    def open(cls, folder: str | Path, *, clock: Callable[[], int] = machine_now) -> Workspace:
        """Open the workspace in a folder; use it as a context manager, or call `close`.

        Args:
            folder: The folder with `vocative.toml`.
            clock: Tells the time where no `now` is given, in µs UTC.

        Raises:
            WorkspaceError: The folder is not a workspace.
            SettingsError: A setting is unknown, missing or of the wrong type.
        """
        return cls(OpenedWorkspace.open(Path(folder)), clock)

    @classmethod
    def create(cls, folder: str | Path, *, clock: Callable[[], int] = machine_now) -> Workspace:
        """Make a new workspace of the starter files, and open it.

        Raises:
            WorkspaceError: The folder is a workspace already, a file, or cannot be written to.
        """
        make_workspace(Path(folder))
        return cls.open(folder, clock=clock)

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._opened.root

    @property
    def settings(self) -> Settings:
        """`vocative.toml`, as typed values."""
        return self._opened.settings

    @property
    def brand(self) -> Brand:
        """`brand.toml`, as typed values."""
        return self._opened.brand

    @property
    def campaigns(self) -> tuple[Campaign, ...]:
        """The campaigns of the folder `campaigns/`, approved or not."""
        return self._opened.campaigns

    def import_file(
        self,
        path: str | Path,
        kind: Kind,
        *,
        mapping: str | ImportMapping | None = None,
        now: Moment | None = None,
        replace: bool = False,
        progress: Progress = no_progress,
    ) -> ImportAccount:
        """Import a file (CSV, JSON lines, Parquet) and tell what became of every row; again it changes nothing.

        Args:
            path: The file.
            kind: What its rows are: `events`, `people`, `items`, `permissions` or `offers`.
            mapping: The name of a mapping in `vocative.toml`, or one made here; None for canonical columns.
            now: The time of rows that have none, except events, which must have one.
            replace: Take back the events that the same file brought with another mapping, instead of refusing it.
            progress: Told how many rows were read and checked.

        Raises:
            ImportFileError: The whole file cannot be read, or its events are there already, read with another mapping.
            MappingError: There is no mapping of that name, or it does not fit the file.
        """
        from vocative.collect.commit.files import import_file

        return import_file(
            self._opened.stores,
            self.settings,
            Path(path),
            kind=kind,
            mapping=self._mapping(mapping),
            now=self._at(now),
            progress=progress,
            scratch=self._opened.scratch,
            replace=replace,
        )

    def redrive(
        self, kind: Kind, *, mapping: str | ImportMapping | None = None, now: Moment | None = None
    ) -> ImportAccount:
        """Take refused rows of one kind through the (mended) mapping again; what is still refused stays as it is.

        Raises:
            MappingError: There is no mapping of that name, or it does not fit the rows.
        """
        from vocative.collect.commit.redrive import redrive

        return redrive(
            self._opened.stores,
            self.settings,
            kind=kind,
            mapping=self._mapping(mapping),
            now=self._at(now),
            scratch=self._opened.scratch,
        )

    def track(self, events: Sequence[Mapping[str, object]], *, now: Moment | None = None) -> Result:
        """Accept single events in canonical columns; what is counted as accepted is on disk when this returns.

        Returns:
            `accepted`, `merged` (known already) and `rejected`, the latter as a list of reasons.
        """
        from vocative.desk.track import track

        return track(self._opened, events, self._at(now))

    def run(self, now: Moment | None = None, *, dry_run: bool = False, progress: Progress = no_progress) -> Result:
        """Run the whole line: collect, expire, build, predict, segment, decide, compose, send.

        A run that was cut off is taken up where it stopped; one that is complete changes nothing.

        Args:
            now: The moment of the run.
            dry_run: Only look: nothing is written, nothing is sent, and `now` may lie in the past.
            progress: Told which stage is at work.

        Raises:
            ClockError: `now` lies before the last completed run.
        """
        from vocative.line.running import run

        return run(self._opened, self._at(now), dry_run=dry_run, progress=progress)

    def status(self, now: Moment | None = None) -> Result:
        """Everything `vocative status` shows, as plain values."""
        from vocative.desk.status import status

        return status(self._opened, self._at(now))

    def predictions(self, name: str, *, now: Moment | None = None) -> Rows:
        """The newest predictions of one name, such as `buys_28d`, a row a person (or a person and a target).

        Columns are those of the table `predictions`; `low` and `high` bound a 90 % interval.

        Raises:
            ModelError: There is no prediction of that name.
        """
        from vocative.desk.newest_rows import newest_predictions
        from vocative.predict.registry import known_names

        if name not in (names := known_names(self.settings)):
            raise ModelError(f"there is no prediction {name!r}", remedy=f"there are: {', '.join(names)}")
        return newest_predictions(self._opened, name, self._at(now))

    def segments(self, *, now: Moment | None = None) -> Rows:
        """Who is in which segment by the newest run; columns are those of the table `segments`."""
        from vocative.records.lake_tables import SEGMENTS

        return self._newest(SEGMENTS, now)

    def decisions(self, *, now: Moment | None = None) -> Rows:
        """What the newest run decided for each person, with its reasons; columns are those of `decisions`."""
        from vocative.records.lake_tables import DECISIONS

        return self._newest(DECISIONS, now)

    def messages(self, *, now: Moment | None = None) -> Rows:
        """What the newest run wrote, one row a message; columns are those of `messages`."""
        from vocative.records.lake_tables import MESSAGES

        return self._newest(MESSAGES, now)

    def person(self, identifier: str) -> Person:
        """One person, by any identifier they are known by. Nothing is looked up before it is asked for."""
        return Person(self._opened, identifier, self._at)

    def recommend(
        self, identifier: str, *, n: int | None = None, new_only: bool = False, now: Moment | None = None
    ) -> ThingList:
        """A list of things for a person, each with its reason.

        Args:
            identifier: Any identifier of the person.
            n: How many; that of `[lists]` if it is not given.
            new_only: Only things the person never had.
            now: As of when.

        Raises:
            UnknownPersonError: Nobody of that identifier is known.
        """
        return self.person(identifier).recommend(n=n, new_only=new_only, now=now)

    def recommend_to_visitor(
        self,
        declared: Mapping[str, str | Sequence[str]] | None = None,
        *,
        n: int | None = None,
        now: Moment | None = None,
    ) -> ThingList:
        """A list for somebody of whom there is no record: by the hour, and by what they declared.

        Args:
            declared: Their taste, if they said it: `{"category": "Tea", "likes": ["green tea"]}`.
            n: How many; that of `[lists]` if it is not given.
            now: When they came.
        """
        from vocative.desk.recommend.lists import recommend_to_visitor

        return recommend_to_visitor(self._opened, self._at(now), declared, length=n)

    def report(self, out: str | Path | None = None, *, now: Moment | None = None) -> Path:
        """Write the report of the newest run as one HTML file, and return its path.

        Raises:
            WorkspaceError: No run has decided anything yet, or the file cannot be written.
        """
        from vocative.desk.report import write_report

        return write_report(self._opened, self._at(now), None if out is None else Path(out))

    def export(self, what: str, out: str | Path, *, since: Moment | None = None) -> int:
        """Write a table to a file (.parquet, .csv, .jsonl), and return the number of rows.

        Raises:
            ImportFileError: The ending is unknown.
            WorkspaceError: There is no such table, or the file cannot be written.
        """
        from vocative.desk.export import export_table

        return export_table(self._opened, what, Path(out), since=None if since is None else _micros(since))

    def close(self) -> None:
        """Release the stores."""
        self._opened.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Workspace {self.settings.business.name!r} in {self.folder}>"

    def _at(self, now: Moment | None) -> int:
        """The moment of an answer or an act.

        Raises:
            ClockError: It is no moment at which anybody acts, or lies ahead of the clock; a simulation may act there.
        """
        clock = self._clock()
        if now is None:
            return clock
        at = _micros(now)
        refuse_impossible(at)
        if lies_ahead(at, clock) and not self.settings.business.simulation:
            raise ClockError(
                f"{to_text(at)} lies ahead of the clock ({to_text(clock)})",
                remedy="look at the year; if the future is meant, open a copy of the workspace with its own `clock`",
            )
        return at

    def _newest(self, table: Table, now: Moment | None) -> Rows:
        from vocative.desk.newest_rows import newest_rows

        return newest_rows(self._opened, table, self._at(now))

    def _mapping(self, mapping: str | ImportMapping | None) -> ImportMapping | None:
        if not isinstance(mapping, str):
            return mapping
        if mapping not in self.settings.imports:
            known = ", ".join(self.settings.imports) or "none yet"
            raise MappingError(
                f"there is no mapping {mapping!r} in vocative.toml (there are: {known})",
                remedy=f"write one under [imports.{mapping}]; `vocative import --guess FILE` proposes it",
            )
        return self.settings.imports[mapping]


class Person:
    """One person of a workspace: get one with `Workspace.person`."""

    def __init__(self, opened: OpenedWorkspace, identifier: str, at: Callable[[Moment | None], int]) -> None:
        """Whom the workspace knows by this identifier; `at` tells the moment of an answer."""
        self._opened = opened
        self._identifier = identifier
        self._at = at

    def card(self, *, now: Moment | None = None) -> ProfileCard:
        """The 360° profile: what is known, from where, since when, and what may be said of it.

        Raises:
            UnknownPersonError: Nothing is known of such a person.
        """
        from vocative.desk.person.subject_access import card_of

        return card_of(self._opened, self._identifier, self._at(now))

    def why(self, *, latest: int | None = 10, now: Moment | None = None) -> list[Why]:
        """Why messages were sent or not: the latest decisions, newest first; all of them if `latest` is None.

        Raises:
            UnknownPersonError: Nothing has been decided about such a person.
        """
        from vocative.desk.person.subject_access import why_of

        return why_of(self._opened, self._identifier, self._at(now), latest=latest)

    def recommend(self, *, n: int | None = None, new_only: bool = False, now: Moment | None = None) -> ThingList:
        """A list of things for them; see `Workspace.recommend`."""
        from vocative.desk.recommend.lists import recommend

        return recommend(self._opened, self._identifier, self._at(now), length=n, new_only=new_only)

    def data(self, *, now: Moment | None = None) -> PersonalData:
        """Everything that is kept of them, over all tables: the answer to their request.

        Raises:
            UnknownPersonError: Nothing is kept of such a person.
        """
        from vocative.desk.person.subject_access import personal_data

        return personal_data(self._opened, self._identifier, self._at(now))

    def __repr__(self) -> str:
        return f"<Person {self._identifier!r}>"


def _micros(moment: Moment) -> int:
    return moment if isinstance(moment, int) else to_micros(moment)
