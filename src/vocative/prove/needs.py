"""What would make a refusal pass: people, months, or something no waiting brings."""

from __future__ import annotations

from math import ceil, floor, log10

CHANCE = 1.96
"""Standard errors by which a difference has to stand out: 2.5 % on one side."""
POWER = 2.6
"""Standard errors to spare: for chance in the test, and because what is learnt is not as good each time.
Simulated, tests of as many people as this demands pass at least 95 times in 100 (`benchmarks/gate.py`)."""
_FAINT = 0.5
_MONTH_DAYS = 30.44
_MOST_MONTHS = 36


def people_needed(gain: float, error: float, people: int) -> int | None:
    """About how many people a test needs to admit a model, if what was seen is true.

    Standard errors shrink with the root of the number of people, so it is `people * (4.56 * error / gain) ** 2`.

    Args:
        gain: By how much the model was better, in the metric that decides; positive is better.
        error: Its standard error.
        people: How many people it was seen on.

    Returns:
        Rounded up to two digits; None where nothing better was seen.

    >>> people_needed(0.01, 0.005, 1000)
    5200
    """
    if gain <= 0.0 or error <= 0.0:
        return None
    return rounded_up(people * ((CHANCE + POWER) * error / gain) ** 2)


def rounded_up(number: float) -> int:
    """Up to two digits: nobody should read more into a figure of this kind.

    >>> rounded_up(1234.5), rounded_up(7.2)
    (1300, 8)
    """
    digits = int(10 ** max(floor(log10(max(number, 1.0))) - 1, 0))
    return ceil(number / digits) * digits


def months(days: float) -> str:
    """A number of days in whole months, rounded up, in words.

    >>> months(100), months(12)
    ('4 more months', '1 more month')
    """
    count = max(1, ceil(days / _MONTH_DAYS))
    return f"{count} more month{'' if count == 1 else 's'}"


def more_people(
    needed: int | None, gain: float, error: float, people: int, joined: float, what: str, rival: str
) -> str:
    """What a model needs that was not better by more than chance, in one sentence without its full stop.

    Args:
        needed: `people_needed`.
        gain: By how much it was better; positive is better.
        error: The standard error of it.
        people: On how many people it was tested.
        joined: By how many people the test grows in a day, as the moments tell.
        what: Who is counted: `people who came`.
        rival: The naive way that stands in the way.
    """
    if needed is None or gain < _FAINT * error:
        return (
            f"something {rival} does not know already: so far nothing better was seen, and more people of the same "
            "kind would probably not change that; other events, fields of people or items might"
        )
    more = rounded_up(max(needed - people, 1))
    told = f"about {more:,} more {what} (there were {people:,}), if what was seen is true"
    days = more / joined if joined > 0.0 else float("inf")
    if days <= _MOST_MONTHS * _MONTH_DAYS:
        return f"{told}; as people join now, that is {months(days)}"
    return f"{told}; people do not join fast enough to wait for that"
