"""The mistake that is named is the mistake that was made, or none is named at all."""

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
    pytest.param((skill, stub), id=f"{skill.name}.{stub}") for skill in find_skills(ROOT) for stub in stubs_of(skill)
]


@pytest.fixture(scope="module", params=STUBS)
def probed(request):
    """The behaviours of a stub on its probes: the reference, the known mistakes, right answers written another way."""
    skill, stub = request.param
    checks = by_stub(load_properties(skill.tests, "probe"))[stub]
    kata = Kata.load(skill.reference)
    probes = find_probes(checks, kata, stub)
    known, ways = (mistakes_of(path, stub) for path in (skill.mistakes, skill.alternatives))
    repeated = {name: same_behaviour(behaviour(each, probes), behaviour(each, probes)) for name, each in known.items()}
    return (
        behaviour(getattr(kata, stub).function, probes),
        {name: behaviour(each, probes) for name, each in known.items() if repeated[name]},
        [behaviour(each, probes) for each in ways.values()],
    )


def test_each_mistake_is_named_as_itself_or_not_at_all(probed):
    """Not named are those that only break a rule, and those that are random beyond any seed."""
    right, known, _ = probed
    visible = [name for name, each in known.items() if not same_behaviour(each, right)]
    assert {name: match(known[name], right, known) for name in visible} == {name: name for name in visible}
    assert len(visible) >= 4


def test_a_mistake_taken_out_of_the_bank_is_never_named_as_another(probed):
    right, known, _ = probed
    for name, mine in known.items():
        others = {other: each for other, each in known.items() if other != name}
        assert match(mine, right, others) is None, f"{name} is named as another mistake"


def test_a_right_answer_is_never_named(probed):
    right, known, ways = probed
    assert [match(way, right, known) for way in [right, *ways]] == [None] * (1 + len(ways))


def test_nothing_is_named_without_the_behaviour_of_a_right_answer():
    mine = [("int", [("", 1)])]
    assert match(mine, [("int", [("", 2)])], {"known": mine}) == "known"
    assert match(mine, None, {"known": mine}) is None
    assert match(None, mine, {"known": None}) is None
