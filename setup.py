"""Puts the katas into the wheel, as `torchkata/_shipped`: `kata init` copies them from there."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
SHIPPED = ("katas", "reference", "mistakes", "conftest.py", "LICENSE")
LEAVE_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")


class BuildWithKatas(build_py):
    """Build the package, and copy what a learner needs from the tree into it."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return  # the package lies beside the katas
        target = Path(self.build_lib, "torchkata", "_shipped")
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for name in SHIPPED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, target / name, ignore=LEAVE_OUT)
            else:
                shutil.copy2(ROOT / name, target / name)


setup(cmdclass={"build_py": BuildWithKatas})
