"""`kata doctor`: is everything here that the katas need? A line for each thing: ok, or what to do.

torch and torchvision are tried in a process of their own, so that a broken one is a line and not a crash.
"""

import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from torchkata.skills import find_skills
from torchkata.store import FOLDER, Store
from torchkata.stubfile import Problem, StubFile, write

PATIENCE = 180  # seconds to import torch and torchvision
LITTLE = 50_000_000  # bytes of free disk
EXTRAS = ("click", "filelock")  # what this command runs on is there
TRIAL = """
import json, sys
def say(**facts):
    print("KATA " + json.dumps(facts), flush=True)
try:
    import torch
    say(torch=torch.__version__, where=str(torch.__file__))
    cuda = torch.cuda.is_available()
    say(device=torch.cuda.get_device_name() if cuda else "", built=torch.version.cuda or "")
except BaseException as error:
    say(torch_error=f"{type(error).__name__}: {error}")
    sys.exit()
try:
    import torchvision
    box = torch.tensor([[0.0, 0.0, 1.0, 1.0]])
    torchvision.ops.nms(box, torch.ones(1), 0.5)
    say(torchvision=torchvision.__version__)
except BaseException as error:
    say(torchvision_error=f"{type(error).__name__}: {error}")
"""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `advice` is what to do, "" where it is well."""

    what: str
    found: str
    advice: str = ""

    @property
    def ok(self) -> bool:
        return not self.advice


def examine(root: Path | None) -> Iterator[Finding]:
    """Look at everything, the quick things first; `root` is the workspace, if there is one."""
    yield _python()
    wanted = {name: specifier for name, specifier in _requirements().items() if name not in EXTRAS}
    facts = _tried()
    yield _torch(wanted, facts)
    yield _torchvision(wanted, facts)
    yield _device(facts)
    for name, specifier in wanted.items():
        if name not in ("torch", "torchvision"):
            yield _package(name, specifier)
    yield from _workspace(root)


def _python() -> Finding:
    version, supported = platform.python_version(), _metadata("Requires-Python") or ">=3.10"
    advice = "" if Version(version) in SpecifierSet(supported) else f"install Python {supported}"
    return Finding("Python", f"{version} ({supported}), {sys.executable}", advice)


def _requirements() -> dict[str, str]:
    """The packages that torchkata itself asks for, with their versions; none in a tree that is not installed."""
    try:
        texts = importlib.metadata.requires("torchkata") or []
    except importlib.metadata.PackageNotFoundError:
        texts = ["torch", "torchvision", "numpy", "pytest", "hypothesis"]
    found = [Requirement(text) for text in texts]
    here = [each for each in found if each.marker is None or each.marker.evaluate({"extra": ""})]
    return {each.name: str(each.specifier) for each in here}


def _metadata(key: str) -> str:
    try:
        return (importlib.metadata.metadata("torchkata").get_all(key) or [""])[0]
    except importlib.metadata.PackageNotFoundError:
        return ""


def _version(name: str) -> str:
    """The version of an installed package, "" where there is none."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _package(name: str, specifier: str) -> Finding:
    version = _version(name)
    wish = f'pip install "{name}{specifier}"'
    if not version:
        return Finding(name, "is not installed", wish)
    fits = SpecifierSet(specifier).contains(version, prereleases=True)
    return Finding(name, f"{version}{f' ({specifier})' if specifier else ''}", "" if fits else wish)


def _tried() -> dict[str, Any]:
    """What happens when torch and torchvision are imported, as far as that goes."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", TRIAL], capture_output=True, text=True, timeout=PATIENCE, errors="replace"
        )
    except subprocess.TimeoutExpired:
        return {"crash": f"the import takes longer than {PATIENCE} s"}
    facts: dict[str, Any] = {}
    for line in done.stdout.splitlines():
        if line.startswith("KATA "):
            facts |= json.loads(line[5:])
    if done.returncode:
        facts["crash"] = f"the import ends the process (exit status {done.returncode})"
    return facts


def _torch(wanted: dict[str, str], facts: dict[str, Any]) -> Finding:
    package = _package("torch", wanted.get("torch", ""))
    if not package.ok or "torch" in facts:
        return package
    return Finding("torch", _first_line(facts.get("torch_error") or facts.get("crash", "")), "install torch again")


def _torchvision(wanted: dict[str, str], facts: dict[str, Any]) -> Finding:
    """Whether torchvision is there, and built for this torch: its own metadata says for which it was made."""
    package = _package("torchvision", wanted.get("torchvision", ""))
    if not package.ok or "torch" not in facts:
        return package
    torch, vision = _version("torch"), _version("torchvision")
    made_for = _made_for()
    again = f'install the pair that belongs together: pip install --force-reinstall "torch=={torch}" torchvision'
    if made_for and not SpecifierSet(made_for).contains(Version(torch).public, prereleases=True):
        return Finding("torchvision", f"{vision} is made for torch {made_for}, not for {torch}", again)
    builds = {Version(version).local for version in (torch, vision)} - {None}
    if len(builds) > 1:
        return Finding("torchvision", f"{vision} and torch {torch} are different builds", again)
    if "torchvision" not in facts:
        reason = facts.get("torchvision_error") or facts.get("crash", "it can't be imported")
        return Finding("torchvision", f"{vision} does not work with torch {torch}: {_first_line(reason)}", again)
    return Finding("torchvision", f"{package.found}, matches torch {torch}")


def _made_for() -> str:
    """The torch that torchvision was made for."""
    texts = importlib.metadata.requires("torchvision") or []
    return next((str(each.specifier) for each in map(Requirement, texts) if each.name == "torch"), "")


def _device(facts: dict[str, Any]) -> Finding:
    if facts.get("device"):
        return Finding("device", f"CPU, and {facts['device']} (CUDA {facts['built']}): its tests run too")
    return Finding("device", "CPU; there is no CUDA device, and none is needed")


def _workspace(root: Path | None) -> Iterator[Finding]:
    """Whether the workspace is whole, and can be written to."""
    if root is None:
        yield Finding("workspace", "there is none here", "go to yours, or make one with `kata init DIR`")
        return
    skills = find_skills(root)
    yield Finding("workspace", f"{root}, {len(skills)} skills")
    for skill in skills:
        try:
            StubFile.read(skill.stubs)
        except Problem as problem:
            yield Finding(skill.folder.name, str(problem), f"correct it, or `kata reset {skill.name}`")
    yield from _writable(root)


def _writable(root: Path) -> Iterator[Finding]:
    """Try to write where the katas and the memory of `kata` are, and read that memory."""
    locked = [
        skill.stubs for skill in find_skills(root) if skill.stubs.exists() and not os.access(skill.stubs, os.W_OK)
    ]
    for path in locked[:1]:
        yield Finding("your files", f"{path} is read-only", f'make it yours: chmod u+w "{path}"')
    warnings: list[str] = []
    store = Store(root, warnings.append)
    try:
        store.folder.mkdir(exist_ok=True)
        trial = store.folder / "trial"
        write(trial, b"ok\n")
        trial.unlink()
        store.read()
    except OSError as error:
        yield Finding(
            FOLDER, f"{store.folder} can't be written to: {error.strerror}", "give yourself the right to write"
        )
        return
    free = shutil.disk_usage(root).free
    advice = "" if free > LITTLE else "make room on the disk"
    yield Finding(FOLDER, "; ".join(warnings) or f"can be written, {free / 1e9:.1f} GB free", advice)


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["it can't be imported"])[0]
