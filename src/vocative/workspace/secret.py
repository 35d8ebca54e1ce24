"""The workspace's own secret: it signs links and marks the erased; it never leaves the folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from vocative.errors import WorkspaceError
from vocative.store.private import private_folder
from vocative.trust.secret_key import SecretKey

_FILE = "key"
_BYTES = 32


def read_or_make_key(folder: Path) -> SecretKey:
    """The 32 random bytes in `folder/key`, made when they are not there yet; only the owner may read the file.

    Raises:
        WorkspaceError: the file is there but holds something else.
    """
    path = folder / _FILE
    if not path.exists():
        _make(path)
    with path.open("rb") as file:
        # One byte more than there should be is enough to tell that it is too long.
        key = SecretKey(file.read(_BYTES + 1))
    if len(key) != _BYTES:
        raise WorkspaceError(
            f"this file does not hold the {_BYTES} bytes of the workspace's key",
            where=str(path),
            remedy="bring it back from a copy; without it links in sent messages and erasure marks mean nothing",
        )
    return key


def workspace_id(key: SecretKey) -> str:
    """Tells the workspace apart from others where they share a store: a one-way hash of its key, 32 hexadecimal digits.

    >>> len(workspace_id(SecretKey(bytes(32))))
    32
    """
    return key.mark(b"", 16, b"workspace").hex()


def _make(path: Path) -> None:
    """Write a whole key or none; of two processes the first one's holds."""
    private_folder(path.parent)
    half = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(half, path)
    except FileExistsError:
        pass
    finally:
        half.unlink()
