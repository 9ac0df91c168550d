"""Green means right: every wrong answer is red, every right one green, for each of several seeds."""

from pathlib import Path

import pytest

from torchkata.gate import SEEDS, examine, stubs_of
from torchkata.skills import find_skills

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.filterwarnings("ignore")  # wrong answers warn of much
STUBS = [
    pytest.param(skill, stub, id=f"{skill.name}.{stub}") for skill in find_skills(ROOT) for stub in stubs_of(skill)
]


@pytest.mark.parametrize(("skill", "stub"), STUBS)
def test_wrong_answers_are_red_and_right_ones_green(skill, stub):
    assert SEEDS >= 5
    verdict = examine(skill, stub)
    assert verdict.problems == []
    assert verdict.mistakes >= 5 and verdict.generic >= 1
