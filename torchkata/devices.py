"""Which devices the properties run on."""

import os

import torch

ENVIRONMENT = "TORCHKATA_REQUIRE"


def available() -> list[str]:
    """The device types of this machine, "cpu" first."""
    found = ["cpu"]
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return found


def missing(required: str) -> list[str]:
    """Those of the comma-separated names in `required` and in the environment that this machine lacks."""
    names = f"{required},{os.environ.get(ENVIRONMENT, '')}".split(",")
    return [name for name in map(str.strip, names) if name and name not in available()]


def prepare() -> None:
    """Make results comparable: one thread, and full float32 products on CUDA (no TF32)."""
    torch.set_num_threads(1)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
