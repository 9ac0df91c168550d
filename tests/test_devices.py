"""Which devices there are, and which are missing although they are required."""

import pytest
import torch

from torchkata import devices
from torchkata.devices import ENVIRONMENT, available, missing, prepare


@pytest.fixture
def only_cpu(monkeypatch):
    """A machine without any accelerator, and an empty environment."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.delenv(ENVIRONMENT, raising=False)


def test_the_cpu_is_always_there_and_first():
    assert available()[0] == "cpu"


@pytest.mark.parametrize(
    ("cuda", "mps", "names"),
    [(0, 0, ["cpu"]), (1, 0, ["cpu", "cuda"]), (0, 1, ["cpu", "mps"]), (1, 1, ["cpu", "cuda", "mps"])],
)
def test_accelerators_are_found(monkeypatch, cuda, mps, names):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(cuda))
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: bool(mps))
    assert available() == names


@pytest.mark.parametrize(
    ("required", "names"),
    [
        ("", []),
        ("cpu", []),
        ("cuda", ["cuda"]),
        ("cpu,cuda", ["cuda"]),
        (" cuda , mps ", ["cuda", "mps"]),
        (",,", []),
        ("tpu", ["tpu"]),
        ("CUDA", ["CUDA"]),
    ],
)
def test_what_is_required_and_not_there_is_missing(only_cpu, required, names):
    assert missing(required) == names


@pytest.mark.parametrize(
    ("required", "environment", "names"),
    [("", "cuda", ["cuda"]), ("mps", "cpu,cuda", ["mps", "cuda"]), ("cpu", "cpu", []), ("cpu", "", [])],
)
def test_the_environment_requires_devices_too(only_cpu, monkeypatch, required, environment, names):
    monkeypatch.setenv(ENVIRONMENT, environment)
    assert missing(required) == names


def test_nothing_is_missing_without_requirements(only_cpu):
    assert missing("") == []


def test_a_required_device_that_is_there_is_not_missing(only_cpu, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert missing("cuda,mps") == ["mps"]


def test_results_are_made_comparable():
    threads, flags = torch.get_num_threads(), (torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32)
    torch.set_num_threads(2)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    prepare()
    assert (torch.get_num_threads(), torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32) == (
        1,
        False,
        False,
    )
    torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = flags


def test_looking_for_devices_starts_no_cuda():
    before = torch.cuda.is_initialized()
    devices.available()
    assert torch.cuda.is_initialized() == before
