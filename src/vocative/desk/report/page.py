"""Gives the figures of the report their form: one HTML page that needs nothing else."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import minijinja

from vocative.desk.report import charts
from vocative.desk.report.effects import drawn_effects
from vocative.desk.report.figures import Bin, Counted, Customers, Hours, Proof, Report
from vocative.desk.report.limits import plan_figures
from vocative.desk.report.tested import drawn_proofs, overview, reason_of, title_of
from vocative.line.snapshot.clock import SIMULATED
from vocative.stats.calendars import local_datetime

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_RECENCY = ("latest", "", "recency", "", "longest ago")
_FREQUENCY = ("rarest", "", "frequency", "", "most often")
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}


def page(report: Report) -> str:
    """The report as one HTML document, without anything from elsewhere."""
    return _environment(report.currency).render_template(
        "report.html",
        r=report,
        simulated=SIMULATED,
        as_of=moment_words(report.moment, report.zone),
        as_of_short=short_moment(report.moment, report.zone),
        newest=moment_words(report.arrived.newest, report.zone) if report.arrived.newest is not None else "",
        reasons=_bars(report.decided.reasons),
        campaigns=[(*bar, goal) for bar, (_, goal) in zip(
            _bars([one for one, _ in report.decided.campaigns]), report.decided.campaigns, strict=True
        )],
        channels=_bars(report.decided.channels),
        languages=_bars(report.decided.languages),
        pictures=_pictures(report.customers, report.currency),
        stages=[
            (*bar, one) for bar, one in zip(
                _bars([Counted(name=one.name, people=one.people) for one in report.customers.stages]),
                report.customers.stages, strict=True,
            )
        ],
        proofs=drawn_proofs(report.proofs, report.zone),
        forest=overview(report.proofs),
        effects=drawn_effects(report.proofs, report.zone, lambda value: money(value, report.currency)),
        plan=plan_figures(report.plan, lambda value: money(value, report.currency)),
        admitted=_verdicts(report.proofs, admitted=True),
        not_admitted=_verdicts(report.proofs, admitted=False),
        refused_modules=[(title_of(name), reason_of(why)) for name, why in report.refused.modules],
    )  # fmt: skip


def moment_words(moment: int, zone: str) -> str:
    """A moment as people of the business read it."""
    local = local_datetime(moment, zone)
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({zone})"


def short_moment(moment: int, zone: str) -> str:
    """A moment in few signs."""
    local = local_datetime(moment, zone)
    return f"{local.day} {local:%b %Y, %H:%M}"


def money(value: float, currency: str) -> str:
    """An amount as people read it; small ones with cents.

    >>> money(2.978, "USD"), money(1250.4, "EUR"), money(3.0, "PLN")
    ('$2.98', '€1,250', '3.00 PLN')
    """
    figure = f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{_SIGNS[currency]}{figure}" if currency in _SIGNS else f"{figure} {currency}"


def share(value: float) -> str:
    """A share in per cent.

    >>> share(0.547), share(0.004)
    ('55%', '0.4%')
    """
    percent = 100 * value
    return f"{percent:.1f}%" if 0 < percent < 1 else f"{percent:.0f}%"


def count(value: int | None) -> str:
    """A number of people, or that they are too few to be counted."""
    return "fewer than 5" if value is None else f"{value:,}"


def _bars(counted: list[Counted]) -> list[tuple[str, str, float]]:
    """Name, number and length in per cent of the longest."""
    most = max((one.people or 0 for one in counted), default=0) or 1
    return [(one.name, count(one.people), round(100 * (one.people or 0) / most, 1)) for one in counted]


def _verdicts(proofs: list[Proof], *, admitted: bool) -> int:
    return sum(proof.verdict is not None and proof.verdict.admitted is admitted for proof in proofs)


def _pictures(customers: Customers, currency: str) -> dict[str, str]:
    return {
        "rfm": _rfm(customers),
        "hours": _week(customers.hours) if customers.hours is not None else "",
        "peak": _peak(customers.hours) if customers.hours is not None else "",
        "spend": _spend(customers.spend, currency),
    }


def _rfm(customers: Customers) -> str:
    best, gone = customers.rfm[0][-1], customers.rfm[-1][0]
    words = (
        f"Rows from the most recent fifth down to the longest ago, columns from the rarest to the most frequent fifth. "
        f"Recent and frequent: {count(best)}; long ago and rare: {count(gone)}."
    )
    return charts.grid(customers.rfm, _RECENCY, _FREQUENCY, title="People by recency and frequency", words=words)


def _week(hours: Hours) -> str:
    return charts.week(hours.shares, title=f"{hours.what} by hour of the week", words=_peak(hours))


def _peak(hours: Hours) -> str:
    cells = [(value or 0.0, day, hour) for day, row in enumerate(hours.shares) for hour, value in enumerate(row)]
    value, day, hour = max(cells)
    by_day = [sum(cell or 0.0 for cell in row) for row in hours.shares]
    busiest = max(range(7), key=lambda one: by_day[one])
    return (
        f"The busiest hour is {_DAYS[day]} from {hour}:00 to {hour + 1}:00 with {value:.1%} of the week, "
        f"the busiest day {_DAYS[busiest]} with {by_day[busiest]:.0%}."
    )


def _spend(bins: list[Bin], currency: str) -> str:
    if not bins:
        return ""
    labels = [f"{one.low:,.0f}" for one in bins]
    told = ", ".join(f"from {one.low:,.0f}: {count(one.people)}" for one in bins)
    return charts.columns(
        [one.people for one in bins], labels, title=f"People by money spent in a year, in {currency}", words=told
    )


@cache
def _environment(currency: str) -> minijinja.Environment:
    folder = files("vocative.desk.report")
    templates = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith((".html", ".css"))
    }
    return minijinja.Environment(
        templates=templates,
        filters={
            "money": lambda value: money(value, currency),
            "share": share,
            "count": count,
            "figure": "{:.2f}".format,
            "sentence": lambda told: told[:1].upper() + told[1:] + ("" if told.endswith(".") else "."),
        },
        debug=False,
        undefined_behavior="strict",
        auto_escape_callback=lambda _: True,
    )
