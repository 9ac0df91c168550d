"""Mutate the reference: each small change of a solution must turn a property red.

The named mistakes come from people and have their blind spots; mutants do not. General mutation tools
run a test process a mutant and cannot follow files that are loaded by their path; here a mutant costs
some milliseconds, because the properties run in this process.

    python -m torchkata.mutation [SKILL or STUB ...]     exit code 1 if fewer than 95 % are killed and explained

A mutant that is as right as the reference is explained in the mistakes file:
`EQUIVALENT = {"stub": {"the changed line": "why it is right"}}`.
"""

import argparse
import ast
import contextlib
import copy
import multiprocessing
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torchkata import devices, source
from torchkata.gate import Examiner, chosen
from torchkata.kata import load_module
from torchkata.names import UnknownName
from torchkata.skills import Skill

ENOUGH = 0.95
SEEDS = (0, 1)  # a mutant must be red for each
BINARY: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,), ast.Mod: (ast.FloorDiv,), ast.Pow: (ast.Mult,), ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,),
}  # fmt: skip
COMPARE: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt,), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt,), ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
NAMES = {
    "max": "min", "min": "max", "amax": "amin", "amin": "amax", "argmax": "argmin", "sum": "mean", "mean": "sum",
    "zeros": "ones", "ones": "zeros", "train": "eval", "eval": "train", "float32": "float64", "float64": "float32",
    "int64": "int32", "square": "abs", "sqrt": "abs", "clone": "detach", "detach": "clone", "tensor": "as_tensor",
    "from_numpy": "tensor", "no_grad": "enable_grad",
}  # fmt: skip


@dataclass
class Mutant:
    """One change: the line after it, and the module with it."""

    line: str
    tree: ast.Module


def mutants(path: Path, stub: str) -> Iterator[Mutant]:
    """All mutants of the function `stub` of a file."""
    original = source.parse(path)
    count = len(list(ast.walk(source.definitions(original)[stub])))
    for index in range(count):
        for choice in range(100):
            tree = copy.deepcopy(original)
            function = source.definitions(tree)[stub]
            node = list(ast.walk(function))[index]
            if _is_signature(function, node) or not _change(function, node, choice):
                break
            ast.fix_missing_locations(tree)
            line = _line(original, tree, stub)
            if line:
                yield Mutant(line, tree)


def _is_signature(definition: Any, node: ast.AST) -> bool:
    """Whether a node belongs to the contract: annotations, defaults of other files, docstrings, base classes."""
    contract: list[ast.AST | None] = []
    for each in ast.walk(definition) if isinstance(definition, ast.ClassDef) else [definition]:
        if isinstance(each, ast.FunctionDef):
            contract += [each.args, each.returns, *each.decorator_list]
        elif isinstance(each, ast.ClassDef):
            contract += [*each.bases, *each.keywords, *each.decorator_list]
        if isinstance(each, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(each):
            contract.append(each.body[0])
    return any(node is part for each in contract if each is not None for part in ast.walk(each))


def _change(function: Any, node: ast.AST, choice: int) -> bool:
    """Apply change number `choice` to `node`; False when it has no more of them."""
    changes = list(_changes(function, node))
    if choice >= len(changes):
        return False
    changes[choice]()
    return True


def _changes(function: Any, node: Any) -> Iterator[Any]:
    def put(name: str, value: Any) -> Any:
        return lambda: setattr(node, name, value)

    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        yield from (put("op", other()) for other in BINARY.get(type(node.op), ()))
    elif isinstance(node, ast.Compare):
        yield from (put("ops", [other(), *node.ops[1:]]) for other in COMPARE.get(type(node.ops[0]), ()))
    elif isinstance(node, ast.BoolOp):
        yield put("op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        if isinstance(node.op, ast.USub):
            yield put("op", ast.UAdd())
        else:
            yield put("operand", ast.UnaryOp(ast.Not(), node.operand))
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield put("value", not node.value)
        elif isinstance(node.value, (int, float)):
            yield from (put("value", node.value + 1), put("value", node.value - 1))
    elif isinstance(node, ast.Attribute) and not _in_message(function, node):
        if node.attr in NAMES:
            yield put("attr", NAMES[node.attr])
        elif node.attr.endswith("_") and len(node.attr) > 2:
            yield put("attr", node.attr[:-1])
    elif isinstance(node, ast.Name) and node.id in NAMES and isinstance(node.ctx, ast.Load):
        if not _in_message(function, node):
            yield put("id", NAMES[node.id])
    elif isinstance(node, ast.Call) and not _in_message(function, node):
        for index in range(len(node.keywords)):
            yield put("keywords", node.keywords[:index] + node.keywords[index + 1 :])
        if len(node.args) == 2:
            yield put("args", node.args[::-1])
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
        yield put("test", ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Return) and node.value is not None:
        yield put("value", None)
    elif isinstance(node, ast.Expr):
        yield put("value", ast.Constant(None))
    elif isinstance(node, ast.With):
        yield put("items", [ast.withitem(ast.Call(ast.Name("_nothing", ast.Load()), [], []))])


def _in_message(function: Any, node: ast.AST) -> bool:
    """Whether a node is part of a `raise`: the words of a message are free."""
    return any(node is part for each in ast.walk(function) if isinstance(each, ast.Raise) for part in ast.walk(each))


def _line(original: ast.Module, tree: ast.Module, stub: str) -> str:
    """The first line that differs, as the mutant has it; "" where none does."""
    before, after = (ast.unparse(source.definitions(each)[stub]).splitlines() for each in (original, tree))
    return next((new.strip() for old, new in zip(before, after, strict=True) if old != new), "")


def _function(path: Path, mutant: Mutant, stub: str) -> Any:
    namespace = vars(load_module(path))  # of the module itself, so that a mutated class can be pickled
    namespace["_nothing"] = contextlib.nullcontext
    exec(compile(mutant.tree, str(path), "exec"), namespace)
    return namespace[stub]


def survivors(skill: Skill, stub: str) -> tuple[int, list[str]]:
    """The number of mutants of a stub, and the lines of those that stay green though not explained."""
    examiner = Examiner(skill, stub, list(SEEDS))
    examiner.check_baseline()
    explained = getattr(load_module(skill.mistakes), "EQUIVALENT", {}).get(stub, {})
    found, alive = list(mutants(skill.reference, stub)), []
    for mutant in found:
        function = _function(skill.reference, mutant, stub)
        green = [seed for seed in SEEDS if not examiner.killers(function, seed)]
        if green and mutant.line not in explained:
            alive.append(mutant.line)
    return len(found), alive


def _survivors(job: tuple[Skill, str]) -> tuple[str, int, list[str]]:
    devices.prepare()
    warnings.simplefilter("ignore")  # mutants warn of much
    return (f"{job[0].name}.{job[1]}", *survivors(*job))


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m torchkata.mutation", description=__doc__)
    parser.add_argument("names", nargs="*", help="skills or stubs; all without any")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--root", type=Path, default=Path.cwd())
    options = parser.parse_args(arguments)
    try:
        jobs = chosen(options.root, options.names)
    except UnknownName as error:
        parser.error(str(error))
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        results = pool.map(_survivors, jobs, chunksize=1)
    total, alive = sum(count for _, count, _ in results), sum(len(lines) for *_, lines in results)
    for name, _, lines in results:
        for line in lines:
            print(f"{name}: {line}")
    share = (total - alive) / total if total else 0.0
    print(f"{total - alive} of {total} mutants killed or explained ({share:.1%})")
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
