"""What the suite runs on, checked before torch is imported: one clear line in the place of a traceback.

This file is kept so plain that an older Python reads it too, up to the line that says it is too old. The versions are
taken from the metadata of what is installed; nothing is imported unless they don't match.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import Any

OLDEST_PYTHON = (3, 10)
OLDEST_TORCH = (2, 6)
READ_ONLY = "can't be written: the katas run, but to solve them copy this folder to a place of your own"
USAGE_ERROR = 4  # the exit status that pytest has for it


def require() -> None:
    """End the program with one line if the katas can't run here."""
    line = problem()
    if line:
        print(f"torchkata: {line}", file=sys.stderr)
        sys.exit(USAGE_ERROR)


def allow_read_only(config: Any) -> None:
    """Say in one line that the folder can't be written, where pytest would warn of each file of its cache."""
    if os.access(config.rootpath, os.W_OK):
        return
    config.addinivalue_line("filterwarnings", "ignore::pytest.PytestCacheWarning")
    if not hasattr(config, "workerinput"):
        print(f"torchkata: {config.rootpath} {READ_ONLY}", file=sys.stderr)


def problem() -> str:
    """Why the katas can't run here and what to do about it, in one line; "" if they can."""
    return _python() or _torch() or _torchvision()


def _python() -> str:
    have, need = _dotted(sys.version_info[:2]), _dotted(OLDEST_PYTHON)
    if tuple(sys.version_info[:2]) < OLDEST_PYTHON:
        return f"this is Python {have}; Python {need} or newer is needed: make the environment with a newer one"
    return ""


def _torch() -> str:
    version = _version("torch")
    if not version:
        return "torch is not installed in this Python (" + sys.executable + "): pip install torch torchvision"
    if _numbers(version) < OLDEST_TORCH:
        need = _dotted(OLDEST_TORCH)
        return f"this is torch {version}; torch {need} or newer is needed: pip install --upgrade torch torchvision"
    return ""


def _torchvision() -> str:
    torch, torchvision = _version("torch"), _version("torchvision")
    if not torchvision:
        return f"torchvision is missing; the one for this torch comes with: pip install torchvision torch=={torch}"
    if _belong_together(torch, torchvision):
        return ""
    try:
        importlib.import_module("torchvision")
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        both = f"torchvision {torchvision} does not match torch {torch} ({reason})"
        return f"{both}: pip install --upgrade torch torchvision, both from one index"
    return ""


def _belong_together(torch: str, torchvision: str) -> bool:
    """Whether torchvision asks for this torch, and both are of one build ("+cpu", "+cu124" or none)."""
    from importlib import metadata

    from packaging.requirements import Requirement

    try:
        wanted = [Requirement(line) for line in metadata.requires("torchvision") or []]
    except (metadata.PackageNotFoundError, ValueError):
        return False
    fits = [each.specifier.contains(torch, prereleases=True) for each in wanted if each.name == "torch"]
    return all(fits) and torch.partition("+")[2] == torchvision.partition("+")[2]


def _version(package: str) -> str:
    """The version of an installed package without importing it; "" if there is none."""
    from importlib import metadata

    if importlib.util.find_spec(package) is None:
        return ""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # built in place
        return str(getattr(importlib.import_module(package), "__version__", "unknown"))


def _numbers(version: str) -> tuple[int, ...]:
    """(2, 6) of "2.6.0a0+git"; an unknown version counts as new."""
    parts = version.split(".")[:2]
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else OLDEST_TORCH


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in numbers)


if __name__ == "__main__":
    require()
