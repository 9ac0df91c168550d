"""A new skill is whole from the start: its stub red, its reference green, its wrong answers caught."""

import pytest

from tests.demo_workspace import ship
from torchkata.gate import examine
from torchkata.kata import load_module
from torchkata.new_skill import make
from torchkata.skills import find_skills
from torchkata.stubfile import Problem, StubFile


@pytest.fixture
def root(tmp_path):
    ship(tmp_path)
    (tmp_path / "tests" / "alternatives").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("name", ["attention", "07_attention"])
def test_it_has_all_files_and_the_next_free_number(root, name):
    paths = make(root, name)
    skill = find_skills(root)[-1]
    assert skill.folder.name == "02_attention" and len(paths) == 7 and all(path.is_file() for path in paths)
    assert StubFile.read(skill.stubs).is_unwritten("double")


def test_its_reference_is_green_and_its_wrong_answers_are_red(root):
    make(root, "attention")
    skill = find_skills(root)[-1]
    verdict = examine(skill, "double", range(1))
    assert verdict.problems == [] and verdict.mistakes == 5 and verdict.alternatives == 2
    assert load_module(skill.reference).__doc__.startswith("Attention")


@pytest.mark.parametrize("name", ["numbers", "Attention", "a-b", "class", "../x", ""])
def test_a_name_that_can_not_be_is_one_line_and_nothing_is_written(root, name):
    before = sorted(root.rglob("*"))
    with pytest.raises(Problem) as error:
        make(root, name)
    assert "\n" not in str(error.value) and sorted(root.rglob("*")) == before


def test_nothing_that_is_there_is_replaced(root):
    (root / "reference" / "attention.py").write_text("mine")
    with pytest.raises(Problem, match="exists already"):
        make(root, "attention")
    assert (root / "reference" / "attention.py").read_text() == "mine"
