"""The versions stand in one file; what repeats them says the same. A failure prints the lines that should be there."""

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from torchkata import compatibility

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # comes with pytest there

ROOT = Path(__file__).parent.parent
VERSIONS = tomllib.loads((ROOT / "versions.toml").read_text("utf-8"))
RELEASES = VERSIONS["torch"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
TOX = configparser.ConfigParser(interpolation=None)
TOX.read(ROOT / "tox.ini", "utf-8")


def numbers(version):
    """(2, 6) of "2.6"."""
    return tuple(map(int, version.split(".")))


def plain(version):
    """26 of "2.6", as in the name of an environment."""
    return version.replace(".", "")


def numpy_for(release, python):
    """The NumPy of a release, or the last one that this Python has."""
    return min(release["numpy"], VERSIONS["numpy_at_most"].get(python, release["numpy"]), key=numbers)


def section(minor, release):
    """The section of tox.ini for one minor release of torch."""
    name = f"testenv:py{{{','.join(map(plain, release['python']))}}}-torch{plain(minor)}"
    deps = [f"torch=={release['torch']}", f"torchvision=={release['torchvision']}"]
    deps += [f"py{plain(python)}: numpy=={numpy_for(release, python)}" for python in release["python"]]
    return name, {
        "description": f"torch {release['torch']} with torchvision {release['torchvision']}",
        "deps": "\n" + "\n".join(deps),
    }


def test_tox_has_each_pair_and_no_other():
    expected = dict(section(minor, release) for minor, release in RELEASES.items())
    assert {name: dict(TOX[name]) for name in TOX.sections() if "-torch" in name} == expected


def test_each_environment_of_tox_says_what_it_is_for():
    names = [name for name in TOX.sections() if name.startswith("testenv")]
    assert {"testenv:" + name for name in ("tests", "lint", "type", "docs", "bench", "mutation", "cuda", "min")} <= {
        *names
    }
    assert [name for name in names if not TOX[name].get("description")] == []


def test_the_releases_follow_each_other_without_a_gap():
    minors = [numbers(minor) for minor in RELEASES]
    assert minors == [(2, minor) for minor in range(minors[0][1], minors[-1][1] + 1)]
    assert all(numbers(release["torch"])[:2] == numbers(minor) for minor, release in RELEASES.items())


def test_the_oldest_is_what_the_package_declares_and_what_it_checks():
    oldest = next(iter(RELEASES))
    pythons = sorted({python for release in RELEASES.values() for python in release["python"]}, key=numbers)
    lowest = dict(re.match(r"([\w-]+)>=([\d.]+)", line).groups() for line in PROJECT["dependencies"])
    assert lowest["torch"] == oldest and numbers(oldest) == compatibility.OLDEST_TORCH
    assert lowest["torchvision"] == RELEASES[oldest]["torchvision"].removesuffix(".0")
    assert PROJECT["requires-python"] == f">={pythons[0]}" and numbers(pythons[0]) == compatibility.OLDEST_PYTHON


def test_the_constraints_are_the_newest_release():
    newest = list(RELEASES.values())[-1]
    pins = dict(re.findall(r"^([\w.-]+)==([\d.]+)", (ROOT / "constraints.txt").read_text("utf-8"), flags=re.M))
    assert {name: pins[name] for name in ("torch", "torchvision")} == {
        name: newest[name] for name in ("torch", "torchvision")
    }


def test_the_table_in_the_docs_names_each_release():
    text = (ROOT / "docs" / "versions.md").read_text("utf-8")
    lacking = [minor for minor, each in RELEASES.items() if f"| {each['torch']} | {each['torchvision']} |" not in text]
    assert lacking == []


@pytest.mark.parametrize("name", ["README.md", "constraints.txt", "tox.ini", "pyproject.toml", "versions.toml"])
def test_no_address_of_a_registry_stands_in(name):
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r"pypi\.|pythonhosted|download\.pytorch|index-url +http|registry\.npm", text)


# clear lines: what does not fit is named before anything is imported, without a traceback

FAKES = {  # what stands in the way: the packages that there seem to be, and what the one line says
    "no torch": ({}, "torch is not installed"),
    "an old torch": ({"torch": "2.5.1", "torchvision": "0.20.1"}, "this is torch 2.5.1; torch 2.6 or newer is needed"),
    "no torchvision": ({"torch": "2.6.0"}, "torchvision is missing"),
    "a torchvision of another torch": (
        {"torch": "2.7.1", "torchvision": "0.21.0"},
        "torchvision 0.21.0 does not match torch 2.7.1 (operator torchvision::nms does not exist)",
    ),
    "a torchvision of another build": (
        {"torch": "2.6.0+cpu", "torchvision": "0.21.0"},
        "does not match torch 2.6.0+cpu",
    ),
}
BROKEN = "raise RuntimeError('operator torchvision::nms does not exist')\n"
HIDE = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in {absent} else find(name, *rest)
"""


def pretend(folder, packages):
    """Put packages on the path that have a version and can't be imported; hide those that are not named."""
    for name, version in packages.items():
        for path, text in {
            f"{name}/__init__.py": BROKEN,
            f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            + "Requires-Dist: torch==2.6.0\n" * (name == "torchvision"),
        }.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
    absent = {"torch", "torchvision"} - set(packages)
    (folder / "sitecustomize.py").write_text(HIDE.format(absent=absent or "()"), "utf-8")


def run_pytest(cwd, *before, **environment):
    """Run one stub of the reference, as a learner would, and return (exit status, stdout, stderr)."""
    command = [*before, sys.executable, "-m", "pytest", "katas/01_tensors", "--solution", "reference", "-k", "total__"]
    env = {**os.environ, "PYTHONIOENCODING": "utf-8", **environment}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8", timeout=120)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("case", FAKES)
def test_what_does_not_fit_gets_one_clear_line(case, tmp_path):
    packages, line = FAKES[case]
    pretend(tmp_path, packages)
    code, out, err = run_pytest(ROOT, PYTHONPATH=str(tmp_path))
    assert code == compatibility.USAGE_ERROR
    assert out.strip() == "" and len(err.splitlines()) == 1
    assert err.startswith("torchkata: ") and line in err and "pip install" in err


def test_an_old_python_gets_one_clear_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    with pytest.raises(SystemExit) as ended:
        compatibility.require()
    assert ended.value.code == compatibility.USAGE_ERROR
    assert capsys.readouterr().err.startswith("torchkata: this is Python 3.9; Python 3.10 or newer is needed")


@pytest.mark.parametrize("name", ["conftest.py", "torchkata/__init__.py", "torchkata/compatibility.py"])
def test_an_old_python_can_read_the_file_that_says_so(name):
    ast.parse((ROOT / name).read_text("utf-8"), feature_version=(3, 7))


def test_this_machine_is_fine():
    assert compatibility.problem() == ""


@pytest.fixture
def copy(tmp_path):
    """A copy of the tree, in a folder whose name has spaces and letters beyond ASCII."""
    folder = tmp_path / "mes exercices d'été 学习"
    for name in ("katas", "reference", "mistakes", "torchkata"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


def test_a_path_may_have_spaces_and_letters_beyond_ascii(copy):
    code, out, err = run_pytest(copy)
    assert (code, err) == (0, "") and "1 of 1 green" in out


def test_a_folder_that_cannot_be_written_gets_one_clear_line_and_works(copy):
    mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" && exec "$@"'
    before = []
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        for path in (copy, *copy.rglob("*")):
            path.chmod(path.stat().st_mode & ~0o222)
    else:  # nothing is forbidden to root but to write where all is mounted read-only
        before = ["unshare", "--mount", "sh", "-c", mount, str(copy)]
        if not shutil.which("unshare") or subprocess.run([*before, "true"], capture_output=True).returncode:
            pytest.skip("no folder can be made read-only here")
    code, out, err = run_pytest(copy, *before)
    for path in (copy, *copy.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)
    assert code == 0 and "1 of 1 green" in out and "Warning" not in out
    assert err.splitlines() == [f"torchkata: {copy} {compatibility.READ_ONLY}"]
