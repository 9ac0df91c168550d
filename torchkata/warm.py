"""A resident process that gives a verdict in milliseconds: all is imported, and children wait to check a file.

    python -m torchkata.warm ROOT        one JSON object a line, on stdin and stdout

    → {"check": "01_tensors", "first": ["total"], "rest": ["largest", …], "id": 7}
    ← {"id": 7, "stage": "first", "facts": {…}}           red at once, on a known input
    ← {"id": 7, "stage": "looked", "stub": "total"}        nothing found at once
    ← {"id": 7, "stage": "confirmed", "stub": "total", "facts": [{…}, …]}
    ← {"id": 7, "stage": "named", "stub": "total", "sentence": "…"}   the known mistake
    ← {"id": 7, "stage": "end"}
    → {"cancel": true}
    → {"prepare": "02_numpy_bridge"}                       load a skill that may be asked for next

The parent imports no learner's code, has one thread and never touches CUDA: it forks children that wait, and gives
each of two a share of a check. Where a fork is not safe, the process checks by itself and then ends (`--once`):
who uses it keeps the next one waiting. A child that hangs or dies is a finding, and what it had left goes to another.
"""

import contextlib
import gc
import json
import os
import select
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from torchkata import supervisor
from torchkata.skills import Skill, find_skills

Message = dict[str, Any]
CHILDREN = 2
TICK = 0.2  # seconds between two looks at silent children
MOST_MEMORY = 8 * 2**30  # bytes that a check may ask for, if the machine has twice as many


class Library:
    """The skills of a workspace with their properties, loaded when they are first asked for."""

    def __init__(self, root: Path, tree: Path | None) -> None:
        self.root, self.tree = root, tree
        self._checkers: dict[str, Any] = {}

    def skill(self, folder: str) -> Skill:
        return next(skill for skill in find_skills(self.root) if skill.folder.name == folder)

    def checker(self, folder: str) -> Any:
        """The checker of a skill, its inputs drawn, and all imported that its solutions import."""
        from torchkata.checking import Checker
        from torchkata.kata import load_module

        if folder not in self._checkers:
            skill = self.skill(folder)
            checker = Checker(skill, self.tree)
            checker.draw_inputs()
            if skill.reference.is_file():
                load_module(skill.reference)
            self._checkers[folder] = checker
            gc.freeze()
        return self._checkers[folder]

    def __contains__(self, folder: str) -> bool:
        return folder in self._checkers


def warm_up() -> None:
    """Import what a check needs, and make the slow first calls."""
    from hypothesis import given
    from hypothesis import strategies as st

    from torchkata import devices, profiles

    profiles.register()
    devices.prepare()

    @given(st.integers())
    def once(number: int) -> None:
        assert number is not None

    once()


def check(library: Library, job: Message, say: Any) -> None:
    """Check the stubs of a job in this process; `say` takes each message."""
    checker = library.checker(job["check"])
    kata = checker.load()
    for stub in job["stubs"]:
        say({"stage": "begins", "stub": stub})
        unwritten = checker.unwritten(stub)
        if unwritten:
            say({"stage": "confirmed", "stub": stub, "facts": unwritten})
            continue
        if stub in job["first"]:
            red = checker.look(stub, kata)
            say({"stage": "looked", "stub": stub} if red is None else {"stage": "first", "stub": stub, "facts": red})
        facts = list(checker.confirm(stub, kata))
        say({"stage": "confirmed", "stub": stub, "facts": facts})
        wrong = next((each for each in facts if each["state"] == "wrong"), None)
        if wrong is not None and stub in job["first"]:
            say({"stage": "named", "stub": stub, "sentence": checker.diagnosis(wrong, kata)})


@dataclass
class Child:
    """A forked process that waits for a job, and then does it."""

    pid: int
    requests: IO[bytes]
    replies: int
    stack: IO[str]
    unread: bytes = b""
    left: list[str] = field(default_factory=list)  # stubs that it has still to check, the present one first
    job: Message = field(default_factory=dict)
    since: float = 0.0
    stuck: bool = False

    def give(self, job: Message) -> None:
        self.job, self.left, self.since = job, list(job["stubs"]), time.monotonic()
        self.requests.write(json.dumps(job).encode() + b"\n")
        self.requests.flush()

    def read(self) -> list[Message] | None:
        """What it has said; None when it has closed its end."""
        data = os.read(self.replies, 1 << 16)
        *lines, self.unread = (self.unread + data).split(b"\n")
        return [json.loads(line) for line in lines] if data else None

    def end(self) -> int:
        """Kill it if it still runs; return how it ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.requests.close()
        os.close(self.replies)
        return code


class Server:
    """Reads requests, keeps children waiting, passes on what they say."""

    def __init__(self, library: Library, limit: float) -> None:
        self.library, self.limit = library, limit
        self.waiting: list[Child] = []
        self.busy: list[Child] = []

    def run(self) -> None:
        self._say({"stage": "ready"})
        unread = b""
        while True:
            while not self.busy and len(self.waiting) < CHILDREN:
                self.waiting.append(self._fork())
            sources = [0, *(child.replies for child in self.busy)]
            ready = select.select(sources, [], [], TICK if self.busy else None)[0]
            for child in [child for child in self.busy if child.replies in ready]:
                self._listen(child)
            for child in self.busy:
                self._look_at(child)
            if 0 in ready:
                data = os.read(0, 1 << 16)
                if not data:
                    return
                *lines, unread = (unread + data).split(b"\n")
                for line in lines:
                    self._take(json.loads(line))

    def close(self) -> None:
        for child in [*self.busy, *self.waiting]:
            child.end()
        self.busy, self.waiting = [], []

    def _take(self, request: Message) -> None:
        for child in self.busy:
            child.end()
        self.busy = []
        folder = request.get("check") or request.get("prepare")
        if folder and folder not in self.library:
            self.close()  # those that wait have not loaded it
            self.library.checker(folder)
        if "check" not in request:
            return
        for stubs in filter(None, self._shares(request["check"], request["first"], request["rest"])):
            self._dispatch({**request, "stubs": stubs})
        if not self.busy:
            self._say({"id": request["id"], "stage": "end"})

    def _shares(self, folder: str, first: list[str], rest: list[str]) -> list[list[str]]:
        """The stubs for each child, so that all have about as many properties to check; `first` is looked at too."""
        properties = self.library.checker(folder).properties
        shares, loads = [list(first), *([] for _ in range(CHILDREN - 1))], [0] * CHILDREN
        loads[0] = 2 * sum(len(properties.get(stub, ())) for stub in first)
        for stub in rest:
            least = loads.index(min(loads))
            shares[least].append(stub)
            loads[least] += len(properties.get(stub, ()))
        return shares

    def _dispatch(self, job: Message) -> None:
        child = self.waiting.pop(0) if self.waiting else self._fork()
        child.give(job)
        self.busy.append(child)

    def _listen(self, child: Child) -> None:
        said = child.read()
        for message in said or []:
            child.since = time.monotonic()
            if message["stage"] == "begins":
                child.left = child.left[child.left.index(message["stub"]) :]
            elif message["stage"] == "done":
                self._finish(child)
                return
            else:
                if message["stage"] == "confirmed":
                    child.left = [stub for stub in child.left if stub != message["stub"]]
                self._say({"id": child.job["id"], **message})
        if said is None:
            self._lose(child)

    def _finish(self, child: Child) -> None:
        self.busy.remove(child)
        child.end()
        if not self.busy:
            self._say({"id": child.job["id"], "stage": "end"})

    def _look_at(self, child: Child) -> None:
        seconds = supervisor.FACTOR * self.limit + supervisor.GRACE
        if not child.stuck and time.monotonic() - child.since > seconds:
            child.stuck = True
            supervisor.interrupt(child.pid)

    def _lose(self, child: Child) -> None:
        """A child is gone: say in which stub, and give the rest to another."""
        self.busy.remove(child)
        code = child.end()
        if child.left:
            checker = self.library.checker(child.job["check"])
            stub, *rest = child.left
            finding = supervisor.loss(stub, str(checker.solution), child.stack, child.stuck, self.limit, code)
            facts = checker.lost(stub, finding)
            self._say({"id": child.job["id"], "stage": "confirmed", "stub": stub, "facts": facts})
            if rest:
                self._dispatch({**child.job, "stubs": rest})
        if not self.busy:
            self._say({"id": child.job["id"], "stage": "end"})

    def _fork(self) -> Child:
        (request_end, requests), (replies, reply_end) = os.pipe(), os.pipe()
        stack = supervisor.stack_file()
        pid = os.fork()
        if pid:
            os.close(request_end)
            os.close(reply_end)
            return Child(pid, os.fdopen(requests, "wb"), replies, stack)
        try:
            for each in [*self.waiting, *self.busy]:
                os.close(each.requests.fileno())
                os.close(each.replies)
            os.close(requests)
            os.close(replies)
            supervisor.prepare_child(stack)
            _limit_memory()
            with os.fdopen(request_end, "rb") as lines, os.fdopen(reply_end, "wb") as out:
                job = json.loads(lines.readline() or b"{}")
                if job:
                    _silence()
                    check(self.library, job, lambda message: _write(out, message))
                    _write(out, {"stage": "done"})
        finally:
            os._exit(0)

    def _say(self, message: Message) -> None:
        _write(sys.stdout.buffer, message)


def serve_once(library: Library) -> None:
    """Check one request in this process, for systems where a fork is not safe."""
    _write(sys.stdout.buffer, {"stage": "ready"})
    request: Message = {}
    while "check" not in request:
        line = sys.stdin.buffer.readline()
        if not line:
            return
        request = json.loads(line)
        if "prepare" in request:
            library.checker(request["prepare"])
    out = os.fdopen(os.dup(1), "wb")
    _silence()
    job = {**request, "stubs": request["first"] + request["rest"]}

    def say(message: Message) -> None:
        if message["stage"] != "begins":
            _write(out, {"id": request["id"], **message})

    check(library, job, say)
    _write(out, {"id": request["id"], "stage": "end"})


def _write(out: IO[bytes], message: Message) -> None:
    out.write(json.dumps(message).encode() + b"\n")
    out.flush()


def _silence() -> None:
    """Nothing that learner's code writes to the screen by itself may get there."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)


def _limit_memory() -> None:
    """Let a stub that asks for endless memory get a MemoryError, before the machine stands still."""
    import resource

    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + min(MOST_MEMORY, machine // 2), resource.RLIM_INFINITY))


def main(arguments: list[str]) -> int:
    """Serve until stdin ends."""
    once = "--once" in arguments
    root, *rest = [Path(each) for each in arguments if not each.startswith("--")]
    gc.disable()
    warm_up()
    gc.freeze()
    library = Library(root, rest[0] if rest else None)
    if once or not supervisor.is_possible():
        serve_once(library)
        return 0
    from torchkata.properties import LIMIT

    server = Server(library, LIMIT)
    try:
        server.run()
    finally:
        server.close()
    return 0


if __name__ == "__main__":
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"  # to ask for CUDA must not start it: children could not use it
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # a parent with threads can't be forked
    sys.exit(main(sys.argv[1:]))
