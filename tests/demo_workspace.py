"""A small workspace for the tests of the `kata` command, and a process that is killed while it writes."""

import os
import signal
import time
import traceback
from pathlib import Path

from torchkata.skills import Skill
from torchkata.stubfile import StubFile, pristine, write

REFERENCE = '''"""Numbers."""

import math
from itertools import pairwise

Number = int | float


def _helper(x: Number) -> Number:
    return x


def double(x: Number) -> Number:
    """Return 2·x.

    >>> double(2)
    4
    """
    return 2 * _helper(x)


def root(x: Number) -> float:
    """Return √x.

    >>> root(4)
    2.0
    """
    return math.sqrt(x)


class Counter:
    """Counts.

    >>> Counter().add(2)
    2
    """

    def __init__(self) -> None:
        self.count = 0

    def add(self, n: int) -> int:
        """Add n and return the count."""
        self.count += n
        return self.count
'''
TESTS = '''"""Properties."""


def test_double__is_twice(kata):
    """It is twice x."""
    assert kata.double(2) == 4


def test_root__squares_back(kata):
    """Its square is x."""
    assert kata.root(4) == 2


def test_Counter__counts(kata):
    """It counts."""
    assert kata.Counter().add(2) == 2
'''
HINTS = """# Hints

## double

1. What is x + x?
2. Multiply.

## root

1. Which module has it?
2. `math`.
"""


def ship(root: Path, reference: str = REFERENCE, tests: str = TESTS, folder: str = "01_numbers") -> Skill:
    """Write a tree as torchkata ships it, with one skill."""
    skill = Skill(root / "katas" / folder)
    skill.folder.mkdir(parents=True, exist_ok=True)
    for path in (skill.reference, skill.mistakes):
        path.parent.mkdir(exist_ok=True)
    skill.reference.write_text(reference, "utf-8")
    skill.mistakes.write_text('"""Mistakes."""\n', "utf-8")
    skill.tests.write_text(tests, "utf-8")
    skill.hints.write_text(HINTS, "utf-8")
    skill.lesson.write_text("# Lesson\n", "utf-8")
    skill.stubs.write_bytes(pristine(skill).encode())
    (root / "conftest.py").write_text("# theirs\n", "utf-8")
    return skill


def solve(skill: Skill, stub: str, body: str) -> None:
    """Write a body for a stub that is a function."""
    file = StubFile.read(skill.stubs)
    head, _, _ = file.texts()[stub].rpartition("\n    ")
    write(skill.stubs, file.replaced({stub: f"{head}\n    {body}"}))


def killed_at_step(step: int, action) -> bool:
    """Run an action in a process that dies at its `step`-th change of the disk; False if it got to its end."""
    code = os.waitstatus_to_exitcode(os.waitpid(forked(action, lambda: _die_at(step)), 0)[1])
    assert code in (0, 9), "the action failed"
    return code == 9


def killed_after(seconds: float, action) -> None:
    """Run an action in a process, and kill that from outside."""
    child = forked(action)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def forked(action, prepare=lambda: None) -> int:
    """Run an action in a process of its own; its number."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            prepare()
            action()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return child


def _die_at(step: int) -> None:
    left = [step]

    def dying(function, name):
        def call(*args, **kwargs):
            left[0] -= 1
            if left[0] <= 0:
                if name == "write":  # half of it is on the disk
                    function(args[0], bytes(args[1])[: len(args[1]) // 2])
                os._exit(9)
            return function(*args, **kwargs)

        return call

    for name in ("open", "write", "fsync", "replace", "rename", "mkdir", "unlink"):
        setattr(os, name, dying(getattr(os, name), name))
