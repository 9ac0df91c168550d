"""Mutants: a weak property lets some live, an explained one does not count, the command has its threshold."""

import ast
from textwrap import dedent

import pytest

from torchkata.mutation import main, mutants, survivors
from torchkata.skills import Skill

REFERENCE = """
    def clipped(x, low):
        \"\"\"Not below low.\"\"\"
        if low > 100:
            raise ValueError("too large: 101")
        return x.clamp(min=low) + 0
"""
CHECK = """
    import torch
    from hypothesis import given, strategies as st
    from torchkata.checks import expect_tensor
    from torchkata.strategies import vectors

    @given(x=vectors(), low=st.integers(-3, 3))
    def test_clipped__is_not_below_low(kata, x, low):
        expect_tensor(kata.clipped(x, low), x.double().numpy().clip(low), dtype=torch.float32)
"""


@pytest.fixture
def skill(tmp_path):
    def build(mistakes=""):
        made = Skill(tmp_path / "katas" / "01_clips")
        for path, text in {made.tests: CHECK, made.reference: REFERENCE, made.mistakes: mistakes}.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        return made

    return build


def test_mutants_change_code_and_leave_the_contract(skill):
    path = skill().reference
    found = list(mutants(path, "clipped"))
    bodies = {ast.unparse(mutant.tree) for mutant in found}
    assert len(bodies) == len(found) >= 8
    assert all("Not below low." in body and "too large: 101" in body for body in bodies)


def test_a_hole_in_the_properties_shows_as_a_survivor(skill):
    count, alive = survivors(skill(), "clipped")
    assert "if low > 101:" in alive, "no property looks at the error"
    assert "return x.clamp() + 0" not in alive
    assert 0 < len(alive) < count


def test_an_explained_mutant_is_no_survivor(skill):
    explained = 'EQUIVALENT = {"clipped": {"if low > 101:": "for the test"}}\n'
    assert "if low > 101:" not in survivors(skill(explained), "clipped")[1]


def test_the_command_fails_below_its_threshold(skill, capsys):
    root = str(skill().root)
    assert main(["clips", "--jobs", "1", "--root", root]) == 1
    assert "01_clips" not in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["no_such_skill", "--root", root])
