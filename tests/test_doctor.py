"""`kata doctor` says of each thing that it is well, or what to do; nothing that is broken is a traceback."""

import importlib.metadata
import sys
from pathlib import Path

import pytest

from tests.demo_workspace import ship
from torchkata import doctor

TORCH = "import os\n__version__ = '2.15.0'\n__file__ = 'x'\nclass cuda:\n    is_available = staticmethod(lambda: False)\nclass version:\n    cuda = None\ndef tensor(x): return x\ndef ones(n): return n\n"
VISION = "__version__ = '0.29.2'\nclass ops:\n    nms = staticmethod(lambda *a: None)\n"


@pytest.fixture
def pretend(tmp_path, monkeypatch):
    """Put modules in the place of torch and torchvision, and say which versions are installed."""

    def arrange(torch=TORCH, vision=VISION, versions=None, requires=None):
        for name, text in (("torch", torch), ("torchvision", vision)):
            (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        known = {"torch": "2.15.0", "torchvision": "0.29.2"} | (versions or {})
        monkeypatch.setattr(doctor, "_version", lambda name: known.get(name, "9.9"))
        asked = {"torchkata": ["torch>=2.6", "torchvision>=0.21", "numpy>=1.26"], "torchvision": ["torch>=2.14"]}
        monkeypatch.setattr(importlib.metadata, "requires", lambda name: (asked | (requires or {}))[name])
        return {each.what: each for each in doctor.examine(None)}

    return arrange


def test_all_is_well(pretend):
    found = pretend()
    assert all(found[name].ok for name in ("Python", "torch", "torchvision", "device", "numpy"))
    assert "matches torch 2.15.0" in found["torchvision"].found and "no CUDA device" in found["device"].found


def test_a_missing_torchvision_is_a_line(pretend):
    found = pretend(vision="raise ModuleNotFoundError('no')", versions={"torchvision": ""})["torchvision"]
    assert found.found == "is not installed" and found.advice == 'pip install "torchvision>=0.21"'


def test_a_torchvision_for_another_torch_is_a_line(pretend):
    found = pretend(versions={"torch": "2.6.0"})["torchvision"]
    assert "made for torch >=2.14, not for 2.6.0" in found.found and '"torch==2.6.0" torchvision' in found.advice


def test_a_torchvision_that_does_not_work_is_a_line(pretend):
    vision = "raise RuntimeError('operator torchvision::nms does not exist')"
    found = pretend(vision=vision)["torchvision"]
    assert "operator torchvision::nms does not exist" in found.found and found.advice


def test_different_builds_are_a_line(pretend):
    found = pretend(versions={"torch": "2.15.0+cpu", "torchvision": "0.29.2+cu128"})["torchvision"]
    assert "different builds" in found.found


@pytest.mark.parametrize("text, said", [("1/0", "ZeroDivisionError"), ("import os; os.abort()", "ends the process")])
def test_a_broken_torch_is_a_line(pretend, text, said):
    found = pretend(torch=text)
    assert said in found["torch"].found and found["torch"].advice


def test_an_old_package_is_a_line(pretend):
    found = pretend(versions={"torch": "2.5.1", "numpy": "1.20"})
    assert found["torch"].advice == 'pip install "torch>=2.6"' and found["numpy"].advice == 'pip install "numpy>=1.26"'


def test_a_cuda_device_is_named(pretend):
    torch = TORCH.replace("lambda: False", "lambda: True").replace(
        "class version", "    get_device_name = staticmethod(lambda: 'H9')\nclass version"
    )
    assert "H9" in pretend(torch=torch)["device"].found


def test_the_workspace_is_looked_at(tmp_path):
    skill = ship(tmp_path)
    assert [each.ok for each in doctor._workspace(tmp_path)] == [True, True]
    skill.stubs.write_text("def (\n")
    (tmp_path / ".kata" / "state.json").write_text("{")
    found = list(doctor._workspace(tmp_path))
    assert "syntax error" in found[1].found and "`kata reset numbers`" in found[1].advice
    assert "state.json.broken-1" in found[2].found


def test_no_workspace_is_a_line():
    assert "kata init DIR" in next(iter(doctor._workspace(None))).advice


def test_a_folder_that_can_not_be_written_is_a_line(tmp_path, monkeypatch):
    ship(tmp_path)

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    found = list(doctor._workspace(tmp_path))
    assert "can't be written to" in found[-1].found and found[-1].advice


def test_this_python_is_supported():
    assert doctor._python().ok and sys.executable in doctor._python().found
