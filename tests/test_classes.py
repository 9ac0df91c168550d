"""A stub may be a class: its methods are checked, mutated, wrapped and named like functions."""

import pickle
from textwrap import dedent

import pytest
import torch

from torchkata import profiles
from torchkata.diagnosis import behaviour, find_probes, match, mistakes_of
from torchkata.errors import NOT_WRITTEN, KataError
from torchkata.gate import VoidRun, examine
from torchkata.kata import Kata
from torchkata.mutation import survivors
from torchkata.properties import by_stub, load_properties
from torchkata.skills import Skill
from torchkata.stubs import stub_source
from torchkata.wrong_answers import generic

REFERENCE = '''
    """Layers."""

    import torch
    from torch import nn

    class Scale(nn.Module):
        """Multiply by a learnt factor.

        >>> Scale(2.0)(torch.ones(2)).tolist()
        [2.0, 2.0]
        """

        def __init__(self, factor: float) -> None:
            super().__init__()
            self.factor = nn.Parameter(torch.tensor(float(factor)))

        def forward(self, x):
            return self._scaled(x)

        def _scaled(self, x):
            return x * self.factor
'''
CHECK = '''
    import torch
    from hypothesis import example, given
    from torchkata.checks import expect_equal, expect_own_memory, expect_tensor
    from torchkata.strategies import numbers, vectors

    @example(torch.zeros(2), 2.0)
    @given(x=vectors(min_side=1), factor=numbers(2.0, 9.0))
    def test_Scale__multiplies(kata, x, factor):
        """The output is the input times the factor."""
        layer = kata.Scale(factor)
        want = x.double() * torch.tensor(factor, dtype=torch.float32).double()
        answer = layer.method()(x)
        expect_tensor(answer, want, dtype=torch.float32)
        expect_own_memory(answer)

    def test_Scale__learns(kata):
        """The factor is a parameter that `load_state_dict` sets."""
        layer = kata.Scale(1.0)
        expect_equal(names(layer), ["factor"])
        layer.method("load_state_dict")({"factor": torch.tensor(3.0)})
        answer = layer.method()(torch.tensor([2.0]).requires_grad_())
        expect_tensor(answer, [6.0], dtype=torch.float32)
        assert answer.value.requires_grad

    def names(layer):
        answer = layer.method("state_dict")()
        answer.value = list(answer.value)
        return answer
'''
MISTAKES = '''
    import torch
    from torch import nn

    class Scale__adds(nn.Module):
        """It adds."""

        def __init__(self, factor):
            super().__init__()
            self.factor = nn.Parameter(torch.tensor(float(factor)))

        def forward(self, x):
            return x + self.factor

    class Scale__no_parameter(nn.Module):
        """The factor is no parameter."""

        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def forward(self, x):
            return x * self.factor
'''


@pytest.fixture
def skill(tmp_path):
    made = Skill(tmp_path / "katas" / "01_layers")
    for path, text in {made.tests: CHECK, made.reference: REFERENCE, made.mistakes: MISTAKES}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip())
    made.stubs.write_text(stub_source(made.reference.read_text()))
    return made


def test_the_stub_of_a_class_has_its_public_methods_without_bodies(skill):
    text = skill.stubs.read_text()
    assert text.count("raise NotImplementedError") == 2 and "_scaled" not in text
    assert "class Scale(nn.Module):" in text and "def forward(self, x):" in text


def test_methods_are_called_with_copies_and_named_in_the_call(skill):
    layer = Kata.load(skill.reference).Scale(2.0)
    x = torch.ones(2)
    answer = layer.method()(x)
    assert answer.value.tolist() == [2.0, 2.0] and answer.args[0] is not x
    assert answer.call == "Scale(2.0)(torch.tensor([1, 1], dtype=torch.float32))" or answer.call.startswith(
        "Scale(2.0)("
    )
    layer.method("eval")()
    assert layer.method()(x).call.startswith("model = Scale(2.0); model.eval(); model(")
    assert layer.method("__getattribute__")("training").call == "model = Scale(2.0); model.eval(); model.training"


def test_what_a_method_raises_is_a_finding_with_its_line(skill):
    with pytest.raises(KataError) as caught:
        Kata.load(skill.reference).Scale(2.0).method()("a")
    assert caught.value.reason == "exception" and "x * self.factor" in caught.value.source


def test_a_method_that_is_not_there_is_a_finding(skill):
    with pytest.raises(KataError, match="method missing"):
        Kata.load(skill.reference).Scale(2.0).method("backward")


def test_an_unwritten_method_is_said_at_its_own_line(skill):
    text = skill.reference.read_text().replace("return self._scaled(x)", "raise NotImplementedError")
    skill.stubs.write_text(text)
    layer = Kata.load(skill.stubs).Scale(2.0)
    with pytest.raises(KataError, match=NOT_WRITTEN) as caught:
        layer.method()(torch.ones(1))
    assert text.splitlines()[caught.value.line - 1].strip() == "raise NotImplementedError"


def test_the_gate_examines_a_class(skill):
    profiles.register()
    verdict = examine(skill, "Scale", range(2))
    assert verdict.problems == []
    assert verdict.mistakes == 2 and verdict.generic > 5


def test_a_weak_property_of_a_class_is_found_out(skill):
    text = skill.tests.read_text()
    skill.tests.write_text(text[: text.index("def test_Scale__learns")].replace("x.double() *", "0 * x +"))
    skill.mistakes.write_text("")
    with pytest.raises(VoidRun, match="the reference is red"):
        examine(skill, "Scale", range(2))
    skill.tests.write_text(
        skill.tests.read_text().replace("    expect_tensor(answer, want, dtype=torch.float32)\n", "")
    )
    assert any("zeros_of_the_right_shape" in name for name in examine(skill, "Scale", range(2)).survivors)


def test_generic_wrong_answers_of_a_class_keep_apart_and_can_be_pickled(skill):
    right = Kata.load(skill.reference).Scale.function
    wrong = generic(right)["zeros_of_the_right_shape:forward"]()
    x = torch.ones(2)
    assert wrong(3.0)(x).tolist() == [0, 0] and right(3.0)(x).tolist() == [3, 3]
    assert pickle.loads(pickle.dumps(wrong(3.0)))(x).tolist() == [0, 0]
    first = generic(right)["first_answer_for_ever:forward"]()
    assert first(3.0)(x).tolist() == [3, 3] and first(4.0)(x).tolist() == [4, 4]


def test_a_class_is_mutated_method_by_method(skill):
    skill.mistakes.write_text("")
    count, alive = survivors(skill, "Scale")
    assert count >= 4
    assert "super().__init__()" not in alive


def test_the_mistake_of_a_class_is_named(skill):
    checks = by_stub(load_properties(skill.tests, "probe"))["Scale"]
    kata = Kata.load(skill.reference)
    probes = find_probes(checks, kata, "Scale")
    assert any(step[0] == "load_state_dict" for (calls, *_), _ in probes for step in calls)
    known = {name: behaviour(each, probes) for name, each in mistakes_of(skill.mistakes, "Scale").items()}
    right = behaviour(kata.Scale.function, probes)
    assert {name: match(each, right, known) for name, each in known.items()} == {name: name for name in known}
    assert match(right, right, known) is None


def test_parameters_and_buffers_can_be_read(skill):
    layer = Kata.load(skill.reference).Scale(2.0)
    assert layer.method("__getattribute__")("factor").value.item() == 2.0
