"""The suite itself: what a learner waits for."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from torchkata import profiles
from torchkata.kata import Kata
from torchkata.properties import load_properties, run_property
from torchkata.skills import find_skills

ROOT = Path(__file__).resolve().parent.parent
KATA = "01_tensors"
SKILLS = [skill.folder.name for skill in find_skills(ROOT)]


def run_pytest(*arguments: str) -> str:
    """One run in a fresh process, on the reference; all of it must be green."""
    command = [sys.executable, "-m", "pytest", *arguments, "--solution", "reference", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_examples(measure):
    """A property under Hypothesis: how many examples it sees in a second."""
    profiles.register()
    module = load_properties(ROOT / "katas" / KATA / f"test_{KATA[3:]}.py", "kata")
    check = module.test_total__is_the_sum_as_a_python_number
    kata = Kata.load(ROOT / "reference" / "tensors.py")
    seen = 0
    inner = check.hypothesis.inner_test

    def counted(*args, **kwargs):
        nonlocal seen
        seen += 1
        inner(*args, **kwargs)

    check.hypothesis.inner_test = counted
    assert run_property(check, kata) is None and seen > 0
    examples = seen
    check.hypothesis.inner_test = inner
    times = measure(lambda: run_property(check, kata), {}, way="a property", examples=examples)
    measure.note(examples_per_second=examples / sorted(times["work"])[len(times["work"]) // 2])


def test_cold_verdict(measure):
    """One property in a fresh process: the imports are nearly all of it."""
    measure(lambda: run_pytest(f"katas/{KATA}", "-k", "total__"), {}, fewest=5, way="cold verdict")


@pytest.mark.parametrize("folder", SKILLS)
def test_kata(folder, fast, benchmark):
    """A whole kata in a fresh process."""
    if fast and folder != KATA:
        pytest.skip("only one with --fast")
    benchmark.extra_info.update(way=f"kata {folder}", device="cpu")
    benchmark.pedantic(run_pytest, (f"katas/{folder}",), rounds=1 if fast else 3)


class Resident:
    """The process behind `kata`, asked as `kata` asks it."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "torchkata.warm", str(ROOT), str(ROOT / "reference")]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.wait("ready")

    def check(self, number: int) -> str:
        """The state of one stub after a check from end to end."""
        job = {"check": KATA, "first": ["total"], "rest": [], "id": number}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        facts = self.wait("confirmed")["facts"]
        self.wait("end")
        return facts[0]["state"]

    def wait(self, stage: str) -> dict:
        for line in self.process.stdout:
            if json.loads(line).get("stage") == stage:
                return json.loads(line)
        raise RuntimeError(f"the resident process ended before it said {stage!r}")

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=30)


def test_warm_verdict(fast, benchmark):
    """The same property asked of the resident process, as after a save."""
    resident = Resident()
    try:
        for number in range(3):
            assert resident.check(number) == "green"
            time.sleep(0.5)  # children are made ready meanwhile
        benchmark.extra_info.update(way="warm verdict", device="cpu")
        benchmark.pedantic(resident.check, (9,), rounds=3 if fast else 20, setup=lambda: time.sleep(0.3))
    finally:
        resident.end()
