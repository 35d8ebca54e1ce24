"""Recognises how a text file is encoded, by what its bytes say and by the letters they would become.

UTF-8 proves itself. Of the single-byte encodings none can be proven, so each is asked what text it would make: Cyrillic
words consist of letters above ASCII, Latin words hold single ones, and each Latin encoding has its own usual letters.
"""

from __future__ import annotations

import codecs
import re
from itertools import pairwise

SAMPLE_BYTES = 1 << 20

_CYRILLIC = set("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁІЇЄҐ")
_PUNCTUATION = set("\xa0«»“”„‘’–—…€№°§©®™´")
_USUAL: dict[str, set[str]] = {
    "cp1252": set("äöüßéèêëàâçîïôùûñáíóúåæøÄÖÜÉÈÀÇÑÅÆØÁÍÓÚ"),
    "cp1250": set("ąćęłńóśźżĄĆĘŁŃÓŚŹŻčěřšžýáíéúůďťňČĚŘŠŽÝÁÍÉÚŮőűŐŰăâîșțäöüßÄÖÜ"),
    "iso8859-2": set("ąćęłńóśźżĄĆĘŁŃÓŚŹŻčěřšžýáíéúůďťňČĚŘŠŽÝÁÍÉÚŮőűŐŰäöüßÄÖÜ"),
    "cp1257": set("āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽąęėįųĄĘĖĮŲõäöüÕÄÖÜ"),
}
# Between encodings that explain the bytes equally well the more widespread one is taken.
_ORDER = ("cp1252", "cp1250", "iso8859-2", "cp1257")
_LEAST_SHARE = 0.9
_SURROGATES = re.compile("[\udc80-\udcff]")
_HIGH = re.compile(rb"[\x80-\xff]+")


class Utf8Check:
    """Follows the bytes of a whole file and counts what is not UTF-8, without keeping them."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.wrong = 0
        self.right = 0

    def feed(self, data: bytes, *, final: bool = False) -> None:
        """Look at the next piece of the file."""
        text = self._decoder.decode(data, final)
        if text.isascii():
            return
        beyond = len(text) - len(text.encode("ascii", "ignore"))
        wrong = 0 if _is_clean(text) else len(_SURROGATES.findall(text))
        self.wrong += wrong
        self.right += beyond - wrong

    @property
    def holds(self) -> bool:
        """Whether the file is UTF-8, but for single broken places that cost their row and nothing more."""
        return self.wrong == 0 or self.right >= 10 * self.wrong


def by_mark(start: bytes) -> str | None:
    """The encoding that a byte order mark, or the zero bytes of UTF-16 without one, give away.

    >>> by_mark(codecs.BOM_UTF16_LE + "a".encode("utf-16-le"))
    'utf-16'
    """
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = start[0:1000:2], start[1:1000:2]
    if len(odd) >= 8 and odd.count(0) > 0.4 * len(odd) and even.count(0) < 0.05 * len(even):
        return "utf-16-le"
    if len(even) >= 8 and even.count(0) > 0.4 * len(even) and odd.count(0) < 0.05 * len(odd):
        return "utf-16-be"
    return None


def guess_single_byte(sample: bytes) -> str | None:
    """The single-byte encoding that turns the sample into plausible letters; None when none does.

    >>> guess_single_byte("Анна, Рига".encode("cp1251"))
    'cp1251'
    >>> guess_single_byte("Łódź, Kraków, Gdańsk".encode("cp1250"))
    'cp1250'
    """
    runs = _HIGH.findall(sample)
    total = sum(len(run) for run in runs)
    if not total:
        return "utf-8"
    if sum(len(run) for run in runs if len(run) > 2) > 0.5 * total:
        return "cp1251" if _share(sample, "cp1251", _CYRILLIC) >= _LEAST_SHARE else None
    shares = {name: _share(sample, name, _USUAL[name]) for name in _ORDER}
    best = max(_ORDER, key=lambda name: shares[name])
    return best if shares[best] >= _LEAST_SHARE else None


def _is_clean(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _share(sample: bytes, encoding: str, usual: set[str]) -> float:
    text = sample.decode(encoding, "replace")
    # A capital right after a small letter is what a wrong table makes of a letter, never what people write.
    odd = sum(1 for before, after in pairwise(text) if before.islower() and after > "\x7f" and after.isupper())
    beyond = [character for character in text if character > "\x7f"]
    good = sum(1 for character in beyond if character in usual or character in _PUNCTUATION)
    return (good - odd) / len(beyond) if beyond else 0.0
