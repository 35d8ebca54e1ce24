"""A dry run of a span of past days: each is decided as if the plan had run on the days before it. Nothing is written.

What was said before the first day counts as it was. From then on counts what the dry run itself would have said: its
messages fill caps, pauses, budgets and limits of the days after them, and every message is taken to leave at its hour.
What the engine really said in those days plays no part. What people did is what they really did: whether they would
have done otherwise, had they been written to otherwise, nobody knows. Each day sees what was known on it, and
predictions by the versions that acted then; where none did, the best naive way predicts.
"""

from __future__ import annotations

import dataclasses
import re
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from vocative.desk.rehearse.dry_run_tally import Tally
from vocative.errors import ClockError
from vocative.line.act import approval, stages
from vocative.line.act.fairness import floors
from vocative.line.act.stages import Before, Decided
from vocative.line.act.studio import studio_of
from vocative.line.running import Seen, understand
from vocative.line.snapshot.clock import refuse_impossible, to_micros, to_text
from vocative.line.snapshot.contact_history import said_before
from vocative.line.snapshot.records_io import outbox_row
from vocative.line.snapshot.snapshot import Scene
from vocative.line.snapshot.treatments import taught
from vocative.records.progress import Progress, no_progress
from vocative.records.schema import Row
from vocative.stats.calendars import local_date, next_local_time
from vocative.trust.fairness import Sight
from vocative.workspace.opening import Workspace

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_AT = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_SHOWN_CHARACTERS = 40
_DAY_BEFORE = timedelta(hours=15)
"""A day begins up to fourteen hours before it does in UTC."""


class Span(NamedTuple):
    """Days of the business's calendar, each decided at one hour of its clock."""

    first: date
    last: date
    """The last day, included."""
    every: int = 1
    """Every so many days is decided, from the first on."""
    at: tuple[int, int] = (3, 0)
    """Hour and minute."""

    def days(self) -> list[date]:
        """The days that are decided."""
        return [self.first + timedelta(days=one) for one in range(0, (self.last - self.first).days + 1, self.every)]


def time_of_day(text: str) -> tuple[int, int]:
    """Hour and minute of a time such as `03:00`.

    Raises:
        ClockError: it is no time of day.
    """
    found = _AT.fullmatch(text)
    if found is None:
        raise ClockError(f"{text[:_SHOWN_CHARACTERS]!r} is not a time of day", remedy="write it like 03:00")
    return int(found[1]), int(found[2])


def span_of(month: str | None, first: str | None, last: str | None, every: int, at: str) -> Span:
    """The span that was asked for in words.

    >>> span_of("2018-02", None, None, 7, "03:00").days()[-1]
    datetime.date(2018, 2, 22)

    Raises:
        ClockError: it is no month, no day, no time of day, or ends before it begins.
    """
    hour = time_of_day(at)
    if month is not None:
        found = _MONTH.fullmatch(month)
        if found is None or first or last:
            what = (
                f"{month[:_SHOWN_CHARACTERS]!r} is not a month"
                if found is None
                else "a month and single days are both given"
            )
            raise ClockError(what, remedy="write --month 2017-10, or --from 2017-10-01 --until 2017-10-31")
        year, number = int(found[1]), int(found[2])
        # There is no year 0; whatever is wrong with others is said of their first day.
        begin = date(max(year, 1), number, 1)
        end = date(begin.year, number, monthrange(begin.year, number)[1])
    else:
        begin, end = _day(first, "--from"), _day(last, "--until")
    for day in (begin, end):
        refuse_impossible(to_micros(datetime(day.year, day.month, day.day, tzinfo=UTC)))
    if end < begin:
        raise ClockError(f"{end} lies before {begin}", remedy="give the earlier day with --from")
    return Span(begin, end, every, hour)


def dry_run_span(
    workspace: Workspace, span: Span, clock: int, name: str | None = None, progress: Progress = no_progress
) -> dict[str, object]:
    """What would have been done on the days of a span, in the keys of `dry_run`, with what each day would have seen.

    Args:
        workspace: The opened workspace; nothing is written to it.
        span: Which days.
        clock: Days that begin after it (µs UTC) are left out: nothing of them is known.
        name: One campaign alone, or None for the whole plan with its competition.
        progress: Told how many days are done.

    Raises:
        ApprovalError: there is no such campaign, or none at all.
        ClockError: no day of the span lies before `clock`.
    """
    approval.refuse_none(workspace)
    if name is not None:
        campaign = approval.campaign_of(studio_of(workspace), name)
        workspace = dataclasses.replace(workspace, campaigns=(campaign,))
    moments = [(day, now) for day, now in _moments(span, workspace.settings.business.timezone) if now <= clock]
    if not moments:
        raise ClockError(
            f"nothing is known yet of {span.first}: it lies ahead of {to_text(clock)}",
            remedy="a dry run of a span looks back; for this moment leave --month, --from and --until out",
        )
    memory, tally = _Memory(workspace, moments[0][1]), Tally(workspace.settings)
    by: defaultdict[str, Counter[str]] = defaultdict(Counter)
    per_day = []
    progress(0, len(moments), "days")
    for done, (day, now) in enumerate(moments, 1):
        scene = Scene(workspace, now)
        seen = understand(scene)
        found = stages.decide(
            scene, seen.run_id, seen.understood, keep=False, approved=False, before=memory.before(scene)
        )
        tally.add(found.decisions, {one.person_id: one.zone for one in found.reached}, found.certificate)
        memory.note(found, now)
        _note_versions(by, seen, workspace)
        contacts = sum(one.outcome == "contact" for one in found.decisions)
        per_day.append({"day": day.isoformat(), "people": len(found.decisions), "contacts": contacts})
        progress(done, len(moments), "days")
    return {
        "from": span.first.isoformat(),
        "until": span.last.isoformat(),
        "every": span.every,
        "at": f"{span.at[0]:02}:{span.at[1]:02}",
        "days_decided": len(moments),
        "days_left_out": len(span.days()) - len(moments),
        "campaign": name,
        **tally.result(workspace.campaigns),
        "days": per_day,
        "predicted_by": {module: dict(counted) for module, counted in sorted(by.items())},
    }


class _Memory:
    """What happened before a span, and what a dry run would have done in it."""

    def __init__(self, workspace: Workspace, start: int) -> None:
        self._workspace = workspace
        self._start = start
        self._rows: list[Row] = []
        self._sights: list[Sight] = []
        self._taught = taught(workspace, start)

    def before(self, scene: Scene) -> Before:
        """As it counts at the moment of the scene."""
        said = said_before(self._workspace, scene.now, before=self._start, imagined=self._rows)
        return Before(said, floors(scene, before=self._start, imagined=self._sights), self._taught)

    def note(self, decided: Decided, now: int) -> None:
        """Remember what one moment would have done: each message as handed over at its hour."""
        known = {one.person_id: one for one in decided.reached}
        versions = {campaign.name: "" for campaign in self._workspace.campaigns}
        # Who could have got something else by lot has had the one occasion from which effects are learnt.
        self._taught |= {one.person_id for one in decided.decisions if 0.0 < one.propensity < 1.0}
        for one in decided.decisions:
            if one.outcome != "contact" or one.chosen is None:
                continue
            message: dict[str, str | int] = {"message_id": one.decision_id, "address": ""}
            row = outbox_row(message, one, known[one.person_id], self._workspace, versions, now)
            self._rows.append({**row, "state": "delivered", "handed_over_at": row["send_at"], "dropped_at": None})
            if (offer := one.chosen.offer) is not None:
                target = next((target.target for target in one.chosen.targets), "")
                self._sights.append(Sight(one.person_id, one.relationship, target, offer.unit, offer.discount or 0.0))


def _note_versions(by: defaultdict[str, Counter[str]], seen: Seen, workspace: Workspace) -> None:
    """On how many days each prediction that a campaign rests on came from a model, and on how many from a naive way."""
    told = seen.predictions.select(["module", "version"]).group_by(["module", "version"]).aggregate([]).to_pylist()
    for module in {one.module for one in workspace.campaigns if one.module}:
        versions = [str(row["version"]) for row in told if row["module"] == module]
        naive = all(version.startswith("baseline:") for version in versions)
        by[module]["nothing" if not versions else "naive way" if naive else "model"] += 1


def _moments(span: Span, zone: str) -> Iterator[tuple[date, int]]:
    for day in span.days():
        now = to_micros(datetime(day.year, day.month, day.day, tzinfo=UTC) - _DAY_BEFORE)
        while local_date(now, zone) < day:
            now = next_local_time(now + 1, zone, *span.at)
        if local_date(now, zone) == day:
            yield day, now


def _day(text: str | None, option: str) -> date:
    if not text:
        raise ClockError(f"{option} is missing", remedy="give both --from and --until, or --month")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ClockError(
            f"{text[:_SHOWN_CHARACTERS]!r} is not a day", remedy=f"write it like {option} 2017-10-01"
        ) from error
