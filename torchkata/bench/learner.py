"""The learner's code against the reference.

    python -m torchkata.bench.learner SKILL [STUB …] [--solution TREE]        (also `kata bench SKILL`)

Only stubs that are green are timed, on the calls that their properties make, in turn with the reference.
"""

import argparse
import contextlib
import inspect
import io
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from torchkata import devices, profiles, trees
from torchkata.bench import pairs
from torchkata.bench.figures import Spread
from torchkata.checking import Checker
from torchkata.diagnosis import Played, Probe, find_probes
from torchkata.errors import NOT_WRITTEN
from torchkata.kata import Function, Kata
from torchkata.properties import by_stub, load_properties
from torchkata.skills import Skill, find_skills

SEED = 0
WIDTH = 34  # letters of a stub's name, and two spaces
ROUNDS, BLOCK = 30, 1e-3  # less than elsewhere: the copies of the arguments take longer than the calls
MOST_COPIES = 2_000  # calls in a block: each gets arguments of its own, made before the clock starts
SAME = 0.05  # a difference below this share is none, even where the interval is narrow
PROBE_SECONDS = 2.0  # for one call; a probe that takes longer is left out


@dataclass(frozen=True)
class Timing:
    """What was found about one stub: how long it takes compared to the reference, or why that is not known."""

    stub: str
    ratio: Spread | None = None
    control: Spread | None = None
    seconds: float = 0.0  # one call of the learner's
    note: str = ""

    def line(self) -> str:
        """One line of the table."""
        if self.ratio is None or self.control is None:
            return f"  {self.stub:<{WIDTH}}{self.note}"
        low, high = f"{self.ratio.low:.2f}", f"{self.ratio.high:.2f}"
        figures = f"{low} to {high}, {self.seconds * 1e6:.1f} µs a call"
        return f"  {self.stub:<{WIDTH}}{in_words(self.ratio):<32}{figures}"


def in_words(ratio: Spread) -> str:
    """A ratio as a sentence; what lies inside the noise is called the same."""
    if ratio.low <= 1 <= ratio.high or abs(ratio.median - 1) < SAME:
        return "yours as fast as the reference"
    digits = 1 if ratio.median >= 1.5 or ratio.median < 0.1 else 2
    return f"yours {ratio.median:.{digits}f}× the reference"


def measure(skill: Skill, tree: Path | None = None, stubs: list[str] | None = None) -> Iterator[Timing]:
    """Time the stubs of a skill, in the order of the file."""
    checker = Checker(skill, tree)
    mine, right = checker.load(), Kata.load(skill.reference)
    probing = by_stub(load_properties(skill.tests, "probe"))
    for stub in stubs or checker.stubs:
        note = _why_not(checker, mine, stub)
        if note:
            yield Timing(stub, note=note)
            continue
        function, reference = getattr(mine, stub).function, getattr(right, stub).function
        with _quiet():
            probes = usable(find_probes(probing[stub], right, stub), [function, reference])
        yield compare(stub, function, reference, probes)


def _why_not(checker: Checker, kata: Kata, stub: str) -> str:
    """Why a stub cannot be timed: it is not written, or not green; "" if it is green."""
    if checker.unwritten(stub):
        return NOT_WRITTEN
    for facts in checker.confirm(stub, kata, SEED):
        if facts["state"] != "green":
            return f"{facts['state']}: only what is green is timed"
    return ""


def usable(probes: list[Probe], functions: list[Function]) -> list[Probe]:
    """The probes that all functions answer without an exception, and soon."""
    return [probe for probe in probes if all(_answers(function, probe) for function in functions)]


def _answers(function: Function, probe: Probe) -> bool:
    try:
        args, kwargs = trees.copied(probe)
        start = time.perf_counter()
        callable_form(function)(*args, **kwargs)
        return time.perf_counter() - start < PROBE_SECONDS
    except Exception:  # a probe of an error, or of a file that is gone
        return False


def callable_form(function: Function) -> Function:
    """A function as it is; a class as a function that makes an instance and calls its methods."""
    return Played(function) if inspect.isclass(function) else function


def compare(stub: str, function: Function, reference: Function, probes: list[Probe]) -> Timing:
    """Time a function against the reference on the same calls, with the reference against itself as the control."""
    if not probes:
        return Timing(stub, note="green, but none of its properties' calls can be repeated alone")
    with _quiet():
        blocks = {
            "yours": block_of(function, probes),
            "reference": block_of(reference, probes),
            "control": block_of(reference, probes),
        }
        times = pairs.interleave(blocks, rounds=ROUNDS, seconds=BLOCK)
    return Timing(
        stub,
        pairs.ratio(times, "yours", "reference"),
        pairs.ratio(times, "control", "reference"),
        Spread.of(times["yours"]).median / len(probes),
    )


def block_of(function: Function, probes: list[Probe]) -> pairs.Block:
    """All probes so many times, each time with copies of the arguments: a call may change them."""
    called = callable_form(function)

    def run(calls: int) -> float:
        took, left = 0.0, calls
        while left > 0:
            share = min(left, max(1, MOST_COPIES // len(probes)))
            prepared = [trees.copied(probe) for _ in range(share) for probe in probes]
            start = time.perf_counter()
            for args, kwargs in prepared:
                called(*args, **kwargs)
            took += time.perf_counter() - start
            left -= share
        return took

    return run


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Nothing that a stub prints or warns of gets to the screen."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def find_skill(root: Path, name: str) -> Skill | None:
    """The skill of a name (tensors, 01_tensors, katas/01_tensors), None if there is none."""
    wanted = Path(name).name
    return next((skill for skill in find_skills(root) if wanted in (skill.name, skill.folder.name)), None)


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="kata bench", description="Time your code against the reference.")
    parser.add_argument("skill", help="tensors or 01_tensors")
    parser.add_argument("stubs", nargs="*", help="only these stubs; all without any")
    parser.add_argument("--solution", type=Path, metavar="TREE", help="whose code: the learner's without it")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the workspace (default: the current folder)")
    options = parser.parse_args(arguments)
    skill = find_skill(options.root, options.skill)
    if skill is None:
        names = ", ".join(each.name for each in find_skills(options.root))
        parser.error(f"there is no skill {options.skill!r}. There are: {names}")
    unknown = [stub for stub in options.stubs if stub not in Checker(skill).stubs]
    if unknown:
        parser.error(f"{skill.name} has no stub {', '.join(unknown)}")
    profiles.register()
    devices.prepare()
    warning = pairs.load_warning()
    print(f"{skill.folder.name}, on the inputs of its properties, one thread")
    if warning:
        print(f"  careful: {warning}")
    controls = []
    for timing in measure(skill, options.solution, options.stubs):
        print(timing.line(), flush=True)
        controls += [abs(timing.control.median - 1)] if timing.control else []
    if controls:
        print(f"  the reference against itself: at most {max(controls):.1%} off")
    return 0


if __name__ == "__main__":
    sys.exit(main())
