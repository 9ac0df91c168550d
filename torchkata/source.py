"""Reading a solution without running it: its functions, what is not written yet, its rules.

A rule ("no Python loop", "not `torch.linspace`") is checked by reading the stub and every function and
class of the same file that it uses.
"""

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

Definition = ast.FunctionDef | ast.ClassDef
LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
HIDDEN_LOOPS = ("map", "filter", "reduce", "vectorize", "apply_along_axis", "frompyfunc")


def parse(path: Path) -> ast.Module:
    """Parse a file; raises SyntaxError with the line and the place in it, as Python does."""
    facts = path.stat()
    return _parse(path, facts.st_mtime_ns, facts.st_size)


def definitions(tree: ast.Module) -> dict[str, Definition]:
    """The top-level functions and classes by name, in the order of the file."""
    return {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def public(tree: ast.Module) -> dict[str, Definition]:
    """The stubs of a file: its top-level functions and classes without a leading underscore."""
    return {name: node for name, node in definitions(tree).items() if not name.startswith("_")}


def is_unwritten(node: Definition) -> bool:
    """Whether a body is as shipped: a docstring and a bare `raise NotImplementedError`, nothing else.

    A class is not written while none of its methods is.
    """
    if isinstance(node, ast.ClassDef):
        methods = [method for method in node.body if isinstance(method, ast.FunctionDef)]
        return bool(methods) and all(is_unwritten(method) for method in methods)
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    return len(body) == 1 and isinstance(body[0], ast.Raise) and _is_not_implemented(body[0].exc)


def bindings(tree: ast.Module) -> dict[str, ast.stmt]:
    """Every top-level name with the statement that last gave it its value: def, class, assignment, import."""
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name.split(".")[0]: node for alias in node.names}
        else:
            found |= dict.fromkeys(_stored(node), node)
    return found


def fingerprint(tree: ast.Module, name: str) -> str:
    """What the function `name` is made of: itself, all that it uses of its file, and the imports. Layout is free."""
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return "\n".join(ast.dump(node) for node in [*_reached(tree, name), *imports])


def words(tree: ast.Module, name: str) -> set[str]:
    """All names that the function `name`, and what it uses of its file, looks up."""
    return {word for node in _reached(tree, name) for word, _ in _words(node, _imported_names(tree))}


def broken_rules(
    tree: ast.Module, name: str, *, loops: bool = True, without: Iterable[str] = (), using: Iterable[str] = ()
) -> list[tuple[str, int]]:
    """Return (sentence, line) for each rule that the function `name` breaks.

    `loops=False` forbids Python loops and comprehensions; `without` lists names that may not be used
    ("torch.linspace" forbids `linspace` on whatever it is looked up); `using` lists names of which one
    must be used.
    """
    if name not in definitions(tree):
        line = getattr(bindings(tree).get(name), "lineno", 1)
        return [(f"write `{name}` as a function of its own, with `def`, or as a class", line)]
    reached = _reached(tree, name)
    looked_up = [word for node in reached for word in _words(node, _imported_names(tree))]
    broken: list[tuple[str, int]] = []
    if not loops:
        nodes = [part for node in reached for part in ast.walk(node)]
        broken += [("a Python loop is not allowed here", node.lineno) for node in nodes if isinstance(node, LOOPS)]
        broken += [
            (f"`{word}` is a loop in disguise, and a loop is not allowed here", line)
            for word, line in looked_up
            if word in HIDDEN_LOOPS
        ]
        broken += [(f"`{own}` calls itself: a loop in disguise", line) for own, line in _recursive(reached)]
    forbidden = {path.split(".")[-1]: path for path in without}
    broken += [(f"`{forbidden[word]}` is not allowed here", line) for word, line in looked_up if word in forbidden]
    wanted = {path.split(".")[-1] for path in using}
    if wanted and not wanted & {word for word, _ in looked_up}:
        broken.append((f"`{'` or `'.join(using)}` must be used here", definitions(tree)[name].lineno))
    return sorted(set(broken), key=lambda rule: rule[1])


@lru_cache(maxsize=64)
def _parse(path: Path, changed: int, size: int) -> ast.Module:
    return ast.parse(path.read_bytes(), str(path))


def _is_not_implemented(node: ast.expr | None) -> bool:
    called = node.func if isinstance(node, ast.Call) and not node.args else node
    return isinstance(called, ast.Name) and called.id == "NotImplementedError"


def _reached(tree: ast.Module, name: str) -> list[ast.stmt]:
    """The definition of `name` and all of the file that it uses, directly or not."""
    known, reached, waiting = bindings(tree), list[ast.stmt](), [name]
    while waiting:
        node = known.pop(waiting.pop(), None)
        if node is not None and node not in reached and not isinstance(node, (ast.Import, ast.ImportFrom)):
            reached.append(node)
            waiting += [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
    return reached


def _recursive(reached: list[ast.stmt]) -> list[tuple[str, int]]:
    """The functions among `reached`, inner ones too, that come back to themselves through calls."""
    functions = [node for each in reached for node in ast.walk(each) if isinstance(node, ast.FunctionDef)]
    calls = {node.name: {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} for node in functions}
    found = []
    for node in functions:
        seen, waiting = set[str](), list(calls[node.name])
        while waiting:
            called = waiting.pop()
            if called not in seen:
                seen.add(called)
                waiting += calls.get(called, ())
        if node.name in seen:
            found.append((node.name, node.lineno))
    return found


def _stored(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


@lru_cache(maxsize=64)
def _imported_names(tree: ast.Module) -> dict[str, str]:
    """Local name → the name it had where it was imported from (`from torch import linspace as ls`)."""
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    return {alias.asname: alias.name.split(".")[-1] for node in imports for alias in node.names if alias.asname}


def _words(definition: ast.stmt, renamed: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Every name that is looked up: globals, attributes, strings given to getattr; not a function's own variables."""
    nodes = list(ast.walk(definition))
    own = _stored(definition) | {node.arg for node in nodes if isinstance(node, ast.arg)}
    for node in nodes:
        if isinstance(node, ast.Name) and node.id not in own:
            yield renamed.get(node.id, node.id), node.lineno
        elif isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            for argument in node.args[1:2]:
                if isinstance(argument, ast.Constant):
                    yield str(argument.value), node.lineno
