"""The mistake that is named is the mistake that was made, or none is named at all."""

from functools import lru_cache
from pathlib import Path

import pytest

from torchkata import profiles
from torchkata.diagnosis import behaviour, find_probes, match, mistakes_of, same_behaviour
from torchkata.gate import stubs_of
from torchkata.kata import Kata
from torchkata.properties import by_stub, load_properties
from torchkata.skills import find_skills

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.filterwarnings("ignore")  # wrong answers warn of much
profiles.register()
STUBS = [
    pytest.param(skill, stub, id=f"{skill.name}.{stub}") for skill in find_skills(ROOT) for stub in stubs_of(skill)
]


@lru_cache
def probed(skill, stub):
    """The reference of a stub, its probes and its known mistakes."""
    checks = by_stub(load_properties(skill.tests, "probe"))[stub]
    kata = Kata.load(skill.reference)
    return getattr(kata, stub).function, find_probes(checks, kata, stub), mistakes_of(skill.mistakes, stub)


@pytest.mark.parametrize(("skill", "stub"), STUBS)
def test_each_mistake_is_named_as_itself(skill, stub):
    """But for those that only break a rule, and those that are random beyond any seed."""
    right, probes, bank = probed(skill, stub)
    usual = behaviour(right, probes)
    behaviours = {name: behaviour(mistake, probes) for name, mistake in bank.items()}
    visible = [
        name
        for name, each in behaviours.items()
        if not same_behaviour(each, usual) and same_behaviour(each, behaviour(bank[name], probes))
    ]
    named = {name: match(bank[name], bank, probes, right) for name in visible}
    assert named == {name: name for name in visible}


@pytest.mark.parametrize(("skill", "stub"), STUBS)
def test_a_mistake_taken_out_of_the_bank_is_never_named_as_another(skill, stub):
    right, probes, bank = probed(skill, stub)
    for name, mistake in bank.items():
        others = {other: function for other, function in bank.items() if other != name}
        assert match(mistake, others, probes, right) is None, f"{name} is named as another mistake"


@pytest.mark.parametrize(("skill", "stub"), STUBS)
def test_a_right_answer_is_never_named(skill, stub):
    right, probes, bank = probed(skill, stub)
    for way in [right, *mistakes_of(skill.alternatives, stub).values()]:
        assert match(way, bank, probes, right) is None
