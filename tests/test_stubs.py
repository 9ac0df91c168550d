"""The stubs that are shipped are those that the references give."""

import ast
from pathlib import Path

import pytest

from torchkata.skills import find_skills
from torchkata.stubs import stub_source

SKILLS = find_skills(Path(__file__).parent.parent)


def body(text):
    """A file without its module docstring."""
    tree = ast.parse(text)
    return ast.unparse(ast.Module(tree.body[1:], []))


@pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.name)
def test_the_stubs_are_made_from_the_reference(skill):
    made = stub_source(skill.reference.read_text("utf-8"), f"pytest katas/{skill.folder.name}")
    assert body(made) == body(skill.stubs.read_text("utf-8"))
    assert f"Run `pytest katas/{skill.folder.name}` after each function." in skill.stubs.read_text("utf-8")


def test_private_helpers_and_bodies_stay_out():
    text = (
        '"""A."""\n\n\ndef _helper(x):\n    return x\n\n\ndef f(x):\n    """Say."""\n    y = _helper(x)\n    return y\n'
    )
    assert stub_source(text) == '"""A."""\n\n\ndef f(x):\n    """Say."""\n    raise NotImplementedError\n'
