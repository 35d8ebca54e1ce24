"""What was decided, in figures: from decisions, campaigns and messages."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from vocative.decide.eligibility.filters import in_words
from vocative.desk.report.figures import Counted, DecidedSection, MailRow, told
from vocative.line.act.basis_text import rests_on
from vocative.records.acting import Decision
from vocative.records.settings import Campaign

MAILS = 10
LANGUAGES: dict[str, str] = {
    "en": "English",
    "pl": "Polish",
    "uk": "Ukrainian",
    "ru": "Russian",
    "lv": "Latvian",
    "lt": "Lithuanian",
    "et": "Estonian",
    "de": "German",
}

_SIGNATURE = "\n-- \n"
_PARAGRAPH = re.compile(r"\n\s*\n")


def decided(
    decisions: Sequence[Decision], campaigns: Mapping[str, Campaign], languages: Iterable[str]
) -> DecidedSection:
    """Why people are not written to, and what the others hear.

    Args:
        decisions: All decisions of a run.
        campaigns: The campaigns by name.
        languages: The language of each message that was written.
    """
    chosen = [one.chosen for one in decisions if one.outcome == "contact" and one.chosen is not None]
    reasons = Counter(one.reason for one in decisions if one.outcome != "contact")
    by_campaign = Counter(one.campaign for one in chosen).most_common()
    return DecidedSection(
        reasons=[Counted(name=in_words(reason), people=told(count)) for reason, count in reasons.most_common()],
        campaigns=[
            (Counted(name=name, people=told(count)), campaigns[name].goal if name in campaigns else "")
            for name, count in by_campaign
        ],
        channels=_counted(one.channel for one in chosen),
        languages=_counted(language_name(one) for one in languages),
    )


def mails(
    messages: Sequence[Mapping[str, str]], decisions: Mapping[str, Decision], words: Mapping[str, str], sender: str
) -> list[MailRow]:
    """Ten messages: the languages in turn, each time of the campaign shown least, those with the most to say first.

    Args:
        messages: Rows of the table `messages`.
        decisions: The decisions by their identifier.
        words: Category → how it is called in the report.
        sender: Whose name they carry.
    """
    known = [row for row in messages if row["decision_id"] in decisions]
    known.sort(key=lambda row: (-_richness(decisions[row["decision_id"]]), row["message_id"]))
    piles: defaultdict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in known:
        piles[row["language"]].append(row)
    told: Counter[str] = Counter()
    picked: list[Mapping[str, str]] = []
    languages = sorted(piles, key=_rank)
    while len(picked) < min(MAILS, len(known)):
        for language in languages:
            if piles[language] and len(picked) < MAILS:
                # The campaign that was shown least so far; of it the message with the most to say.
                row = min(piles[language], key=lambda one: told[decisions[one["decision_id"]].reason])
                piles[language].remove(row)
                told[decisions[row["decision_id"]].reason] += 1
                picked.append(row)
    picked.sort(key=lambda row: languages.index(row["language"]))
    return [_mail(row, decisions[row["decision_id"]], words, sender) for row in picked]


def language_name(tag: str) -> str:
    """The English name of a language; its tag where it is not known."""
    return LANGUAGES.get(tag.partition("-")[0], tag)


def hidden(address: str) -> str:
    """An address whose owner cannot be read from it.

    >>> hidden("anna@example.com"), hidden("+37120000000")
    ('a•••@example.com', '+371•••')
    """
    name, at, host = address.partition("@")
    return f"{name[:1]}•••@{host}" if at else f"{address[:4]}•••"


def _rank(language: str) -> tuple[int, str]:
    order = list(LANGUAGES)
    return (order.index(language) if language in order else len(order), language)


def _richness(decision: Decision) -> int:
    chosen = decision.chosen
    return 0 if chosen is None else len(chosen.targets) + (chosen.offer is not None) + bool(chosen.numbers)


def _mail(row: Mapping[str, str], decision: Decision, words: Mapping[str, str], sender: str) -> MailRow:
    text, _, below = row["body_text"].replace("\r\n", "\n").partition(_SIGNATURE)
    return MailRow(
        language=row["language"],
        language_name=language_name(row["language"]),
        to=hidden(row["address"]),
        sender=sender,
        subject=row["subject"],
        paragraphs=_paragraphs(text),
        small_print=_paragraphs(below),
        channel=row["channel"],
        campaign=decision.reason,
        why=rests_on(decision, words),
        personalized=bool(decision.chosen and (decision.chosen.personalized or decision.chosen.basis == "measured")),
    )


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in _PARAGRAPH.split(text) if part.strip()]


def _counted(names: Iterable[str]) -> list[Counted]:
    return [Counted(name=name, people=told(count)) for name, count in Counter(names).most_common()]
