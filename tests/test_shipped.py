"""What is shipped is complete and consistent: each failure says what to do next."""

import ast
import doctest
import inspect
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from torchkata import source
from torchkata.kata import load_module
from torchkata.properties import split_name
from torchkata.skills import FOLDER, find_skills

ROOT = Path(__file__).parent.parent
SKILLS = find_skills(ROOT)
EACH_SKILL = pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.name)
STUBS = [(skill, name) for skill in SKILLS for name in source.public(source.parse(skill.reference))]
EACH_STUB = pytest.mark.parametrize(("skill", "stub"), STUBS, ids=[f"{skill.name}.{stub}" for skill, stub in STUBS])
LESS_THAN_TWO_WAYS = set()  # stubs for which no two right ways exist
FEWEST_MISTAKES, FEWEST_WAYS, MOST_LINES = 5, 2, 10


def properties(skill):
    """The test functions of a skill's file, in order."""
    return [node for name, node in source.definitions(source.parse(skill.tests)).items() if split_name(name)[0]]


def functions(node):
    """A stub itself, or the methods of a stub that is a class."""
    return [node] if isinstance(node, ast.FunctionDef) else [m for m in node.body if isinstance(m, ast.FunctionDef)]


def is_public(name):
    return not name.startswith("_") or name.endswith("__")


def count(path, stub):
    return sum(name.startswith(f"{stub}__") for name in source.definitions(source.parse(path)))


def test_there_are_skills():
    assert {"tensors", "numpy_bridge", "sgd_loop"} <= {skill.name for skill in SKILLS}
    assert len(STUBS) >= 40


@EACH_SKILL
def test_a_skill_has_all_its_files_and_no_other(skill):
    names = {f"{skill.name}.py", f"test_{skill.name}.py", "hints.md", "README.md"}
    assert {path.name for path in skill.folder.iterdir() if path.name != "__pycache__"} == names
    assert skill.reference.is_file() and skill.mistakes.is_file() and skill.alternatives.is_file()


def test_no_file_belongs_to_no_skill():
    names = {f"{skill.name}.py" for skill in SKILLS}
    for folder in ("reference", "mistakes", "tests/alternatives"):
        assert {path.name for path in (ROOT / folder).iterdir() if path.name != "__pycache__"} == names
    assert all(FOLDER.fullmatch(path.name) for path in (ROOT / "katas").iterdir() if path.name != "__pycache__")


def test_the_conftest_is_short():
    assert len((ROOT / "conftest.py").read_text("utf-8").splitlines()) < 50


def test_nothing_generated_is_tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    bad = re.compile(r"__pycache__|\.pyc$|\.hypothesis|\.pytest_cache|uv\.lock$|egg-info|\.venv|\.benchmarks")
    assert [path for path in listed.stdout.splitlines() if bad.search(path)] == []


@EACH_SKILL
def test_stubs_and_reference_mirror_each_other(skill):
    stubs, solved = (source.public(source.parse(path)) for path in (skill.stubs, skill.reference))
    assert list(stubs) == list(solved)
    for name in stubs:
        assert ast.get_docstring(stubs[name]) == ast.get_docstring(solved[name]), name
        right = {each.name: each for each in functions(solved[name]) if each.name == name or is_public(each.name)}
        mine = {each.name: each for each in functions(stubs[name])}
        assert list(mine) == list(right)
        for part in mine:
            assert ast.unparse(mine[part].args) == ast.unparse(right[part].args), name
            assert ast.dump(mine[part].returns) == ast.dump(right[part].returns), name
            assert ast.get_docstring(mine[part]) == ast.get_docstring(right[part]), name


@EACH_STUB
def test_a_stub_is_shipped_unwritten(skill, stub):
    assert source.is_unwritten(source.public(source.parse(skill.stubs))[stub])


@EACH_STUB
def test_a_contract_is_whole(skill, stub):
    node = source.public(source.parse(skill.stubs))[stub]
    text = ast.get_docstring(node)
    assert text.split("\n")[0].endswith("."), "the first line is the contract, one sentence"
    assert ">>> " in text, "an example that is true"
    for each in functions(node):
        typed = [argument for argument in each.args.args if argument.arg not in ("self", "ctx")]
        assert all(argument.annotation for argument in typed) and each.returns, "a typed signature"
        assert each is node or each.name.startswith("__") or ast.get_docstring(each), "each method says what it does"


@EACH_STUB
def test_the_example_of_a_contract_is_true(skill, stub):
    module = load_module(skill.reference)
    example = doctest.DocTestParser().get_doctest(
        inspect.getdoc(getattr(module, stub)), {**vars(module), "np": np, "torch": torch, "nn": nn}, stub, None, 0
    )
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert example.examples and runner.run(example).failed == 0


@EACH_STUB
def test_a_solution_is_short(skill, stub):
    for node in functions(source.public(source.parse(skill.reference))[stub]):
        body = node.body[1:] if ast.get_docstring(node) else node.body
        assert node.end_lineno - body[0].lineno + 1 <= MOST_LINES, node.name


@EACH_SKILL
def test_properties_stand_in_the_order_of_the_stubs(skill):
    order = list(dict.fromkeys(split_name(node.name)[0] for node in properties(skill)))
    assert order == list(source.public(source.parse(skill.stubs)))


@EACH_SKILL
def test_a_property_says_itself_in_one_sentence(skill):
    for node in properties(skill):
        text = " ".join((ast.get_docstring(node) or "").split())
        assert text.endswith("."), f"{node.name} needs a docstring: the property"
        assert not re.search(r"[a-z`)]\. [A-Z]", text), f"{node.name}: one sentence"


@EACH_SKILL
def test_the_oracle_is_never_learner_code_nor_the_reference(skill):
    nodes = list(ast.walk(source.parse(skill.tests)))
    modules = [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    modules += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    own = ("reference", "mistakes", "katas", "alternatives", skill.name)
    assert not [module for module in modules if set(module.split(".")) & set(own)]
    assert not [
        node
        for node in nodes
        if isinstance(node, ast.Name) and node.id in ("import_module", "load_module", "__import__")
    ]


@EACH_STUB
def test_a_stub_has_mistakes_and_right_answers_written_another_way(skill, stub):
    assert count(skill.mistakes, stub) >= FEWEST_MISTAKES
    assert count(skill.alternatives, stub) >= FEWEST_WAYS or stub in LESS_THAN_TWO_WAYS


@EACH_SKILL
def test_mistakes_and_alternatives_belong_to_stubs(skill):
    stubs = set(source.public(source.parse(skill.stubs)))
    for path in (skill.mistakes, skill.alternatives):
        named = [name for name in source.public(source.parse(path))]
        assert [name for name in named if name.partition("__")[0] not in stubs or "__" not in name] == []


@EACH_SKILL
def test_a_mistake_has_a_sentence_for_the_learner(skill):
    for name, node in source.public(source.parse(skill.mistakes)).items():
        text = ast.get_docstring(node) or ""
        assert text.strip().endswith((".", "…")), f"{name} needs a docstring: what the learner is told"


@EACH_SKILL
def test_each_stub_has_two_or_three_hints_and_the_first_is_a_question(skill):
    sections = re.split(r"^## ", skill.hints.read_text("utf-8"), flags=re.M)[1:]
    assert [section.split("\n")[0].strip().strip("`") for section in sections] == list(
        source.public(source.parse(skill.stubs))
    )
    for section in sections:
        hints = re.findall(r"^\d\. (.+(?:\n   .+)*)", section, flags=re.M)
        assert 2 <= len(hints) <= 3 and "?" in hints[0], section


@EACH_SKILL
def test_a_lesson_fits_a_page_and_its_code_is_true(skill):
    text = skill.lesson.read_text("utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, flags=re.S))
    example = doctest.DocTestParser().get_doctest(code, {}, skill.name, None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert len(text.splitlines()) <= 120
    assert f"pytest katas/{skill.folder.name}" in text
    assert example.examples and runner.run(example).failed == 0
