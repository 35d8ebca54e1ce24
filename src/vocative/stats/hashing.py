"""Hashes that are the same on every machine and in every release."""

from __future__ import annotations

from hashlib import blake2b

_SEPARATOR = "\x1f"


def stable_id(*parts: str) -> str:
    """A 128-bit identifier of the parts, as 32 hexadecimal digits.

    >>> stable_id("run", "p1") == stable_id("run", "p1")
    True
    >>> stable_id("ab", "c") == stable_id("a", "bc")
    False
    """
    return blake2b(_SEPARATOR.join(parts).encode(), digest_size=16).hexdigest()


def stable_uniform(*parts: str) -> float:
    """A number in [0, 1) that depends on nothing but the parts; used to assign people to experiments.

    >>> 0.0 <= stable_uniform("global", "p1") < 1.0
    True
    """
    # 53 bits are what a float holds exactly, so no value rounds up to 1.
    return (int.from_bytes(blake2b(_SEPARATOR.join(parts).encode(), digest_size=8).digest(), "big") >> 11) / 2**53
