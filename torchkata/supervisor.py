"""Run a session in a forked child, so that no stub can take the run down with it.

A stub stuck inside one C call cannot be interrupted from its own process, and one that crashes takes its
process along. So the child says which stub it runs, the parent watches, and a session that is lost
is run again without the stub that it was lost in.

Only where a fork is safe: on Linux, where there is no CUDA. Elsewhere `guards.time_limit` is the last resort.
"""

import ctypes
import faulthandler
import json
import math
import os
import re
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from torchkata import source
from torchkata.errors import KataError

FACTOR = 2  # limits that a property may take before its process is ended (an import may take one of them)
GRACE = 2.0  # seconds more, for what is outside the stub
TICK = 0.5  # seconds between two looks at a silent child
STACK_WAIT = 0.2  # seconds for the child to write where it is
DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
_FRAME = re.compile(r'File "(?P<file>.+)", line (?P<line>\d+)')

Lost = dict[str, KataError]  # by the name of the stub
Session = Callable[["Pulse", Lost], int]


class Pulse:
    """The child's end of the pipe: says which stub is running."""

    def __init__(self, descriptor: int | None = None, stack: IO[str] | None = None) -> None:
        self._descriptor, self._stack = descriptor, stack

    def catch_crashes(self) -> None:
        """Let a crash write where it was for the parent, not on the screen."""
        if self._stack is not None:
            faulthandler.enable(self._stack, all_threads=False)

    def begin(self, stub: str, file: str) -> None:
        self._say({"stub": stub, "file": file})

    def end(self) -> None:
        self._say({})

    def _say(self, message: dict[str, str]) -> None:
        if self._descriptor is not None:
            os.write(self._descriptor, json.dumps(message).encode() + b"\n")


@dataclass
class _Child:
    """A forked session as its parent sees it."""

    pid: int
    pulse: int
    stack: IO[str]
    running: dict[str, str]
    since: float
    stuck: bool = False
    unread: bytes = b""

    def listen(self) -> None:
        """Take in what the child says."""
        if select.select([self.pulse], [], [], TICK)[0]:
            *lines, self.unread = (self.unread + os.read(self.pulse, 65536)).split(b"\n")
            if lines:
                self.running, self.since = json.loads(lines[-1]), time.monotonic()


def is_possible() -> bool:
    """Whether a fork of this process is safe."""
    torch = sys.modules.get("torch")
    return sys.platform == "linux" and not (torch and torch.cuda.is_available())


def stack_file() -> IO[str]:
    """A file that parent and child hold both: the child writes there where it is."""
    return tempfile.TemporaryFile("w+")


def prepare_child(stack: IO[str]) -> None:
    """In a forked child: die with the parent, and write the stack to `stack` when asked to and in a crash."""
    ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGKILL)
    faulthandler.register(signal.SIGUSR1, file=stack, all_threads=False)
    faulthandler.enable(stack, all_threads=False)


def interrupt(pid: int) -> None:
    """Let a child say where it is, and end it."""
    os.kill(pid, signal.SIGUSR1)
    time.sleep(STACK_WAIT)
    os.kill(pid, signal.SIGKILL)


def loss(stub: str, file: str, stack: IO[str], stuck: bool, limit: float, code: int) -> KataError:
    """The finding for a stub that its process was lost in: stuck, or ended with `code`."""
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    reason, message = "ends the process", f"`{stub}` ends the whole Python process ({how})."
    if stuck:
        seconds = f"{FACTOR * limit + GRACE:g} s"
        reason, message = "hangs", f"`{stub}` was still running after {seconds}, in a call that can't be interrupted."
    return KataError(reason, message=message, file=file, line=_line(stub, file, stack))


def _line(stub: str, file: str, stack: IO[str]) -> int:
    """The line of the stub's file where the child was, else that of the stub itself."""
    stack.seek(0)
    frames = [match for match in _FRAME.finditer(stack.read()) if match["file"] == file]
    if frames:
        return int(frames[0]["line"])
    return getattr(source.bindings(source.parse(Path(file))).get(stub), "lineno", 1)


def supervise(session: Session, limit: float) -> int:
    """Run `session(pulse, lost)` in a child until it ends by itself; return its exit code.

    `lost` has a finding for each stub that earlier children were lost in.
    """
    lost: Lost = {}
    while True:
        child = _fork(session, lost)
        code = _watch(child, limit)
        stub = child.running.get("stub", "")
        if not stub or stub in lost:
            return code
        name, file = stub.split(".")[-1], child.running["file"]
        lost[stub] = loss(name, file, child.stack, child.stuck, limit, code)


def _fork(session: Session, lost: Lost) -> _Child:
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    stack = stack_file()
    pid = os.fork()
    if pid:
        os.close(writing)
        return _Child(pid, reading, stack, {}, time.monotonic())
    code = 3
    try:
        os.close(reading)
        prepare_child(stack)
        code = session(Pulse(writing, stack), lost)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _watch(child: _Child, limit: float) -> int:
    """Wait for the end of a child, or end it; return its exit code. `child.running` then says what it was lost in."""
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the child, which ends as pytest does
    try:
        while True:
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                child.listen()  # its last words
                return os.waitstatus_to_exitcode(status)
            child.listen()
            if child.running and time.monotonic() - child.since > FACTOR * limit + GRACE:
                interrupt(child.pid)
                child.stuck, child.since = True, math.inf
    finally:
        signal.signal(signal.SIGINT, previous)
        os.close(child.pulse)
