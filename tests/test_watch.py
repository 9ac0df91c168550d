"""`kata` in a real terminal: save, read, go on; and the same work for every way an editor saves."""

import os
import re
import shutil
import sys
import time

import pytest

from tests.conftest import ROOT
from torchkata.store import Store

pexpect = pytest.importorskip("pexpect")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pexpect needs a POSIX terminal")
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
HOME = "\x1b[H"


class Terminal:
    """`kata` in a pseudo-terminal of 80 columns; `screen` is what is drawn since the last clear."""

    def __init__(self, folder):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
        self.child = pexpect.spawn(
            sys.executable, ["-m", "torchkata.cli"], cwd=folder, env=environment, encoding="utf-8", dimensions=(45, 80)
        )
        self.text = ""

    @property
    def screen(self):
        return ANSI.sub("", self.text.split(HOME)[-1]).replace("\r", "")

    def until(self, pattern, seconds=90):
        """Wait until the screen shows a pattern; the screen."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.screen, flags=re.S):
            assert time.monotonic() < deadline, f"no {pattern!r} on the screen:\n{self.screen}"
            try:
                self.text += self.child.read_nonblocking(65536, 0.2)
            except pexpect.TIMEOUT:
                continue
        return self.screen

    def press(self, key):
        self.text += HOME
        self.child.send(key)

    def close(self):
        self.child.close(force=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A workspace with one skill of four stubs."""
    made = tmp_path_factory.mktemp("workspace with ünïcode")
    for name in ("katas/01_tensors", "reference", "mistakes"):
        shutil.copytree(ROOT / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, made / name)
    return made


@pytest.fixture(scope="module")
def terminal(folder):
    opened = Terminal(folder)
    opened.until("whole skill")
    yield opened
    opened.close()


@pytest.fixture
def stub_file(folder):
    return folder / "katas" / "01_tensors" / "tensors.py"


def written(stub_file, stub, line):
    """The text of the stub file with one body written."""
    text = stub_file.read_text("utf-8")
    start = text.index(f"def {stub}(")
    return text[:start] + text[start:].replace("raise NotImplementedError", line, 1)


def vim_style(path, text):
    os.replace(path, path.with_suffix(".py~"))
    path.write_text(text, "utf-8")
    path.with_suffix(".py~").unlink()


def code_style(path, text):
    """In place, in two writes."""
    with path.open("w", encoding="utf-8") as file:
        file.write(text[: len(text) // 2])
        file.flush()
        time.sleep(0.02)
        file.write(text[len(text) // 2 :])


def by_rename(path, text):
    other = path.with_suffix(".tmp")
    other.write_text(text, "utf-8")
    os.replace(other, path)


def test_a_learner_goes_from_the_first_stub_to_the_next(terminal, stub_file):
    shown = terminal.until("from_lists   not written yet")
    assert "Return a tensor that holds the Python numbers" in shown and "0 of 25 green" in shown
    original = stub_file.read_text("utf-8")
    vim_style(stub_file, written(stub_file, "from_lists", "return torch.Tensor(data)"))
    shown = terminal.until("This looks like.*whole skill")
    assert "✗ from_lists   wrong dtype" in shown and "expected int64" in shown
    stub_file.write_text(original, "utf-8")
    terminal.until("from_lists   not written yet.*whole skill")
    code_style(stub_file, written(stub_file, "from_lists", "return torch.tensor(data)"))
    shown = terminal.until("inferred_dtype   not written yet.*whole skill")
    assert "`from_lists` is green." in shown and "1 of 25 green" in shown


def test_what_was_checked_is_remembered_changed_or_not(terminal, folder):
    terminal.until("whole skill")
    known = Store(folder).read()["stubs"]["tensors"]
    assert len(known) == 25 and known["from_lists"]["state"] == "green"
    assert {facts["state"] for name, facts in known.items() if name != "from_lists"} == {"not written yet"}


def test_keys_give_a_hint_the_list_and_the_diff(terminal):
    terminal.press("h")
    assert "Hint 1 of 3" in terminal.until(r"Hint 1 of 3.*q quit")
    terminal.press("h")
    terminal.until(r"Hint 2 of 3.*q quit")
    terminal.press("l")
    assert "● from_lists" in terminal.until(r"○ largest_position.*q quit")
    terminal.press("n")
    terminal.until(r"copy_array   not written yet.*q quit")
    terminal.press("r")
    terminal.until("whole skill")


def test_any_stub_that_is_saved_is_checked_first(terminal, stub_file):
    by_rename(stub_file, written(stub_file, "total", "return x.sum()"))
    shown = terminal.until("total   wrong type.*whole skill")
    assert "a tensor" in shown
    terminal.press("d")
    assert "+    return x.sum()" in terminal.until(r"\+    return x\.sum\(\).*q quit")


def test_half_a_file_with_a_syntax_error_is_said_and_repaired(terminal, stub_file):
    whole = stub_file.read_text("utf-8")
    stub_file.write_text(whole.replace("def copy_array(", "def copy_array((", 1), "utf-8")
    terminal.until("syntax error")
    stub_file.write_text(whole, "utf-8")
    terminal.until("whole skill")


def test_a_deleted_file_is_said(terminal, stub_file):
    whole = stub_file.read_text("utf-8")
    stub_file.unlink()
    terminal.until("tensors.py is gone")
    stub_file.write_text(whole, "utf-8")
    terminal.until("whole skill")


def test_q_quits_and_nothing_stays_behind(terminal):
    terminal.press("q")
    terminal.child.expect(pexpect.EOF, timeout=20)
    terminal.child.close()
    assert terminal.child.exitstatus == 0
