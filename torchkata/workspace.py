"""A learner's workspace: the folder with `katas/` in it, how it is made and how it is kept up to date.

`.kata/shipped.json` holds what was shipped, so that an update can tell the learner's work from ours, stub by stub: what
was not touched is brought up to date, what was touched is left alone. Whatever is replaced is copied to `.kata/` first.
"""

import ast
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torchkata
from torchkata.names import find_skill
from torchkata.skills import Skill, find_skills
from torchkata.store import FOLDER, Store, entry
from torchkata.stubfile import (
    Problem,
    StubFile,
    pristine,
    pristine_texts,
    replace_stub,
    stub_names,
    stub_texts,
    write,
)

__all__ = [
    "Changes",
    "Problem",
    "find_workspace",
    "init",
    "is_source_tree",
    "replace_stub",
    "shipped",
    "stub_texts",
    "update",
]

PYTEST_INI = "[pytest]\ntestpaths = katas\naddopts = --import-mode=importlib -p no:benchmark\n"
GITIGNORE = ".kata/\n__pycache__/\n.hypothesis/\n.pytest_cache/\n"
OWN = ("pytest.ini", ".gitignore")  # settings: where the learner changed them, they stay
MANIFEST = "shipped.json"

Json = dict[str, Any]


@dataclass
class Changes:
    """What an update did, in lists of names; `kept` are left as the learner wrote them."""

    updated: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # the contract changed since you wrote it
    passed: list[str] = field(default_factory=list)  # … and you had passed it, or its tests changed since
    removed: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find_workspace(start: Path) -> Path:
    """The nearest folder, from `start` upwards, with skills in its `katas/`."""
    here = start.resolve()
    for folder in (here, *here.parents):
        try:
            if (folder / "katas").is_dir() and find_skills(folder):
                return folder
        except OSError:
            continue
    raise Problem(f"there are no katas in {here}: go to your workspace, or make one with `kata init DIR`")


def shipped() -> Path:
    """The tree that this torchkata comes with: beside the package in a clone, inside it when installed."""
    package = Path(torchkata.__file__).resolve().parent
    for root in (package / "_shipped", package.parent):
        if (root / "katas").is_dir() and (root / "reference").is_dir():
            return root
    raise Problem("this installation of torchkata has no katas in it: install it again")


def is_source_tree(root: Path) -> bool:
    """Whether a workspace is the clone that torchkata itself runs from."""
    return root.resolve() == Path(torchkata.__file__).resolve().parent.parent


def init(folder: Path) -> Changes:
    """Make a workspace in a folder, which may exist: what is in the way is kept, or copied first."""
    root = Path(os.path.abspath(folder))
    if is_source_tree(root):
        raise Problem(f"{root} is torchkata itself; choose another folder")
    if (root / FOLDER / MANIFEST).exists():
        raise Problem(f"{root} is a workspace already; `kata update` brings newer katas into it")
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(f"{root} can't be made: {error.strerror}") from None
    return _Update(root, shipped(), starting=True).run()


def update(root: Path) -> Changes:
    """Bring newer katas into a workspace without touching what the learner wrote."""
    if is_source_tree(root):
        raise Problem(f"{root} is torchkata itself: `git pull` brings newer katas")
    return _Update(root, shipped()).run()


class _Update:
    """One update: each skill's stubs, then its other files, then what is remembered of them."""

    def __init__(self, root: Path, theirs: Path, *, starting: bool = False) -> None:
        self.root, self.theirs, self.starting = root, theirs, starting
        self.store = Store(root)
        self.manifest_path = root / FOLDER / MANIFEST
        self.changes = Changes()

    def run(self) -> Changes:
        with self.store.writing() as state:
            self.state, self.manifest = state, self._manifest()
            (self.root / "katas").mkdir(exist_ok=True)
            for new in find_skills(self.theirs):
                if new.reference.is_file():
                    self._skill(new)
            for path, data in self._other_files():
                self._file(path, data)
            self._gone()
            self.manifest["torchkata"] = torchkata.__version__
            self._save_manifest()
        return self.changes

    # stubs

    def _skill(self, new: Skill) -> None:
        """Bring one skill up to date: its stub file first, as the old reference may be needed for it."""
        old = find_skill(find_skills(self.root), new.name)
        skill = Skill(self.root / "katas" / new.folder.name)
        if old and old.folder.name != skill.folder.name and not skill.folder.exists():
            os.rename(old.folder, skill.folder)
            self._moved(old, skill)
        skill.folder.mkdir(exist_ok=True)
        tests = _properties(skill.tests)
        base = self._base(skill)
        if not skill.stubs.exists():
            self._write(skill.stubs, pristine(new).encode())
            if not base:
                self.changes.added.append(f"{skill.folder.name}, a new skill ({len(stub_names(new))})")
            else:
                self.changes.notes.append(f"{self._short(skill.stubs)} was missing; it is back, as shipped")
        else:
            self._stubs(skill, new, base)
        for path in (skill.tests, skill.lesson, skill.hints):
            source = new.folder / path.name
            if source.is_file():
                self._file(path, source.read_bytes())
        for path, source in ((skill.reference, new.reference), (skill.mistakes, new.mistakes)):
            if source.is_file():
                self._file(path, source.read_bytes())
        self._outdated(
            skill, [name for name, text in _properties(skill.tests).items() if tests.get(name, text) != text]
        )
        self.manifest["stubs"][skill.name] = pristine_texts(new)
        self.manifest["heads"][skill.name] = _heads(pristine(new))
        self.manifest["files"][self._short(skill.stubs)] = _hash(pristine(new).encode())
        self._save_manifest()

    def _base(self, skill: Skill) -> dict[str, str]:
        """The texts of the stubs that were shipped last; without a record the old reference gives them."""
        known = self.manifest["stubs"].get(skill.name)
        if known is None and not self.starting and skill.reference.is_file():
            try:
                return pristine_texts(skill)
            except (Problem, SyntaxError):
                return {}
        return known or {}

    def _stubs(self, skill: Skill, new: Skill, base: dict[str, str]) -> None:
        theirs = pristine_texts(new)
        try:
            file = StubFile.read(skill.stubs)
        except Problem as problem:
            self.changes.notes.append(f"{problem}; its stubs were left as they are")
            return
        mine, name = file.texts(), self._short(skill.stubs)
        untouched = {name for name in mine if mine[name] == base.get(name)}
        newer = {name: text for name, text in theirs.items() if name in untouched and text != base[name]}
        added = {name: text for name, text in theirs.items() if name not in mine and name not in base}
        gone = [name for name in base if name not in theirs and name in mine]
        for each in theirs:
            if each in mine and each not in untouched and base.get(each, theirs[each]) != theirs[each]:
                self._left(skill, each)
        if _hash(file.data) == self.manifest["files"].get(name):
            data = pristine(new).encode()  # nothing in the file is the learner's
        else:
            data = file.replaced(newer | added, list(theirs), remove=untouched & set(gone))
            data = _with_new_lines(skill.stubs, data, self.manifest["heads"].get(skill.name), _heads(pristine(new)))
        if data != file.data:
            self._keep(skill, file, [*newer, *(untouched & set(gone))])
            write(skill.stubs, data, expected=file.data)
        self.changes.updated += [f"{skill.name}.{each}" for each in newer]
        self.changes.added += [f"{skill.name}.{each}" for each in added]
        self.changes.removed += [f"{skill.name}.{each}" for each in gone]

    def _left(self, skill: Skill, name: str) -> None:
        known = self.state["stubs"].get(skill.name, {}).get(name, {})
        self.changes.kept.append(f"{skill.name}.{name}" + (" (you had passed it)" if known.get("first_green") else ""))
        self._unsettle(skill, name)

    def _outdated(self, skill: Skill, names: list[str]) -> None:
        """Say of which passed stubs the tests have changed; their green is not taken for granted any more."""
        for name in names:
            known = self.state["stubs"].get(skill.name, {}).get(name, {})
            if known.get("green"):
                self.changes.passed.append(f"{skill.name}.{name}")
                self._unsettle(skill, name)

    def _unsettle(self, skill: Skill, name: str) -> None:
        known = entry(self.state, skill, name)
        known.update({key: "outdated" for key in ("fingerprint", "green") if known.get(key)})

    def _keep(self, skill: Skill, file: StubFile, names: list[str]) -> None:
        self.store.keep(self.state, skill, file, names, "update")
        self.changes.copies.append(self._short(self.store.copy(file.path)))
        self.store.save(self.state)

    # other files

    def _other_files(self) -> Iterator[tuple[Path, bytes]]:
        yield self.root / "conftest.py", (self.theirs / "conftest.py").read_bytes()
        yield self.root / "pytest.ini", PYTEST_INI.encode()
        yield self.root / ".gitignore", GITIGNORE.encode()

    def _file(self, path: Path, data: bytes) -> None:
        """Replace a file by what is shipped; what the learner changed in it is copied first."""
        name = path.relative_to(self.root).as_posix()
        known, self.manifest["files"][name] = self.manifest["files"].get(name), _hash(data)
        present = path.read_bytes() if path.exists() else None
        if present == data:
            return
        if present is not None and _hash(present) != known:
            if path.name in OWN:
                self.changes.notes.append(f"{name} is yours; it was left as it is")
                return
            self.changes.copies.append(self._short(self.store.copy(path)))
        self._write(path, data)
        if present is not None:
            self.changes.files.append(name)

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, data)

    def _moved(self, old: Skill, skill: Skill) -> None:
        for name in list(self.manifest["files"]):
            if name.startswith(f"katas/{old.folder.name}/"):
                moved = name.replace(old.folder.name, skill.folder.name, 1)
                self.manifest["files"][moved] = self.manifest["files"].pop(name)
        self.changes.notes.append(f"katas/{old.folder.name} is katas/{skill.folder.name} now")

    def _gone(self) -> None:
        """Say which skills are not shipped any more; they stay."""
        names = {each.name for each in find_skills(self.theirs)}
        for skill in find_skills(self.root):
            if skill.name in self.manifest["stubs"] and skill.name not in names:
                self.changes.notes.append(f"katas/{skill.folder.name} is no longer shipped; it was left as it is")

    # what was shipped

    def _manifest(self) -> Json:
        empty = {"version": 1, "torchkata": "", "stubs": {}, "heads": {}, "files": {}}
        try:
            found = json.loads(self.manifest_path.read_bytes())
            whole = isinstance(found, dict) and all(isinstance(found.get(key), type(empty[key])) for key in empty)
        except FileNotFoundError:
            return empty
        except (ValueError, RecursionError):
            whole, found = False, None
        if not whole:
            self.changes.copies.append(self._short(self.store.copy(self.manifest_path)))
            self.changes.notes.append(f"{FOLDER}/{MANIFEST} could not be read; what you wrote was told by its text")
        return found if whole else empty

    def _save_manifest(self) -> None:
        write(self.manifest_path, f"{json.dumps(self.manifest, indent=1, ensure_ascii=False)}\n".encode())

    def _short(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _properties(path: Path) -> dict[str, str]:
    """The text of the tests of each stub, by stub."""
    try:
        texts = StubFile.read(path).texts()
    except Problem:
        return {}
    found: dict[str, str] = {}
    for name, text in texts.items():
        stub, _, rest = name.removeprefix("test_").rpartition("__")
        if name.startswith("test_") and rest:
            found[stub] = found.get(stub, "") + text
    return found


def _heads(text: str) -> list[str]:
    """The top-level statements of a stub file that are no stubs and no docstring: imports, names of types."""
    nodes = ast.parse(text).body
    defined = (ast.FunctionDef, ast.ClassDef, ast.Expr)
    return [ast.get_source_segment(text, node) or "" for node in nodes if not isinstance(node, defined)]


def _with_new_lines(path: Path, data: bytes, before: list[str] | None, after: list[str]) -> bytes:
    """The bytes with the imports and names that are new in this version, put below those that are there."""
    file = StubFile.parse(path, data)
    old = set(before if before is not None else [])
    present = {ast.unparse(node) for node in file.tree.body}
    wanted = [line for line in after if line not in old and ast.unparse(ast.parse(line)) not in present]
    if not wanted:
        return data
    imports = [node.end_lineno or 0 for node in file.tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    docstring = [node.end_lineno or 0 for node in file.tree.body[:1] if isinstance(node, ast.Expr)]
    place = max(imports or docstring, default=0)
    return file.with_lines(place, "\n".join(wanted).split("\n"))
