"""Checks without pytest: what is pinned is run, whoever runs it, and a check that many share ends as one."""

from collections import deque
from textwrap import dedent
from unittest import SkipTest

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT
from torchkata.checking import Checker, take_pins
from torchkata.skills import Skill, find_skills
from torchkata.warm import Check, Server

REFERENCE = "def double(x):\n    return x * 2\n"
TESTS = """
    from hypothesis import Phase, example, given, settings
    from hypothesis import strategies as st
    from torchkata.checks import expect_law

    @given(x=st.integers(0, 9))
    @example(x=1)
    @example(x=1234)
    def test_double__doubles(kata, x):
        answer = kata.double(x)
        expect_law(answer, answer.value == 2 * x, "twice x")

    @settings(phases=[Phase.explicit])
    @given(x=st.integers())
    @example(x=77)
    def test_double__is_even(kata, x):
        answer = kata.double(x)
        expect_law(answer, answer.value % 2 == 0, "an even number")
"""
DRAWS_A_DEVICE = """
    from hypothesis import example, given
    from hypothesis import strategies as st
    from torchkata.checks import expect_law

    @given(device=st.integers(0, 9))
    @example(device=1234)
    def test_double__doubles(kata, device):
        answer = kata.double(device)
        expect_law(answer, answer.value == 2 * device, "twice the device")
"""
ODD_AT = "def double(x):\n    return x * 2 + (x == {})\n"


@pytest.fixture
def checker(tmp_path):
    """Builds the checker of a skill of one stub from the texts of the solution and of the properties."""

    def build(solution, tests=TESTS):
        made = Skill(tmp_path / "katas" / "01_doubles")
        for path, text in {made.tests: tests, made.reference: REFERENCE, made.stubs: solution}.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        return Checker(made)

    return build


def states(checker):
    return [facts["state"] for facts in checker.confirm("double", checker.load(), seed=0)]


def test_a_right_answer_is_green(checker):
    assert states(checker(REFERENCE)) == ["green", "green"]


def test_what_is_wrong_only_for_a_pinned_input_is_red(checker):
    assert states(checker(ODD_AT.format(1234))) == ["wrong", "green"]


def test_what_is_wrong_only_where_nothing_is_drawn_is_red(checker):
    assert states(checker(ODD_AT.format(77))) == ["green", "wrong"]


def test_what_is_wrong_only_for_drawn_inputs_is_red(checker):
    assert states(checker("def double(x):\n    return x * 2 + 2 * (x in (0, 3, 4, 5, 6))\n")) == ["wrong", "green"]


def test_the_finding_of_a_pinned_input_is_that_of_its_call(checker):
    made = checker(ODD_AT.format(1234))
    facts = made.confirm_one("double", 0, made.load())
    assert facts["finding"]["call"] == "double(1234)"


def test_a_property_may_draw_what_is_a_fixture_elsewhere(checker):
    made = checker(ODD_AT.format(1234), tests=DRAWS_A_DEVICE)
    made.draw_inputs()
    assert made.look_at("double", 0, made.load())["finding"]["call"] == "double(1234)"
    assert states(made) == ["wrong"]


@pytest.mark.parametrize("skill", find_skills(ROOT), ids=lambda skill: skill.folder.name)
def test_every_right_answer_is_green_without_pytest(skill):
    made = Checker(skill, ROOT / "reference")
    made.draw_inputs()
    kata = made.load()
    for stub in made.stubs:
        assert not any(made.look_at(stub, number, kata) for number in range(len(made.properties[stub])))
        assert {facts["state"] for facts in made.confirm(stub, kata)} == {"green"}


def test_pins_are_taken_in_their_order():
    @given(x=st.integers())
    @example(x=1)
    @example(x=2)
    def check(x):
        ran.append(x)

    ran = []
    assert take_pins(check) == [{"x": 1}, {"x": 2}]
    with pytest.raises(SkipTest):
        settings(phases=[Phase.explicit])(check)()  # nothing is left to do
    assert ran == []


def test_pins_that_only_hypothesis_understands_stay_there():
    @example(1)
    @given(x=st.just(0))
    def positional(x):
        ran.append(x)

    @example(x=0).xfail(raises=ZeroDivisionError)
    @given(x=st.just(1))
    def failing(x):
        ran.append(1 / x)

    ran = []
    assert take_pins(positional) == take_pins(failing) == []
    positional()
    failing()
    assert ran == [1, 0, 1.0]


# a check whose tasks are shared


GREEN, WRONG, OPEN = {"state": "green"}, {"state": "wrong"}, {"state": "not written yet"}


class Loaded:
    """What `Check` wants of a checker."""

    def __init__(self, **counts):
        self.properties = {stub: [None] * count for stub, count in counts.items()}

    def lost(self, stub, finding):
        return [{"state": "wrong", "finding": finding}]


@pytest.fixture
def check():
    return Check({"id": 7, "check": "01_a", "first": ["a"], "rest": ["b", "gone"]}, Loaded(a=2, b=1))


def tasks(check):
    return [(task["do"], task["stub"]) for task in check.tasks]


SEEN = {"written": True, "red": None}


def test_the_first_stub_is_looked_at_first(check):
    assert tasks(check) == [("look", "a"), ("look", "a"), ("confirm", "a"), ("confirm", "a"), ("confirm", "b")]


def test_a_stub_is_confirmed_when_all_of_it_is_known_and_it_was_looked_at(check):
    look, again, one, two, other = check.tasks
    assert check.take(look, SEEN) == check.take(two, GREEN) == check.take(one, GREEN) == []
    assert check.take(again, SEEN) == [
        {"stage": "looked", "stub": "a"},
        {"stage": "confirmed", "stub": "a", "facts": [GREEN, GREEN]},
    ]
    assert check.take(other, WRONG) == [{"stage": "confirmed", "stub": "b", "facts": [WRONG]}]


def test_a_stub_is_red_at_once_and_once(check):
    look, again, *_ = check.tasks
    assert check.take(look, {"written": True, "red": WRONG}) == [{"stage": "first", "stub": "a", "facts": WRONG}]
    assert check.take(again, {"written": True, "red": WRONG}) == []


def test_a_stub_that_is_red_in_one_look_passes_none(check):
    look, again, *_ = check.tasks
    assert check.take(again, {"written": True, "red": WRONG})
    assert check.take(look, SEEN) == []


def test_of_a_stub_that_is_not_written_only_that_is_said(check):
    look, again, one, two, _ = check.tasks
    unwritten = {"written": False, "red": None}
    assert check.take(look, unwritten) == check.take(again, unwritten) == check.take(one, OPEN) == []
    assert check.take(two, OPEN) == [{"stage": "confirmed", "stub": "a", "facts": [OPEN, OPEN]}]
    assert {task["do"] for task in check.tasks} == {"look", "confirm"}  # no mistake is looked for


def test_only_the_first_stub_gets_its_mistake_named(check):
    look, again, one, two, other = check.tasks
    check.tasks.clear()
    for task, answer in ((look, SEEN), (again, SEEN), (one, GREEN), (two, WRONG), (other, WRONG)):
        check.take(task, answer)
    (name,) = check.tasks
    assert name == {"do": "name", "stub": "a", "facts": WRONG}
    assert check.take(name, "forgot it") == [{"stage": "named", "stub": "a", "sentence": "forgot it"}]


def test_a_lost_stub_is_said_once_and_nothing_more_of_it_is_run(check):
    look, _, one, two, other = check.tasks
    assert check.lose(one, "it hangs") == [
        {"stage": "confirmed", "stub": "a", "facts": [{"state": "wrong", "finding": "it hangs"}]}
    ]
    assert tasks(check) == [("confirm", "b")]
    assert check.take(look, SEEN) == check.take(two, GREEN) == check.lose(two, "too") == []
    assert check.take(other, GREEN) == [{"stage": "confirmed", "stub": "b", "facts": [GREEN]}]


def test_a_diagnosis_that_is_lost_takes_no_verdict_back(check):
    assert check.lose({"do": "name", "stub": "a", "facts": WRONG}, "crash") == []


class Twin:
    """A child whose stub has forked: all that it answers comes twice."""

    def __init__(self, task):
        self.task = task

    def give(self, folder, task):
        self.task = task

    def read(self):
        return [[self.task, GREEN]] * 2


def test_an_answer_that_comes_twice_is_taken_once(check, monkeypatch):
    server = Server(None, 1.0)
    monkeypatch.setattr(server, "_say", lambda message: None)
    one, two, other = [task for task in check.tasks if task["do"] == "confirm"]
    check.tasks = deque([other])
    child, beside = Twin(one), Twin(two)
    server.check, server.busy = check, [child, beside]
    server._listen(child)
    assert child.task == other and beside.task == two and server.check is check
    assert check.facts == {"a": [GREEN, None], "b": [None]}
