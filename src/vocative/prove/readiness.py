"""What the data carries: which module may run, which may not yet, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from vocative.predict.predictor import About, RestsOn
from vocative.predict.registry import predictors_of
from vocative.prove.demand import with_demand
from vocative.records.results import Readiness
from vocative.records.settings import ReadinessBar, Settings

_DAY_US = 86_400_000_000
_MONTH_DAYS = 30.44
_REPEAT_MONTHS = 2.0
_NAMED_SHARE = 0.5
# With fewer people in control even a doubled purchase rate of a few per cent stays inside the noise of a month.
_CONTROL_PEOPLE = 1_000


class DataFacts(Struct, frozen=True, kw_only=True):
    """Counts of what has been imported, as known at one moment."""

    customers: int
    """People with at least one event."""
    interactions: int
    first: int | None
    """Earliest event, µs UTC."""
    newest: int | None
    purchases: int
    repeaters: int
    """People with purchases on at least two days."""
    with_category: float
    """Share of purchases whose item has a category."""
    may_be_profiled: int
    may_be_contacted: int
    """People with permission for marketing and a usable address."""
    campaigns: int
    named: dict[str, int] = field(default_factory=dict)
    """Name of an event → how many there are."""

    @property
    def months(self) -> float:
        """Length of the history in months of 30.44 days."""
        if self.first is None or self.newest is None:
            return 0.0
        return (self.newest - self.first) / _DAY_US / _MONTH_DAYS


def assess(facts: DataFacts, settings: Settings, now: int) -> dict[str, Readiness]:
    """Readiness of every module that the business does not do without, in the order of the line."""
    return {
        "profile": _profile(facts),
        "affinities": _affinities(facts),
        **{name: _predictor(one.about, facts, settings) for name, one in predictors_of(settings).items()},
        "decisions": _decisions(facts),
        "effect_measurement": _effect(facts, settings.control.share),
        "full_programme": _full_programme(facts, settings.readiness, now),
    }


def _predictor(about: About, facts: DataFacts, settings: Settings) -> Readiness:
    """Whether what a predictor rests on has been recorded, and by enough people to prove it."""
    rules: Mapping[RestsOn, Callable[[], Readiness]] = {
        "acts": lambda: _prediction(facts),
        "purchases": lambda: _spending(facts),
        "repeats": lambda: _repeat_rhythm(facts, settings.readiness),
        "messages": lambda: _answered(facts, settings),
    }
    found = _asked(facts, settings, about.event) if about.event else rules[about.rests_on]()
    return with_demand(found, about.people, facts.may_be_profiled, settings.proving.least_people)


def _profile(facts: DataFacts) -> Readiness:
    if facts.interactions == 0:
        return _not_yet("there are no events: import some")
    if facts.may_be_profiled == 0:
        return _not_yet("nobody has allowed personalization: ask them (the campaign `ask`), or import permissions")
    return _ready(f"{facts.may_be_profiled:,} people allowed personalization")


def _affinities(facts: DataFacts) -> Readiness:
    if not (profile := _profile(facts)).ready:
        return profile
    if facts.purchases == 0:
        return _not_yet("there are no purchases: name the events of the role purchase in `[events]`, and import them")
    if facts.with_category < _NAMED_SHARE:
        return _not_yet(f"only {facts.with_category:.0%} of purchases are of an item with a category: import items")
    return _ready(f"{facts.with_category:.0%} of purchases are of an item with a category")


def _repeat_rhythm(facts: DataFacts, bar: ReadinessBar) -> Readiness:
    if not (affinities := _affinities(facts)).ready:
        return affinities
    if facts.repeaters < bar.repeaters:
        return _not_yet(f"{facts.repeaters:,} people bought on two days or more, {bar.repeaters:,} are needed")
    if facts.months < _REPEAT_MONTHS:
        return _not_yet(f"{facts.months:.1f} months of history, {_REPEAT_MONTHS:g} are needed")
    return _ready(f"{facts.repeaters:,} people bought on two days or more")


def _prediction(facts: DataFacts) -> Readiness:
    if not (profile := _profile(facts)).ready:
        return profile
    if facts.months < _REPEAT_MONTHS:
        return _not_yet(f"{facts.months:.1f} months of history, {_REPEAT_MONTHS:g} are needed")
    return _ready(f"{facts.interactions:,} interactions in {facts.months:.1f} months")


def _spending(facts: DataFacts) -> Readiness:
    if (found := _prediction(facts)).ready and facts.purchases == 0:
        return _not_yet("there are no purchases: name the events of the role purchase in `[events]`, and import them")
    return found


def _answered(facts: DataFacts, settings: Settings) -> Readiness:
    """Of answers to messages; where no event is named for messages that went out, those of runs are learnt from."""
    names = settings.events.get("sent", [])
    if not (found := _prediction(facts)).ready or not names or any(facts.named.get(name, 0) for name in names):
        return found
    return _not_yet(f"there are no events {' or '.join(map(repr, names))}: import what was sent, and what came of it")


def _asked(facts: DataFacts, settings: Settings, event: str) -> Readiness:
    """Of a question of a business's own: whether what it asks about was ever recorded."""
    names = next((names for role, names in settings.events.items() if role == event), [event])
    if not (found := _prediction(facts)).ready:
        return found
    if (count := sum(facts.named.get(name, 0) for name in names)) == 0:
        return _not_yet(f"there are no events {' or '.join(map(repr, names))}: import some")
    return _ready(f"{count:,} events {event!r}; {found.why}")


def _decisions(facts: DataFacts) -> Readiness:
    if facts.campaigns == 0:
        return _not_yet("there is no campaign: write one in campaigns/")
    if facts.may_be_contacted == 0:
        return _not_yet("nobody has allowed messages and has a usable address: import people and permissions")
    return _ready(f"{facts.may_be_contacted:,} people allowed messages and can be reached")


def _effect(facts: DataFacts, share: float) -> Readiness:
    control = int(facts.may_be_contacted * share)
    if control < _CONTROL_PEOPLE:
        return _not_yet(
            f"the control group has about {control:,} people; below {_CONTROL_PEOPLE:,} only very large effects show"
        )
    return _ready(f"the control group has about {control:,} people")


def _full_programme(facts: DataFacts, bar: ReadinessBar, now: int) -> Readiness:
    missing = []
    if facts.customers < bar.customers:
        missing.append(f"{facts.customers:,} customers are few ({bar.customers:,} are needed)")
    if facts.interactions < bar.interactions:
        missing.append(f"{facts.interactions:,} interactions are few ({bar.interactions:,} are needed)")
    if facts.months < bar.months:
        missing.append(f"{facts.months:.1f} months are short ({bar.months:g} are needed)")
    if facts.newest is not None and now - facts.newest > bar.fresh_days * _DAY_US:
        age = (now - facts.newest) / _DAY_US
        missing.append(f"the newest event is {age:.0f} days old (at most {bar.fresh_days:g})")
    if missing:
        return _not_yet("; ".join(missing) + ": run a pilot on one channel with what is there")
    return _ready(f"{facts.customers:,} customers, {facts.interactions:,} interactions, {facts.months:.1f} months")


def _ready(why: str) -> Readiness:
    return Readiness(ready=True, why=why)


def _not_yet(why: str) -> Readiness:
    return Readiness(ready=False, why=why)
