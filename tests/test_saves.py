"""A file counts as saved when it is whole, whatever way the editor writes."""

import os
import threading
import time

import pytest

from torchkata import saves
from torchkata.saves import changed_stubs, saved

OLD = b"def f(x):\n    return x\n\n\ndef g(x):\n    return x\n"
NEW = b"def f(x):\n    return x + 1\n\n\ndef g(x):\n    return x\n"


def in_place(path):
    path.write_bytes(NEW)


def by_rename(path):
    other = path.with_suffix(".new")
    other.write_bytes(NEW)
    os.replace(other, path)


def vim_style(path):
    os.replace(path, path.with_suffix(".bak"))
    time.sleep(0.02)
    path.write_bytes(NEW)
    path.with_suffix(".bak").unlink()


def in_pieces(path):
    with path.open("wb", buffering=0) as file:
        for byte in range(0, len(NEW), 7):
            file.write(NEW[byte : byte + 7])
            time.sleep(0.01)


def truncated_first(path):
    path.write_bytes(b"")
    time.sleep(0.05)
    path.write_bytes(NEW)


def appended(path):
    path.write_bytes(NEW[:24])
    time.sleep(0.05)
    with path.open("ab") as file:
        file.write(NEW[24:])


WAYS = (in_place, by_rename, vim_style, in_pieces, truncated_first, appended)


@pytest.fixture(params=[saves._is_being_written, saves._is_being_written_elsewhere], ids=["here", "elsewhere"])
def way_to_ask(request, monkeypatch):
    monkeypatch.setattr(saves, "_is_being_written", request.param)
    return request.param


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_is_read_is_the_whole_new_file(tmp_path, way, way_to_ask):
    path = tmp_path / "f.py"
    path.write_bytes(OLD)
    started = threading.Event()

    def write():
        started.set()
        way(path)

    thread = threading.Thread(target=write)
    thread.start()
    started.wait()
    deadline = time.monotonic() + 5
    while (data := saved(path, OLD)) == OLD and time.monotonic() < deadline:  # the editor had not begun
        time.sleep(0.001)
    thread.join()
    assert data == NEW


def test_a_file_that_is_gone_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(saves, "PATIENCE", 0.05)
    monkeypatch.setattr(saves, "BROKEN", 0.05)
    assert saved(tmp_path / "f.py", OLD) is None


def test_a_broken_file_is_read_in_the_end(tmp_path):
    path = tmp_path / "f.py"
    path.write_bytes(b"def f(:\n")
    assert saved(path, OLD) == b"def f(:\n"


def test_only_what_changed_counts_as_changed():
    assert changed_stubs(OLD, NEW) == ["f"]
    assert changed_stubs(OLD, OLD + b"\n# a comment\n") == []
    assert changed_stubs(b"", NEW) == ["f", "g"]
    assert changed_stubs(b"def f(:", NEW) == ["f", "g"]
    assert changed_stubs(OLD, b"def f(:") == []


def test_a_helper_or_an_import_that_changed_changes_its_users():
    text = b"import math\n\n\ndef _h(x):\n    return x\n\n\ndef f(x):\n    return _h(x)\n\n\ndef g(x):\n    return x\n"
    assert changed_stubs(text, text.replace(b"def _h(x):\n    return x", b"def _h(x):\n    return -x")) == ["f"]
    assert changed_stubs(text, text.replace(b"import math", b"import cmath")) == ["f", "g"]
    assert changed_stubs(text, text + b"\n\ndef k(x):\n    return x\n") == ["k"]
