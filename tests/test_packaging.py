"""What is published: the archives are built, their metadata is right, and the wheel has all that a learner needs."""

import email
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import torchkata

ROOT = Path(__file__).parent.parent
MEGABYTE = 10**6
NOT_OURS = shutil.ignore_patterns(
    ".git", ".venv*", ".tox", ".uv-cache", "__pycache__", "*.egg-info", "build", "dist", "site", "node_modules",
    ".*_cache", ".hypothesis", ".kata", ".benchmarks", "mutants",
)  # fmt: skip


def run(*command, cwd, **environment):
    """Run a command that has to work, and return what it printed."""
    env = {**os.environ, "PYTHONIOENCODING": "utf-8", **environment}
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", env=env, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with both archives, made of a copy of the tree."""
    folder = tmp_path_factory.mktemp("packaging")
    shutil.copytree(ROOT, folder / "tree", ignore=NOT_OURS)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), cwd=folder / "tree")
    return folder / "dist"


@pytest.fixture(scope="module")
def wheel(built):
    """The path of the wheel."""
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder with what the wheel installs, and nothing that it depends on."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def files(folder):
    """Relative path and content of all files below a folder."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def metadata(wheel):
    """The metadata of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(archive.read(name))


def test_twine_finds_no_fault(built):
    found = run(sys.executable, "-m", "twine", "check", "--strict", *map(str, built.iterdir()), cwd=built)
    assert found.count("PASSED") == 2


def test_the_wheel_is_small_and_says_that_it_is_typed(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert wheel.stat().st_size < MEGABYTE
    assert "torchkata/py.typed" in names
    assert not [name for name in names if re.search(r"__pycache__|\.pyc$|^tests/|^katas/|^reference/", name)]


def test_the_wheel_ships_the_katas_as_they_are_in_the_tree(built, installed):
    tree, shipped = built.parent / "tree", installed / "torchkata" / "_shipped"
    for name in ("katas", "reference", "mistakes"):
        assert files(shipped / name) == files(tree / name)
    assert (shipped / "conftest.py").read_bytes() == (tree / "conftest.py").read_bytes()
    assert files(installed / "torchkata" / "data") == files(tree / "torchkata" / "data")


def test_the_wheel_has_each_module_of_the_package(built, installed):
    mine, theirs = (each / "torchkata" for each in (installed, built.parent / "tree"))
    modules = {path.relative_to(mine) for path in mine.rglob("*.py") if "_shipped" not in path.parts}
    assert modules == {path.relative_to(theirs) for path in theirs.rglob("*.py")}


def test_the_archive_of_the_sources_can_be_tested_and_built_again(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = ["setup.py", "conftest.py", "versions.toml", "tox.ini", "tests/test_shipped.py", "docs/teachers.md"]
    needed += ["tests/alternatives/tensors.py", "katas/01_tensors/hints.md", ".github/workflows/tests.yml", "LICENSE"]
    assert [name for name in needed if name not in names] == []
    assert not [name for name in names if "__pycache__" in name]


def test_the_version_stands_in_one_place(wheel):
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert metadata(wheel)["Version"] == torchkata.__version__
    assert torchkata.__version__ not in text and 'dynamic = ["version"]' in text
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_command_is_installed(installed):
    (path,) = installed.glob("*.dist-info/entry_points.txt")
    assert "kata = torchkata.cli:main" in path.read_text("utf-8")


def test_a_workspace_made_of_the_wheel_runs(installed, tmp_path):
    pytest.importorskip("torchkata.cli")
    folder = tmp_path / "my katas"
    run(sys.executable, "-m", "torchkata.cli", "init", str(folder), cwd=tmp_path, PYTHONPATH=str(installed))
    command = [sys.executable, "-m", "pytest", "katas/01_tensors", "-k", "total__", "--solution", "reference"]
    screen = run(*command, cwd=folder, PYTHONPATH=str(installed))
    assert "1 of 1 green" in screen
