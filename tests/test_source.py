"""Reading solutions: what is not written yet, and which rules a function breaks."""

import ast
import os
from pathlib import Path
from textwrap import dedent

import pytest

from torchkata.source import broken_rules, definitions, is_unwritten, parse, public


def tree_of(text):
    """The syntax tree of a file."""
    return ast.parse(dedent(text))


def node_of(text):
    """The first definition in a file."""
    return next(iter(definitions(tree_of(text)).values()))


def broken(text, name="f", **rules):
    """The sentences of the rules that `name` breaks."""
    return [sentence for sentence, _ in broken_rules(tree_of(text), name, **rules)]


# definitions


def test_definitions_are_the_functions_and_classes_of_the_file_in_order():
    tree = tree_of("import math\ndef b(): pass\nclass C:\n    def d(self): pass\ndef _a(): pass\nx = 3")
    assert list(definitions(tree)) == ["b", "C", "_a"] and list(public(tree)) == ["b", "C"]


def test_a_file_is_parsed_again_after_a_change(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("def f(): pass")
    first = list(definitions(parse(path)))
    path.write_text("def g(): pass")
    os.utime(path, ns=(1, 1))
    assert (first, list(definitions(parse(path)))) == (["f"], ["g"])


def test_a_file_may_hold_any_text(tmp_path):
    path = tmp_path / "ä.py"
    path.write_bytes('# -*- coding: latin-1 -*-\ndef f(): return "é"'.encode("latin-1"))
    assert list(definitions(parse(path))) == ["f"]
    path.write_bytes("\ufeffdef gé(): return 'ü'\r\n".encode())
    assert list(definitions(parse(path))) == ["gé"]


def test_a_syntax_error_has_its_place(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("x = 1\ndef f(:\n")
    with pytest.raises(SyntaxError) as caught:
        parse(path)
    assert (caught.value.lineno, caught.value.filename) == (2, str(path))


# not written yet

UNWRITTEN = [
    "def f(): raise NotImplementedError",
    "def f(): raise NotImplementedError()",
    'def f():\n    """Do it."""\n    raise NotImplementedError',
    'def f():\n    """Do it."""\n    # TODO: your code\n    raise NotImplementedError',
    "@torch.no_grad()\ndef f(x): raise NotImplementedError",
    'class C:\n    """Doc."""\n    x = 3\n    def a(self):\n        """Doc."""\n        raise NotImplementedError',
]
WRITTEN = [
    "def f(): pass",
    "def f(): ...",
    'def f(): """Do it."""',
    "def f(): return NotImplementedError",
    "def f(): raise ValueError",
    'def f(): raise NotImplementedError("no such mode")',
    "def f():\n    x = 3\n    raise NotImplementedError",
    "def f():\n    raise NotImplementedError\n    return 3",
    "def f(x):\n    if x: raise NotImplementedError",
    "def f():\n    return 3\n    raise NotImplementedError",
    "class C:\n    def a(self): return 1",
    "class C:\n    def a(self): return 1\n    def b(self): raise NotImplementedError",
    "class C: pass",
]


@pytest.mark.parametrize("text", UNWRITTEN)
def test_a_stub_as_shipped_is_not_written(text):
    assert is_unwritten(node_of(text))


@pytest.mark.parametrize("text", WRITTEN)
def test_anything_else_is_written(text):
    assert not is_unwritten(node_of(text))


# loops

LOOPS = [
    "for row in x: pass",
    "while x: pass",
    "return [row for row in x]",
    "return {row for row in x}",
    "return {row: 1 for row in x}",
    "return sum(row for row in x)",
    "return list(map(g, x))",
    "return list(filter(g, x))",
    "return functools.reduce(g, x)",
    "return np.vectorize(g)(x)",
    "return np.apply_along_axis(g, 0, x)",
    "return np.frompyfunc(g, 1, 1)(x)",
    "return f(x[1:])",
    "return (lambda y: [row for row in y])(x)",
    "if x:\n        for row in x: pass",
    "def inner(y):\n        for row in y: pass\n    return inner(x)",
]


@pytest.mark.parametrize("body", LOOPS)
def test_every_kind_of_loop_is_found_where_loops_are_forbidden(body):
    text = f"def f(x):\n    {body}\n"
    assert any("loop" in sentence for sentence in broken(text, loops=False))
    assert broken(text) == []


@pytest.mark.parametrize(
    "body",
    [
        "return x.sum()",
        "map = x.T\n    return map",
        "return x.reduced",
        "return g(x, filter_=3)",
        "return 'for row in x'",
        "# for row in x\n    return x",
    ],
)
def test_what_only_looks_like_a_loop_is_fine(body):
    assert broken(f"def f(x):\n    {body}\n", loops=False) == []


@pytest.mark.parametrize(
    "text",
    [
        "from functools import reduce as r\ndef f(x): return r(g, x)",
        "from builtins import map as m\ndef f(x): return list(m(g, x))",
        "def f(x): return _g(x)\ndef _g(x): return f(x[1:])",
        "def f(x): return _g(x)\ndef _g(x): return x and _g(x[1:])",
        "def f(x): return _g(x)\ndef _g(x): return _h(x)\ndef _h(x): return x and _g(x[1:])",
        "def f(x):\n    def g(y): return y and g(y[1:])\n    return g(x)",
        "@np.vectorize\ndef f(x): return x + 1",
        "def f(x): return _G(x).total\nclass _G:\n    def __init__(self, x):\n        for row in x: self.total = row",
        "_total = lambda x: sum(row for row in x)\ndef f(x): return _total(x)",
    ],
)
def test_a_loop_that_is_hidden_is_found(text):
    assert any("loop" in sentence for sentence in broken(text, loops=False))


def test_the_loop_of_a_function_that_is_not_used_is_fine():
    assert broken("def f(x): return x\ndef g(x):\n    for row in x: pass", loops=False) == []


# forbidden names

CHEATS = [
    "import torch\ndef f(n): return torch.linspace(0, 1, n)",
    "import torch as t\ndef f(n): return t.linspace(0, 1, n)",
    "from torch import linspace\ndef f(n): return linspace(0, 1, n)",
    "from torch import linspace as ls\ndef f(n): return ls(0, 1, n)",
    "from torch import *\ndef f(n): return linspace(0, 1, n)",
    "def f(n):\n    from torch import linspace as ls\n    return ls(0, 1, n)",
    "def f(n):\n    from torch import linspace\n    return linspace(0, 1, n)",
    "import torch\ndef f(n):\n    g = torch.linspace\n    return g(0, 1, n)",
    "import torch\ndef f(n): return getattr(torch, 'linspace')(0, 1, n)",
    "import torch\ndef f(n): return _g(n)\ndef _g(n): return torch.linspace(0, 1, n)",
    "import torch\ndef f(n): return _g(n)\ndef _g(n): return _h(n)\ndef _h(n): return torch.linspace(0, 1, n)",
    "import torch\ndef f(n): return _G().go(n)\nclass _G:\n    def go(self, n): return torch.linspace(0, 1, n)",
    "import torch\nls = torch.linspace\ndef f(n): return ls(0, 1, n)",
    "import torch\n_g = lambda n: torch.linspace(0, 1, n)\ndef f(n): return _g(n)",
    "import torch\ndef f(n, g=torch.linspace): return g(0, 1, n)",
    "from torch import linspace\ndef f(n): return _g(linspace(0, 1, n))\ndef _g(linspace): return linspace",
    "import numpy as np\ndef f(n): return np.linspace(0, 1, n)",
]


@pytest.mark.parametrize("text", CHEATS)
def test_a_forbidden_function_is_found_under_any_name(text):
    assert broken(text, without=("torch.linspace",)) == ["`torch.linspace` is not allowed here"]


@pytest.mark.parametrize(
    "text",
    [
        "def f(n):\n    linspace = n + 1\n    return linspace",
        "def f(linspace): return linspace + 1",
        "def f(n): return [linspace for linspace in n]",
        "def f(n): return g(linspace=n)",
        "def f(n): return 'linspace'",
        'def f(n):\n    """Not with torch.linspace."""\n    return n  # linspace',
        "import torch\ndef f(n): return n\ndef g(n): return torch.linspace(0, 1, n)",
        "from torch import linspace\ndef f(n): return n",
        "def f(n): return torch.linspaces(n)",
    ],
)
def test_a_forbidden_name_that_is_not_the_function_is_fine(text):
    assert broken(text, without=("torch.linspace",)) == []


def test_each_use_is_reported_with_its_line():
    text = "import torch\ndef f(n):\n    a = torch.eye(n)\n    return a + torch.eye(n)\n"
    assert [line for _, line in broken_rules(tree_of(text), "f", without=("torch.eye",))] == [3, 4]


def test_broken_rules_come_in_the_order_of_the_file():
    text = "def f(n):\n    a = torch.eye(n)\n    for i in a: pass\n    return torch.eye(n)\n"
    assert [line for _, line in broken_rules(tree_of(text), "f", loops=False, without=("eye",))] == [2, 3, 4]


# names that must be used


@pytest.mark.parametrize(
    "text",
    [
        "import torch\ndef f(n): return torch.arange(n)",
        "from torch import arange as a\ndef f(n): return a(n)",
        "def f(x): return x.arange()",
        "import torch\ndef f(n): return _g(n)\ndef _g(n): return torch.arange(n)",
        "def f(n): return torch.cumsum(n)",
    ],
)
def test_one_of_the_names_that_must_be_used_is_enough(text):
    assert broken(text, using=("torch.arange", "torch.cumsum")) == []


@pytest.mark.parametrize(
    "text",
    [
        "def f(n): return n",
        "def f(n):\n    arange = n\n    return arange",
        "def f(n): return 'arange'",
        "def f(n): return n  # arange",
        "def f(n): return n\ndef g(n): return torch.arange(n)",
        "from torch import arange\ndef f(n): return n",
    ],
)
def test_a_name_that_must_be_used_is_missed(text):
    assert broken(text, using=("torch.arange", "torch.cumsum")) == [
        "`torch.arange` or `torch.cumsum` must be used here"
    ]


def test_a_name_that_must_be_used_is_missed_at_the_function():
    assert broken_rules(tree_of("x = 1\n\ndef f(n): return n"), "f", using=("arange",))[0][1] == 3


@pytest.mark.parametrize(
    "text", ["f = lambda n: torch.linspace(0, 1, n)", "from torch import linspace as f", "f = torch.linspace"]
)
def test_a_function_that_cannot_be_read_breaks_the_rules(text):
    assert broken(text, without=("torch.linspace",)) != []
    assert broken(text, using=("torch.arange",)) != []


@pytest.mark.parametrize(
    "text",
    [
        "from torch import linspace as f",
        "import torch as f",
        "f = torch.linspace",
        "def f(n): return torch.linspace(n)",
    ],
)
def test_a_broken_rule_has_the_line_where_the_name_is_made(text):
    assert broken_rules(tree_of(f"x = 1\n\n{text}"), "f", without=("torch.linspace",))[0][1] == 3


def test_the_rules_of_the_shipped_references_are_kept():
    path = Path(__file__).parent.parent / "reference" / "tensors.py"
    tree = parse(path)
    assert broken_rules(tree, "evenly_spaced", loops=False, without=("torch.linspace",), using=("torch.arange",)) == []
    assert broken_rules(tree, "evenly_spaced", without=("torch.arange",)) != []
