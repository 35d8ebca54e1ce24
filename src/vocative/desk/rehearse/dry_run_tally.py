"""What dry runs come to: who, what, when, why not, at what cost, for what gain; of one moment or of several."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vocative.decide.eligibility.filters import in_words
from vocative.desk.rehearse.gains import ASSUMES, Gain, gains
from vocative.records.acting import Candidate, Certificate, Decision
from vocative.records.settings import Campaign, Settings
from vocative.stats.calendars import local_datetime

_TOLD = 3
"""So many reasons are told in the sentence where nobody receives anything."""
_CAPS = ("cap_", "sold_in_a_row", "budget", "limit", "told_once", "topic_rests")
"""Beginnings of the reasons that rest on what was said before, or on what is left for everybody together."""


@dataclass(slots=True)
class _Held:
    """How often a reason kept a message back, and from whom."""

    times: int = 0
    people: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Limit:
    used: float = 0.0
    binds: int = 0


@dataclass(slots=True)
class Tally:
    """Sums over decisions; `add` them moment by moment."""

    settings: Settings
    plans: int = 0
    people: set[str] = field(default_factory=set)
    chosen: list[Candidate] = field(default_factory=list)
    receivers: set[str] = field(default_factory=set)
    control: set[str] = field(default_factory=set)
    reasons: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    held: defaultdict[str, _Held] = field(default_factory=lambda: defaultdict(_Held))
    days: Counter[str] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    limits: defaultdict[str, _Limit] = field(default_factory=lambda: defaultdict(_Limit))

    def add(
        self, decisions: Sequence[Decision], zones: Mapping[str, str | None], certificate: Certificate | None
    ) -> None:
        """Count the decisions of one moment; `zones` are those of people, where they are known."""
        self.plans += 1
        for decision in decisions:
            self._count(decision, zones.get(decision.person_id) or self.settings.business.timezone)
        for one in certificate.limits if certificate else ():
            self.limits[one.name].used += one.used
            self.limits[one.name].binds += one.price > 0

    def _count(self, decision: Decision, zone: str) -> None:
        person, best = decision.person_id, decision.chosen
        self.people.add(person)
        for one in decision.candidates:
            if one.removed is not None and one.removed.startswith(_CAPS):
                self.held[one.removed].times += 1
                self.held[one.removed].people.add(person)
        if decision.outcome != "contact" or best is None:
            self.reasons[person][decision.reason] += 1
            if decision.outcome == "control":
                self.control.add(person)
            return
        self.chosen.append(best)
        self.receivers.add(person)
        if best.send_at is not None:
            local = local_datetime(best.send_at, zone)
            self.days[local.date().isoformat()] += 1
            self.hours[local.hour] += 1

    def result(self, campaigns: Iterable[Campaign]) -> dict[str, object]:
        """The sums, in the words of those who read them.

        Why not is told of people who got nothing at all, each by the reason that held most often.
        """
        found = gains(self.chosen, {one.name: one for one in campaigns}, self.settings)
        why = Counter(
            counted.most_common(1)[0][0] for person, counted in self.reasons.items() if person not in self.receivers
        )
        return {
            "people": len(self.people),
            "would_receive": len(self.receivers),
            "contacts": len(self.chosen),
            "by_campaign": dict(Counter(one.campaign for one in self.chosen).most_common()),
            "by_channel": dict(Counter(one.channel for one in self.chosen).most_common()),
            "by_day": dict(sorted(self.days.items())),
            "by_local_hour": {str(hour): count for hour, count in sorted(self.hours.items())},
            "control": len(self.control),
            "cost": round(found.cost, 4),
            "expected_gain": {
                "measured": _told(found.measured, "measured"),
                "declared": _told(found.declared, "declared"),
            },
            "caps_hit": {
                in_words(reason): {"people": len(one.people), "times": one.times}
                for reason, one in sorted(self.held.items(), key=lambda found: (-len(found[1].people), found[0]))
            },
            "limits": {
                name: {"used": round(one.used, 4), "plans_it_binds": one.binds}
                for name, one in sorted(self.limits.items())
            },
            "why_not": {in_words(reason): count for reason, count in why.most_common()},
            "sentence": sentence(len(self.receivers), len(self.people), why),
        }


def sentence(receive: int, people: int, reasons: Counter[str]) -> str:
    """The answer in one sentence.

    >>> sentence(0, 60, Counter({"cap_per_day": 40, "no_address": 20}))
    "0 of 60 will receive it, because: has had the day's messages (40); has no usable address for the channel (20)."
    """
    told = f"{receive:,} of {people:,} will receive it"
    if not people:
        return f"{told}, because nobody is known yet."
    if not reasons:
        return f"{told}."
    if receive:
        most, count = reasons.most_common(1)[0]
        return f"{told}; what keeps most of the others ({count:,}) from it: {in_words(most)}."
    because = "; ".join(f"{in_words(reason)} ({count:,})" for reason, count in reasons.most_common(_TOLD))
    return f"{told}, because: {because}."


def _told(gain: Gain | None, kind: str) -> dict[str, object] | None:
    if gain is None:
        return None
    return {
        "contacts": gain.contacts,
        "value": round(gain.value, 2),
        "interval": [round(gain.low, 2), round(gain.high, 2)],
        "causal": kind == "measured",
        "assumes": ASSUMES[kind],
    }
