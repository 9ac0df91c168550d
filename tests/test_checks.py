"""Every check passes right answers, and says what is wrong with each kind of wrong one."""

import ast
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import example, given
from torch import nn, tensor

from torchkata import checks, strategies
from torchkata.checks import (
    expect_array,
    expect_changed,
    expect_equal,
    expect_law,
    expect_number,
    expect_own_memory,
    expect_raises,
    expect_returned,
    expect_rules,
    expect_same_object,
    expect_shared_memory,
    expect_tensor,
    expect_tuple,
    expect_unchanged,
)
from torchkata.errors import KataError
from torchkata.kata import Stub
from torchkata.pretend import pretend

HERE = Path(__file__)
F16, BF16, F32, F64 = torch.float16, torch.bfloat16, torch.float32, torch.float64
I32, I64, U8, BOOL = torch.int32, torch.int64, torch.uint8, torch.bool
INF, NAN = float("inf"), float("nan")
EPS = torch.finfo(F32).eps
BIG = 2**53 + 1  # the first whole number that float64 does not hold
X, Y = tensor([1.0, 2.0, 3.0]), tensor([10.0, 20.0, 30.0])
ROOM = torch.empty(2)  # that is used again and again
LAYER = nn.Linear(2, 2)


def stub(function, rehearsed=False):
    """A stub of this file."""
    return Stub("solved", HERE, function, rehearsed=rehearsed)


def solved(function, *args, **kwargs):
    """The answer of a function."""
    return stub(function)(*args, **kwargs)


def giving(value, *args):
    """The answer of a function that returns `value`."""
    return solved(lambda *given: value, *args)


def on_gpu(function, *args):
    """The answer of a function that is called once more on a pretend GPU."""
    return stub(function, rehearsed=True)(*args)


def raising(function, *args):
    """The answer whose value is the exception that the function raises."""
    return stub(function).raising(*args)


def itself(x):
    return x


def adds_one_in_place(x, *rest):
    x += 1
    return x


def changes_both(x, y):
    y += 1
    return adds_one_in_place(x)


def refuses(x):
    raise ValueError("sides differ: 2 and 3")


def changes_and_refuses(x):
    x += 1
    raise ValueError


def sets_grad(x):
    x.grad = torch.ones_like(x)
    return 5


def tracks_itself(x):
    return x.requires_grad_()


def halves_rate(optimizer):
    optimizer.param_groups[0]["lr"] /= 2


def shifts_weights(layer):
    layer.weight.data += 1


def with_loop(x):
    return sum([row * 2 for row in x])


def with_linspace(n):
    return torch.linspace(0, 1, n)


def with_arange(n):
    return torch.arange(n) / n


nameless = lambda n: torch.linspace(0, 1, n)  # noqa: E731


def right(thunk):
    """A row of the table of right answers."""
    return pytest.param(thunk, id="+".join(checks_in(thunk)))


def wrong(thunk, reason, **facts):
    """A row of the table of wrong answers: the reason, and what fields of the finding contain."""
    return pytest.param(thunk, reason, facts, id=f"{'+'.join(checks_in(thunk))}-{reason}")


def checks_in(thunk):
    """The names of the checks that a row uses."""
    return [name for name in thunk.__code__.co_names if name in checks.__all__]


# fmt: off
RIGHT = [
    right(lambda: expect_tensor(giving(tensor([1.0, 2.0])), [1, 2], dtype=F32)),
    right(lambda: expect_tensor(giving(tensor([1.0, 2.0])), np.array([1.0, 2.0]), dtype=F32)),
    right(lambda: expect_tensor(giving(tensor([1.0, 2.0])), tensor([1.0, 2.0], dtype=F64), dtype=F32)),
    right(lambda: expect_tensor(giving(tensor([1.0, 2.0])), tensor([1.0, 2.0], requires_grad=True), dtype=F32)),
    right(lambda: expect_tensor(giving(tensor([1.0, 2.0])), np.array([1.0, 2.0], ">f8"), dtype=F32)),
    right(lambda: expect_tensor(giving(tensor([1.0, 2.0])), np.array([2.0, 1.0])[::-1], dtype=F32)),
    right(lambda: expect_tensor(giving(tensor(3)), 3, dtype=I64)),
    right(lambda: expect_tensor(giving(tensor(0.1)), 0.1, dtype=F32)),
    right(lambda: expect_tensor(giving(tensor([0.1], dtype=BF16)), [0.1], dtype=BF16)),
    right(lambda: expect_tensor(giving(tensor([True, False])), [True, False], dtype=BOOL)),
    right(lambda: expect_tensor(giving(tensor([200], dtype=U8)), [200], dtype=U8)),
    right(lambda: expect_tensor(giving(tensor([BIG])), [BIG], dtype=I64)),
    right(lambda: expect_tensor(giving(tensor([NAN, INF, -INF, 1.0])), [NAN, INF, -INF, 1.0], dtype=F32)),
    right(lambda: expect_tensor(giving(tensor([INF, 1.0])), [1e39, 1.0], dtype=F32)),
    right(lambda: expect_tensor(giving(tensor([-0.0])), [0.0], dtype=F32)),
    right(lambda: expect_tensor(giving(torch.empty(0, 3)), np.empty((0, 3)), dtype=F32)),
    right(lambda: expect_tensor(giving(torch.ones(1).expand(3)), [1, 1, 1], dtype=F32)),
    right(lambda: expect_tensor(giving(torch.ones(3, 2).mT), np.ones((2, 3)), dtype=F32)),
    right(lambda: expect_tensor(giving(tensor([1e-3, 100.0])), [1e-3 + 1e-4, 100.0], dtype=F32)),
    right(lambda: expect_tensor(giving(tensor([1e-4])), [0.0], dtype=F32, scale=100)),
    right(lambda: expect_tensor(giving(tensor([1 + 100 * EPS])), [1.0], dtype=F32, factor=128)),
    right(lambda: expect_tensor(solved(lambda x: x * 2, X), X * 2, dtype=F32)),
    right(lambda: expect_tensor(solved(adds_one_in_place, X), X + 1, dtype=F32, changes=[X])),
    right(lambda: expect_tensor(solved(lambda x: x * 2, X.clone().requires_grad_()), X * 2, dtype=F32)),
    right(lambda: expect_tensor(solved(lambda m, x: m(x), LAYER, tensor([0.0, 0.0])), LAYER.bias, dtype=F32)),
    right(lambda: expect_tensor(giving(torch.ones(1)), [1], dtype=F32, device="cpu")),
    right(lambda: expect_tensor(on_gpu(lambda x: torch.zeros_like(x), X), [0, 0, 0], dtype=F32)),
    right(lambda: expect_tensor(on_gpu(lambda n: torch.zeros(n), 2), [0, 0], dtype=F32)),
    right(lambda: expect_array(giving(np.array([1.0, 2.0])), [1.0, 2.0], dtype=np.float64)),
    right(lambda: expect_array(giving(np.array([1.0, 2.0], np.float32)), tensor([1.0, 2.0]), dtype="float32")),
    right(lambda: expect_array(giving(np.array([1.0, 2.0])[::-1]), [2.0, 1.0], dtype=np.float64)),
    right(lambda: expect_array(giving(np.array([1.0, NAN], ">f4")), [1.0, NAN], dtype=">f4")),
    right(lambda: expect_array(giving(np.array(BIG)), BIG, dtype=np.int64)),
    right(lambda: expect_array(giving(np.array([True])), [True], dtype=bool)),
    right(lambda: expect_array(giving(np.empty((2, 0))), np.empty((2, 0)), dtype=np.float64)),
    right(lambda: expect_array(giving(np.array([1 + 15 * EPS], np.float32)), [1.0], dtype=np.float32)),
    right(lambda: expect_array(solved(adds_one_in_place, a := np.array([1])), [2], dtype=np.int64, changes=[a])),
    right(lambda: expect_number(giving(3), 3)),
    right(lambda: expect_number(giving(True), True)),
    right(lambda: expect_number(giving(0.5), 0.5)),
    right(lambda: expect_number(giving(BIG), BIG)),
    right(lambda: expect_number(giving(NAN), NAN)),
    right(lambda: expect_number(giving(-INF), -INF)),
    right(lambda: expect_number(giving(1 + 16 * EPS), 1.0)),
    right(lambda: expect_number(giving(1e-4), 0.0, scale=100)),
    right(lambda: expect_number(giving(1 + 2**-30), 1.0, dtype=F32)),
    right(lambda: expect_number(solved(lambda x: x.add_(1).sum().item(), X), 9.0, changes=[X])),
    right(lambda: expect_number(on_gpu(lambda x: float(x.sum()), X), 6.0)),
    right(lambda: expect_equal(giving((2, 3)), (2, 3))),
    right(lambda: expect_equal(giving(()), ())),
    right(lambda: expect_equal(giving("ij"), "ij")),
    right(lambda: expect_equal(giving(I64), I64)),
    right(lambda: expect_equal(giving(torch.device("cpu")), torch.device("cpu"))),
    right(lambda: expect_equal(giving(False), False)),
    right(lambda: expect_equal(giving(None), None)),
    right(lambda: expect_equal(giving((("a", 1), None)), (("a", 1), None))),
    right(lambda: expect_equal(solved(lambda x: len(adds_one_in_place(x)), X), 3, changes=[X])),
    right(lambda: expect_equal(on_gpu(lambda x: x.device.type == "cpu" or x.is_cuda, X), True)),
    right(lambda: expect_tensor(expect_tuple(giving((X, Y)), 2)[1], Y, dtype=F32)),
    right(lambda: expect_tensor(expect_tuple(giving([X, Y]), 2)[0], X, dtype=F32)),
    right(lambda: expect_tensor(expect_tuple(giving(torch.ones(2, 1).max(1)), 2)[1], [0, 0], dtype=I64)),
    right(lambda: expect_tuple(giving(()), 0)),
    right(lambda: expect_equal(expect_returned(giving(X), 3, "its length"), 3)),
    right(lambda: expect_law(giving(X), True, "a law")),
    right(lambda: expect_law(on_gpu(lambda x: x, X), np.True_, "a law")),
    right(lambda: expect_raises(raising(refuses, X), ValueError)),
    right(lambda: expect_raises(raising(refuses, X), TypeError, ValueError, mentions="2 and 3")),
    right(lambda: expect_raises(raising(lambda x: {}[x], 3), LookupError)),
    right(lambda: expect_unchanged(solved(lambda x, rest: x + 1, X, [Y, LAYER, np.ones(2), None, "a", NAN]))),
    right(lambda: expect_unchanged(solved(changes_both, X, Y), [X, Y])),
    right(lambda: expect_unchanged(solved(adds_one_in_place, tensor([NAN])))),
    right(lambda: expect_changed(solved(adds_one_in_place, X), X, X + 1, dtype=F32)),
    right(lambda: expect_changed(solved(lambda x: [x.add_(1)] and None, X), X, X + 1, dtype=F32)),
    right(lambda: expect_changed(solved(lambda x, y: y.copy_(x), X, Y), Y, X, dtype=F32)),
    right(lambda: expect_same_object(solved(itself, X), X)),
    right(lambda: expect_same_object(stub(itself).on(X), X)),
    right(lambda: expect_same_object(solved(itself, LAYER), LAYER)),
    right(lambda: expect_shared_memory(solved(lambda x: x[1:], X), X)),
    right(lambda: expect_shared_memory(solved(torch.from_numpy, a := np.ones(2)), a)),
    right(lambda: expect_shared_memory(solved(lambda x: x.clone(), x := torch.ones(0)), x)),
    right(lambda: expect_shared_memory(stub(lambda x: x[1:]).on(x := pretend(torch.ones(2))), x)),
    right(lambda: expect_own_memory(solved(torch.clone, X))),
    right(lambda: expect_own_memory(solved(lambda x: x + 1, X), Y)),
    right(lambda: expect_own_memory(solved(lambda a: torch.tensor(a), np.ones(2)))),
    right(lambda: expect_own_memory(solved(lambda pair: [x.clone() for x in pair], [X, Y]))),
    right(lambda: expect_own_memory((again := stub(torch.clone))(X)) or expect_own_memory(again(X))),
    right(lambda: expect_own_memory(same := giving(tensor([1.0]), X)) or expect_own_memory(same)),
    right(lambda: expect_rules(stub(with_arange), loops=False, without=("torch.linspace",), using=("torch.arange",))),
    right(lambda: expect_rules(stub(with_loop), loops=True)),
    right(lambda: expect_rules(stub(torch.no_grad()(with_arange)), loops=False, using=("torch.arange",))),
]

WRONG = [
    # tensors: type
    wrong(lambda: expect_tensor(giving(None), [1], dtype=F32), "wrong type", expected="a tensor", got="None: is a `return` missing?"),
    wrong(lambda: expect_tensor(giving([1.0]), [1], dtype=F32), "wrong type", difference="list"),
    wrong(lambda: expect_tensor(giving((X,)), X, dtype=F32), "wrong type", difference="tuple"),
    wrong(lambda: expect_tensor(giving(1.0), 1.0, dtype=F32), "wrong type", difference="float"),
    wrong(lambda: expect_tensor(giving(np.ones(1)), [1], dtype=F32), "wrong type", difference="array"),
    wrong(lambda: expect_tensor(giving(np.float32(1)), 1, dtype=F32), "wrong type", difference="NumPy float32"),
    # tensors: dtype
    wrong(lambda: expect_tensor(giving(X.double()), X, dtype=F32), "wrong dtype", difference="dtype float64, expected float32"),
    wrong(lambda: expect_tensor(giving(X), X, dtype=F64), "wrong dtype", expected="float64", got="tensor([1., 2., 3.])"),
    wrong(lambda: expect_tensor(giving(X), X, dtype=BF16), "wrong dtype"),
    wrong(lambda: expect_tensor(giving(X.long()), X, dtype=F32), "wrong dtype"),
    wrong(lambda: expect_tensor(giving(tensor([1])), [1], dtype=I32), "wrong dtype"),
    wrong(lambda: expect_tensor(giving(tensor([1])), [True], dtype=BOOL), "wrong dtype"),
    wrong(lambda: expect_tensor(giving(tensor([True])), [1], dtype=U8), "wrong dtype"),
    # tensors: device
    wrong(lambda: expect_tensor(giving(X.to("meta")), X, dtype=F32), "wrong device", difference="on meta, expected cpu"),
    wrong(lambda: expect_tensor(giving(X), X, dtype=F32, device="cuda"), "wrong device", expected="on cuda"),
    wrong(lambda: expect_tensor(giving(X), X, dtype=F32, device="cuda:1"), "wrong device", expected="on cuda:1"),
    wrong(lambda: expect_tensor(on_gpu(lambda x: torch.zeros(3), X), [0, 0, 0], dtype=F32), "wrong device", difference="on cpu"),
    wrong(lambda: expect_tensor(on_gpu(lambda x: x + torch.zeros(3), X), X, dtype=F32), "fails on a GPU", got="RuntimeError"),
    wrong(lambda: expect_tensor(on_gpu(lambda x: torch.tensor(x.numpy()), X), X, dtype=F32), "fails on a GPU", got="TypeError"),
    # tensors: shape, also where broadcasting would hide it
    wrong(lambda: expect_tensor(giving(torch.ones(3, 1)), np.ones(3), dtype=F32), "wrong shape", difference="(3, 1), expected (3,)"),
    wrong(lambda: expect_tensor(giving(torch.ones(1, 3)), np.ones(3), dtype=F32), "wrong shape"),
    wrong(lambda: expect_tensor(giving(torch.ones(3)), np.ones((3, 1)), dtype=F32), "wrong shape"),
    wrong(lambda: expect_tensor(giving(torch.ones(3)), np.ones((2, 3)), dtype=F32), "wrong shape"),
    wrong(lambda: expect_tensor(giving(torch.ones(())), np.ones(1), dtype=F32), "wrong shape", difference="shape (), expected (1,)"),
    wrong(lambda: expect_tensor(giving(torch.ones(1)), 1.0, dtype=F32), "wrong shape", difference="shape (1,), expected ()"),
    wrong(lambda: expect_tensor(giving(torch.ones(1)), np.ones(3), dtype=F32), "wrong shape"),
    wrong(lambda: expect_tensor(giving(torch.ones(2, 3)), np.ones((3, 2)), dtype=F32), "wrong shape"),
    wrong(lambda: expect_tensor(giving(torch.ones(4)), np.ones((2, 2)), dtype=F32), "wrong shape"),
    wrong(lambda: expect_tensor(giving(torch.ones(0)), np.ones((0, 2)), dtype=F32), "wrong shape"),
    wrong(lambda: expect_tensor(giving(torch.ones(0)), np.ones(3), dtype=F32), "wrong shape"),
    # tensors: values
    wrong(
        lambda: expect_tensor(giving(tensor([[1, 2], [5, 4]])), [[1, 2], [3, 4]], dtype=I64),
        "wrong values", difference="at [1, 0]: 5 where 3 is expected; 1 of 4 elements differ",
    ),
    wrong(lambda: expect_tensor(giving(tensor(1.0)), 2.0, dtype=F32), "wrong values", difference="1 where 2 is expected"),
    wrong(lambda: expect_tensor(giving(tensor([2.0, 1.0])), [1, 2], dtype=F32), "wrong values", difference="2 of 2 elements"),
    wrong(lambda: expect_tensor(giving(tensor([[1.0, 2.0], [3.0, 4.0]])), [[1, 3], [2, 4]], dtype=F32), "wrong values"),
    wrong(lambda: expect_tensor(giving(torch.zeros(3)), X, dtype=F32), "wrong values", difference="3 of 3"),
    wrong(lambda: expect_tensor(giving(tensor([NAN, 1.0])), [1, 1], dtype=F32), "wrong values", difference="nan where 1"),
    wrong(lambda: expect_tensor(giving(tensor([1.0, 1.0])), [NAN, 1], dtype=F32), "wrong values", difference="1 where nan"),
    wrong(lambda: expect_tensor(giving(tensor([INF])), [1], dtype=F32), "wrong values", difference="inf where 1"),
    wrong(lambda: expect_tensor(giving(tensor([1.0])), [INF], dtype=F32), "wrong values", difference="1 where inf"),
    wrong(lambda: expect_tensor(giving(tensor([3e38])), [INF], dtype=F32), "wrong values"),
    wrong(lambda: expect_tensor(giving(tensor([-INF])), [INF], dtype=F32), "wrong values"),
    wrong(lambda: expect_tensor(giving(tensor([NAN])), [INF], dtype=F32), "wrong values"),
    wrong(lambda: expect_tensor(giving(tensor([INF])), [NAN], dtype=F32), "wrong values"),
    wrong(lambda: expect_tensor(giving(tensor([INF, 2.0])), [INF, 1.0], dtype=F32), "wrong values", difference="at [1]"),
    wrong(lambda: expect_tensor(giving(tensor([1 + 17 * EPS])), [1.0], dtype=F32), "wrong values", difference="1.0000020"),
    wrong(lambda: expect_tensor(giving(tensor([1e-30])), [0.0], dtype=F32), "wrong values"),
    wrong(lambda: expect_tensor(giving(tensor([0.1]).double()), [0.1], dtype=F64), "wrong values"),
    wrong(lambda: expect_tensor(giving(tensor([1e-3, 1.0])), [1.1e-3, 1.0], dtype=F32), "wrong values"),
    wrong(lambda: expect_tensor(giving(tensor([1e-3])), [0.0], dtype=F32, scale=100), "wrong values"),
    wrong(lambda: expect_tensor(giving(tensor([1 + 130 * EPS])), [1.0], dtype=F32, factor=128), "wrong values"),
    wrong(lambda: expect_tensor(giving(tensor([BIG - 1])), [BIG], dtype=I64), "wrong values", difference=f"{BIG - 1} where {BIG}"),
    wrong(lambda: expect_tensor(giving(tensor([44], dtype=U8)), [300], dtype=U8), "wrong values", difference="44 where 300"),
    wrong(lambda: expect_tensor(giving(tensor([True])), [False], dtype=BOOL), "wrong values", difference="True where False"),
    wrong(lambda: expect_tensor(giving(tensor([2])), [2.5], dtype=I64), "wrong values"),
    wrong(lambda: expect_tensor(giving(tensor([2**50 + 1])), [2.0**50], dtype=I64), "wrong values"),
    # tensors: inputs and graph
    wrong(
        lambda: expect_tensor(solved(adds_one_in_place, X), X + 1, dtype=F32),
        "input changed", expected="[1., 2., 3.]", got="[2., 3., 4.]", difference="changed by the call",
    ),
    wrong(lambda: expect_tensor(solved(changes_both, X, Y), X + 1, dtype=F32, changes=[X]), "input changed", got="[11., 21., 31.]"),
    wrong(lambda: expect_tensor(giving(X.clone().requires_grad_()), X, dtype=F32), "tracked by autograd"),
    wrong(lambda: expect_tensor(solved(lambda x: x * nn.Parameter(torch.ones(3)), X), X, dtype=F32), "tracked by autograd"),
    wrong(lambda: expect_tensor(solved(tracks_itself, X), X, dtype=F32), "input changed"),
    wrong(lambda: expect_tensor(solved(tracks_itself, X), X, dtype=F32, changes=[X]), "tracked by autograd"),
    # arrays
    wrong(lambda: expect_array(giving(None), [1], dtype=np.int64), "wrong type", got="None"),
    wrong(lambda: expect_array(giving([1]), [1], dtype=np.int64), "wrong type", difference="list"),
    wrong(lambda: expect_array(giving(tensor([1])), [1], dtype=np.int64), "wrong type", difference="tensor"),
    wrong(lambda: expect_array(giving(np.int64(1)), 1, dtype=np.int64), "wrong type", difference="NumPy int64"),
    wrong(lambda: expect_array(giving(np.ones(1)), [1], dtype=np.float32), "wrong dtype", difference="float64, expected float32"),
    wrong(lambda: expect_array(giving(np.ones(1, ">f8")), [1], dtype=np.float64), "wrong dtype", difference=">f8"),
    wrong(lambda: expect_array(giving(np.ones((3, 1))), np.ones(3), dtype=np.float64), "wrong shape", difference="(3, 1)"),
    wrong(lambda: expect_array(giving(np.array(1.0)), [1.0], dtype=np.float64), "wrong shape"),
    wrong(lambda: expect_array(giving(np.ones(1)), 1.0, dtype=np.float64), "wrong shape"),
    wrong(
        lambda: expect_array(giving(np.array([[1, 2]])), [[1, 3]], dtype=np.int64),
        "wrong values", expected="np.array([[1, 3]]", got="np.array([[1, 2]]", difference="at [0, 1]: 2 where 3",
    ),
    wrong(lambda: expect_array(giving(np.array([NAN])), [1.0], dtype=np.float64), "wrong values", difference="nan where 1"),
    wrong(lambda: expect_array(giving(np.array([1.0])), [NAN], dtype=np.float64), "wrong values"),
    wrong(lambda: expect_array(giving(np.array([1.0])), [-INF], dtype=np.float64), "wrong values"),
    wrong(lambda: expect_array(giving(np.array([1 + 17 * EPS], np.float32)), [1.0], dtype=np.float32), "wrong values"),
    wrong(lambda: expect_array(giving(np.array([BIG - 1])), [BIG], dtype=np.int64), "wrong values"),
    wrong(lambda: expect_array(giving(np.array([True])), [False], dtype=bool), "wrong values"),
    wrong(lambda: expect_array(solved(adds_one_in_place, np.array([1])), [2], dtype=np.int64), "input changed", got="[2]"),
    # numbers
    wrong(lambda: expect_number(giving(None), 1.0), "wrong type", got="None"),
    wrong(lambda: expect_number(giving(tensor(1.0)), 1.0), "wrong type", difference="tensor"),
    wrong(lambda: expect_number(giving(np.float64(1)), 1.0), "wrong type", difference="NumPy float64"),
    wrong(lambda: expect_number(giving(np.float32(1)), 1.0), "wrong type", difference="NumPy float32"),
    wrong(lambda: expect_number(giving(np.int64(1)), 1), "wrong type", difference="NumPy int64"),
    wrong(lambda: expect_number(giving(np.bool_(True)), True), "wrong type", difference="NumPy bool"),
    wrong(lambda: expect_number(giving(np.array(1.0)), 1.0), "wrong type", difference="array"),
    wrong(lambda: expect_number(giving(1), 1.0), "wrong type", difference="an int, expected a float"),
    wrong(lambda: expect_number(giving(1.0), 1), "wrong type", difference="a float, expected an int"),
    wrong(lambda: expect_number(giving(True), 1), "wrong type", difference="a bool, expected an int"),
    wrong(lambda: expect_number(giving(1), True), "wrong type", difference="an int, expected a bool"),
    wrong(lambda: expect_number(giving("1"), 1), "wrong type"),
    wrong(lambda: expect_number(giving(2), 3), "wrong value", expected="3", got="2"),
    wrong(lambda: expect_number(giving(-3), 3), "wrong value"),
    wrong(lambda: expect_number(giving(BIG - 1), BIG), "wrong value"),
    wrong(lambda: expect_number(giving(False), True), "wrong value", expected="True", got="False"),
    wrong(lambda: expect_number(giving(1 + 17 * EPS), 1.0), "wrong value"),
    wrong(lambda: expect_number(giving(1 + EPS), 1.0, dtype=F64), "wrong value"),
    wrong(lambda: expect_number(giving(NAN), 1.0), "wrong value", expected="1.0", got="nan"),
    wrong(lambda: expect_number(giving(1.0), NAN), "wrong value"),
    wrong(lambda: expect_number(giving(INF), 1.0), "wrong value"),
    wrong(lambda: expect_number(giving(1.0), INF), "wrong value"),
    wrong(lambda: expect_number(giving(-INF), INF), "wrong value"),
    wrong(lambda: expect_number(giving(1e-30), 0.0), "wrong value"),
    wrong(lambda: expect_number(solved(lambda x: x.add_(1).sum().item(), X), 9.0), "input changed"),
    wrong(lambda: expect_number(on_gpu(lambda x: float(x.numpy().sum()), X), 6.0), "fails on a GPU"),
    # other values
    wrong(lambda: expect_equal(giving(None), (2, 3)), "wrong type", got="None"),
    wrong(lambda: expect_equal(giving([2, 3]), (2, 3)), "wrong type", difference="a list, expected a tuple"),
    wrong(lambda: expect_equal(giving("F32"), F32), "wrong type", difference="a str, expected a dtype"),
    wrong(lambda: expect_equal(giving(np.dtype("f4")), F32), "wrong type"),
    wrong(lambda: expect_equal(giving("cpu"), torch.device("cpu")), "wrong type", difference="str"),
    wrong(lambda: expect_equal(giving(np.True_), True), "wrong type", difference="NumPy bool"),
    wrong(lambda: expect_equal(giving(tensor(True)), True), "wrong type", difference="tensor"),
    wrong(lambda: expect_equal(giving(1), True), "wrong type", difference="int"),
    wrong(lambda: expect_equal(giving(0), None), "wrong type", difference="int"),
    wrong(lambda: expect_equal(giving(False), None), "wrong type"),
    wrong(lambda: expect_equal(giving((2,)), (2, 3)), "wrong length", difference="1 elements, expected 2"),
    wrong(lambda: expect_equal(giving((2, 3, 1)), (2, 3)), "wrong length", expected="(2, 3)", got="(2, 3, 1)"),
    wrong(lambda: expect_equal(giving((2, 4)), (2, 3)), "wrong value", difference="at [1]: 4 where 3"),
    wrong(lambda: expect_equal(giving((3, 2)), (2, 3)), "wrong value", difference="at [0]: 3 where 2"),
    wrong(lambda: expect_equal(giving((True, 3)), (1, 3)), "wrong value", difference="at [0]: True where 1"),
    wrong(lambda: expect_equal(giving((2, 3.0)), (2, 3)), "wrong value", difference="3.0 where 3"),
    wrong(lambda: expect_equal(giving((np.int64(2), 3)), (2, 3)), "wrong value", difference="at [0]"),
    wrong(lambda: expect_equal(giving((2, None)), (2, 3)), "wrong value", difference="None where 3"),
    wrong(lambda: expect_equal(giving(((2, True), 3)), ((2, 1), 3)), "wrong value", difference="at [0]"),
    wrong(lambda: expect_equal(giving(([2, 1], 3)), ((2, 1), 3)), "wrong value", difference="at [0]"),
    wrong(lambda: expect_equal(giving(True), 1), "wrong value", expected="1", got="True"),
    wrong(lambda: expect_equal(giving("xy"), "ij"), "wrong value", expected="'ij'", got="'xy'"),
    wrong(lambda: expect_equal(giving(F64), F32), "wrong value", expected="float32", got="float64"),
    wrong(lambda: expect_equal(giving(torch.device("meta")), torch.device("cpu")), "wrong value", got="meta"),
    wrong(lambda: expect_equal(giving(False), True), "wrong value"),
    wrong(lambda: expect_equal(solved(lambda x: len(adds_one_in_place(x)), X), 3), "input changed"),
    wrong(lambda: expect_equal(on_gpu(lambda x: torch.device("cpu"), X), torch.device("cpu")), "wrong device"),
    # tuples and parts
    wrong(lambda: expect_tuple(giving(None), 2), "wrong type", got="None"),
    wrong(lambda: expect_tuple(giving(torch.ones(2)), 2), "wrong type", difference="tensor"),
    wrong(lambda: expect_tuple(giving({1, 2}), 2), "wrong type", difference="set"),
    wrong(lambda: expect_tuple(giving(iter([1, 2])), 2), "wrong type"),
    wrong(lambda: expect_tuple(giving((X,)), 2), "wrong length", expected="a tuple of 2", difference="1 elements, expected 2"),
    wrong(lambda: expect_tuple(giving((X, X, X)), 2), "wrong length", difference="3 elements"),
    wrong(lambda: expect_tensor(expect_tuple(giving((X, Y)), 2)[1], X, dtype=F32), "wrong values", call="solved()[1]"),
    wrong(lambda: expect_equal(expect_tuple(giving((1, 2)), 2)[0], 2), "wrong value", call="solved()[0]", got="1"),
    wrong(lambda: expect_equal(expect_returned(giving(X, 7), 3, "its length"), 4), "wrong value", call="solved(7); its length"),
    wrong(lambda: expect_tensor(expect_returned(giving(3), None, "x.grad"), X, dtype=F32), "wrong type", call="x.grad"),
    # laws
    wrong(lambda: expect_law(giving(3), False, "an even number"), "law broken", expected="an even number", got="3"),
    wrong(lambda: expect_law(giving(3), False, "even", got="odd", difference="by one"), "law broken", got="odd", difference="by one"),
    wrong(lambda: expect_law(giving(X), np.False_, "a law"), "law broken", got="tensor([1., 2., 3.])"),
    wrong(lambda: expect_law(giving(X), tensor(False), "a law"), "law broken"),
    wrong(lambda: expect_law(on_gpu(lambda x: torch.zeros(3), X), True, "a law"), "wrong device"),
    # errors
    wrong(lambda: expect_raises(raising(lambda: 3), ValueError), "no error raised", expected="raises ValueError", got="it returned 3"),
    wrong(lambda: expect_raises(raising(lambda: None), ValueError), "no error raised", got="it returned None"),
    wrong(lambda: expect_raises(raising(lambda: ValueError("no")), ValueError), "no error raised", got="ValueError"),
    wrong(lambda: expect_raises(raising(lambda: {}[1]), ValueError, TypeError), "wrong error", expected="ValueError or TypeError", got="KeyError"),
    wrong(lambda: expect_raises(raising(lambda: 1 / 0), ValueError), "wrong error", got="ZeroDivisionError: division by zero"),
    wrong(lambda: expect_raises(raising(refuses, 1), ValueError, mentions="rows"), "unclear error", expected="rows", got="sides differ"),
    wrong(lambda: expect_raises(raising(changes_and_refuses, X), ValueError), "input changed", got="[2., 3., 4.]"),
    # inputs
    wrong(lambda: expect_unchanged(solved(adds_one_in_place, X)), "input changed", expected="[1., 2., 3.]", got="[2., 3., 4.]"),
    wrong(lambda: expect_unchanged(solved(adds_one_in_place, x=X)), "input changed", difference="x", call="solved(x="),
    wrong(lambda: expect_unchanged(solved(adds_one_in_place, np.ones(2))), "input changed", got="[2.0, 2.0]"),
    wrong(lambda: expect_unchanged(solved(lambda pair: pair[1].zero_(), [X, Y])), "input changed", difference="[1]"),
    wrong(lambda: expect_unchanged(solved(lambda pair: pair.append(1), [X, Y])), "input changed", difference="was changed"),
    wrong(lambda: expect_unchanged(solved(lambda pair: pair.pop(), [X, 7])), "input changed", difference="was changed"),
    wrong(lambda: expect_unchanged(solved(lambda pair: pair.reverse(), [1, 2])), "input changed", difference="[0]"),
    wrong(lambda: expect_unchanged(solved(lambda named: named.update(a=2), {"a": 1})), "input changed", difference="['a']"),
    wrong(lambda: expect_unchanged(solved(lambda named: named.clear(), {"a": X})), "input changed"),
    wrong(lambda: expect_unchanged(solved(shifts_weights, LAYER)), "input changed", difference=".weight"),
    wrong(lambda: expect_unchanged(solved(lambda layers: shifts_weights(layers[0]), nn.Sequential(LAYER))), "input changed", difference="0.weight"),
    wrong(lambda: expect_unchanged(solved(lambda layer: layer.eval(), LAYER)), "input changed", difference="training", got="False"),
    wrong(lambda: expect_unchanged(solved(lambda layer: layer.requires_grad_(False), LAYER)), "input changed", difference="requires_grad"),
    wrong(lambda: expect_unchanged(solved(lambda layer: layer(X[:2]).sum().backward(), LAYER)), "input changed", difference=".grad"),
    wrong(lambda: expect_unchanged(solved(lambda norm: norm(torch.ones(2, 2)), nn.BatchNorm1d(2))), "input changed", difference="running_mean"),
    wrong(lambda: expect_unchanged(solved(halves_rate, torch.optim.SGD(LAYER.parameters(), lr=1.0))), "input changed", difference="lr"),
    wrong(lambda: expect_unchanged(solved(sets_grad, X)), "input changed", difference=".grad"),
    wrong(lambda: expect_unchanged(solved(lambda x: x.grad.zero_(), strategies.with_grad(X, Y))), "input changed", difference=".grad"),
    wrong(lambda: expect_unchanged(solved(tracks_itself, X)), "input changed", difference="requires_grad"),
    wrong(lambda: expect_unchanged(solved(lambda x: x.unsqueeze_(0), X)), "input changed"),
    wrong(lambda: expect_unchanged(solved(lambda x: x.fill_(NAN), X)), "input changed", got="nan"),
    wrong(lambda: expect_unchanged(stub(adds_one_in_place).on(X.clone())), "input changed"),
    wrong(lambda: expect_unchanged(solved(changes_both, X, Y), [X]), "input changed", got="[11., 21., 31.]"),
    # in place
    wrong(
        lambda: expect_changed(solved(lambda x: x + 1, X), X, X + 1, dtype=F32),
        "wrong values", call="the argument afterwards", got="[1., 2., 3.]", expected="[2., 3., 4.]",
    ),
    wrong(lambda: expect_changed(solved(lambda x: x.add_(2), X), X, X + 1, dtype=F32), "wrong values", difference="at [0]: 3 where 2"),
    wrong(lambda: expect_changed(solved(changes_both, X, Y), X, X + 1, dtype=F32), "input changed"),
    wrong(lambda: expect_changed(solved(lambda x: x.unsqueeze_(0), X), X, X, dtype=F32), "wrong shape"),
    wrong(lambda: expect_changed(solved(lambda x: setattr(x, "data", x.double()), X), X, X, dtype=F32), "wrong dtype"),
    # objects and memory
    wrong(lambda: expect_same_object(solved(torch.clone, X), X), "another object", expected="the argument itself", got="another object"),
    wrong(lambda: expect_same_object(solved(lambda x: x[:], X), X), "another object", got="on the same memory"),
    wrong(lambda: expect_same_object(solved(lambda x, y: y, X, Y), X), "another object"),
    wrong(lambda: expect_same_object(giving(None, X), X), "another object"),
    wrong(lambda: expect_same_object(stub(torch.clone).on(X), X), "another object"),
    wrong(lambda: expect_shared_memory(solved(torch.clone, X), X), "a copy", expected="memory of the argument", got="of its own"),
    wrong(lambda: expect_shared_memory(solved(lambda x, y: x[:], X, Y), Y), "a copy"),
    wrong(lambda: expect_shared_memory(solved(torch.tensor, a := np.ones(2)), a), "a copy"),
    wrong(lambda: expect_shared_memory(solved(lambda x: x[1:], x := tensor([1.0])), x), "a copy"),
    wrong(lambda: expect_shared_memory(giving(None, X), X), "wrong type", got="None"),
    wrong(lambda: expect_shared_memory(stub(lambda x: x + 0).on(x := pretend(torch.ones(2))), x), "a copy"),
    wrong(lambda: expect_own_memory(solved(itself, X)), "shared memory", expected="memory of its own", got="memory of an argument"),
    wrong(lambda: expect_own_memory((buffered := stub(lambda x: torch.add(x, 1, out=ROOM)))(torch.ones(2))) or expect_own_memory(buffered(torch.zeros(2))), "shared memory", got="what an earlier call returned"),
    wrong(lambda: expect_own_memory((cached := stub(lambda x: ROOM))(X)) or expect_own_memory(cached(X)), "shared memory", got="what an earlier call returned"),
    wrong(lambda: expect_own_memory(solved(lambda x: x.mT, torch.ones(2, 3))), "shared memory"),
    wrong(lambda: expect_own_memory(solved(lambda x: x[2:], X)), "shared memory"),
    wrong(lambda: expect_own_memory(solved(lambda x: x.detach(), X)), "shared memory"),
    wrong(lambda: expect_own_memory(solved(lambda x: x.expand(2, 3), X)), "shared memory"),
    wrong(lambda: expect_own_memory(solved(lambda x: x.numpy(), X)), "shared memory"),
    wrong(lambda: expect_own_memory(solved(torch.from_numpy, np.ones(2))), "shared memory"),
    wrong(lambda: expect_own_memory(solved(lambda a: a[::-1], np.ones(2))), "shared memory"),
    wrong(lambda: expect_own_memory(solved(lambda *, x: x, x=X)), "shared memory"),
    wrong(lambda: expect_own_memory(solved(lambda pair: pair[1], [X, Y])), "shared memory"),
    wrong(lambda: expect_own_memory(solved(lambda x: (x + 1, x), X)), "shared memory"),
    wrong(lambda: expect_own_memory(solved(lambda layer: layer.weight.data, LAYER)), "shared memory"),
    wrong(lambda: expect_own_memory(giving(Y), Y), "shared memory"),
    wrong(lambda: expect_own_memory(stub(lambda x: x[1:]).on(pretend(torch.ones(2)))), "shared memory"),
    wrong(lambda: expect_own_memory(giving(None, X)), "wrong type"),
    # rules
    wrong(lambda: expect_rules(stub(with_loop), loops=False), "rule broken", message="loop", source="return sum(["),
    wrong(lambda: expect_rules(stub(with_linspace), without=("torch.linspace",)), "rule broken", message="`torch.linspace`"),
    wrong(lambda: expect_rules(stub(with_linspace), using=("torch.arange",)), "rule broken", message="`torch.arange` must be used"),
    wrong(lambda: expect_rules(stub(torch.no_grad()(with_linspace)), without=("torch.linspace",)), "rule broken"),
    wrong(lambda: expect_rules(stub(nameless), without=("torch.linspace",)), "rule broken"),
    wrong(lambda: expect_rules(stub(torch.linspace), without=("torch.linspace",)), "rule broken"),
]
# fmt: on


@pytest.mark.parametrize("thunk", RIGHT)
def test_a_right_answer_passes(thunk):
    thunk()


@pytest.mark.parametrize(("thunk", "reason", "facts"), WRONG)
def test_a_wrong_answer_is_named_with_its_data(thunk, reason, facts):
    with pytest.raises(KataError) as caught:
        thunk()
    finding = caught.value
    assert finding.reason == reason
    assert not [(name, text) for name, text in facts.items() if text not in getattr(finding, name)], finding


@pytest.mark.parametrize(("thunk", "reason", "facts"), [row for row in WRONG if row.values[1] != "rule broken"])
def test_a_finding_has_the_call_the_expected_and_the_got(thunk, reason, facts):
    with pytest.raises(KataError) as caught:
        thunk()
    finding = caught.value
    assert finding.call.startswith("solved(") and finding.expected and finding.got
    assert finding.file == str(HERE) and finding.line > 0


@pytest.mark.parametrize("table", [RIGHT, WRONG], ids=["right", "wrong"])
def test_every_check_is_in_the_table(table):
    assert {name for row in table for name in checks_in(row.values[0])} == set(checks.__all__)


def test_every_check_of_the_module_is_public():
    names = [
        node.name for node in ast.parse(Path(checks.__file__).read_text()).body if isinstance(node, ast.FunctionDef)
    ]
    assert checks.__all__ == sorted(name for name in names if not name.startswith("_"))


# What is reported first. Each row of a table mends one thing more.


def tracked_and_changing(value):
    """A function that changes its input and returns `value`, which requires grad where it can."""

    def function(x):
        x += 1
        return value.requires_grad_() if isinstance(value, torch.Tensor) and value.is_floating_point() else value

    return function


TENSORS_BY_FAULT = {
    "wrong type": [[1.0]],
    "wrong dtype": torch.empty(2, 1, device="meta", dtype=F64),
    "wrong device": torch.empty(2, 1, device="meta"),
    "wrong shape": torch.zeros(2, 1),
    "wrong values": torch.zeros(2),
    "input changed": torch.ones(2),
}


@pytest.mark.parametrize(("reason", "value"), TENSORS_BY_FAULT.items(), ids=TENSORS_BY_FAULT)
def test_the_first_fault_of_a_tensor_is_reported(reason, value):
    with pytest.raises(KataError) as caught:
        expect_tensor(solved(tracked_and_changing(value), X), [1, 1], dtype=F32)
    assert caught.value.reason == reason


def test_a_changed_input_is_reported_before_memory_and_graph():
    answer = solved(tracked_and_changing(torch.ones(2)), X)
    with pytest.raises(KataError, match="tracked by autograd"):
        expect_tensor(answer, [1, 1], dtype=F32, changes=[X])


@pytest.mark.parametrize(("reason", "dtype"), [("wrong dtype", F64), ("wrong device", F32)])
def test_a_hard_coded_device_is_reported_after_the_dtype_and_before_the_shape(reason, dtype):
    with pytest.raises(KataError) as caught:
        expect_tensor(on_gpu(lambda x: torch.zeros(2, 1), X), [1, 1], dtype=dtype)
    assert caught.value.reason == reason


ARRAYS_BY_FAULT = {
    "wrong type": [[1.0]],
    "wrong dtype": np.zeros((2, 1), np.float32),
    "wrong shape": np.zeros((2, 1)),
    "wrong values": np.zeros(2),
    "input changed": np.ones(2),
}


@pytest.mark.parametrize(("reason", "value"), ARRAYS_BY_FAULT.items(), ids=ARRAYS_BY_FAULT)
def test_the_first_fault_of_an_array_is_reported(reason, value):
    with pytest.raises(KataError) as caught:
        expect_array(solved(tracked_and_changing(value), X), [1.0, 1.0], dtype=np.float64)
    assert caught.value.reason == reason


NUMBERS_BY_FAULT = {"wrong type": 3, "wrong value": 3.0, "input changed": 2.0}


@pytest.mark.parametrize(("reason", "value"), NUMBERS_BY_FAULT.items(), ids=NUMBERS_BY_FAULT)
def test_the_first_fault_of_a_number_is_reported(reason, value):
    with pytest.raises(KataError) as caught:
        expect_number(solved(tracked_and_changing(value), X), 2.0)
    assert caught.value.reason == reason


TUPLES_BY_FAULT = {"wrong type": [1], "wrong length": (1,), "wrong value": (1, 3), "input changed": (1, 2)}


@pytest.mark.parametrize(("reason", "value"), TUPLES_BY_FAULT.items(), ids=TUPLES_BY_FAULT)
def test_the_first_fault_of_a_tuple_is_reported(reason, value):
    with pytest.raises(KataError) as caught:
        expect_equal(solved(tracked_and_changing(value), X), (1, 2))
    assert caught.value.reason == reason


ERRORS_BY_FAULT = {
    "no error raised": None,
    "wrong error": KeyError(),
    "unclear error": ValueError(),
    "input changed": ValueError("side"),
}


def changing_and_raising(error):
    """A function that changes its input and raises `error`, or returns."""

    def function(x):
        x += 1
        if error is not None:
            raise error

    return function


@pytest.mark.parametrize(("reason", "error"), ERRORS_BY_FAULT.items(), ids=ERRORS_BY_FAULT)
def test_the_first_fault_of_a_refusal_is_reported(reason, error):
    with pytest.raises(KataError) as caught:
        expect_raises(raising(changing_and_raising(error), X), ValueError, mentions="side")
    assert caught.value.reason == reason


# Values


@pytest.mark.parametrize("dtype", [F16, BF16, F32, F64], ids=str)
@pytest.mark.parametrize("size", [1.0, 1024.0, 2.0**-10])
def test_noise_passes_up_to_16_units_of_the_dtype(dtype, size):
    unit = torch.finfo(dtype).eps * size
    expect_tensor(giving(tensor([size + 16 * unit, 0.0], dtype=dtype)), [size, 0.0], dtype=dtype)
    with pytest.raises(KataError, match="wrong values"):
        expect_tensor(giving(tensor([size + 17 * unit, 0.0], dtype=dtype)), [size, 0.0], dtype=dtype)


@given(x=strategies.tensors((2, 1, 0, 3), (F32, F64, I64, I32, U8, BOOL), min_side=0))
def test_a_tensor_passes_as_itself(x):
    expect_tensor(giving(x), x.double() if x.is_floating_point() else x, dtype=x.dtype)
    expect_array(giving(x.numpy()), x.numpy(), dtype=x.numpy().dtype)


@given(x=strategies.tensors((2, 1, 0, 3), (F32, F64, I64, I32, U8, BOOL)), seed=strategies.seeds())
@example(x=tensor([[1.0, 2.0], [3.0, 4.0]]), seed=3)
def test_one_element_off_is_always_found(x, seed):
    off = x.flatten().clone()
    place = seed % off.numel()
    off[place] = ~off[place] if x.dtype in (BOOL, U8) else off[place] + 1 + off.abs().max() // 1000
    with pytest.raises(KataError) as caught:
        expect_tensor(giving(off.reshape(x.shape)), x, dtype=x.dtype)
    assert caught.value.reason == "wrong values"
    assert not x.ndim or caught.value.difference.endswith(f"; 1 of {x.numel()} elements differ")


@given(x=strategies.tensors((2, 1, 3), (F32, I64)))
def test_a_shape_that_only_broadcasts_is_found(x):
    for shape in [(1, *x.shape), (*x.shape, 1), x.shape[1:]]:
        value = x[0] if len(shape) < x.ndim else x.reshape(shape)
        with pytest.raises(KataError, match="wrong shape"):
            expect_tensor(giving(value), x, dtype=x.dtype)


@given(x=strategies.tensors((2, 1, 0), (F32, F64, I64)))
def test_a_number_is_not_a_tensor_nor_the_reverse(x):
    with pytest.raises(KataError, match="wrong type"):
        expect_tensor(giving(x.sum().item()), x.sum(), dtype=x.dtype)
    with pytest.raises(KataError, match="wrong type"):
        expect_number(giving(x.sum()), x.sum().item(), dtype=x.dtype)
