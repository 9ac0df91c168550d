"""What the tests of the suite share: a learner who writes something and runs pytest."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parent.parent


class Screen:
    """What a run of pytest left behind."""

    def __init__(self, done):
        self.code, self.text = done.returncode, done.stdout + done.stderr

    def rows(self):
        """The labelled rows of the detail by their label: call, expected, yours, …"""
        found = {}
        for line in self.text.splitlines():
            label = line[2:13].strip()
            if line.startswith("  ") and label and len(line) > 13 and line[2] != " " and line[12] == " ":
                found.setdefault(label, line[13:])
        return found


class Learner:
    """Writes answers to a skill in a folder of their own and runs pytest on them."""

    def __init__(self, folder, skill="tensors", kata="01_tensors"):
        self.folder, self.kata = folder, kata
        self.file = folder / f"{skill}.py"
        self.reference = (ROOT / "reference" / f"{skill}.py").read_text("utf-8")

    def write(self, function):
        """The reference, with one function written anew below (the last definition counts)."""
        self.file.write_text(f"{self.reference}\n\n{dedent(function)}", "utf-8")

    def run(self, *arguments, solution=None, cwd=ROOT, **environment):
        tree = ["--solution", str(solution or self.folder)]
        command = [sys.executable, "-m", "pytest", f"katas/{self.kata}", *tree, "-p", "no:cacheprovider", *arguments]
        env = {**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80", **environment}
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", env=env, timeout=120)
        return Screen(done)


@pytest.fixture
def learner(tmp_path):
    """A learner of the tensors kata."""
    return Learner(tmp_path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With `-n`, a worker that is done takes tests from another: some take a minute, most a millisecond."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)
