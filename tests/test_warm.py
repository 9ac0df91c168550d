"""The resident process: verdicts in two stages, and whatever a stub does, a finding."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, Learner
from torchkata import supervisor

SKILL = "01_tensors"
LOST = {
    "leaves": "import os\n    os._exit(3)",
    "crashes": "import ctypes\n    return ctypes.string_at(0)",
}


class Warm:
    """A resident process, and what it says."""

    def __init__(self, tree, *options):
        command = [sys.executable, "-m", "torchkata.warm", str(ROOT), str(tree), *options]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.read()["stage"] == "ready"
        self.number = 0

    def read(self):
        return json.loads(self.process.stdout.readline())

    def send(self, **message):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, first, rest=()):
        self.number += 1
        self.send(check=SKILL, first=[first], rest=list(rest), id=self.number)

    def answers(self):
        """What it says about the last question, up to the end."""
        said = []
        while not said or said[-1]["stage"] != "end":
            message = self.read()
            said += [message] if message["id"] == self.number else []
        return said

    def check(self, first, rest=()):
        self.ask(first, rest)
        return self.answers()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("warm")


@pytest.fixture(scope="module")
def warm(folder):
    Learner(folder).write("")
    served = Warm(folder)
    yield served
    served.process.stdin.close()
    assert served.process.wait(10) == 0


@pytest.fixture
def learner(folder):
    return Learner(folder)


def stages(said):
    return [message["stage"] for message in said]


def test_a_right_answer_is_looked_at_and_confirmed(warm, learner):
    learner.write("")
    said = warm.check("total")
    assert stages(said) == ["looked", "confirmed", "end"]
    assert {facts["state"] for facts in said[1]["facts"]} == {"green"}


def test_a_wrong_answer_is_red_at_once_then_confirmed_and_named(warm, learner):
    learner.write("def from_lists(data):\n    return torch.Tensor(data)")
    said = warm.check("from_lists")
    assert stages(said) == ["first", "confirmed", "named", "end"]
    assert said[0]["facts"]["finding"]["reason"] == "wrong dtype"
    assert "wrong" in {facts["state"] for facts in said[1]["facts"]}
    assert "float32" in said[2]["sentence"]


def test_what_is_not_written_is_said_without_a_run(warm, learner):
    learner.write("def total(x):\n    raise NotImplementedError")
    said = warm.check("total")
    assert stages(said) == ["confirmed", "end"]
    assert {facts["state"] for facts in said[0]["facts"]} == {"not written yet"}


def test_the_rest_of_the_skill_is_checked_too(warm, learner):
    learner.write("def largest(x):\n    return x.argmin()")
    said = warm.check("total", ["largest", "identity", "constant"])
    states = {m["stub"]: {f["state"] for f in m["facts"]} for m in said if m["stage"] == "confirmed"}
    assert states["total"] == states["identity"] == states["constant"] == {"green"}
    assert "wrong" in states["largest"]


def test_a_file_with_a_syntax_error_is_a_finding(warm, learner):
    learner.write("def total(x:\n    pass")
    said = warm.check("total")
    assert said[0]["facts"]["finding"]["reason"] == "syntax error"


@pytest.mark.skipif(not supervisor.is_possible(), reason="children are forked on Linux without CUDA")
@pytest.mark.parametrize("how", LOST)
def test_a_stub_that_ends_its_process_is_a_finding_and_the_rest_is_checked(warm, learner, how):
    learner.write(f"def total(x):\n    {LOST[how]}")
    said = warm.check("total", ["identity"])
    found = {m["stub"]: m["facts"] for m in said if m["stage"] == "confirmed"}
    assert {facts["finding"]["reason"] for facts in found["total"]} == {"ends the process"}
    assert {facts["state"] for facts in found["identity"]} == {"green"}


def test_a_stub_that_asks_for_endless_memory_is_a_finding(warm, learner):
    learner.write("def total(x):\n    return torch.ones(10**12).sum().item()")
    assert warm.check("total")[0]["facts"]["finding"]["reason"] == "exception"


def test_endless_output_is_cut(warm, learner):
    learner.write("def total(x):\n    for _ in range(20_000):\n        print('x' * 100)\n    return None")
    said = warm.check("total")
    assert len(said[0]["facts"]["printed"]) < 50_000


def test_a_new_question_cancels_the_one_before(warm, learner):
    learner.write("def total(x):\n    import time\n    time.sleep(5)")
    began = time.monotonic()
    warm.ask("total")
    time.sleep(0.2)
    learner.write("")
    assert {facts["state"] for facts in warm.check("total")[1]["facts"]} == {"green"}
    assert time.monotonic() - began < 5


@pytest.mark.skipif(not supervisor.is_possible(), reason="children are forked on Linux without CUDA")
def test_children_end_with_their_parent(folder, learner):
    learner.write("def total(x):\n    import time\n    time.sleep(30)")
    served = Warm(folder)
    served.ask("total")
    deadline = time.monotonic() + 60
    while not (children := children_of(served.process.pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert children
    served.process.kill()
    served.process.wait()
    deadline = time.monotonic() + 5
    while any(lives(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(lives(pid) for pid in children)


def test_where_a_fork_is_not_safe_one_question_is_answered(folder, learner):
    learner.write("def from_lists(data):\n    return torch.Tensor(data)")
    served = Warm(folder, "--once")
    served.send(prepare=SKILL)
    assert stages(served.check("from_lists")) == ["first", "confirmed", "named", "end"]
    assert served.process.wait(10) == 0


def children_of(pid):
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
