"""The questions that are answered, by the names campaigns use."""

from __future__ import annotations

from collections.abc import Mapping

from vocative.predict.history.main_role import main_role
from vocative.records.questions import Question
from vocative.records.settings import Role, Settings

MODULES: Mapping[str, str] = {
    "repeat_rhythm": "which categories the person buys again within a week, going by their own rhythm",
    "buys_28d": "whether the person buys within 28 days",
    "quiet_56d": "whether the person stays away for the next 56 days",
    "slows_28d": "whether the person spends less than half of their usual in the next 28 days",
    "spend_90d": "how much money the person spends in the next 90 days",
    "orders_90d": "on how many of the next 90 days the person orders",
    "next_order": "in how many days the person orders again, at most 90",
    "runs_out": "in how many days the person has used up what they keep at home, at most 56",
    "next_items": "which items the person buys in the next 28 days",
    "new_items": "which items the person buys in the next 28 days that they never bought before",
    "best_hour": "at which hour of their own clock the person comes next",
    "best_weekday": "on which day of the week the person comes next",
    "reacts": "whether the person reacts to the next message over a channel",
    "reacts_when": "whether the person reacts to a message over a channel at a part of their day",
    "click_to_open": "whether the person goes on to click or reply once they have opened the next message",
    "uplift": "how much likelier a contact makes it that the person buys within 28 days",
    "uplift_money": "how much more the person spends within 28 days after a contact",
}
"""Name of a module → the question it answers."""

_OTHER_WORDS: Mapping[Role | None, tuple[str, str, str]] = {
    "use": ("uses", "used", "uses anything"),
    "view": ("looks at", "looked at", "comes by"),
    "open": ("opens", "opened", "opens a message"),
    "click": ("clicks on", "clicked on", "clicks on anything"),
    "reply": ("writes about", "wrote about", "writes back"),
    "search": ("searches for", "searched for", "searches for anything"),
}
_ANY_WORDS = ("turns to", "turned to", "comes by")


def module_names(settings: Settings) -> tuple[str, ...]:
    """Every module of a business: the standard ones that it does not do without, then its own questions."""
    return (*(name for name in MODULES if name not in settings.models.without), *settings.questions)


def question(name: str, settings: Settings) -> str:
    """The question of a module in the words of a business: where nothing is sold, people use or look at things.

    What matters is told by the settings alone, as `main_role` has it without counts.
    """
    if name in settings.questions:
        return _own(settings.questions[name])
    told = MODULES[name]
    role = main_role(settings)
    if role in ("purchase", None):
        return told
    does, did, anything = _OTHER_WORDS.get(role, _ANY_WORDS)
    told = told.replace("buys within", f"{anything} within").replace("buys", does)
    return told.replace("bought", did)


def _own(asked: Question) -> str:
    """A question of a business in words."""
    what = f"{asked.event!r} {'does not come' if asked.away else 'comes'}"
    often = "" if asked.times == 1 else f" at least {asked.times} times"
    among = f", of those with one in the {asked.active_days} days before" if asked.active_days else ""
    return f"whether {what}{often} from the person within {asked.days} days{among}"
