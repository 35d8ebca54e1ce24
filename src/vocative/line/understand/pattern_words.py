"""Found patterns in sentences: of those who …, 41% buy within 3 days; of the others 23%. Association, 412 people.

The words for features stand in `pattern_words.toml`; a feature without words is never a condition. Categories are
told by the wording of the workspace, and only those that may be told of people (`line.segmenting.tellable`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

from vocative.predict.patterns.clauses import LIKED_TIMES, Measured
from vocative.predict.patterns.goals import MORE
from vocative.records.patterns import Clause, Goal, Pattern
from vocative.records.settings import Settings
from vocative.stats.calendars import local_datetime

Unit = Literal["share", "percent", "money", "days", "count", "seconds", "hour", "weekday"]

_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_MINUTE = 60
_WEEK = 7
_ACTS = {"purchase": "buy", "use": "use something", "view": "look at something"}
_CHANNELS = {"email": "an e-mail", "sms": "a text message", "push": "a push message"}


class Phrase(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one feature is told as a condition; the file explains the keys."""

    about: str
    unit: Unit
    at_least: str = ""
    below: str = ""
    some: str = ""
    none: str = ""
    equals: str = ""


@cache
def phrases() -> dict[str, Phrase]:
    """Feature → how it is told."""
    source = files("vocative.line.understand") / "pattern_words.toml"
    return msgspec.convert(tomllib.loads(source.read_text(encoding="utf-8")), dict[str, Phrase])


def measured() -> list[Measured]:
    """The features that have words."""
    return [Measured(name, one.about, one.unit, low=bool(one.below)) for name, one in phrases().items()]


def sentence(pattern: Pattern, settings: Settings, words: Mapping[str, str], moment: int) -> str:
    """A pattern in plain words.

    Args:
        pattern: What is told.
        settings: Whose act and currency are meant.
        words: Category → how it is called.
        moment: When it was searched for, µs UTC; the moments of the past fall on the same day of the week.
    """
    who = " and ".join(clause_words(one, settings.business.currency, words) for one in pattern.clauses)
    done = goal_words(pattern.goal, settings)
    if pattern.goal.days < _WEEK and settings.proving.step_days % _WEEK == 0:
        done += f" of a {local_datetime(moment, settings.business.timezone):%A}"
    return (
        f"Of those who {who}, {percent(pattern.rate)} {done}; of the others {percent(pattern.others)}. "
        f"Of others who {_alike(pattern.goal, settings)}, it is {percent(pattern.alike)}. "
        f"Association, {pattern.people:,} people."
    )


def clause_words(clause: Clause, currency: str, words: Mapping[str, str]) -> str:
    """A condition as it stands after *who*."""
    if clause.what != "feature":
        called = words.get(clause.name, clause.name.lower())
        if clause.what == "said":
            return f"said they like {called}"
        return f"like {called} (at least {LIKED_TIMES:g} times its usual share of what people buy)"
    phrase = phrases()[clause.name]
    if phrase.equals:
        return phrase.equals.format(_DAYS[int(clause.at_least or 0.0)])
    high = clause.at_least is not None
    bound = clause.at_least if clause.at_least is not None else clause.below or 0.0
    if bound == 1.0 and phrase.unit == "count" and (plain := phrase.some if high else phrase.none):
        return plain
    return (phrase.at_least if high else phrase.below).format(_figure(bound, phrase.unit, currency))


def goal_words(goal: Goal, settings: Settings) -> str:
    """What people then do, after *they*."""
    act, within = act_words(settings), f"within {goal.days} days"
    match goal.deed:
        case "act":
            return f"{act} {within}"
        case "away":
            return f"do not {act} for {goal.days} days".replace("not use something", "not use anything").replace(
                "not look at something", "not look at anything"
            )
        case "more":
            return f"spend at least {MORE - 1:.0%} more in the next {goal.days} days than in the last {goal.days}"
        case "redeem":
            return f"redeem an offer {within}"
        case "return":
            return f"send something back {within}"
        case _:
            message = _CHANNELS.get(goal.channel, f"a message over {goal.channel}")
            verb = {"open": "open", "click": "click in", "reply": "reply to"}[goal.deed]
            return f"{verb} {message} they get {within}"


def act_words(settings: Settings) -> str:
    """The act that matters, as a verb."""
    return next((word for role, word in _ACTS.items() if settings.events.get(role)), "act")  # type: ignore[call-overload]


def percent(value: float) -> str:
    """A share; small ones with a digit more.

    >>> percent(0.412), percent(0.0234)
    ('41%', '2.3%')
    """
    return f"{value:.1%}" if 0 < value < 0.1 else f"{value:.0%}"


def _alike(goal: Goal, settings: Settings) -> str:
    act = act_words(settings)
    plain = f"{act} as recently and as often"
    if goal.deed in ("act", "away", "more"):
        return plain
    if goal.deed == "return":
        return f"{plain} and did this as often before"
    if goal.deed == "redeem":
        return f"{plain}, did this as often before and get as many messages"
    return f"{plain}, get as many messages and answer as often"


def _figure(value: float, unit: Unit, currency: str) -> str:
    match unit:
        case "share" | "percent":
            return f"{value:.0%}"
        case "money":
            return f"{value:,.2f} {currency}" if value < 10 and value % 1 else f"{value:,.0f} {currency}"
        case "hour":
            return f"{value:.0f}:00"
        case "seconds":
            minutes = value / _MINUTE
            return f"{minutes:g} minute{'' if minutes == 1 else 's'}"
        case _:
            return f"{value:,g}"
