"""The workspace's key as a value that can be used and not be shown."""

from __future__ import annotations

import hmac
from hashlib import blake2b
from typing import Never

_SHOWN = "SecretKey(not shown)"


class SecretKey:
    """Bytes that sign and mark; no text, copy, dump or traceback of anything that holds them has them in it.

    Args:
        key: Up to 64 bytes; none at all where nothing is signed.

    Raises:
        ValueError: it is longer than BLAKE2b takes (RFC 7693).

    >>> SecretKey(b"swordfish")
    SecretKey(not shown)
    >>> bool(SecretKey()), SecretKey(b"k") == SecretKey(b"k")
    (False, True)
    """

    __slots__ = ("__key",)

    def __init__(self, key: bytes = b"") -> None:
        # A view is shown as a place in memory, even to those who walk through all attributes of an object.
        self.__key = memoryview(bytes(key))
        # A traceback with local variables shows what is still called something here.
        del key
        if len(self.__key) > blake2b.MAX_KEY_SIZE:
            raise ValueError(f"a key has at most {blake2b.MAX_KEY_SIZE} bytes")

    def mark(self, text: bytes, size: int, purpose: bytes = b"") -> bytes:
        """The keyed hash of a text, `size` bytes (BLAKE2b, RFC 7693); one of another `purpose` is unlike it."""
        return blake2b(text, key=self.__key, digest_size=size, person=purpose).digest()

    def __bool__(self) -> bool:
        return bool(self.__key)

    def __len__(self) -> int:
        return len(self.__key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretKey) and hmac.compare_digest(self.__key, other.__key)

    def __hash__(self) -> int:
        return hash(self.mark(b"", 8))

    def __repr__(self) -> str:
        return _SHOWN

    def __copy__(self) -> SecretKey:
        return self

    def __deepcopy__(self, memo: object) -> SecretKey:
        return self

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("a workspace's key is never written anywhere but into its own file")


NO_KEY = SecretKey()
