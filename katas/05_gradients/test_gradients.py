"""The properties of the gradients kata. `kata.name(...)` calls your function and keeps what a message needs."""

import numpy as np
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from torchkata import trees
from torchkata.checks import (
    expect_equal,
    expect_law,
    expect_number,
    expect_own_memory,
    expect_raises,
    expect_returned,
    expect_rules,
    expect_shared_memory,
    expect_tensor,
    expect_tuple,
)
from torchkata.pasting import paste
from torchkata.strategies import linear, same_shape, seeds, tensors, with_grad

FLOATS = (torch.float32, torch.float64)
ANY_RANK = (1, 2, 0, 3)
SMALL = ("distinct", "ties", "generic")
NO_AUTOGRAD = ("torch.Tensor.backward", "torch.autograd.grad", "torch.autograd", "torch.func")
LONG = 64  # the factor for the tolerance after several steps


def exact(tensor):
    """The values for NumPy, in float64."""
    return tensor.detach().cpu().double().numpy()


class Formula:
    """A function of a tensor that messages show as its source.

    once         a second call is an error
    unrecorded   a call while autograd records is an error
    """

    def __init__(self, source, *, once=False, unrecorded=False):
        self.source, self.once, self.unrecorded, self.calls = source, once, unrecorded, 0
        self.function = eval(source, {"torch": torch})

    def __call__(self, x):
        self.calls += 1
        if self.once and self.calls > 1:
            raise AssertionError("f was called a second time; here it may be called only once")
        if self.unrecorded and torch.is_grad_enabled():
            raise AssertionError("f was called while autograd was recording")
        return self.function(x)


# Scalar functions: source → value and gradient in NumPy


def last_first(x):
    """n, ..., 2, 1 along the last dimension: how often each element is counted by a cumulative sum."""
    return np.broadcast_to(np.arange(x.shape[-1], 0, -1.0), x.shape) if x.ndim else np.ones(())


SQUARES = "lambda x: (x - 2).square().sum()"
SINES = "lambda x: x.sin().sum()"
WEIGHTED = "lambda x: x.square().cumsum(-1).sum()"
EITHER = "lambda x: (x**3).sum() if (x > 0).any() else (-x).sum()"
CUBES = "lambda x: (x**3).sum()"
VALUES = {
    SQUARES: lambda x: ((x - 2) ** 2).sum(),
    SINES: lambda x: np.sin(x).sum(),
    WEIGHTED: lambda x: (x**2 * last_first(x)).sum(),
    EITHER: lambda x: (x**3).sum() if (x > 0).any() else -x.sum(),
    CUBES: lambda x: (x**3).sum(),
}
GRADIENTS = {
    SQUARES: lambda x: 2 * (x - 2),
    SINES: np.cos,
    WEIGHTED: lambda x: 2 * x * last_first(x),
    EITHER: lambda x: 3 * x**2 if (x > 0).any() else -np.ones_like(x),
}
SOURCES = tuple(GRADIENTS)


def stale(x):
    """A leaf that requires grad and holds a gradient of some other work."""
    return with_grad(x, torch.full_like(x, 7))


def inner(values):
    """A tensor inside of a graph: the result of an operation on a leaf."""
    return 1 * torch.tensor(values, requires_grad=True)


plain = tensors(ANY_RANK, FLOATS, min_side=0)
small = tensors(ANY_RANK, FLOATS, min_side=0, regimes=SMALL)
leaves = tensors(ANY_RANK, FLOATS, regimes=SMALL).map(stale)


def expect_no_grad(answer, part="a result"):
    tracked = isinstance(answer.value, torch.Tensor) and answer.value.requires_grad
    expect_law(answer, not tracked, f"{part} that does not require grad", got="one that requires grad")


def expect_flows(answer, x, v, want, *, scale=0.0):
    """The gradient v of the result becomes `want` at x."""
    tracked = answer.value.requires_grad
    expect_law(answer, tracked, "a result that requires grad, as x does", got="one that does not require grad")
    try:
        total = (answer.value * v.to(answer.value.device)).sum()  # `grad_outputs=v` would import sympy: seconds
        [grad] = torch.autograd.grad(total, answer.given(x), allow_unused=True)
    except RuntimeError as error:
        got = f"RuntimeError: {str(error).splitlines()[0]}"
        expect_law(answer, False, "a result that `backward` can go through", got=got)
    expect_law(answer, grad is not None, "a result whose graph leads back to x", got="a graph that does not reach x")
    back = expect_returned(answer, grad, f"x's gradient when that of the result is {paste(v)}")
    expect_tensor(back, want, dtype=x.dtype, device=grad.device.type, scale=scale)


def expect_noticed(answer, graph, story):
    """Autograd raises in `backward`, as a value that it needs has changed; the story tells how."""
    try:
        graph.sum().backward()
    except RuntimeError:
        return
    told = expect_returned(answer, answer.value, story)
    got = "no error, and a wrong gradient: autograd did not notice the change"
    expect_law(told, False, "RuntimeError in `backward`, which needs the old values", got=got)


def counted(x):
    """1, 2, 3, ... in the shape and dtype of x: a gradient to send back."""
    return torch.arange(1, x.numel() + 1, dtype=x.dtype).reshape(x.shape)


# parabola_slope


@given(x=plain)
@example(x=torch.tensor(1.0))
@example(x=torch.tensor([1.0, 2.0, 5.0]))
@example(x=torch.tensor([[-3.0, 0.5]], dtype=torch.float64))
def test_parabola_slope__is_the_derivative(kata, x):
    """The result is the derivative of (x - 2)² at each element of `x`: -2 at 1, 0 at 2."""
    expect_tensor(kata.parabola_slope(x), 2 * (exact(x) - 2), dtype=x.dtype, scale=4)


def test_parabola_slope__is_worked_out_by_hand(kata):
    """The derivative is written down, without autograd."""
    expect_rules(kata.parabola_slope, without=NO_AUTOGRAD)


# gradient_by_hand


def numpy_wave(w):
    """The gradient of 2·w₀·w₁ + w₁·cos(w₀)."""
    return np.array([2 * w[1] - w[1] * np.sin(w[0]), 2 * w[0] + np.cos(w[0])])


@given(w=tensors(1, FLOATS, shapes=[(2,)]))
@example(w=torch.tensor([torch.pi, 1.0]))
@example(w=torch.tensor([torch.pi, 1.0], dtype=torch.float64))
@example(w=torch.tensor([0.5, 3.0], dtype=torch.float64))
@example(w=torch.tensor([1.0, -2.0]))
def test_gradient_by_hand__is_the_gradient(kata, w):
    """The result is the gradient of 2·w₀·w₁ + w₁·cos(w₀), first by w₀, then by w₁: (2, 2π - 1) at (π, 1)."""
    values = exact(w)
    expect_tensor(kata.gradient_by_hand(w), numpy_wave(values), dtype=w.dtype, scale=2 * abs(values).max() + 1)


def test_gradient_by_hand__is_worked_out_by_hand(kata):
    """The gradient is written down, without autograd."""
    expect_rules(kata.gradient_by_hand, without=NO_AUTOGRAD)


# graph_gradients

pairs = st.one_of(same_shape(2, 0, torch.float32), same_shape(2, 0, torch.float64))
NAMES = ("e", "∂e/∂a", "∂e/∂b", "∂e/∂c", "∂e/∂d")


def expect_graph(answer, a, b):
    """The five values; e is as exact as its factors."""
    x, y = exact(a), exact(b)
    c, d = x + y, y + 1
    size = abs(x) + 2 * abs(y) + 2
    for name, piece, want in zip(NAMES, expect_tuple(answer, 5), (c * d, d, c + d, d, c), strict=True):
        got = "None: after `backward` only leaves keep their gradient"
        expect_law(answer, piece.value is not None, f"a tensor for {name}", got=got)
        expect_tensor(piece, want, dtype=a.dtype, scale=size**2 if name == "e" else size)
        expect_no_grad(piece)


@given(pair=pairs)
@example(pair=(torch.tensor(2.0), torch.tensor(1.0)))
@example(pair=(torch.tensor(-3.0, dtype=torch.float64), torch.tensor(5.0, dtype=torch.float64)))
def test_graph_gradients__follows_every_way(kata, pair):
    """The result is e and its derivatives by a, b, c and d: (6, 2, 5, 2, 3) for a = 2 and b = 1."""
    expect_graph(kata.graph_gradients(*pair), *pair)


# gradient_of


@given(source=st.sampled_from(SOURCES), x=plain)
@example(source=SQUARES, x=torch.tensor(1.0))
@example(source="lambda w: 2 * w[0] * w[1] + w[1] * w[0].cos()", x=torch.tensor([torch.pi, 1.0]))
@example(source=WEIGHTED, x=torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
@example(source=EITHER, x=torch.tensor([1.0, 2.0]))
@example(source=EITHER, x=torch.tensor([-1.0, -2.0], dtype=torch.float64))
@example(source=SINES, x=torch.tensor([0.1, 0.2, 0.3], dtype=torch.float64))
def test_gradient_of__is_the_gradient(kata, source, x):
    """The result is the gradient of `f` at `x`, in the shape and dtype of `x`, and does not require grad."""
    answer = kata.gradient_of(Formula(source), x)
    want = GRADIENTS.get(source, numpy_wave)(exact(x))
    expect_tensor(answer, want, dtype=x.dtype, scale=4)


@given(source=st.sampled_from(SOURCES), x=leaves)
@example(source=SQUARES, x=stale(torch.tensor([1.0, 2.0, 5.0])))
@example(source=SQUARES, x=inner([1.0, 2.0, 5.0]))
@example(source=WEIGHTED, x=inner([[1.0, 2.0, 3.0]]))
def test_gradient_of__has_no_other_effect(kata, source, x):
    """A tracked `x`, or one with an old gradient, has no influence and stays as it is."""
    answer = kata.gradient_of(Formula(source), x)
    expect_tensor(answer, GRADIENTS[source](exact(x)), dtype=x.dtype, scale=4)
    expect_no_grad(answer)


# descend

RATES = st.sampled_from((0.25, 0.125, 0.1))
DOWNHILL = st.sampled_from((SQUARES, SINES, WEIGHTED))


def expect_descent(answer, source, start, lr, steps):
    """All points and values of the descent, by NumPy."""
    points = [exact(start)]
    for _ in range(steps):
        points.append(points[-1] - lr * GRADIENTS[source](points[-1]))
    values = [VALUES[source](point) for point in points]
    got_points, got_values = expect_tuple(answer, 2)
    size = abs(exact(start)).max(initial=0) + 4
    expect_tensor(got_points, np.array(points), dtype=start.dtype, factor=LONG, scale=size)
    expect_tensor(got_values, np.array(values), dtype=start.dtype, factor=LONG, scale=size**2 * max(start.numel(), 1))
    expect_no_grad(got_points)
    expect_no_grad(got_values)


@given(source=DOWNHILL, start=small, lr=RATES, steps=st.integers(0, 5))
@example(source=SQUARES, start=torch.tensor(5.0), lr=0.25, steps=15)
@example(source=SQUARES, start=torch.tensor(5.0), lr=0.25, steps=3)
@example(source=SQUARES, start=torch.tensor([5.0, 1.0], dtype=torch.float64), lr=0.25, steps=1)
@example(source=SQUARES, start=torch.tensor(5.0), lr=0.25, steps=0)
@example(source=SQUARES, start=torch.tensor(2 + 2**-16, dtype=torch.float64), lr=0.25, steps=2)
@example(source=WEIGHTED, start=torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), lr=0.1, steps=2)
def test_descend__walks_against_the_gradient(kata, source, start, lr, steps):
    """Each point is the one before minus lr · gradient, and each value is that of `f` there: 5, 3.5, 2.75, ..."""
    expect_descent(kata.descend(Formula(source), start, lr, steps), source, start, lr, steps)


@given(source=DOWNHILL, start=leaves, lr=RATES, steps=st.integers(0, 3))
@example(source=SQUARES, start=stale(torch.tensor(5.0)), lr=0.25, steps=3)
@example(source=SQUARES, start=inner(5.0), lr=0.25, steps=0)
def test_descend__starts_without_the_past(kata, source, start, lr, steps):
    """A tracked `start`, or one with an old gradient, has no influence and stays as it is."""
    expect_descent(kata.descend(Formula(source), start, lr, steps), source, start, lr, steps)


# tracked_leaf


def expect_leaf(answer, x):
    expect_tensor(expect_returned(answer, answer.value.detach(), "its values"), exact(x), dtype=x.dtype)
    expect_law(answer, answer.value.requires_grad, "a tensor that requires grad", got="one that does not")
    expect_law(answer, answer.value.is_leaf, "a leaf", got=f"the result of an operation: {answer.value.grad_fn}")
    expect_law(answer, answer.value.grad is None, "a tensor without a gradient", got=f".grad is {answer.value.grad}")
    expect_own_memory(answer)


@given(x=plain)
@example(x=torch.tensor([1.0, 2.0]))
@example(x=torch.tensor([[1.0, 2.0]], dtype=torch.float64))
def test_tracked_leaf__starts_a_graph(kata, x):
    """The result is a leaf that requires grad, with the values of `x` in memory of its own."""
    answer = kata.tracked_leaf(x)
    expect_law(answer, isinstance(answer.value, torch.Tensor), "a tensor")
    expect_leaf(answer, x)


@given(x=leaves)
@example(x=stale(torch.tensor([1.0, 2.0])))
@example(x=torch.tensor([1.0, 2.0], requires_grad=True))
@example(x=inner([1.0, 2.0]))
def test_tracked_leaf__leaves_the_old_graph(kata, x):
    """From a tracked `x` the result is a new leaf too, without its gradient and out of its graph."""
    answer = kata.tracked_leaf(x)
    expect_law(answer, isinstance(answer.value, torch.Tensor), "a tensor")
    expect_leaf(answer, x)


# net_gradients


def quarters(random, *shape):
    """Quarters from -2 to 2: sums and products of a few of them are exact."""
    return random.integers(-8, 9, shape) / 4


def make_net(shape, dtype, seed):
    random, (d, k) = np.random.default_rng(seed), shape
    parts = quarters(random, d), abs(quarters(random, k)) / 2, quarters(random, d, k), quarters(random, k)
    return tuple(torch.tensor(part, dtype=dtype) for part in parts)


def nets(shapes=((2, 3), (3, 2), (5, 3), (3, 3), (1, 2), (2, 1), (1, 1))):
    return st.builds(make_net, st.sampled_from(shapes), st.sampled_from(FLOATS), seeds())


def expect_net(answer, net):
    """The two gradients, by hand: the error of each output, times its input."""
    x, y, w, b = map(exact, net)
    error = (np.exp(-np.logaddexp(0, -(x @ w + b))) - y) / len(y)
    for piece, want in zip(expect_tuple(answer, 2), (np.outer(x, error), error), strict=True):
        expect_tensor(piece, want, dtype=net[0].dtype, scale=1 / len(y))
        expect_no_grad(piece)


ONES = (torch.ones(5), torch.zeros(3), torch.arange(15.0).reshape(5, 3) / 8 - 1, torch.tensor([0.5, -0.5, 1.0]))
SURE = (torch.tensor([1.0]), torch.tensor([0.0, 1.0, 0.0, 1.0]), torch.tensor([[200.0, 200.0, -200.0, -200.0]]))


@given(net=nets())
@example(net=ONES)
@example(net=(*SURE, torch.zeros(4)))
@example(net=tuple(part.double() for part in (*SURE[:2], SURE[2] / 10, torch.zeros(4))))
@example(net=make_net((2, 3), torch.float64, 1))
@example(net=make_net((3, 3), torch.float32, 2))
def test_net_gradients__is_the_gradient_of_the_loss(kata, net):
    """The result is ∂loss/∂w and ∂loss/∂b; for x = 1 and y = 0 all rows of the first equal the second, sigmoid(z)/k."""
    expect_net(kata.net_gradients(*net), net)


@given(net=nets())
@example(net=ONES)
def test_net_gradients__has_no_other_effect(kata, net):
    """Old gradients of `w` and `b` have no influence and stay."""
    x, y, w, b = net
    expect_net(kata.net_gradients(x, y, stale(w), stale(b)), net)


# accumulate


def expect_gradient_left(answer, w, want, *, scale):
    """The leaf holds this gradient; its values and its place at the start of a graph have not changed."""
    leaf = answer.given(w)
    expect_law(answer, leaf.grad is not None, "a gradient in w.grad", got="w.grad is None")
    after = expect_returned(answer, leaf.grad, "w.grad afterwards")
    expect_tensor(after, want, dtype=w.dtype, device=leaf.device.type, scale=scale, changes=[w])
    expect_no_grad(after, "a gradient")
    expect_law(answer, leaf.is_leaf and leaf.requires_grad, "w a leaf that requires grad", got="another kind of tensor")
    same = expect_returned(answer, leaf.detach(), "w afterwards")
    expect_tensor(same, exact(w), dtype=w.dtype, device=leaf.device.type, changes=[w])


ROOM = 8.0  # a scale for gradients that may cancel an older one

weights = st.one_of(leaves, tensors(ANY_RANK, FLOATS, regimes=SMALL).map(lambda x: x.requires_grad_()))


@given(source=st.sampled_from(SOURCES), w=weights, times=st.integers(1, 3))
@example(source="lambda w: w.square().sum()", w=torch.tensor([1.0, 2.0], requires_grad=True), times=2)
@example(source=SQUARES, w=stale(torch.tensor([1.0, 3.0])), times=1)
@example(source=SQUARES, w=stale(torch.tensor([1.0, 3.0])), times=2)
@example(source=SINES, w=stale(torch.tensor([[0.5, 2.0, 3.0]], dtype=torch.float64)), times=3)
def test_accumulate__adds_up(kata, source, w, times):
    """`w.grad` grows by the gradient of `f`, `times` times, from a single call of `f`."""
    answer = kata.accumulate(Formula(source, once=True), w, times)
    expect_law(answer, answer.value is None, "None: all is done in place")
    once = GRADIENTS.get(source, lambda w: 2 * w)(exact(w))
    old = 0.0 if w.grad is None else exact(w.grad)
    expect_gradient_left(answer, w, old + times * once, scale=ROOM + 3 * abs(once).max(initial=0))


# fresh_gradient


@given(source=st.sampled_from(SOURCES), w=weights)
@example(source=SQUARES, w=torch.tensor([1.0, 3.0], requires_grad=True))
@example(source=SQUARES, w=stale(torch.tensor([1.0, 3.0])))
@example(source=SINES, w=stale(torch.tensor(0.5, dtype=torch.float64)))
@example(source=SQUARES, w=with_grad(torch.tensor([1.0, 3.0]), torch.tensor([float("nan"), float("inf")])))
def test_fresh_gradient__replaces_the_old_one(kata, source, w):
    """`w.grad` is the gradient of `f` alone, whatever it was before, and f(w) comes back as a Python float."""
    answer = kata.fresh_gradient(Formula(source), w)
    value, slope = VALUES[source](exact(w)), GRADIENTS[source](exact(w))
    size = abs(exact(w)).max(initial=0) + 2
    expect_number(answer, float(value), dtype=w.dtype, scale=size**2 * w.numel(), changes=[w])
    expect_gradient_left(answer, w, slope, scale=4)


# evaluate


DOUBLE = "lambda x: 2 * x"
TRACKED = "lambda x: x * torch.full_like(x, 2, requires_grad=True)"


def expect_usable(answer, x):
    """The answer is 2x, outside of any graph, and may be part of another one."""
    expect_tensor(answer, 2 * exact(x), dtype=x.dtype)
    expect_no_grad(answer)
    weight = torch.ones_like(answer.value, requires_grad=True)
    try:
        (answer.value * weight).sum().backward()
    except RuntimeError as error:
        expect_law(answer, False, "a result that another graph can use", got=f"RuntimeError: {error}")


@given(source=st.sampled_from((DOUBLE, TRACKED)), x=st.one_of(plain, leaves))
@example(source=DOUBLE, x=torch.tensor([1.0, 2.0], requires_grad=True))
@example(source=DOUBLE, x=inner([1.0, 2.0]))
@example(source=TRACKED, x=torch.tensor([1.0, 2.0]))
@example(source=DOUBLE, x=torch.tensor([[0.5, 1.5]], dtype=torch.float64))
def test_evaluate__is_the_value_of_f(kata, source, x):
    """The result is f(x); it does not require grad, and can be part of another graph later."""
    expect_usable(kata.evaluate(Formula(source), x), x)


@given(x=st.one_of(plain, leaves))
@example(x=torch.tensor([1.0, 2.0], requires_grad=True))
@example(x=torch.tensor([1.0, 2.0]))
def test_evaluate__does_not_record(kata, x):
    """While `f` runs, autograd does not record."""
    expect_usable(kata.evaluate(Formula(DOUBLE, unrecorded=True), x), x)


@given(x=leaves)
@example(x=torch.tensor([1.0, 2.0], requires_grad=True))
def test_evaluate__puts_recording_back(kata, x):
    """Recording is on or off as it was before, also after an exception of `f`."""
    with torch.no_grad():
        answer = kata.evaluate(Formula(DOUBLE), x)
    expect_tensor(answer, 2 * exact(x), dtype=x.dtype)
    broken = Formula("lambda x: x.reshape(7, 7)")
    answer = kata.evaluate.raising(broken, x)
    expect_raises(answer, RuntimeError)
    for before in (True, False):
        with torch.set_grad_enabled(before):
            try:
                kata.evaluate.function(broken, x)
            except RuntimeError:
                recording = torch.is_grad_enabled()
        was, now = ("on" if each else "off" for each in (before, recording))
        expect_law(answer, now == was, f"recording {was} after the exception, as it was before", got=f"it is {now}")


# cut_off


@given(x=st.one_of(tensors(ANY_RANK, FLOATS), leaves))
@example(x=torch.tensor([1.0, 2.0], requires_grad=True))
@example(x=inner([1.0, 2.0]))
@example(x=torch.tensor([[1.0, 2.0]], dtype=torch.float64))
def test_cut_off__is_a_view_outside_of_the_graph(kata, x):
    """The result has the values and the memory of `x` and does not require grad; `x` stays in its graph."""
    answer = kata.cut_off(x)
    expect_tensor(answer, exact(x), dtype=x.dtype)
    expect_no_grad(answer)
    expect_shared_memory(answer, x)


@given(x=tensors((1, 2), FLOATS, regimes=SMALL))
@example(x=torch.tensor([1.0, 2.0]))
def test_cut_off__lets_autograd_notice_a_write(kata, x, device):
    """After a write through the result, a `backward` that needs the old values raises RuntimeError."""
    inside = 1 * x.detach().to(device).requires_grad_()
    graph = inside.square()
    answer = kata.cut_off.on(inside)
    expect_tensor(answer, exact(x), dtype=x.dtype)
    expect_no_grad(answer)
    answer.value.add_(1)
    expect_noticed(answer, graph, "before it y = x.square(), after it result.add_(1) and y.sum().backward()")


# doubled_past

LIMITS = st.sampled_from((0.5, 3.0, 10.0, 6.0, 100.0))
not_zero = tensors((1, 2, 0, 3), FLOATS, regimes=("distinct", "ties")).filter(lambda x: bool(x.any()))


def doublings(x, limit):
    """How often x must be doubled; once at least."""
    total, count = abs(exact(x)).sum(), 1
    while total * 2**count <= limit:
        count += 1
    return count


@given(x=not_zero, limit=LIMITS)
@example(x=torch.tensor([1.0, -2.0]), limit=10)
@example(x=torch.tensor([1.0, -2.0]), limit=6.0)
@example(x=torch.tensor([[3.0, 4.0]], dtype=torch.float64), limit=6.0)
@example(x=torch.tensor([-20.0]), limit=10.0)
@example(x=torch.tensor([0.1]), limit=0.5)
@example(x=torch.tensor([1.0]), limit=0.0)
@example(x=torch.tensor([1.0]), limit=-1.0)
@example(x=torch.tensor([1.0]), limit=1e6)
def test_doubled_past__doubles_until_past_the_limit(kata, x, limit):
    """The result is the first of 2x, 4x, 8x, ... whose sum of absolute values exceeds `limit`."""
    expect_tensor(kata.doubled_past(x, limit), exact(x) * 2 ** doublings(x, limit), dtype=x.dtype)


@given(x=not_zero.map(stale), limit=LIMITS)
@example(x=torch.tensor([1.0, -2.0], requires_grad=True), limit=10.0)
@example(x=torch.tensor([1.0, -2.0], requires_grad=True), limit=2.0)
@example(x=torch.tensor([[3.0, 4.0]], requires_grad=True), limit=100.0)
def test_doubled_past__lets_the_gradient_flow(kata, x, limit):
    """The graph has as many doublings as were needed: a gradient comes back times 2 for each of them."""
    answer, factor, v = kata.doubled_past(x, limit), 2 ** doublings(x, limit), counted(x)
    expect_tensor(answer, exact(x) * factor, dtype=x.dtype)
    expect_flows(answer, x, v, exact(v) * factor)


# vector_jacobian

PRODUCTS = {
    "lambda x: x.cumsum(0)": lambda x, v: v[::-1].cumsum()[::-1],
    "lambda x: x.square()": lambda x, v: 2 * x * v,
    "lambda x: x[1:] * x[0]": lambda x, v: np.array([v @ x[1:], *(v * x[0])]),
    "lambda x: torch.stack([x.sum(), x.square().sum()])": lambda x, v: v[0] + 2 * x * v[1],
}


def make_product(source, n, dtype, seed):
    """A function, a point and a vector of the right length."""
    random = np.random.default_rng(seed)
    n = max(n, 2) if "[1:]" in source else n
    x = torch.tensor(quarters(random, n), dtype=dtype)
    v = torch.tensor(random.permutation(9)[: len(Formula(source)(x))] - 2.0, dtype=dtype)
    return source, x, v


products = st.builds(
    make_product, st.sampled_from(tuple(PRODUCTS)), st.sampled_from((3, 2, 4, 1)), st.sampled_from(FLOATS), seeds()
)
THREE = torch.tensor([1.0, 2.0, 3.0])


@given(case=products)
@example(case=("lambda x: x.square()", THREE, torch.tensor([1.0, 10.0, 100.0])))
@example(case=("lambda x: x.cumsum(0)", THREE.double(), torch.tensor([1.0, 10.0, 100.0]).double()))
@example(case=("lambda x: torch.stack([x.sum(), x.square().sum()])", THREE, torch.tensor([1.0, 10.0])))
@example(case=("lambda x: x[1:] * x[0]", THREE, torch.tensor([1.0, 10.0])))
def test_vector_jacobian__is_the_product(kata, case):
    """The result at j is the sum over i of vᵢ · ∂f(x)ᵢ/∂xⱼ."""
    source, x, v = case
    want = PRODUCTS[source](exact(x), exact(v))
    expect_tensor(kata.vector_jacobian(Formula(source), x, v), want, dtype=x.dtype, scale=16)


@given(case=products)
@example(case=("lambda x: x.square()", THREE, torch.tensor([1.0, 10.0, 100.0])))
def test_vector_jacobian__has_no_other_effect(kata, case):
    """A tracked `x` with an old gradient has no influence and stays as it is."""
    source, x, v = case
    answer = kata.vector_jacobian(Formula(source), stale(x), v)
    expect_tensor(answer, PRODUCTS[source](exact(x), exact(v)), dtype=x.dtype, scale=16)
    expect_no_grad(answer)


@given(
    source=st.sampled_from(("lambda x: x.square()", "lambda x: x.cumsum(0)")),
    shape=st.sampled_from(((1,), (), (3, 1), (1, 3), (4,), (3, 3))),
)
@example(source="lambda x: x.square()", shape=(3, 1))
@example(source="lambda x: x.square()", shape=(1,))
@example(source="lambda x: x.square()", shape=())
@example(source="lambda x: x.square()", shape=(1, 3))
def test_vector_jacobian__broadcasts_nothing(kata, source, shape):
    """A `v` of another shape than f(x) raises RuntimeError."""
    expect_raises(kata.vector_jacobian.raising(Formula(source), THREE, torch.ones(shape)), RuntimeError)


# rss_gradient


def make_plane(shape, dtype, seed):
    random, (n, d) = np.random.default_rng(seed), shape
    parts = quarters(random, n, d), quarters(random, n), quarters(random, d)
    return tuple(torch.tensor(part, dtype=dtype) for part in parts)


planes = st.builds(
    make_plane,
    st.sampled_from(((3, 2), (4, 3), (2, 3), (3, 3), (1, 2), (4, 1), (1, 1))),
    st.sampled_from(FLOATS),
    seeds(),
)


@given(plane=planes)
@example(plane=(torch.tensor([[1.0], [2.0]]), torch.tensor([1.0, 3.0]), torch.tensor([0.0])))
@example(plane=make_plane((3, 2), torch.float64, 1))
@example(plane=make_plane((2, 2), torch.float32, 2))
def test_rss_gradient__equals_that_of_autograd(kata, plane):
    """The result is the gradient that autograd finds for the mean of (y - Xw)²."""
    X, y, w = (part.double() for part in plane)
    leaf = w.clone().requires_grad_()
    [want] = torch.autograd.grad((y - X @ leaf).square().mean(), leaf)
    size = 2 * (X.abs().T @ (y.abs() + X.abs() @ w.abs())).max() / len(y)
    expect_tensor(kata.rss_gradient(*plane), want, dtype=plane[0].dtype, scale=size.item())


def test_rss_gradient__is_worked_out_by_hand(kata):
    """The gradient is written down, without autograd."""
    expect_rules(kata.rss_gradient, without=NO_AUTOGRAD)


# numerical_gradient


def central_differences(value, x, step):
    """The gradient by NumPy, element for element, and the size of the numbers that cancel, in `f` and after it."""
    found, size = np.zeros_like(x), max(1.0, x.size, value(abs(x) + step))
    for index in np.ndindex(x.shape):
        shift = np.zeros_like(x)
        shift[index] = step
        ahead, behind = value(x + shift), value(x - shift)
        found[index] = (ahead - behind) / (2 * step)
        size = max(size, abs(ahead), abs(behind))
    return found, size / step


@given(
    source=st.sampled_from((CUBES, WEIGHTED, SINES, EITHER)),
    x=tensors(ANY_RANK, torch.float64, min_side=0, regimes=SMALL),
    step=st.sampled_from((0.5, 0.25, 0.001)),
)
@example(source=CUBES, x=torch.tensor([0.0, 1.0], dtype=torch.float64), step=0.5)
@example(source=WEIGHTED, x=torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], dtype=torch.float64).mT, step=0.25)
@example(source=CUBES, x=torch.tensor([0.1, 0.7], dtype=torch.float64), step=1e-6)
@example(source=CUBES, x=torch.tensor(0.5, dtype=torch.float64), step=0.25)
@example(source=CUBES, x=torch.tensor([[1, -3, 2], [-4, 0, 3], [4, -1, -2]], dtype=torch.float64), step=0.001)
def test_numerical_gradient__is_the_central_difference(kata, source, x, step):
    """Each element is half the change of `f` from one step behind to one step ahead, divided by the step."""
    want, size = central_differences(VALUES[source], exact(x), step)
    expect_tensor(kata.numerical_gradient(Formula(source), x, step), want, dtype=torch.float64, scale=size)


def test_numerical_gradient__uses_differences_only(kata):
    """The gradient comes from values of `f`, without autograd."""
    expect_rules(kata.numerical_gradient, without=NO_AUTOGRAD)


# freeze


class Named(nn.Sequential):
    """Layers in a row with names of their own; `shared` if `body2` has the weight of `body.2`."""

    shared = False

    def __init__(self, **layers):
        super().__init__()
        for name, layer in layers.items():
            self.add_module(name, layer)


@paste.register
def _(model: Named):
    layers = ", ".join(f"{name}={paste(layer)}" for name, layer in model.named_children())
    mode = "" if model.training else ".eval()"
    grads = [p.grad for p in model.parameters()]
    text = f"nn.Sequential(OrderedDict({layers})){mode}"
    text = f"with_shared_weight({text})" if model.shared else text
    return text if None in grads else f"with_gradients({text})"


def make_model(seed, *, grads=True, shared=False):
    """A body of two layers, a second body and a head; some of the parameters are frozen from the start."""
    random = np.random.default_rng(seed)

    def layer():
        return linear(quarters(random, 1, 1), quarters(random, 1))

    model = Named(body=nn.Sequential(layer(), nn.ReLU(), layer()), body2=layer(), head=layer()).train(seed % 2 == 0)
    if shared:
        model.shared, model.body2.weight = True, model.body[2].weight
    for i, p in enumerate(model.parameters()):
        p.grad = torch.full_like(p, i + 1.0).detach() if grads else None
        p.requires_grad_((seed + i) % 5 != 4)
    return model


def paths_of_part(model, name):
    """The paths of the parameters of a part; a parameter that it shares with another part has its path there."""
    mine = {id(p) for p in model.get_submodule(name).parameters()}
    return [path for path, p in model.named_parameters() if id(p) in mine]


PARTS = ("body", "body.0", "body.2", "body2", "head")
models = st.builds(make_model, seeds(), shared=st.booleans())


@given(model=models, name=st.sampled_from(PARTS))
@example(model=make_model(0), name="body")
@example(model=make_model(0), name="head")
@example(model=make_model(0, grads=False), name="body2")
@example(model=make_model(0), name="body.0")
@example(model=make_model(1), name="head")
@example(model=make_model(0, shared=True), name="body2")
def test_freeze__freezes_the_part(kata, model, name):
    """Every parameter of the part stops requiring grad and has no gradient; the others and all values stay."""
    answer = kata.freeze(model, name)
    after = answer.given(model)
    for (path, old), new in zip(model.named_parameters(), after.parameters(), strict=True):
        same = torch.equal(old, new.cpu())
        expect_law(answer, same, f"{path} as it was: {old.tolist()}", got=f"{new.tolist()}")
        if path not in paths_of_part(model, name):
            kept = trees.changed_leaves([old], [new]) == []
            facts = [f"requires_grad={p.requires_grad}, grad={p.grad}" for p in (old, new)]
            expect_law(answer, kept, f"{path} as it was: {facts[0]}", got=facts[1])
            continue
        expect_law(answer, not new.requires_grad, f"{path} that does not require grad", got="one that requires grad")
        expect_law(answer, new.grad is None, f"{path}.grad None, so that no optimizer moves it", got=f"{new.grad}")
    modes = [[module.training for module in each.modules()] for each in (model, after)]
    expect_law(answer, modes[0] == modes[1], "the model in the mode that it was in", got="another mode")


@given(model=models, name=st.sampled_from(PARTS))
@example(model=make_model(0), name="body")
@example(model=make_model(0), name="body.0")
@example(model=make_model(4), name="body2")
@example(model=make_model(0, shared=True), name="body2")
@example(model=make_model(0, shared=True), name="head")
def test_freeze__names_what_still_trains(kata, model, name):
    """The list holds the names of the parameters that still require grad, in the order of the model."""
    frozen = paths_of_part(model, name)
    left = [path for path, p in model.named_parameters() if p.requires_grad and path not in frozen]
    expect_equal(kata.freeze(model, name), left, changes=[model])


@given(model=models, name=st.sampled_from(PARTS))
@example(model=make_model(0), name="body")
@example(model=make_model(0, shared=True), name="body2")
def test_freeze__keeps_the_parameters_themselves(kata, model, name, device):
    """The model holds the very parameters that it held before, as does an optimizer."""
    given_model = trees.copied(model, device)
    before = dict(given_model.named_parameters())
    answer = kata.freeze.on(given_model, name)
    for path, p in given_model.named_parameters():
        expect_law(answer, p is before.get(path), f"{path} the object that it was", got="a new parameter in its place")


# move


@given(w=weights, seed=seeds())
@example(w=torch.tensor([1.0, 2.0], requires_grad=True), seed=0)
@example(w=stale(torch.tensor([[1.0, 2.0, 3.0]], dtype=torch.float64)), seed=1)
def test_move__changes_the_leaf_itself(kata, w, seed, device):
    """`w` holds w - change in the same memory, and is still a leaf that requires grad, with its gradient."""
    change = torch.tensor(quarters(np.random.default_rng(seed), *w.shape) + 0.125, dtype=w.dtype)
    leaf = trees.copied(w, device)
    view = leaf.detach()
    answer = kata.move.on(leaf, change.to(device))
    expect_law(answer, answer.value is None, "None: all is done in place")
    after = expect_returned(answer, leaf.detach(), "w afterwards")
    expect_tensor(after, exact(w) - exact(change), dtype=w.dtype, device=device, scale=4, changes=[leaf])
    same = leaf.data_ptr() == view.data_ptr() and torch.equal(leaf.detach(), view)
    expect_law(answer, same, "the new values in the memory that w had", got="other memory")
    expect_law(answer, leaf.is_leaf and leaf.requires_grad, "a leaf that requires grad", got="another kind of tensor")
    kept = trees.changed_leaves([leaf.grad], [w.grad]) == [] if w.grad is None else torch.equal(leaf.grad.cpu(), w.grad)
    expect_law(answer, kept, f"w.grad as it was: {w.grad}", got=f"{leaf.grad}")


@given(w=tensors((1, 2), FLOATS, regimes=SMALL))
@example(w=torch.tensor([1.0, 2.0]))
def test_move__lets_autograd_notice(kata, w, device):
    """After the change, a `backward` that needs the old values raises RuntimeError."""
    leaf = w.detach().to(device).requires_grad_()
    graph = leaf.square()
    answer = kata.move.on(leaf, torch.ones_like(leaf).detach())
    expect_noticed(answer, graph, "before it y = w.square(), after it y.sum().backward()")


# exp_with_ones


def make_masked(x, seed):
    return x, torch.from_numpy(np.asarray(np.random.default_rng(seed).random(x.shape) < 0.5))


masked = st.builds(make_masked, small, seeds())
BOTH = torch.tensor([False, True, False])
HUGE = (torch.tensor([0.0, 1000.0, 1.0]), BOTH)
LARGE = (torch.tensor([100.0, 700.0, -100.0], dtype=torch.float64), torch.zeros(3, dtype=torch.bool))


@given(case=masked)
@example(case=(torch.tensor([0.0, 1.0, 2.0]), BOTH))
@example(case=(torch.tensor([[-1.0], [3.0]], dtype=torch.float64), torch.tensor([[True], [False]])))
@example(case=HUGE)
@example(case=LARGE)
def test_exp_with_ones__is_exp_outside_of_the_mask(kata, case):
    """The elements are exp(x), and 1 where `mask` is True."""
    x, mask = case
    want = np.exp(np.where(mask.numpy(), 0.0, exact(x)))
    expect_tensor(kata.exp_with_ones(x, mask), want, dtype=x.dtype)


@given(case=masked)
@example(case=(torch.tensor([0.0, 1.0, 2.0]), BOTH))
@example(case=(torch.tensor([[-1.0], [3.0]], dtype=torch.float64), torch.tensor([[True], [False]])))
@example(case=HUGE)
@example(case=LARGE)
def test_exp_with_ones__sends_back_no_gradient_where_masked(kata, case):
    """A gradient comes back times exp(x), and as 0 where `mask` is True, even where exp(x) is too large."""
    x, mask = case[0].clone().requires_grad_(), case[1]
    exps = np.exp(np.where(mask.numpy(), 0.0, exact(x)))
    answer, v = kata.exp_with_ones(x, mask), counted(x)
    expect_tensor(answer, exps, dtype=x.dtype)
    expect_flows(answer, x, v, np.where(mask.numpy(), 0.0, exact(v) * exps))


# softplus

TINY = 1e-30  # below this a float32 has fewer digits
TAILS = [-1000.0, -30.0, 0.0, 30.0, 1000.0]


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


@given(x=plain)
@example(x=torch.tensor(TAILS))
@example(x=torch.tensor(TAILS, dtype=torch.float64))
@example(x=torch.tensor([-30.0]))
@example(x=torch.tensor([21.0], dtype=torch.float64))
@example(x=torch.tensor([28.5, 33.0], dtype=torch.float64))
@example(x=torch.tensor([0.5, -0.5]))
def test_softplus__is_right_in_both_tails(kata, x):
    """The values are log(1 + exp(x)), right to the last digits for small and for large `x`."""
    expect_tensor(kata.softplus(x), np.logaddexp(0, exact(x)), dtype=x.dtype, scale=TINY)


@given(x=plain.map(stale))
@example(x=torch.tensor(TAILS, requires_grad=True))
@example(x=torch.tensor([-30.0], requires_grad=True))
@example(x=torch.tensor([-30.0], dtype=torch.float64, requires_grad=True))
@example(x=torch.tensor([[0.5, -0.5, 2.0]], requires_grad=True))
def test_softplus__has_the_slope_sigmoid(kata, x):
    """A gradient comes back times sigmoid(x), right to the last digits for small and for large `x`."""
    answer, v = kata.softplus(x), counted(x)
    expect_tensor(answer, np.logaddexp(0, exact(x)), dtype=x.dtype, scale=TINY)
    expect_flows(answer, x, v, exact(v) * sigmoid(exact(x)), scale=TINY)


@given(x=tensors(ANY_RANK, FLOATS, regimes=SMALL).map(stale))
@example(x=torch.tensor([0.5, -0.5, 2.0], requires_grad=True))
def test_softplus__has_a_second_derivative(kata, x):
    """The derivative can be differentiated once more: sigmoid(x) · (1 - sigmoid(x))."""
    answer = kata.softplus(x)
    expect_law(answer, isinstance(answer.value, torch.Tensor) and answer.value.requires_grad, "a tracked result")
    leaf = answer.given(x)
    try:
        [first] = torch.autograd.grad(answer.value.sum(), leaf, create_graph=True)
        [second] = torch.autograd.grad(first.sum(), leaf)
    except RuntimeError as error:
        got = f"RuntimeError: {str(error).splitlines()[0]}"
        expect_law(answer, False, "a derivative that can be differentiated once more", got=got)
    back = expect_returned(answer, second, "the second derivative")
    values = exact(x)
    expect_tensor(back, sigmoid(values) * sigmoid(-values), dtype=x.dtype, device=second.device.type, scale=1)


@given(x=tensors((1, 2), FLOATS, regimes=SMALL))
@example(x=torch.tensor([1.0, 2.0]))
def test_softplus__keeps_x_where_autograd_can_see_it(kata, x, device):
    """A `backward` after somebody changed `x` in place raises RuntimeError."""
    inside = 1 * x.detach().to(device).requires_grad_()
    answer = kata.softplus.on(inside)
    expect_tensor(answer, np.logaddexp(0, exact(x)), dtype=x.dtype, scale=TINY)
    inside.add_(1)
    expect_noticed(answer, answer.value, "after it x.add_(1) and result.sum().backward()")


def test_softplus__has_a_function_of_its_own(kata):
    """The derivative is your own: a subclass of `torch.autograd.Function` is applied."""
    expect_rules(kata.softplus, using=("torch.autograd.Function",))
    expect_rules(kata.softplus, using=("apply",))
