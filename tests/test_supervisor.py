"""A stub that hangs in one C call, or ends its process, is named; the others are checked all the same."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import ROOT
from torchkata.supervisor import FACTOR, GRACE, Pulse, is_possible, supervise

pytestmark = pytest.mark.skipif(not is_possible(), reason="sessions are supervised on Linux without CUDA")
OTHERS = ("-k", "identity or from_lists", "--time-limit", "1")
ENDINGS = {
    "leaves": ("import os\n    os._exit(3)", "exit code 3"),
    "crashes": ("import ctypes\n    return ctypes.string_at(0)", "SIGSEGV"),
    "is killed": ("import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
}


def lines_of(learner, text):
    return [number for number, line in enumerate(learner.file.read_text().splitlines(), 1) if text in line]


def test_an_endless_c_call_is_named_with_its_line_and_the_rest_is_checked(learner):
    learner.write("def from_lists(data):\n    x = 1\n    return sum(range(10**12))")
    screen = learner.run(*OTHERS)
    assert screen.code == 1
    assert f"✗ from_lists   hangs   {learner.file}:{lines_of(learner, '10**12')[0]}" in screen.text
    assert "✗●  1 of 2 green" in screen.text and "Fatal" not in screen.text and "Traceback" not in screen.text
    assert f"after {FACTOR + GRACE:g} s" in screen.text


def test_a_loop_that_swallows_every_interrupt_is_named(learner):
    learner.write(
        "def from_lists(data):\n    while True:\n        try:\n            pass\n        finally:\n            continue"
    )
    screen = learner.run(*OTHERS)
    assert screen.code == 1 and "✗ from_lists   hangs" in screen.text and "✗●  1 of 2 green" in screen.text


@pytest.mark.parametrize("how", ENDINGS)
def test_a_stub_that_ends_the_process_is_named_and_the_rest_is_checked(learner, how):
    body, words = ENDINGS[how]
    learner.write(f"def from_lists(data):\n    {body}")
    screen = learner.run(*OTHERS)
    assert screen.code == 1
    assert "✗ from_lists   ends the process" in screen.text and words in " ".join(screen.text.split())
    assert "✗●  1 of 2 green" in screen.text and "Fatal" not in screen.text


def test_junitxml_holds_the_hanging_stub_and_the_others(learner, tmp_path):
    learner.write("def from_lists(data):\n    return sum(range(10**12))")
    learner.run(*OTHERS, "--junitxml", str(tmp_path / "out.xml"))
    text = (tmp_path / "out.xml").read_text()
    assert "hangs" in text and "test_identity__" in text


def test_what_a_lost_session_printed_does_not_show_up_elsewhere(learner):
    learner.write("""
        def from_lists(data):
            print("first words")
            import os
            os._exit(1)

        def identity(n, dtype):
            return None
    """)
    assert "first words" not in learner.run(*OTHERS).text


def test_ctrl_c_ends_the_run_and_its_child(learner, tmp_path):
    began = tmp_path / "began"
    learner.write(f"def from_lists(data):\n    import time\n    open({str(began)!r}, 'w').close()\n    time.sleep(60)")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "katas/01_tensors",
        "--solution",
        str(learner.folder),
        "-p",
        "no:cacheprovider",
    ]
    run = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job ignores it
    )
    deadline = time.monotonic() + 60
    while not began.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGINT)
    run.communicate(timeout=20)
    assert run.returncode == 2
    with pytest.raises(ProcessLookupError):
        os.killpg(run.pid, 0)


# the supervisor alone


def test_the_exit_code_of_a_session_is_passed_on():
    assert supervise(lambda pulse, lost: 7, 1.0) == 7


def test_a_session_that_dies_outside_any_stub_is_not_repeated():
    assert supervise(lambda pulse, lost: os._exit(9), 1.0) == 9


def test_a_stub_that_is_lost_twice_ends_the_run():
    def session(pulse, lost):
        pulse.begin("01_x.f", __file__)
        os._exit(5)

    assert supervise(session, 1.0) == 5


def test_a_lost_stub_is_known_to_the_next_session():
    def session(pulse, lost):
        if lost:
            return 10 + len(lost) if lost["01_x.f"].reason == "ends the process" else 0
        pulse.begin("01_x.f", __file__)
        os._exit(5)

    assert supervise(session, 1.0) == 11


def test_a_stub_that_has_ended_is_not_blamed():
    def session(pulse, lost):
        pulse.begin("01_x.f", __file__)
        pulse.end()
        os._exit(6)

    assert supervise(session, 1.0) == 6


def test_a_pulse_without_a_parent_is_silent():
    Pulse().begin("f", "file")
    Pulse().end()
