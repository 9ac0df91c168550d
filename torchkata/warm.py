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
two of them the properties of a check one by one. Where a fork is not safe, the process checks by itself and then ends
(`--once`): who uses it keeps the next one waiting. A child that hangs or dies is a finding, and another one goes on.
"""

import contextlib
import gc
import json
import os
import select
import signal
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
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
    """Import what a check needs, and make the slow first calls, so that no child has to.

    No backward pass: after one in the parent, autograd would refuse to work in the children.
    """
    import torch
    from hypothesis import given
    from hypothesis import strategies as st

    from torchkata import devices, profiles
    from torchkata.checks import expect_raises, expect_tensor
    from torchkata.kata import Kata
    from torchkata.properties import hypothesis_profile, run_property
    from torchkata.strategies import tensors

    profiles.register()
    devices.prepare()
    example = ModuleType("example")
    example.__dict__["turned"] = lambda x, dim: x.flip(dim)

    with hypothesis_profile("kata"):

        @given(x=tensors(), dim=st.integers(0, 3))
        def test_turned__turns(kata: Kata, x: torch.Tensor, dim: int) -> None:
            if dim < x.ndim:
                expect_tensor(kata.turned(x, dim), torch.flip(x, [dim]), dtype=x.dtype)
            else:
                expect_raises(kata.turned.raising(x, dim), IndexError)

    for seed in range(3):  # Python makes code faster that has run some times
        assert run_property(test_turned__turns, Kata(example, Path("example.py")), seed=seed) is None


class Worker:
    """Does the tasks of a check in this process, on the learner's file as it is now."""

    def __init__(self, checker: Any) -> None:
        self.checker, self.kata = checker, checker.load()

    def do(self, task: Message) -> Any:
        """What `Check.take` wants to know about a task."""
        if task["do"] == "name":
            return self.checker.diagnosis(task["facts"], self.kata)
        stub, number = task["stub"], task["number"]
        unwritten = self.checker.unwritten(stub)
        if task["do"] == "look":
            red = None if unwritten else self.checker.look_at(stub, number, self.kata)
            return {"written": not unwritten, "red": red}
        return unwritten[number] if unwritten else self.checker.confirm_one(stub, number, self.kata)


class Check:
    """A check under way: the tasks that nobody has begun, and what is known from those that are done.

    Tasks are small, one property each, so that all who work on a check end at the same time.
    """

    def __init__(self, request: Message, checker: Any) -> None:
        self.id, self.folder, self.checker = request["id"], request["check"], checker
        self.first = [stub for stub in request["first"] if stub in checker.properties]
        rest = [stub for stub in request["rest"] if stub in checker.properties]
        self.facts: dict[str, list[Any]] = {stub: [None] * len(checker.properties[stub]) for stub in self.first + rest}
        self.unlooked = {stub: len(self.facts[stub]) for stub in self.first}
        self.red: set[str] = set()  # of the first: those that are wrong on a known input
        self.tasks = deque[Message]()
        for what, stubs in (("look", self.first), ("confirm", self.first + rest)):
            for stub in stubs:
                self.tasks += ({"do": what, "stub": stub, "number": n} for n in range(len(self.facts[stub])))

    def take(self, task: Message, answer: Any) -> list[Message]:
        """What there is to say now that a task is done."""
        stub = task["stub"]
        if stub not in self.facts:
            return []  # the stub is lost
        if task["do"] == "name":
            return [{"stage": "named", "stub": stub, "sentence": answer}]
        said: list[Message] = []
        if task["do"] == "look":
            self.unlooked[stub] -= 1
            if answer["red"] and stub not in self.red:
                self.red.add(stub)
                said = [{"stage": "first", "stub": stub, "facts": answer["red"]}]
            elif answer["written"] and not self.unlooked[stub] and stub not in self.red:
                said = [{"stage": "looked", "stub": stub}]
        else:
            self.facts[stub][task["number"]] = answer
        facts = self.facts[stub]
        if self.unlooked.get(stub) or None in facts:
            return said
        wrong = next((each for each in facts if each["state"] == "wrong"), None)
        if wrong and stub in self.first:
            self.tasks.appendleft({"do": "name", "stub": stub, "facts": wrong})
        return [*said, {"stage": "confirmed", "stub": stub, "facts": facts}]

    def lose(self, task: Message, finding: Any) -> list[Message]:
        """What there is to say about a stub that took its process along; nothing more of it is run."""
        stub = task["stub"]
        self.tasks = deque(each for each in self.tasks if each["stub"] != stub)
        if self.facts.pop(stub, None) is None or task["do"] == "name":
            return []
        return [{"stage": "confirmed", "stub": stub, "facts": self.checker.lost(stub, finding)}]


@dataclass
class Child:
    """A forked process that waits for tasks, and does one after the other."""

    pid: int
    requests: IO[bytes]
    replies: int
    stack: IO[str]
    unread: bytes = b""
    task: Message = field(default_factory=dict)
    since: float = 0.0
    stuck: bool = False

    def give(self, folder: str, task: Message) -> None:
        self.task, self.since = task, time.monotonic()
        with contextlib.suppress(BrokenPipeError):  # it is gone: the end of its replies says so
            _write(self.requests, [folder, task])

    def read(self) -> list[Any] | None:
        """Its answers; None when it has closed its end."""
        data = os.read(self.replies, 1 << 16)
        *lines, self.unread = (self.unread + data).split(b"\n")
        return [json.loads(line) for line in lines] if data else None

    def end(self) -> int:
        """Kill it if it still runs; return how it ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        with contextlib.suppress(BrokenPipeError):
            self.requests.close()
        os.close(self.replies)
        return code


class Server:
    """Reads requests, keeps children waiting, gives them tasks, and says what comes of them."""

    def __init__(self, library: Library, limit: float) -> None:
        self.library, self.limit = library, limit
        self.check: Check | None = None
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
                if child in self.busy:
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
        self._stop()
        for child in self.waiting:
            child.end()
        self.waiting = []

    def _take(self, request: Message) -> None:
        self._stop()
        folder = request.get("check") or request.get("prepare")
        if folder and folder not in self.library:
            self.close()  # those that wait have not loaded it
            self.library.checker(folder)
        if "check" in request:
            self.check = Check(request, self.library.checker(request["check"]))
            self._go_on([])

    def _go_on(self, said: list[Message]) -> None:
        """Give tasks to all that have none, say what is known, and the end when there is nothing left to do."""
        assert self.check is not None
        while self.check.tasks and len(self.busy) < CHILDREN:
            self.busy.append(self.waiting.pop(0) if self.waiting else self._fork())
            self.busy[-1].give(self.check.folder, self.check.tasks.popleft())
        for child in self.busy:
            if self.check.tasks and not child.task:
                child.give(self.check.folder, self.check.tasks.popleft())
        for message in said:
            self._say({"id": self.check.id, **message})
        if not any(child.task for child in self.busy):
            self._say({"id": self.check.id, "stage": "end"})
            self._stop()

    def _stop(self) -> None:
        for child in self.busy:
            child.end()
        self.busy, self.check = [], None

    def _listen(self, child: Child) -> None:
        answers = child.read()
        if answers is None:
            self._lose(child)
        for task, answer in answers or []:
            if self.check and child.task == task:  # else a stub has forked, and both go on
                child.task = {}
                self._go_on(self.check.take(task, answer))

    def _look_at(self, child: Child) -> None:
        seconds = supervisor.FACTOR * self.limit + supervisor.GRACE
        if child.task and not child.stuck and time.monotonic() - child.since > seconds:
            child.stuck = True
            supervisor.interrupt(child.pid)

    def _lose(self, child: Child) -> None:
        """A child is gone: say in which stub, and go on with the others."""
        assert self.check is not None
        self.busy.remove(child)
        code, said = child.end(), []
        if child.task:
            solution = str(self.check.checker.solution)
            finding = supervisor.loss(child.task["stub"], solution, child.stack, child.stuck, self.limit, code)
            said = self.check.lose(child.task, finding)
        self._go_on(said)

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
                worker = None
                for line in lines:
                    folder, task = json.loads(line)
                    if worker is None:
                        _silence()
                        worker = Worker(self.library.checker(folder))
                    _write(out, [task, worker.do(task)])
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
    checker = library.checker(request["check"])
    worker, check = Worker(checker), Check(request, checker)
    while check.tasks:
        task = check.tasks.popleft()
        for message in check.take(task, worker.do(task)):
            _write(out, {"id": check.id, **message})
    _write(out, {"id": check.id, "stage": "end"})


def _write(out: IO[bytes], message: Any) -> None:
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
