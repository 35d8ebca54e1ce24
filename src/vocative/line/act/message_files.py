"""Files outside the stores that may name a person: messages written to disk, pages, scratch, and the business's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from vocative.line.act.outbox_page import write_page
from vocative.trust.erasure import Identifiers, is_telling
from vocative.workspace.opening import OpenWorkspace

# Pages for looking at, each made by one command; they show messages, which may hold a name and no identifier.
_PAGES = ("report*.html", "previews/**/*")
_OURS = ("data", "outbox", "previews")
_BLOCK = 1 << 20


def message_files(root: Path, message_ids: Sequence[str]) -> list[Path]:
    """The files in the outbox that hold one of these messages, half-written ones too."""
    wanted = set(message_ids)
    folder = root / "outbox"
    if not wanted or not folder.is_dir():
        return []
    # A half-written file is called `.ID.eml.part`.
    return sorted(path for path in folder.iterdir() if path.name.removeprefix(".").partition(".")[0] in wanted)


def delete_files(workspace: OpenWorkspace, message_ids: Sequence[str]) -> list[str]:
    """Delete the files of these messages and all pages that show people; returns the pages, relative to the folder."""
    root = workspace.root
    for path in message_files(root, message_ids):
        path.unlink(missing_ok=True)
    pages = sorted({path for pattern in _PAGES for path in root.glob(pattern) if path.is_file()})
    for path in pages:
        path.unlink(missing_ok=True)
    return [str(path.relative_to(root)) for path in pages]


def rewrite_page(workspace: OpenWorkspace) -> None:
    """Write the page of the outbox from what there is now; without a run there is none."""
    page = workspace.root / "outbox" / "index.html"
    if page.exists():
        page.unlink()
        write_page(workspace)


def delete_scratch(scratch: Path) -> None:
    """Delete what killed imports and queries left behind; whoever calls holds the locks of all that write there."""
    if scratch.is_dir():
        for path in scratch.iterdir():
            with suppress(OSError):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def own_files_naming(root: Path, who: Identifiers) -> list[str]:
    """The business's own files in the workspace's folder that name a person, relative to it.

    Only identifiers that cannot be anything else are looked for, and only in files that are plain text.
    """
    names = [name.encode() for name in (*who.users, *who.devices, *who.emails, *who.phones) if is_telling(name)]
    if not names:
        return []
    return sorted(str(path.relative_to(root)) for path in _own_files(root) if _holds(path, names))


def _own_files(root: Path) -> Iterator[Path]:
    for path in root.iterdir():
        if path.is_file():
            yield path
        elif path.is_dir() and path.name not in _OURS:
            yield from (inner for inner in path.rglob("*") if inner.is_file())


def _holds(path: Path, names: Sequence[bytes]) -> bool:
    """Whether a file holds one of the names, whatever its size, in small or capital letters."""
    longest = max(map(len, names))
    lowered = [name.lower() for name in names]
    rest = b""
    with suppress(OSError), path.open("rb") as file:
        while block := file.read(_BLOCK):
            text = rest + block.lower()
            if any(name in text for name in lowered):
                return True
            rest = text[-longest:]
    return False
