"""What others wrote may be said only if it is what it claims to be: names of people, of things, codes of offers.

Whoever fills in a form, sells on a marketplace or keeps a catalogue writes texts that a message would print in the
business's name. A name of a person that is an advert, a firm, a title or a joke is not said: the message goes without.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from html import unescape
from typing import Literal, NamedTuple

from vocative.trust.unsayable_words import WORDS

Fault = Literal[
    "missing", "broken", "address", "company", "unknown", "role", "title", "signs", "long", "initial", "insult",
    "advert",
]  # fmt: skip
FAULTS: Mapping[Fault, str] = {
    "missing": "none was told",
    "broken": "letters that were read in the wrong encoding",
    "address": "an address of a page or a mailbox",
    "company": "the name of a firm",
    "unknown": "a word for a name that is not known",
    "role": "a role, not a person",
    "title": "a title before or after the name",
    "signs": "signs that stand in no name",
    "long": "too long to be said",
    "initial": "only the first letter of a name",
    "insult": "an insult",
    "advert": "words of an advert",
}
"""Why a text is not said, in words."""

LONGEST_NAME = 30
LONGEST_THING = 120
LONGEST_CODE = 40
_LONGEST_READ = 500
_KEPT = 65_536
_SPACES = re.compile(" {2,}")
_BLANKS = str.maketrans("\t\u00a0\u202f", "   ")
_SAME = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2010": "-", "\u2011": "-", "`": "'", "\u00b4": "'", "\u2018": "'"}
)
_APOSTROPHES = "'\u2019\u02bc\u02bb"
_JOINERS = "\u200c\u200d"
# Letters and marks by category that nobody sees.
_UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
_STYLED = ("<font>", "<wide>", "<super>", "<sub>", "<circle>", "<square>", "<fraction>")
# One word: letters with their marks, joined by a hyphen, an apostrophe or an invisible joiner. Up to three words.
_WORD = r"LM{0,3}(?:[J'-]?LM{0,3})*"
_NAME = re.compile(rf"{_WORD}(?: {_WORD}){{0,2}}")
_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK")
_TOKEN = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_THRICE = re.compile(r"([^\W\d_])\1\1", re.IGNORECASE)
_REPEATED = re.compile(r"(.)\1+")
# Encodings in which UTF-8 is read by mistake.
_MISREAD = ("cp1252", "latin-1", "cp1250", "cp1257", "cp1251")

_HOST = re.compile(rf"(?<![\w-])[\w-]{{1,63}}\.(?:{'|'.join(WORDS.endings)}|xn--[a-z0-9-]+)(?!\w|-\w)", re.IGNORECASE)
_ADDRESS = re.compile(
    rf"""
    \w[\w+.-]{{0,30}}://\S* | (?:https?|javascript)\s?:/*\S+ | (?:mailto|tel|ftp):\S+ | (?<!\w)www\s?\.\S*
    | [^\s@]{{1,64}}@[^\s@]{{1,255}}\.[^\s@]+ | {_HOST.pattern}
    | (?<![\d.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\d.]) | \+\d[\d\s().-]{{7,}}\d
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Every address has one of these signs or a dot between letters; looking for them is many times faster.
_MARKS_OF_ADDRESSES = ("@", "://", "www", "http", "mailto:", "javascript", "tel:", "ftp:", "+")
_DOTTED = re.compile(r"(?<=\w)[.。．｡․](?=[^\W\d_]|\d+\.\d+\.\d)")
_DOTS = str.maketrans({"。": ".", "｡": ".", "．": ".", "․": "."})
_AFTER = ".,;:!?)]\"'»”"
_MARKUP = re.compile(r"[<>{}\\^]|\[\[|\]\]|\*\||\|\*|%\w+%|&\#?\w+;|=\s*\w+\s*\(|^\s*[=@]|^\s*[+-]\s*\w+\s*[(|!]")


class TextJudgement(NamedTuple):
    """A text as it may be said, or why it may not."""

    said: str | None
    fault: Fault | None = None


def sayable_name(told: str | None) -> str | None:
    """The first name as it may be said; None: then the message does without.

    >>> sayable_name(" Anna "), sayable_name("Дар`я"), sayable_name("Mrs Freddie"), sayable_name("JÃ¢nis")
    ('Anna', "Дар'я", None, None)
    """
    return judge_name(told).said


def sayable_thing(told: str | None) -> str | None:
    """The name of an item, an offer, a seller or a brand as it may be said; None: it is not spoken of.

    >>> sayable_thing("Salt &amp; Pepper,  2 x 40 g"), sayable_thing("Win at evil.example/win")
    ('Salt & Pepper, 2 x 40 g', None)
    """
    return judge_thing(told).said


@lru_cache(maxsize=_KEPT)
def judge_name(told: str | None) -> TextJudgement:
    """Whether a first name may be said.

    It is letters and marks of any script, hyphens and apostrophes between them, at most two spaces and thirty
    characters, and none of the words that stand in such a field instead of a name.

    >>> judge_name("Smith & Sons Ltd").fault, judge_name("J.").fault, judge_name("Kasia (nowa)").fault
    ('company', 'initial', 'signs')
    """
    if len(told or "") > _LONGEST_READ:
        return TextJudgement(None, "long")
    name = _SPACES.sub(" ", unicodedata.normalize("NFC", told or "").strip().translate(_SAME))
    if not name:
        return TextJudgement(None, "missing")
    fault = _fault_of_name(name)
    return TextJudgement(None, fault) if fault else TextJudgement(name)


def _fault_of_name(name: str) -> Fault | None:
    if is_misread(name):
        return "broken"
    if addresses_in(name):
        return "address"
    found = _no_person(name)
    if found is not None:
        return found
    if _initials(name.replace(".", "")):
        return "initial"
    if not _well_formed(name):
        return "signs"
    return "long" if len(name) > LONGEST_NAME else None


def _no_person(name: str) -> Fault | None:
    """What the words of the text say it is, if it is no name of a person."""
    plain = name.replace(".", "")
    tokens = _TOKEN.findall(plain)
    capitals = {token for token in tokens if token.isupper()}
    whole = _folded(plain)
    words = {
        whole,
        *(_folded(token) for token in tokens),
        *(part for one in tokens for part in _folded(one).split("-")),
    }
    if words & WORDS.company or capitals & WORDS.company_capitals:
        return "company"
    if words & WORDS.unknown or (_THRICE.search(whole) and _alphabetic(whole)) or name in ("NA", "na"):
        return "unknown"
    if words & WORDS.roles:
        return "role"
    if words & WORDS.titles:
        return "title"
    if any(_insults(word) for word in {*words, re.sub(r"[\W_]", "", whole)}):
        return "insult"
    return "advert" if words & WORDS.adverts else None


def _folded(text: str) -> str:
    folded = text.casefold().replace("ё", "е")
    return "".join("'" if sign in _APOSTROPHES else sign for sign in folded)


def _insults(word: str) -> bool:
    return any(one in WORDS.insults or one.startswith(WORDS.insult_stems) for one in {word, _REPEATED.sub(r"\1", word)})


def _alphabetic(text: str) -> bool:
    return all(_alphabet(sign) for sign in text if sign.isalpha())


@lru_cache(maxsize=_KEPT)
def _alphabet(sign: str) -> str:
    """The alphabet of a letter, of those that are easily taken for each other; empty for any other sign."""
    first = unicodedata.name(sign, "").partition(" ")[0]
    return first if first in _ALPHABETS and sign.isalpha() and sign not in _APOSTROPHES else ""


def _initials(name: str) -> bool:
    """Whether a word is but one letter of an alphabet; other scripts write whole names with one."""
    parts = [re.split(rf"[-{_APOSTROPHES}]", word) for word in name.split(" ")]
    longest = [max(one, key=len) for one in parts]
    return any(len(one) == 1 and bool(_alphabet(one)) for one in longest)


def _well_formed(name: str) -> bool:
    if _NAME.fullmatch("".join(map(_sort, name))) is None:
        return False
    for word in name.split(" "):
        alphabets = {_alphabet(sign) for sign in word if sign.isalpha() and sign not in _APOSTROPHES}
        if len(alphabets & {*_ALPHABETS}) > 1 or (alphabets & {*_ALPHABETS} and any(sign in _JOINERS for sign in word)):
            return False
    return True


@lru_cache(maxsize=_KEPT)
def _sort(sign: str) -> str:
    """What a sign is in a name: letter, mark, joiner, apostrophe, hyphen, space, or `?`."""
    if sign in _APOSTROPHES:
        return "'"
    if sign in "- ":
        return sign
    if sign in _JOINERS:
        return "J"
    category = unicodedata.category(sign)
    if sign in _UNSEEN or "\ufe00" <= sign <= "\ufe0f" or unicodedata.decomposition(sign).startswith(_STYLED):
        return "?"
    return {"L": "L", "M": "M"}.get(category[0], "?") if category != "Me" else "?"


@lru_cache(maxsize=_KEPT)
def judge_thing(told: str | None, longest: int = LONGEST_THING) -> TextJudgement:
    """Whether a text of others about a thing may be said: any signs but those that link, hide, mark up or compute.

    >>> judge_thing('=HYPERLINK("http://evil.example")').fault, judge_thing("<b>Sale</b>").fault
    ('address', 'signs')
    """
    if len(told or "") > _LONGEST_READ:
        return TextJudgement(None, "long")
    text = _SPACES.sub(" ", unescape(unicodedata.normalize("NFC", told or "")).translate(_BLANKS)).strip()
    if not text:
        return TextJudgement(None, "missing")
    if any(is_misread(word) for word in text.split(" ")) or "\ufffd" in text:
        return TextJudgement(None, "broken")
    if addresses_in(text):
        return TextJudgement(None, "address")
    if _MARKUP.search(text) or not any(sign.isalnum() for sign in text) or any(map(_hidden, text)):
        return TextJudgement(None, "signs")
    return TextJudgement(None, "long") if len(text) > longest else TextJudgement(text)


def _hidden(sign: str) -> bool:
    category = unicodedata.category(sign)
    return sign in _UNSEEN or (category[0] == "C" and sign not in _JOINERS) or category in ("Zl", "Zp")


def addresses_in(text: str) -> frozenset[str]:
    """What a mail program would make a link of, or a reader would follow: pages, mailboxes, hosts, numbers of phones.

    >>> sorted(addresses_in("See evil.example/win or http://a.b, not 2.5 kg of Dr.Oetker"))
    ['evil.example', 'http://a.b']
    """
    lower = text.lower()
    if not any(mark in lower for mark in _MARKS_OF_ADDRESSES) and _DOTTED.search(text) is None:
        return frozenset()
    return frozenset(found[0].rstrip(_AFTER) for found in _ADDRESS.finditer(text.translate(_DOTS)))


def is_misread(text: str) -> bool:
    """Whether letters are UTF-8 that was read in another encoding.

    >>> is_misread("JÃ¢nis"), is_misread("РђРЅРЅР°"), is_misread("Jānis"), is_misread("Лі")
    (True, True, False, False)
    """
    if text.isascii():
        return False
    return "\ufffd" in text or any(_misread_in(text, encoding) for encoding in _MISREAD)


def _misread_in(text: str, encoding: str) -> bool:
    try:
        # A sign that the encoding lacks (an emoji) was read rightly; it becomes a question mark and hides nothing.
        right = text.encode(encoding, "replace").decode("utf-8")
    except UnicodeError:
        return False
    letters = [sign for sign in right if not sign.isascii()]
    if encoding == "cp1251":
        # Two letters of Cyrillic are now and then a name by chance; words of letters that make such letters are not.
        return len(letters) > 1 and all(_alphabet(sign) == "CYRILLIC" for sign in letters)
    return bool(letters) and all(sign.isalpha() for sign in letters)
