"""What happens while `kata` watches: files are saved, keys are pressed, the resident process says something.

All of it comes through one queue, as (kind, value): ("files", paths), ("key", word), ("server", message) and
("lost", why).
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Event = tuple[str, Any]
KEYS = {"n": "next", "h": "hint", "l": "list", "d": "diff", "r": "rerun", "q": "quit"}
IGNORED = ("__pycache__", ".kata", ".git", ".hypothesis", ".pytest_cache", ".mypy_cache", ".ruff_cache")


class Server:
    """The resident process as seen from here; what it says comes as events."""

    def __init__(self, root: Path, events: "queue.Queue[Event]") -> None:
        self.root, self.events = root, events
        self.started = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it anew: the old one may know old tests."""
        self.stop()
        self.started = time.monotonic()
        command = [sys.executable, "-m", "torchkata.warm", str(self.root)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def ask(self, request: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # it has ended: that comes as an event
            assert self._process is not None and self._process.stdin is not None
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None and process.stderr is not None
        for line in process.stdout:
            self.events.put(("server", json.loads(line)))
        if process is self._process:
            self.events.put(("lost", process.stderr.read().decode(errors="replace")))


@contextlib.contextmanager
def files(root: Path, events: "queue.Queue[Event]") -> Iterator[None]:
    """Put changes of the workspace's files into the queue."""
    import watchfiles

    stop = threading.Event()
    if hasattr(signal, "SIGIO"):
        signal.signal(signal.SIGIO, signal.SIG_IGN)  # the end of a lease that `saves` holds for a microsecond

    def wanted(change: Any, path: str) -> bool:
        return not any(part in IGNORED for part in Path(path).parts) and not path.endswith((".swp", "~", ".tmp"))

    def listen() -> None:
        options: dict[str, Any] = {"debounce": 30, "step": 1, "stop_event": stop, "watch_filter": wanted}
        for changes in watchfiles.watch(root, **options):
            events.put(("files", {Path(path).resolve() for _, path in changes}))

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield
    finally:
        stop.set()


@contextlib.contextmanager
def keyboard(events: "queue.Queue[Event]") -> Iterator[None]:
    """Put keys into the queue, without waiting for the end of a line; the terminal is put back at the end."""
    read, put_back = _single_keys()

    def listen() -> None:
        for key in iter(read, ""):
            if key.lower() in KEYS:
                events.put(("key", KEYS[key.lower()]))
        events.put(("key", "quit"))

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield
    finally:
        put_back()


def _single_keys() -> tuple[Callable[[], str], Callable[[], None]]:
    if sys.platform == "win32":
        import msvcrt

        return msvcrt.getwch, lambda: None
    import termios
    import tty

    before = termios.tcgetattr(0)
    tty.setcbreak(0)
    return lambda: os.read(0, 1).decode(errors="replace"), lambda: termios.tcsetattr(0, termios.TCSADRAIN, before)
