"""Find what a learner means: `01`, `tensors`, `tensors.total`, `total`, or a path, all name something.

A typo gets a suggestion. Nothing here imports torch or runs a stub.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from torchkata.skills import Skill, find_skills
from torchkata.stubfile import Problem, StubFile, stub_names

PLACE = re.compile(r"(?P<path>.+?)(?::(?P<line>\d+))?(?:::(?P<name>.+))?")


class UnknownName(Problem):
    """There is no such skill or stub, or there are several; `choices` are what may have been meant."""

    def __init__(self, message: str, choices: list[str] | None = None) -> None:
        super().__init__(message)
        self.choices = choices or []


@dataclass(frozen=True)
class Target:
    """A skill, or one stub of it."""

    skill: Skill
    stub: str | None = None

    def __str__(self) -> str:
        return f"{self.skill.name}.{self.stub}" if self.stub else self.skill.name


def resolve(root: Path, text: str) -> Target:
    """The skill or stub that a text names; UnknownName if that is not clear."""
    skills, word = find_skills(root), text.strip()
    if _is_path(word):
        return _at_path(root, skills, word)
    word = word.replace("::", ".").replace("-", "_")
    skill = find_skill(skills, word)
    if skill:
        return Target(skill)
    first, dot, rest = word.partition(".")
    if dot:
        skill = find_skill(skills, first)
        if skill is None:
            raise _unknown(f"there is no skill `{first}`", first, [each.name for each in skills], f".{rest}")
        return _stub_of(skill, rest, skills)
    return _stub_anywhere(skills, word)


def resolve_stub(root: Path, text: str) -> Target:
    """Like `resolve`, where a whole skill is not enough."""
    target = resolve(root, text)
    if target.stub is None:
        example = (stub_names(target.skill) or ["STUB"])[0]
        raise UnknownName(f"`{text}` is a whole skill; name one stub, such as `{target.skill.name}.{example}`")
    return target


def find_skill(skills: list[Skill], word: str) -> Skill | None:
    """The skill with this number, folder or name."""
    for skill in skills:
        number = skill.folder.name.split("_")[0]
        names = (skill.name.lower(), skill.folder.name.lower())
        if word.lower() in names or (word.isdecimal() and int(word) == int(number)):
            return skill
    return None


def all_names(root: Path) -> list[str]:
    """Every skill and every stub, as completion offers them."""
    skills = find_skills(root)
    return [each.name for each in skills] + [name for each in skills for name in stub_names(each)]


def _stub_anywhere(skills: list[Skill], word: str) -> Target:
    targets = [Target(skill, name) for skill in skills for name in stub_names(skill)]
    found = [each for each in targets if each.stub == word]
    found = found or [each for each in targets if str(each.stub).lower() == word.lower()]
    if len(found) == 1:
        return found[0]
    if found:
        choices = [str(each) for each in found]
        raise UnknownName(
            f"`{word}` is in several skills: write {' or '.join(f'`{each}`' for each in choices)}", choices
        )
    names = [*(each.name for each in skills), *(str(each.stub) for each in targets)]
    raise _unknown(f"there is no skill or stub `{word}`", word, names)


def _stub_of(skill: Skill, word: str, skills: list[Skill]) -> Target:
    names = stub_names(skill)
    found = [name for name in names if name == word] or [name for name in names if name.lower() == word.lower()]
    if len(found) == 1:
        return Target(skill, found[0])
    homes = [each.name for each in skills if word.lower() in map(str.lower, stub_names(each))]
    if homes:
        raise UnknownName(f"`{skill.name}` has no stub `{word}`, but `{homes[0]}` has", [f"{homes[0]}.{word}"])
    raise _unknown(f"`{skill.name}` has no stub `{word}`", word, names)


def _is_path(word: str) -> bool:
    return "/" in word or "\\" in word or bool(re.search(r"\.(py|md)(:|$)", word))


def _at_path(root: Path, skills: list[Skill], word: str) -> Target:
    """The skill of a folder or file, with `:line` or `::name` also the stub, as other tools print them."""
    match = PLACE.fullmatch(word.replace("\\", "/"))
    path = Path(match["path"] if match else word)
    folders = [path.name, *(parent.name for parent in path.parents), path.stem.removeprefix("test_")]
    found = [skill for name in folders if (skill := next((s for s in skills if name in (s.folder.name, s.name)), None))]
    elsewhere = path.is_absolute() and root.resolve() not in (path, *path.resolve().parents)
    if not found or elsewhere:
        where = f"`{word}` is not part of the workspace {root}" if elsewhere else f"there is no skill at `{word}`"
        raise _unknown(where, path.stem, [each.name for each in skills])
    skill = found[0]
    if match and match["name"]:
        return _stub_of(skill, re.sub(r"^test_|__.*", "", match["name"]), skills)
    if match and match["line"] and path.name == skill.stubs.name:
        stub = StubFile.read(skill.stubs).at(int(match["line"]))
        return Target(skill, stub if stub in stub_names(skill) else None)
    return Target(skill)


def _unknown(message: str, word: str, names: list[str], rest: str = "") -> UnknownName:
    """The error for a word that is like some of `names`, or like none."""
    import difflib  # only a typo waits for it

    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(word.lower(), by_lower, n=3, cutoff=0.6)
    near = [by_lower[each] + rest for each in close]
    if not near:
        return UnknownName(f"{message}; `kata list` shows what there is")
    return UnknownName(f"{message}. Did you mean {' or '.join(f'`{each}`' for each in near)}?", near)
