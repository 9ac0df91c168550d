"""Finding, loading and calling a learner's code: whatever is wrong with it becomes a finding with its place."""

import os
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from torchkata.errors import NOT_WRITTEN, KataError, MissingError
from torchkata.kata import Kata, Stub, load_module, solution_path
from torchkata.strategies import manual_seed, with_grad


@pytest.fixture
def written(tmp_path):
    """A function that writes a solution and loads it."""

    def load(text, name="solution.py"):
        (tmp_path / name).write_text(dedent(text), encoding="utf-8")
        return Kata.load(tmp_path / name)

    return load


def finding(function, *args, **kwargs):
    """The finding that a call ends with."""
    with pytest.raises(KataError) as caught:
        function(*args, **kwargs)
    return caught.value


def stub(function):
    """A stub of this file."""
    return Stub("stub", Path(__file__), function)


# where the solution is


@pytest.mark.parametrize("place", ["01_tensors/tensors.py", "katas/01_tensors/tensors.py", "tensors.py"])
def test_a_solution_is_found_in_every_kind_of_tree(tmp_path, place):
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert solution_path(tmp_path, "tensors", "01_tensors") == path


def test_a_solution_in_a_folder_goes_before_a_flat_one(tmp_path):
    (tmp_path / "01_tensors").mkdir()
    (tmp_path / "01_tensors/tensors.py").touch()
    (tmp_path / "tensors.py").touch()
    assert solution_path(tmp_path, "tensors", "01_tensors") == tmp_path / "01_tensors/tensors.py"


@pytest.mark.parametrize(
    ("tree", "place"), [("katas", "katas/01_tensors/tensors.py"), ("reference", "reference/tensors.py")]
)
def test_a_missing_solution_has_the_place_where_it_should_be(tmp_path, tree, place):
    assert solution_path(tmp_path / tree, "tensors", "01_tensors") == tmp_path / place


def test_the_solution_of_another_skill_is_not_taken(tmp_path):
    (tmp_path / "01_tensors").mkdir()
    (tmp_path / "01_tensors/shapes.py").touch()
    assert not solution_path(tmp_path, "tensors", "01_tensors").exists()


# what can't be loaded


def test_a_missing_file_is_a_finding_of_every_stub(tmp_path):
    found = finding(lambda: Kata.load(tmp_path / "tensors.py").total)
    assert (found.reason, found.file) == ("file missing", str(tmp_path / "tensors.py"))
    assert "no file tensors.py" in found.message and "git checkout" in found.message


def test_a_renamed_file_is_guessed(tmp_path):
    (tmp_path / "tensor.py").touch()
    assert "Is it tensor.py now?" in finding(lambda: Kata.load(tmp_path / "tensors.py").total).message


def test_a_missing_function_is_a_finding_of_its_own(written):
    kata = written("def add(x): return x\nnumber = 3")
    assert kata.add(1).value == 1
    assert finding(lambda: kata.subtract).reason == finding(lambda: kata.number).reason == "function missing"
    assert "no function `subtract`" in finding(lambda: kata.subtract).message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("def totl(x): return x", "Was `totl` renamed?"),
        ("def other(x): return x", "`total`."),
        ("_total = abs", "`total`."),
    ],
)
def test_a_renamed_function_is_guessed(written, text, hint):
    assert finding(lambda: written(text).total).message.endswith(hint)


def test_a_missing_function_is_a_missing_attribute(written):
    kata = written("def add(x): return x")
    assert hasattr(kata, "add") and not hasattr(kata, "subtract")
    assert isinstance(finding(lambda: kata.subtract), MissingError)


def test_hypothesis_and_python_find_no_stub_where_they_look_for_hooks(written):
    kata = written("def execute_example(f): return None\ndef __len__(): return 3")
    assert not hasattr(kata, "execute_example") and not hasattr(kata, "setup_example")
    assert "__len__" not in dir(type(kata)) and not hasattr(kata, "__wrapped__")


@pytest.mark.parametrize(
    ("text", "line", "source"),
    [
        ("x = 1\ndef f(:\n    pass\n", 2, "def f(:\n      ^"),
        ("def f():\n    y = (1,\n", 2, "y = (1,\n    ^"),
        ("def f():\n    return 1 +* 2\n", 2, "return 1 +* 2\n          ^"),
        ("def f():\nreturn 1\n", 2, "return 1\n^"),
        ("return 1\n", 1, "return 1\n^"),
    ],
)
def test_a_syntax_error_has_its_line_and_a_caret(written, text, line, source):
    found = finding(lambda: written(text).f)
    assert (found.reason, found.line, found.source) == ("syntax error", line, source)
    assert found.got.startswith(("SyntaxError: ", "IndentationError: "))


@pytest.mark.parametrize("content", [b"x = '\xff'\n", b"x = 1\0\n"], ids=["not utf-8", "null"])
def test_a_file_that_is_no_text_is_a_finding(tmp_path, content):
    (tmp_path / "a.py").write_bytes(content)
    found = finding(lambda: Kata.load(tmp_path / "a.py").f)
    assert (
        found.reason in ("syntax error", "file can't be imported")
        and found.got
        and found.file == str(tmp_path / "a.py")
    )


@pytest.mark.parametrize(
    ("text", "line", "got"),
    [
        ("x = 1\nimport torchvsion\n", 2, "ModuleNotFoundError: No module named 'torchvsion'"),
        ("from torch import no_such_thing\n", 1, "ImportError: cannot import name 'no_such_thing'"),
        ("\n\nx = undefined\n", 3, "NameError: name 'undefined' is not defined"),
        ("def f():\n    return 1 / 0\nf()\n", 2, "ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)\n", 2, "SystemExit: 3"),
        ("exit()\n", 1, "SystemExit"),
        ("raise NotImplementedError\n", 1, "NotImplementedError"),
        ("assert False, 'a\\nb'\n", 1, "AssertionError: a"),
    ],
)
def test_a_file_that_fails_while_it_is_imported_has_the_line(written, text, line, got):
    found = finding(lambda: written(text).f)
    assert (found.reason, found.line) == ("file can't be imported", line)
    assert found.got.startswith(got) and found.source == dedent(text).splitlines()[line - 1].strip()


def test_a_syntax_error_in_other_code_is_not_taken_for_one_of_the_file(written):
    found = finding(lambda: written("x = 1\ny = 2\nz = eval('1 +')\n").f)
    assert (found.line, found.source) == (3, "z = eval('1 +')")


def test_an_import_leaves_the_global_state_of_torch(written):
    kata = written(
        "import torch\ntorch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)\ndef f(): return 1"
    )
    assert kata.f().value == 1
    assert torch.get_default_dtype() == torch.float32 and torch.is_grad_enabled()


def test_files_of_one_name_are_modules_of_their_own(tmp_path):
    for folder, number in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.py").write_text(f"def f(): return {number}")
    first, second = (load_module(tmp_path / folder / "same.py") for folder in "ab")
    assert (first.f(), second.f()) == (1, 2) and first.__name__ != second.__name__


def test_a_file_is_loaded_again_after_a_change(written):
    assert [written("def f(): return 1").f().value, written("def f(): return 22").f().value] == [1, 22]


def test_a_change_of_the_same_size_in_the_same_second_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    path = tmp_path / "same.py"
    for number in (1, 2):
        path.write_text(f"def f(): return {number}")
        os.utime(path, (1e9, 1e9))
        assert load_module(path).f() == number


def test_a_file_may_hold_dataclasses_and_annotations(written):
    text = """
    from __future__ import annotations
    import dataclasses, torch
    @dataclasses.dataclass
    class Point:
        x: torch.Tensor
    def f() -> Point: return Point(3)
    """
    assert written(text).f().value.x == 3


def test_a_class_is_a_stub_too(written):
    kata = written("class Counter:\n    def __init__(self, start): self.start = start")
    assert kata.Counter(3).value.start == 3


# exceptions of the learner's code

OWN = """
import torch

def divides(x):
    y = x + 1
    return y / 0

def in_torch(x):
    return torch.ones(2) @ torch.ones(3)

def helped(x):
    return _helper(x)

def _helper(x):
    raise KeyError(x)

def endless(x):
    return endless(x)

def ends(x):
    exit(1)

def unwritten(x):
    raise NotImplementedError

def unwritten_call(x):
    raise NotImplementedError()

def refuses(x):
    raise NotImplementedError("no such mode")

def abstract(x):
    return torch.nn.Module()(x)

def asserts(x):
    assert x > 5

def quiet(x):
    raise RuntimeError
"""


def line_of(text):
    """Where a line stands in OWN."""
    return [row.strip() for row in OWN.splitlines()].index(text) + 1


@pytest.mark.parametrize(
    ("name", "source", "got"),
    [
        ("divides", "return y / 0", "ZeroDivisionError: division by zero"),
        ("in_torch", "return torch.ones(2) @ torch.ones(3)", "RuntimeError: "),
        ("helped", "raise KeyError(x)", "KeyError: 3"),
        ("asserts", "assert x > 5", "AssertionError"),
        ("quiet", "raise RuntimeError", "RuntimeError"),
        ("refuses", 'raise NotImplementedError("no such mode")', "NotImplementedError: no such mode"),
        ("abstract", "return torch.nn.Module()(x)", "NotImplementedError: Module"),
    ],
)
def test_an_exception_has_its_line_in_the_file_of_the_learner(written, name, source, got):
    found = finding(getattr(written(OWN), name), 3)
    assert (found.reason, found.line, found.call) == ("exception", line_of(source), f"{name}(3)")
    assert found.got.startswith(got) and found.source == source


def test_an_exception_keeps_the_original_as_its_cause(written):
    assert isinstance(finding(written(OWN).divides, 3).__cause__, ZeroDivisionError)


def test_endless_recursion_is_named(written):
    found = finding(written(OWN).endless, 3)
    assert (found.reason, found.source) == ("exception", "return endless(x)")
    assert found.got == "RecursionError: the function calls itself without an end"


@pytest.mark.parametrize("how", ["__call__", "on", "raising"])
def test_ending_the_program_is_a_finding(written, how):
    found = finding(getattr(written(OWN).ends, how), 3)
    assert (found.reason, found.line, found.got) == ("exception", line_of("exit(1)"), "SystemExit: 1")
    assert "ends the whole program" in found.message


@pytest.mark.parametrize("how", ["__call__", "on", "raising"])
@pytest.mark.parametrize("name", ["unwritten", "unwritten_call"])
def test_a_bare_not_implemented_error_is_not_written_yet(written, how, name):
    found = finding(getattr(getattr(written(OWN), name), how), 3)
    assert (found.reason, found.line) == (NOT_WRITTEN, line_of(f"def {name}(x):"))


def test_an_unwritten_helper_is_not_written_yet(written):
    kata = written("def f(x):\n    return g(x)\n\ndef g(x):\n    raise NotImplementedError\n")
    assert finding(kata.f, 3).reason == NOT_WRITTEN


def test_an_exception_that_never_passed_the_file_has_the_line_of_the_function(written):
    found = finding(written("x = 1\n\ndef f(x):\n    return x\n").f)
    assert found.reason == "exception" and found.got.startswith("TypeError: f() missing 1") and found.line == 3


def test_a_keyboard_interrupt_is_left_alone(written):
    with pytest.raises(KeyboardInterrupt):
        written("def f(): raise KeyboardInterrupt").f()


def test_a_changed_global_state_is_a_finding(written):
    kata = written("import torch\ndef f():\n    torch.set_default_dtype(torch.float64)\n    return 1")
    found = finding(kata.f)
    assert (found.reason, found.call, found.line) == ("global state changed", "f()", 2)
    assert "the default dtype (torch.float32 before, torch.float64 after)" in found.message
    assert torch.get_default_dtype() == torch.float32


def test_an_own_seed_is_a_change_of_global_state_and_random_numbers_are_none(written):
    kata = written("import torch\ndef seeds(): torch.manual_seed(0)\ndef draws(): return torch.rand(2)")
    manual_seed(11)
    assert "seed" in finding(kata.seeds).message
    assert torch.initial_seed() == 11 and kata.draws().value.shape == (2,)


# the place of a function


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("import torch\n\ndef f(x): return x", [3]),
        ("import torch\n\n@torch.no_grad()\ndef f(x): return x", [3, 4]),
        ("import functools\n\n@functools.lru_cache\ndef f(x): return x", [3, 4]),
        (
            "import functools\ndef d(g):\n    @functools.wraps(g)\n    def h(x): return g(x)\n    return h\n@d\ndef f(x): return x",
            [6, 7],
        ),
        ("x = 1\n\nclass f:\n    def __init__(self, x): pass", [3]),
        ("x = 1\n\ndef g(x): return x\nf = g", [3, 4]),
        ("x = 1\n\nf = lambda x: x", [3]),
        ("from math import floor as f", [1]),
    ],
)
def test_the_place_of_a_function_is_where_it_is_defined(written, tmp_path, text, line):
    place = written(text).f.place
    assert place["file"] == str(tmp_path / "solution.py") and place["line"] in line


# arguments and values


def grows(x):
    x += 1
    return x


def test_a_stub_is_called_with_copies():
    x, a, rows = torch.zeros(2), np.zeros(2), [torch.zeros(1)]
    for value in (x, a, rows[0]):
        answer = stub(grows)(value)
        assert answer.value is answer.args[0] is not value
        assert value.sum() == 0 and answer.value.sum() == len(value)
    stub(lambda rows: rows.append(1))(rows)
    assert len(rows) == 1


def test_keyword_arguments_are_copied_too():
    x = torch.zeros(2)
    answer = stub(lambda *, x: grows(x))(x=x)
    assert answer.kwargs["x"].sum() == 2 and x.sum() == 0 and answer.before[1]["x"] is x


def test_on_passes_the_very_objects():
    x = torch.zeros(2)
    answer = stub(grows).on(x)
    assert answer.value is x and x.sum() == 2
    assert answer.before[0][0].sum() == 0 and answer.before[0][0] is not x


def test_on_keeps_views_and_graphs():
    base, w = torch.zeros(2, 2), torch.ones(2, requires_grad=True)
    stub(grows).on(base[0])
    stub(lambda y: y.sum().backward()).on(w * 3)
    assert base.tolist() == [[1, 1], [0, 0]] and w.grad.tolist() == [3, 3]


def test_a_call_shows_the_arguments_as_they_were_before():
    x = torch.zeros(2)
    assert stub(grows)(x).call == stub(grows).on(x).call == "stub(torch.tensor([0., 0.]))"


def test_copies_keep_gradients_and_flags():
    x = with_grad(torch.zeros(2), torch.ones(2))
    answer = stub(lambda x: (x.requires_grad, x.grad.clone()))(x)
    assert answer.value[0] is True and answer.value[1].tolist() == [1, 1]


def test_an_argument_given_twice_arrives_as_one_object():
    x = torch.zeros(2)
    assert stub(lambda a, b: a is b)(x, x).value is True


def test_given_finds_what_the_function_got():
    x, y = torch.zeros(2), torch.zeros(2)
    answer = stub(lambda a, b, c: c)(x, 3, c=y)
    assert answer.given(x) is answer.args[0] and answer.given(y) is answer.kwargs["c"] is answer.value
    assert answer.given(answer.args[0]) is answer.args[0]


def test_a_piece_has_the_call_of_the_whole_and_its_index():
    answer = stub(lambda x: ((1, 2), {"a": 3}))(5)
    assert (answer.piece(0).piece(1).value, answer.piece(0).piece(1).call) == (2, "stub(5)[0][1]")
    assert (answer.piece(1).piece("a").value, answer.piece(1).piece("a").call) == (3, "stub(5)[1]['a']")


def test_the_tensors_among_the_arguments_are_found():
    x, layer = torch.zeros(2), torch.nn.Linear(1, 1)
    answer = stub(lambda *a, **k: None).on([x, 3], model=layer)
    assert [id(t) for t in answer.tensor_inputs()] == [id(x), id(layer.weight), id(layer.bias)]


# raising


def test_raising_gives_the_exception_as_the_value(written):
    kata = written(OWN)
    assert isinstance(kata.divides.raising(3).value, ZeroDivisionError)
    assert isinstance(kata.endless.raising(3).value, RecursionError)
    assert str(kata.refuses.raising(3).value) == "no such mode"


def test_raising_gives_none_and_the_result_as_text_where_nothing_is_raised():
    answer = stub(lambda x: [x])
    assert (answer.raising(3).value, answer.raising(3).returned) == (None, "[3]")


def test_raising_copies_its_arguments_and_restores_the_global_state():
    x = torch.zeros(2)

    def changes(x):
        torch.set_default_dtype(torch.float64)
        x += 1
        raise ValueError

    answer = stub(changes).raising(x)
    assert x.sum() == 0 and answer.args[0].sum() == 2 and torch.get_default_dtype() == torch.float32


# the stub and its file


def test_a_kata_gives_one_stub_a_name(written):
    kata = written("def f(): return 1")
    assert kata.f is kata.f and kata.f.name == "f"


def test_a_replaced_stub_is_called_and_the_others_stay(written):
    kata = written("def f(): return 1\ndef g(): return 2")
    twin = kata._replaced("f", lambda: 7)
    assert (twin.f().value, twin.g().value, kata.f().value) == (7, 2, 1)


def test_a_decorated_function_is_read_in_its_own_file(written, tmp_path):
    kata = written("import torch\n@torch.no_grad()\ndef f(): return 1\ng = f")
    assert kata.f.path_of_function() == tmp_path / "solution.py" and kata.g.source_name() == "f"


@given(value=st.one_of(st.integers(), st.text(), st.lists(st.floats(allow_nan=False))))
def test_any_value_comes_back_as_it_is(value):
    answer = stub(lambda x: x)(value)
    assert answer.value == value and answer.before == ((value,), {})
