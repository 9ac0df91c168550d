"""The katas as shipped are red for one reason, and green on the reference."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*arguments):
    command = [sys.executable, "-m", "pytest", *arguments, "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=300)


def test_as_shipped_every_stub_is_not_written_yet_and_nothing_else():
    done = run("katas")
    assert done.returncode == 1
    assert done.stdout.count("not written yet") > 40
    assert not any(mark in done.stdout for mark in ("✗", "●", "·"))


def test_the_first_stub_to_write_is_shown():
    text = run("katas/01_tensors").stdout
    assert "○ from_lists   not written yet   katas/01_tensors/tensors.py:" in text
    assert ">>> from_lists(" in text


def test_the_reference_is_green():
    done = run("katas", "--solution", "reference")
    assert done.returncode == 0, done.stdout
    assert not any(mark in done.stdout for mark in ("✗", "○", "·"))


def test_a_kata_that_does_not_need_torchvision_does_not_import_it():
    code = "import sys, pytest; pytest.main(['katas/01_tensors', '--solution', 'reference']); print('torchvision' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.stdout.strip().endswith("False")
