"""The gate itself: a run that proves nothing is an error, and each kind of weakness is found."""

from textwrap import dedent

import pytest

from torchkata.gate import VoidRun, chosen, examine, main
from torchkata.skills import Skill, find_skills

REFERENCE = "def double(x):\n    return x * 2\n"
STRONG = """
    import torch
    from hypothesis import given
    from torchkata.checks import expect_tensor
    from torchkata.strategies import vectors

    @given(x=vectors())
    def test_double__doubles(kata, x):
        expect_tensor(kata.double(x), x.double() * 2, dtype=torch.float32)
"""
SHAPE_ONLY = """
    from hypothesis import given
    from torchkata.checks import expect_law
    from torchkata.strategies import vectors

    @given(x=vectors())
    def test_double__keeps_the_shape(kata, x):
        answer = kata.double(x)
        expect_law(answer, answer.value.shape == x.shape, "the shape of x")
"""
IDLE = """
    def test_double__is_there(kata):
        assert kata.double is not None
"""


@pytest.fixture
def skill(tmp_path):
    """Builds a skill of one stub from the texts of its files."""

    def build(tests=STRONG, reference=REFERENCE, mistakes="", alternatives=""):
        made = Skill(tmp_path / "katas" / "01_doubles")
        texts = {made.tests: tests, made.reference: reference, made.mistakes: mistakes, made.alternatives: alternatives}
        texts[made.stubs] = "def double(x):\n    raise NotImplementedError\n"
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        return made

    return build


def test_a_strong_property_has_no_problem(skill):
    mistake = 'def double__squares(x):\n    """The square."""\n    return x * x\n'
    verdict = examine(
        skill(mistakes=mistake, alternatives="def double__adds(x):\n    return x + x\n"), "double", [0, 1]
    )
    assert verdict.problems == []
    assert (verdict.properties, verdict.mistakes, verdict.alternatives) == (1, 1, 1)
    assert verdict.generic >= 8


def test_a_property_that_sees_only_shapes_lets_wrong_answers_survive(skill):
    survivors = " ".join(examine(skill(tests=SHAPE_ONLY), "double", [0]).survivors)
    assert all(
        name in survivors for name in ("zeros_of_the_right_shape", "small_noise", "other_dtype", "input_mutated")
    )


def test_a_red_baseline_makes_the_run_void(skill):
    with pytest.raises(VoidRun, match="the reference is red"):
        examine(skill(reference="def double(x):\n    return x * 3\n"), "double", [0])


def test_a_surviving_canary_makes_the_run_void(skill):
    with pytest.raises(VoidRun, match="canary"):
        examine(skill(tests=IDLE), "double", [0])


def test_a_stub_without_a_property_makes_the_run_void(skill):
    with pytest.raises(VoidRun, match="no property"):
        examine(skill(tests="import torch\n"), "double", [0])


def test_a_property_that_kills_nothing_is_named(skill):
    assert examine(skill(tests=dedent(STRONG) + dedent(IDLE)), "double", [0]).idle == ["test_double__is_there"]


def test_a_right_answer_that_is_red_is_a_false_alarm(skill):
    wrong = "def double__triples(x):\n    return x * 3\n"
    assert "double__triples" in examine(skill(alternatives=wrong), "double", [0]).false_alarms[0]


def test_an_exemption_that_is_not_needed_is_named(skill):
    needless = 'ALLOWED = {"double": {"none": "no reason", "no_such_thing": "none"}}\n'
    assert examine(skill(mistakes=needless), "double", [0]).stale == ["none", "no_such_thing"]


def test_an_exemption_lets_a_wrong_answer_pass(skill):
    allowed = 'ALLOWED = {"double": {"other_dtype": "dtype is free"}}\n'
    verdict = examine(skill(tests=SHAPE_ONLY, mistakes=allowed), "double", [0])
    assert not [line for line in verdict.survivors + verdict.stale if "other_dtype" in line]


def test_the_command_prints_a_table_and_fails_on_problems(skill, capsys):
    made = skill(tests=SHAPE_ONLY)
    assert main(["doubles", "--seeds", "1", "--jobs", "1", "--root", str(made.root)]) == 1
    text = capsys.readouterr().out
    assert "| 01_doubles | 1 | 1 |" in text
    assert "survives: zeros_of_the_right_shape" in text


def test_the_command_refuses_a_name_that_means_nothing(skill, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["double", "no_such_skill", "--root", str(skill().root)])
    printed = capsys.readouterr()
    assert "there is no skill or stub `no_such_skill`" in printed.err
    assert "Every wrong answer is red" not in printed.out


def test_names_choose_stubs(skill):
    made = skill()
    for name in ("double", "doubles", "01", "doubles.double"):
        assert chosen(made.root, [name]) == chosen(made.root, []) == [(find_skills(made.root)[0], "double")]
