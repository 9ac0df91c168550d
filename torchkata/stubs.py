"""Make stubs of a reference: the same signatures and docstrings, and no bodies.

python -m torchkata.stubs reference/tensors.py > katas/01_tensors/tensors.py
"""

import ast
import sys
from pathlib import Path

from torchkata import source
from torchkata.skills import find_skills

EMPTY_BODY = "raise NotImplementedError"


def stub_source(reference: str, run: str = "") -> str:
    """The text of a stub file for the text of a reference; private helpers stay out, in classes too.

    `run` is the command that the module docstring ends with.
    """
    tree = ast.parse(reference)
    lines = reference.splitlines()
    drop: set[int] = set()
    replace: dict[int, str] = {}
    for node in [*tree.body, *_members(tree)]:
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            continue
        if node.name.startswith("_") and not node.name.endswith("__"):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            blank = node.col_offset > 0 and not lines[first - 2].strip()
            drop |= set(range(first - blank, (node.end_lineno or 0) + 1))
        elif isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            replace[body[0].lineno] = " " * body[0].col_offset + EMPTY_BODY
            drop |= set(range(body[0].lineno + 1, (node.end_lineno or 0) + 1))
    kept = [replace.get(number, line) for number, line in enumerate(lines, 1) if number not in drop]
    text = _single_gaps("\n".join(kept)) + "\n"
    return _with_command(text, run) if run else text


def _members(tree: ast.Module) -> list[ast.stmt]:
    """The statements inside the public classes of a file."""
    return [part for node in source.public(tree).values() if isinstance(node, ast.ClassDef) for part in node.body]


def _single_gaps(text: str) -> str:
    while "\n\n\n\n" in text:
        text = text.replace("\n\n\n\n", "\n\n\n")
    return text.rstrip()


def _with_command(text: str, run: str) -> str:
    """Put the line how to run at the end of the module docstring."""
    opening, docstring, rest = text.split('"""', 2)
    return f'{opening}"""{docstring.rstrip()}\n\nRun `{run}` after each function.\n"""{rest}'


def main() -> int:
    """Print the stubs of the file that the command names."""
    path = Path(sys.argv[1]).resolve()
    folders = [skill.folder.name for skill in find_skills(path.parent.parent) if skill.reference == path]
    source.parse(path)
    print(stub_source(path.read_text("utf-8"), f"pytest katas/{folders[0]}" if folders else ""), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
