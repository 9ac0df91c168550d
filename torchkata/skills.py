"""Where the files of a skill are. There is no list of skills: a folder `katas/NN_name` is one."""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = re.compile(r"\d\d_(?P<name>[a-z]\w*)")


@dataclass(frozen=True)
class Skill:
    """One skill, with the paths that follow from its folder."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name.split("_", 1)[1]

    @property
    def root(self) -> Path:
        return self.folder.parent.parent

    @property
    def stubs(self) -> Path:
        return self.folder / f"{self.name}.py"

    @property
    def tests(self) -> Path:
        return self.folder / f"test_{self.name}.py"

    @property
    def hints(self) -> Path:
        return self.folder / "hints.md"

    @property
    def lesson(self) -> Path:
        return self.folder / "README.md"

    @property
    def reference(self) -> Path:
        return self.root / "reference" / f"{self.name}.py"

    @property
    def mistakes(self) -> Path:
        return self.root / "mistakes" / f"{self.name}.py"

    @property
    def alternatives(self) -> Path:
        return self.root / "tests" / "alternatives" / f"{self.name}.py"


def find_skills(root: Path) -> list[Skill]:
    """All skills of a checkout, in the order of their numbers."""
    folders = sorted(path for path in (root / "katas").iterdir() if path.is_dir() and FOLDER.fullmatch(path.name))
    return [Skill(folder) for folder in folders]
