"""When a learner's file has been saved: whole, once, whatever way the editor writes.

Editors write in place, by truncation, in pieces, or a new file that they rename. A verdict on half a file would
be wrong, so a file counts as saved when nobody holds it open for writing and it has stopped changing.
"""

import ast
import contextlib
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import IO

from torchkata import source

PATIENCE = 2.0  # seconds to wait for a writer, or for a file that is gone
BROKEN = 0.2  # … for a file that does not parse or has lost a stub: a piece of it may be still to come
QUIET = 0.015  # seconds without a change, where nobody can be asked who is writing
TICK = 0.002


def saved(path: Path, before: bytes = b"") -> bytes | None:
    """Wait until `path` is saved and return what it holds; None if it stays away.

    `before` is what it held last: a file that has lost something since is given a moment longer.
    """
    data = _closed(path)
    since = time.monotonic()
    while _is_broken(data, before) and time.monotonic() - since < BROKEN:
        time.sleep(TICK)
        latest = _closed(path)
        if latest != data:
            data, since = latest, time.monotonic()
    return data


def changed_stubs(before: bytes, after: bytes) -> list[str]:
    """The stubs whose code, or code that they use, differs; all stubs of `after` where `before` can't be read."""
    new, old = _fingerprints(after), _fingerprints(before)
    return [name for name, text in new.items() if old.get(name) != text]


@lru_cache(maxsize=2)
def _fingerprints(data: bytes) -> dict[str, str]:
    """What each stub of a file is made of; nothing of a file that can't be read."""
    tree = _parsed(data)
    return {name: source.fingerprint(tree, name) for name in source.public(tree)} if tree else {}


def _closed(path: Path) -> bytes | None:
    """What the file holds, read while nobody writes to it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), path.open("rb") as file:
            data = file.read()
            if not _is_being_written(file, data) and path.read_bytes() == data:
                return data
        time.sleep(TICK)
    return None


def _is_broken(data: bytes | None, before: bytes) -> bool:
    if not data:
        return True
    tree, old = _parsed(data), _parsed(before)
    return tree is None or (old is not None and not source.public(old).keys() <= source.public(tree).keys())


@lru_cache(maxsize=4)
def _parsed(data: bytes) -> ast.Module | None:
    try:
        return ast.parse(data)
    except (SyntaxError, ValueError):
        return None


def _is_being_written_elsewhere(file: IO[bytes], data: bytes) -> bool:
    """Without leases: whether the file changes within a moment."""
    time.sleep(QUIET)
    file.seek(0)
    return file.read() != data


def _is_open_for_writing(file: IO[bytes], data: bytes) -> bool:
    """Whether some process has the file open for writing: the kernel then grants no lease."""
    import fcntl

    try:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:  # a file system without leases, or the file of another user
        return _is_being_written_elsewhere(file, data)
    return False


_is_being_written: Callable[[IO[bytes], bytes], bool] = (
    _is_open_for_writing if sys.platform == "linux" else _is_being_written_elsewhere
)
