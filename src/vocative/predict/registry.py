"""Every predictor of a business: those that are installed, found by entry point, and its own questions.

The standard ones stand in the entry-point group like those of anybody else; they are proved and shown in the order of
`about.rank`. A name costs nothing; what a predictor is made of is imported when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from vocative.errors import DriverError
from vocative.predict.history.main_role import main_role
from vocative.predict.predictor import Predictor
from vocative.records.settings import Role, Settings

GROUP = "vocative.predictor"
_OTHER_WORDS: Mapping[Role | None, tuple[str, str, str]] = {
    "use": ("uses", "used", "uses anything"),
    "view": ("looks at", "looked at", "comes by"),
    "open": ("opens", "opened", "opens a message"),
    "click": ("clicks on", "clicked on", "clicks on anything"),
    "reply": ("writes about", "wrote about", "writes back"),
    "search": ("searches for", "searched for", "searches for anything"),
}
_ANY_WORDS = ("turns to", "turned to", "comes by")


class _Installed(Mapping[str, Predictor]):
    """Name → predictor of everything installed, in order; one that is asked for by name is imported alone."""

    def __iter__(self) -> Iterator[str]:
        return iter(_ordered())

    def __len__(self) -> int:
        return len(_points())

    def __getitem__(self, name: str) -> Predictor:
        return _load(_points()[name])


STANDARD: Mapping[str, Predictor] = _Installed()


def standard_names() -> tuple[str, ...]:
    """Names of the predictors that are installed, by the alphabet; none is imported."""
    return tuple(sorted(_points()))


def known_names(settings: Settings) -> tuple[str, ...]:
    """Names of the predictors of a business; none is imported."""
    return (*(name for name in standard_names() if name not in settings.models.without), *settings.questions)


def predictors_of(settings: Settings) -> dict[str, Predictor]:
    """Name → predictor of a business: the installed ones that it does not do without, then its own questions."""
    from vocative.predict.events.event_probability import question_of

    return {
        **{name: one for name, one in STANDARD.items() if name not in settings.models.without},
        **{name: question_of(name, asked) for name, asked in settings.questions.items()},
    }


def question(name: str, settings: Settings) -> str:
    """The question of a predictor in the words of a business: where nothing is sold, people use or look at things.

    What matters is told by the settings alone, as `main_role` has it without counts.
    """
    from vocative.predict.events.event_probability import question_of

    if name in settings.questions:
        return question_of(name, settings.questions[name]).about.question
    words = STANDARD[name].about.question
    role = main_role(settings)
    if role in ("purchase", None):
        return words
    does, did, anything = _OTHER_WORDS.get(role, _ANY_WORDS)
    words = words.replace("buys within", f"{anything} within").replace("buys", does)
    return words.replace("bought", did)


@cache
def _points() -> Mapping[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


@cache
def _ordered() -> tuple[str, ...]:
    return tuple(sorted(_points(), key=lambda name: (STANDARD[name].about.rank, name)))


@cache
def _load(point: EntryPoint) -> Predictor:
    try:
        found = point.load()
    except (ImportError, AttributeError) as error:
        raise DriverError(f"the predictor {point.name!r} cannot be loaded from {point.value}: {error}") from error
    if getattr(found, "name", None) != point.name:
        raise DriverError(f"the predictor {point.name!r} calls itself {getattr(found, 'name', None)!r} ({point.value})")
    return cast("Predictor", found)
