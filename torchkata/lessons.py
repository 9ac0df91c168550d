"""What a skill says about a stub: its hints, its contract, its solution. Read as text; nothing is run."""

import ast
import re
from dataclasses import dataclass

from torchkata.skills import Skill
from torchkata.stubfile import Problem, StubFile, pristine_texts

SECTION = re.compile(r"^## ", re.MULTILINE)
HINT = re.compile(r"^\d+\. (.+(?:\n   .+)*)", re.MULTILINE)


@dataclass(frozen=True)
class Contract:
    """The signature of a stub, what it promises, and for a class its methods."""

    signature: str
    text: str
    methods: tuple["Contract", ...] = ()

    @property
    def sentence(self) -> str:
        return self.text.split("\n")[0]

    @property
    def lines(self) -> list[str]:
        """The text in lines as long as their sentences, to be broken for the screen."""
        found: list[str] = []
        for line in self.text.splitlines():
            going_on = found and found[-1] and line and not found[-1].endswith((".", ":", ")", "?"))
            if (
                going_on
                and not line.startswith((" ", "-", ">>>"))
                and not any(each.startswith(">>>") for each in found)
            ):
                found[-1] += f" {line}"
            else:
                found.append(line)
        return found

    @property
    def example(self) -> str:
        """The first example, with its answer."""
        _, arrows, rest = self.text.partition(">>> ")
        return f"{arrows}{rest}".rstrip()


def hints(skill: Skill, stub: str) -> list[str]:
    """The hints of a stub, each on one line, in their order."""
    try:
        text = skill.hints.read_text("utf-8")
    except (OSError, ValueError):
        raise Problem(f"{skill.hints} can't be read; `kata update` brings it back") from None
    for section in SECTION.split(text)[1:]:
        title, _, body = section.partition("\n")
        if title.strip().strip("`") == stub:
            return [" ".join(hint.split()) for hint in HINT.findall(body)]
    return []


def contract(skill: Skill, stub: str) -> Contract:
    """What a stub promises, as it is shipped."""
    texts = pristine_texts(skill)
    if stub not in texts:
        raise Problem(f"`{skill.name}` has no stub `{stub}`")
    return _contract(ast.parse(texts[stub]).body[0])


def solution(skill: Skill, stub: str) -> str:
    """The reference of a stub without its docstrings, after the helpers of the file that it uses."""
    file = StubFile.read(skill.reference)
    texts, wanted, waiting = file.texts(), set[str](), [stub]
    while waiting:
        name = waiting.pop()
        if name in texts and name not in wanted:
            wanted.add(name)
            nodes = ast.walk(file.definitions[name])
            waiting += [node.id for node in nodes if isinstance(node, ast.Name) and node.id.startswith("_")]
    return "\n\n\n".join(without_docstrings(text) for name, text in texts.items() if name in wanted)


def difference(skill: Skill, stub: str) -> list[str]:
    """The lines of a diff from the learner's text to the reference; none where they are the same."""
    import difflib  # `kata hint` does not need it

    mine = StubFile.read(skill.stubs).texts().get(stub, "")
    right = StubFile.read(skill.reference).texts()[stub]
    before, after = (without_docstrings(text).splitlines() for text in (mine, right))
    return list(difflib.unified_diff(before, after, "yours", "reference", lineterm=""))


def without_docstrings(text: str) -> str:
    """The text of a stub without its docstrings; its comments stay."""
    lines, drop = text.split("\n"), set[int]()
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node) and len(node.body) > 1:
            last = node.body[0].end_lineno or 0
            drop |= set(range(node.body[0].lineno, last + 1))
            drop |= {last + 1} if last < len(lines) and not lines[last].strip() else set()
    return "\n".join(line for number, line in enumerate(lines, 1) if number not in drop)


def _contract(node: ast.stmt) -> Contract:
    assert isinstance(node, (ast.FunctionDef, ast.ClassDef))
    text = ast.get_docstring(node) or ""
    if isinstance(node, ast.FunctionDef):
        returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        return Contract(f"{node.name}({ast.unparse(node.args)}){returns}".replace("'", '"'), text)
    bases = f"({', '.join(map(ast.unparse, node.bases))})" if node.bases else ""
    methods = tuple(_contract(each) for each in node.body if isinstance(each, ast.FunctionDef))
    return Contract(f"class {node.name}{bases}", text, methods)
