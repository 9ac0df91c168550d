"""The properties of the models kata. `kata.name(...)` calls your function and keeps what a message needs."""

import contextlib
import copy
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn

from torchkata.checks import (
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
from torchkata.kata import Answer
from torchkata.pasting import paste
from torchkata.pretend import PretendGpu, pretend
from torchkata.strategies import linear, linears, manual_seed, matrices, seeds, tensors

FLOATS = (torch.float32, torch.float64)
NUMBERS = (*FLOATS, torch.int64, torch.int32, torch.uint8)
ANY_RANK = (2, 1, 3)
LONG = 128  # the factor for the tolerance of long sums and of several layers
ROW = torch.tensor([[1.0, -2.0, 4.0]])
GRID = torch.tensor([[1.0, 2.0, 4.0], [-1.0, 0.5, -3.0]])
INF, NAN = float("inf"), float("nan")


def exact(tensor):
    """The values for NumPy, in float64."""
    return tensor.detach().cpu().double().numpy()


def size(*tensors):
    """The largest number of all tensors."""
    return max(float(tensor.detach().abs().max()) if tensor.numel() else 0.0 for tensor in tensors)


def tracked(tensor):
    return tensor.detach().clone().requires_grad_()


def arriving_at(shape, dtype=torch.float32):
    """A gradient of this shape that is nowhere the same."""
    return (torch.arange(1.0, 1.0 + int(np.prod(shape)), dtype=dtype) % 7 - 2).reshape(shape)


def expect_gradients(answer, g, wants, *, scale, places=None):
    """The gradients that flow back when `g` arrives at the result: `wants` maps a name to NumPy's values.

    A name is that of a parameter of `places`, or else of an argument of the call, in their order.
    """
    value = answer.value
    right = isinstance(value, torch.Tensor) and value.shape == g.shape and value.requires_grad
    expect_law(answer, right, f"a result of shape {tuple(g.shape)} that gradients flow back from")
    found = places or dict(zip(wants, answer.args, strict=False))
    (*grads,) = torch.autograd.grad((value * g.to(value.device)).sum(), [found[n] for n in wants], allow_unused=True)
    for (name, want), grad in zip(wants.items(), grads, strict=True):
        expect_law(answer, grad is not None, f"a gradient for `{name}`", got="a result that does not depend on it")
        after = expect_returned(answer, grad, f"the gradient for `{name}` of (result * {paste(g)}).sum()")
        expect_tensor(after, want, dtype=g.dtype, device=value.device.type, factor=LONG, scale=scale)


def parameters_of(model):
    """The parameters of a module by name, as an answer."""
    answer = model.method("named_parameters")()
    answer.value = dict(answer.value)
    return answer


def expect_state(model, shapes, *, trainable=True):
    """The module has these names and shapes in its `state_dict`, in float32; all of them are parameters, or none."""
    answer = model.method("state_dict")()
    got = {name: tuple(tensor.shape) for name, tensor in answer.value.items()}
    expect_law(answer, got == shapes, f"the names and shapes {shapes}", got=f"{got}")
    floats = all(tensor.dtype == torch.float32 for tensor in answer.value.values())
    expect_law(answer, floats, "float32", got=f"{[tensor.dtype for tensor in answer.value.values()]}")
    answer = parameters_of(model)
    wanted = sorted(shapes) if trainable else []
    got = sorted(name for name, p in answer.value.items() if p.requires_grad)
    expected = f"trainable parameters with the names {wanted}" if wanted else "no trainable parameters"
    expect_law(answer, got == wanted, expected, got=f"{got}")


def expect_grad_mode(answer, tracks):
    expect_law(answer, answer.value.requires_grad == tracks, f"a result with requires_grad {tracks}")


def look_up(model, how, *names):
    """Ask a module for its state by name: the answer tells parameters, frozen ones, buffers and other tensors apart.

    No finding comes of it. It is for the diagnosis, which sees what the calls give.
    """
    for name in names:
        with contextlib.suppress(KataError):
            model.method(how)(name)


class Shown(torch.Tensor):
    """A large tensor that messages show by the call that makes it."""

    __torch_function__ = torch._C._disabled_torch_function_impl  # what is computed from it is an ordinary tensor

    @classmethod
    def of(cls, tensor, source):
        made = tensor.as_subclass(cls)
        made.source = source
        return made

    def __deepcopy__(self, memo):
        return Shown.of(self.detach().clone(), self.source).requires_grad_(self.requires_grad)


@paste.register
def _(value: Shown) -> str:
    return value.source


class Net(nn.Sequential):
    """Layers in a row, shown in messages with their dtype and mode."""


class NegatedByAHook(Net):
    """Layers in a row; a forward hook changes the sign of what comes out."""

    def __init__(self, *layers):
        super().__init__(*layers)
        self.register_forward_hook(negated)


def negated(module, args, output):
    return -output


@paste.register
def _(value: Net) -> str:
    state = [*value.parameters(), *value.buffers()]
    double = ".double()" if any(tensor.dtype == torch.float64 for tensor in state) else ""
    mode = "" if value.training else ".eval()"
    return f"{type(value).__name__}({', '.join(map(paste, value))}){double}{mode}"


class Squared:
    """A layer that is only a function."""

    source = "torch.square"

    def __call__(self, x):
        return x * x


# flatten


@given(x=tensors((3, 2, 4), (*NUMBERS, torch.bool), min_side=0, max_side=3))
@example(x=torch.arange(12).reshape(2, 3, 2))
@example(x=torch.arange(6.0).reshape(1, 2, 3))
@example(x=torch.arange(12.0).reshape(2, 2, 3).permute(0, 2, 1))
@example(x=torch.zeros(0, 3, 2))
@example(x=torch.zeros(2, 0, 3))
@example(x=torch.arange(24).reshape(2, 3, 2, 2))
def test_flatten__keeps_the_batch(kata, x):
    """Every sample becomes a row with all its elements in order: (n, ...) becomes (n, k)."""
    want = x.numpy().reshape(x.shape[0], int(np.prod(x.shape[1:])))
    expect_tensor(kata.flatten(x), want, dtype=x.dtype)


@given(x=tensors((3, 2, 4), FLOATS, layouts=["contiguous"]))
@example(x=torch.arange(12.0).reshape(2, 3, 2))
def test_flatten__is_a_view(kata, x):
    """A contiguous `x` is not copied: the result lies in its memory."""
    expect_shared_memory(kata.flatten(x), x)


@given(x=tensors((3, 2, 4), FLOATS))
@example(x=torch.arange(12.0).reshape(2, 3, 2))
def test_flatten__lets_gradients_through(kata, x):
    """The gradient that arrives at an element of the result is the one for that element of `x`."""
    g = arriving_at((x.shape[0], x[0].numel()), x.dtype)
    expect_gradients(kata.flatten(tracked(x)), g, {"x": exact(g).reshape(x.shape)}, scale=0.0)


def test_flatten__is_your_own(kata):
    """The new shape is worked out by you, without torch's own `flatten`."""
    expect_rules(kata.flatten, without=("flatten", "nn.Flatten"))


# linear


def _with_weights(drawn):
    x, outputs, seed = drawn
    values = np.random.default_rng(seed).integers(-8, 9, (outputs, x.shape[-1] + 1)) / 4
    weight, bias = (torch.tensor(part, dtype=x.dtype) for part in (values[:, 1:], values[:, 0]))
    return x, weight.T.contiguous().T if seed % 3 == 0 else weight, bias


linear_cases = st.tuples(tensors(ANY_RANK, FLOATS), st.integers(1, 4), seeds()).map(_with_weights)
WEIGHT = torch.tensor([[1.0, 0.0, 2.0], [0.0, -1.0, 0.5]])
SQUARE = torch.tensor([[1.0, 2.0, -3.0], [0.0, -1.0, 4.0], [5.0, 0.5, 1.0]])
LINEAR_CASES = (
    (GRID, WEIGHT, torch.tensor([10.0, -20.0])),
    (GRID, SQUARE, torch.tensor([1.0, -2.0, 3.0])),
    (ROW[0], WEIGHT, torch.tensor([1.0, 2.0])),
    (GRID[:, None].repeat(1, 3, 1), WEIGHT, torch.tensor([1.0, 2.0])),
    (torch.zeros(0, 3), WEIGHT, torch.tensor([1.0, 2.0])),
    (SQUARE, SQUARE, torch.tensor([10.0, 20.0, 30.0])),
)


def affine(x, weight, bias):
    """xWᵀ + b in float64."""
    return np.einsum("...i,ji->...j", exact(x), exact(weight)) + exact(bias)


def affine_scale(x, weight, bias):
    return size(x) * size(weight) * weight.shape[1] + size(bias)


def affine_gradients(x, weight, g):
    """What flows back to x, weight and bias."""
    rows, arriving = exact(x).reshape(-1, x.shape[-1]), exact(g).reshape(-1, g.shape[-1])
    return {"x": exact(g) @ exact(weight), "weight": arriving.T @ rows, "bias": arriving.sum(0)}


@given(case=linear_cases)
@example(case=LINEAR_CASES[0])
@example(case=LINEAR_CASES[1])
@example(case=LINEAR_CASES[2])
@example(case=LINEAR_CASES[3])
@example(case=LINEAR_CASES[4])
@example(case=LINEAR_CASES[5])
def test_linear__multiplies_by_the_transposed_weight(kata, case):
    """The result is x Wᵀ + b along the last dimension of `x`, whatever dimensions stand before it."""
    expect_tensor(kata.linear(*case), affine(*case), dtype=case[0].dtype, scale=affine_scale(*case))


@given(case=linear_cases)
@example(case=LINEAR_CASES[0])
@example(case=LINEAR_CASES[3])
def test_linear__lets_gradients_through(kata, case):
    """If g arrives at the result, the gradients are g W for `x`, gᵀ x for `weight` and Σ g for `bias`."""
    x, weight, bias = case
    g = arriving_at((*x.shape[:-1], len(bias)), x.dtype)
    wants = affine_gradients(x, weight, g)
    expect_gradients(kata.linear(*map(tracked, case)), g, wants, scale=5 * g.numel() * max(size(x), size(weight)))


def test_linear__is_your_own(kata):
    """The product is written out, without torch's own `linear`."""
    expect_rules(kata.linear, without=("torch.nn.functional.linear", "nn.Linear"))


# relu


@given(x=tensors((2, 1, 0, 3), NUMBERS, min_side=0))
@example(x=torch.tensor([-1.0, 1.0, 0.0]))
@example(x=torch.tensor([[-2, 3, 5], [0, -7, 1]]))
@example(x=torch.tensor([16777217, -1]))
@example(x=torch.tensor([NAN, -INF, INF, -3.5, 2.0]))
@example(x=torch.tensor([0.5, 2.0, 7.0]))
@example(x=torch.tensor([[-0.5, 12345.0]], dtype=torch.float64))
def test_relu__cuts_off_at_zero(kata, x):
    """The result is max(0, x) for every element, of `x`'s dtype and in new memory; nan stays nan."""
    answer = kata.relu(x)
    expect_tensor(answer, np.maximum(x.numpy(), 0), dtype=x.dtype)
    expect_own_memory(answer)


@given(x=tensors(ANY_RANK, FLOATS))
@example(x=torch.tensor([-1.0, 3.0, 0.5]))
def test_relu__has_the_gradient_one_or_zero(kata, x):
    """The gradient is 1 where x > 0 and 0 where x < 0."""
    x = torch.where(x == 0, 1.5, x)
    g = arriving_at(x.shape, x.dtype)
    expect_gradients(kata.relu(tracked(x)), g, {"x": exact(g) * (exact(x) > 0)}, scale=0.0)


def test_relu__is_your_own(kata):
    """The cut is made without torch's own `relu`."""
    expect_rules(kata.relu, without=("torch.relu", "torch.relu_", "nn.ReLU"))


# softmax


def _with_dim(drawn):
    x, number = drawn
    return x, number % (2 * x.ndim) - x.ndim


with_dim = st.tuples(tensors(ANY_RANK, FLOATS), st.integers(0, 11)).map(_with_dim)
BIG = torch.tensor([[10000.0, -10000.0, 9999.0], [-10000.0, -10001.0, -10000.0]])


def shares(x, dim):
    """The softmax in float64."""
    powers = np.exp(exact(x) - exact(x).max(axis=dim, keepdims=True))
    return powers / powers.sum(axis=dim, keepdims=True)


@given(case=with_dim)
@example(case=(GRID, 1))
@example(case=(GRID, 0))
@example(case=(SQUARE, -2))
@example(case=(BIG, 1))
@example(case=(torch.tensor([-200.0, -200.0, -201.0]), 0))
@example(case=(torch.zeros(0, 3), 1))
@example(case=(torch.tensor([[[0.0, 1.0], [3.0, 2.0]], [[100.0, -100.0], [0.5, 0.25]]]), 1))
def test_softmax__gives_shares_of_one(kata, case):
    """The result is exp(x) / Σ exp(x) along `dim`, also for ±10,000."""
    x, dim = case
    want = shares(x, dim) if x.numel() else exact(x)
    expect_tensor(kata.softmax(x, dim), want, dtype=x.dtype, scale=max(1.0, size(x)))


@given(case=with_dim)
@example(case=(GRID, 1))
@example(case=(SQUARE, 0))
@example(case=(BIG, 1))
def test_softmax__has_a_whole_gradient(kata, case):
    """If g arrives at the result s, the gradient for `x` is s · (g - Σ s · g) along `dim`."""
    x, dim = case
    g, s = arriving_at(x.shape, x.dtype), shares(x, dim)
    want = s * (exact(g) - (s * exact(g)).sum(axis=dim, keepdims=True))
    expect_gradients(kata.softmax(tracked(x), dim), g, {"x": want}, scale=5 * max(1.0, size(x)))


def test_softmax__is_your_own(kata):
    """The shares are built from other pieces than torch's own softmax."""
    expect_rules(kata.softmax, without=("torch.softmax", "torch.log_softmax", "nn.Softmax", "nn.LogSoftmax"))


# sequential


def _layers(drawn):
    x, kinds = drawn
    x = x / 4 if size(x) < 99 else x / size(x)
    known = {
        "linear": lambda: linear(np.eye(x.shape[1])[::-1] * 2, np.arange(x.shape[1]) - 1.0, x.dtype),
        "relu": nn.ReLU,
        "tanh": nn.Tanh,
        "softmax": lambda: nn.Softmax(dim=1),
        "square": Squared,
        "hook": lambda: NegatedByAHook(nn.Tanh()),
    }
    return x, [known[kind]() for kind in kinds]


def in_turn(x, layers):
    """The layers one by one, in float64."""
    for layer in layers:
        x = copy.deepcopy(layer).double()(x) if isinstance(layer, nn.Module) else layer(x)
    return x


KINDS = ("linear", "relu", "tanh", "softmax", "square", "hook")
layered = st.tuples(matrices(FLOATS), st.lists(st.sampled_from(KINDS), max_size=4)).map(_layers)
STEPS = [linear([[1.0, 2.0, 0.0], [0.0, -1.0, 1.0]], [0.5, 1.0]), nn.ReLU(), linear([[1.0, -2.0]], [3.0])]


@given(case=layered)
@example(case=(GRID, STEPS))
@example(case=(GRID, [nn.ReLU(), Squared()]))
@example(case=(GRID, [Squared(), Squared(), nn.Tanh()]))
@example(case=(GRID, [nn.Tanh()]))
@example(case=(GRID, (nn.Tanh(), Squared())))
def test_sequential__applies_the_layers_in_order(kata, case):
    """The first layer gets `x`, and each other one the result of the layer before it."""
    x, layers = case
    answer = kata.sequential(x, layers)
    expect_tensor(answer, in_turn(x.double(), layers), dtype=x.dtype, factor=LONG, scale=size(x))


def test_sequential__calls_the_layers(kata):
    """Every layer is called as `layer(x)`, so that its hooks run."""
    layers = [NegatedByAHook(nn.Tanh()), Squared(), NegatedByAHook(STEPS[0])]
    expect_tensor(kata.sequential(GRID, layers), in_turn(GRID.double(), layers), dtype=torch.float32, scale=4)


class Counting(nn.Module):
    """A layer that changes nothing and counts its calls."""

    source = "Counting()"

    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x):
        self.calls += 1
        return x


def test_sequential__calls_each_layer_once(kata):
    """Every layer is called exactly once."""
    layers = [Counting(), nn.Tanh(), Counting()]
    answer = kata.sequential(GRID, layers)
    calls = [layer.calls.item() for layer in answer.args[1] if isinstance(layer, Counting)]
    expect_law(answer, calls == [1, 1], "one call of each layer", got=f"{calls} calls")


@given(x=tensors(ANY_RANK, FLOATS))
@example(x=GRID)
def test_sequential__without_layers_is_its_input(kata, x):
    """Without any layer the result is `x` itself."""
    answer = kata.sequential(x, [])
    expect_same_object(answer, x)
    expect_unchanged(answer)


@given(case=st.tuples(matrices(), linears(2, 3)))
@example(case=(GRID[:, :2], linear([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]], [0.5, 1.0, 2.0])))
def test_sequential__lets_gradients_through(kata, case):
    """Gradients flow back through all layers to `x`."""
    x, layer = case
    x = x[:, :1].repeat(1, 2)
    g = arriving_at((len(x), 3))
    want = affine_gradients(x, layer.weight, g)["x"]
    expect_gradients(kata.sequential(tracked(x), [nn.Identity(), layer]), g, {"x": want}, scale=5 * size(layer.weight))


def test_sequential__is_your_own(kata):
    """The layers are called by you, without `nn.Sequential`."""
    expect_rules(kata.sequential, without=("nn.Sequential",))


# LinearLayer


def load(model, state):
    model.method("load_state_dict")(state)


def made_layer(kata, weight, bias):
    """A LinearLayer of the kata with these weights."""
    layer = kata.LinearLayer(weight.shape[1], weight.shape[0])
    expect_state(layer, {"weight": tuple(weight.shape), "bias": tuple(bias.shape)})
    load(layer, {"weight": weight, "bias": bias})
    return layer


SIZES = st.tuples(st.integers(1, 5), st.integers(1, 5))
own_weights = st.tuples(tensors(ANY_RANK), st.integers(1, 4), seeds()).map(_with_weights)


@given(sizes=SIZES)
@example(sizes=(3, 2))
@example(sizes=(1, 4))
def test_LinearLayer__owns_weight_and_bias(kata, sizes):
    """The parameters are `weight` (out, in) and `bias` (out,), all trainable, and there is nothing else to save."""
    look_up(kata.LinearLayer(*sizes), "get_parameter", "weight", "bias")
    expect_state(kata.LinearLayer(*sizes), {"weight": sizes[::-1], "bias": sizes[1:]})


@given(case=own_weights)
@example(case=LINEAR_CASES[0])
@example(case=LINEAR_CASES[1])
@example(case=LINEAR_CASES[2])
@example(case=LINEAR_CASES[3])
def test_LinearLayer__multiplies_by_the_transposed_weight(kata, case):
    """With given weights, the output is x Wᵀ + b along the last dimension of `x`, at every call, in float64 too."""
    x, weight, bias = case
    layer = made_layer(kata, weight, bias)
    scale = affine_scale(*case)
    expect_tensor(layer.method()(x), affine(*case), dtype=torch.float32, scale=scale)
    expect_tensor(layer.method()(x + 1), affine(x + 1, weight, bias), dtype=torch.float32, scale=2 * scale)
    layer.method("double")()
    third = x.double() / 3
    expect_tensor(layer.method()(third), affine(third, weight, bias), dtype=torch.float64, scale=scale)


def is_uniform(values, bound):
    """Whether at least 100 numbers may well be uniform between -bound and bound: six standard errors are allowed."""
    error = values.size**-0.5
    near = abs(values.mean()) < 3.5 * error * bound and abs(values.std() * 3**0.5 / bound - 1) < 3 * error
    return bool(near) and abs(values).max() <= bound * (1 + 1e-5)


@settings(max_examples=8)
@given(sizes=st.sampled_from([(4, 100), (9, 150), (1, 120), (25, 100), (4, 10000)]), seed=seeds())
@example(sizes=(4, 100), seed=1)
@example(sizes=(25, 100), seed=2)
@example(sizes=(4, 10000), seed=3)
def test_LinearLayer__starts_with_small_random_numbers(kata, sizes, seed):
    """Weight and bias start uniformly between -1/√in and 1/√in, differ between layers and repeat with the seed."""
    manual_seed(seed)
    first, other = (kata.LinearLayer(*sizes).method("state_dict")() for _ in range(2))
    manual_seed(seed)
    again = kata.LinearLayer(*sizes).method("state_dict")()
    bound = sizes[0] ** -0.5
    for name in ("weight", "bias"):
        expect_law(first, name in first.value, f"a parameter `{name}`", got=f"{list(first.value)}")
        answer, values = first.piece(name), exact(first.value[name])
        facts = f"{values.min():.3f} to {values.max():.3f}, mean {values.mean():.3f}, spread (std) {values.std():.3f}"
        expected = f"uniform from {-bound:.3f} to {bound:.3f}, so mean near 0, spread (std) near {bound / 3**0.5:.3f}"
        expect_law(answer, is_uniform(values, bound), expected, got=facts)
        differ = not np.array_equal(values, exact(other.value[name]))
        expect_law(answer, differ, "other numbers for the next layer", got="the same numbers")
        repeats = np.array_equal(values, exact(again.value[name]))
        expect_law(answer, repeats, "the same numbers after the same `torch.manual_seed`", got="other numbers")


@given(case=own_weights)
@example(case=LINEAR_CASES[0])
def test_LinearLayer__learns(kata, case):
    """If g arrives at the output, the gradients are g W for `x`, gᵀ x for `weight` and Σ g for `bias`."""
    x, weight, bias = case
    layer = made_layer(kata, weight, bias)
    g = arriving_at((*x.shape[:-1], len(bias)))
    answer = layer.method()(tracked(x))
    places = {"x": answer.args[0], **parameters_of(layer).value}
    wants = affine_gradients(x, weight, g)
    expect_gradients(answer, g, wants, scale=5 * g.numel() * max(size(x), size(weight)), places=places)


def test_LinearLayer__is_your_own(kata):
    """The parameters and the product are written out, without `nn.Linear`."""
    expect_rules(kata.LinearLayer, without=("nn.Linear",))


# NeuralNetwork: large, so few examples, and weights and images that messages show by a name

LAYER_SHAPES = ((512, 784), (512,), (512, 512), (512,), (10, 512), (10,))


class Weights(dict):
    """A state_dict that messages show by a call."""

    source = "state_dict"


@paste.register
def _(value: Weights) -> str:
    return value.source


@lru_cache
def some_weights(seed):
    """Weights and biases of the three layers, in float32."""
    random = np.random.default_rng(seed)
    return [torch.tensor(random.normal(0, 2 * s[-1] ** -0.5, s), dtype=torch.float32) for s in LAYER_SHAPES]


@lru_cache
def some_exact_weights(seed):
    return [exact(tensor) for tensor in some_weights(seed)]


def pictures(shape, seed):
    """Images of 28 × 28 pixels between 0 and 1; a call such as `pictures((2, 1, 28, 28), seed=1)` in messages."""
    values = np.random.default_rng(seed).random(shape)
    return Shown.of(torch.tensor(values, dtype=torch.float32), f"pictures({shape}, seed={seed})")


def network_logits(images, seed):
    """What the network says, by NumPy in float64."""
    weights = some_exact_weights(seed)
    out = exact(images).reshape(len(images), 784)
    for i in (0, 2, 4):
        out = out @ weights[i].T + weights[i + 1]
        out = np.maximum(out, 0) if i < 4 else out
    return out


def expect_network(kata):
    """A network with the right parameters."""
    model = kata.NeuralNetwork()
    answer = parameters_of(model)
    got = [tuple(p.shape) for p in answer.value.values()]
    expect_law(answer, got == list(LAYER_SHAPES), f"parameters with the shapes {list(LAYER_SHAPES)}", got=f"{got}")
    return model, answer


def test_NeuralNetwork__has_three_layers(kata):
    """The parameters are weight and bias of 784 → 512 → 512 → 10, trainable, 669,706 numbers, and nothing else."""
    model, answer = expect_network(kata)
    trainable = sum(p.numel() for p in answer.value.values() if p.requires_grad)
    expect_law(answer, trainable == 669_706, "669706 trainable numbers", got=f"{trainable}")
    state = model.method("state_dict")()
    expect_law(state, len(state.value) == 6, "no other state than six parameters", got=f"{list(state.value)}")


IMAGE_SHAPES = ((2, 1, 28, 28), (3, 28, 28), (1, 1, 28, 28), (1, 28, 28))


@settings(max_examples=4)
@given(shape=st.sampled_from(IMAGE_SHAPES), seed=st.integers(1, 2))
@example(shape=(2, 1, 28, 28), seed=1)
@example(shape=(3, 28, 28), seed=2)
@example(shape=(1, 1, 28, 28), seed=1)
def test_NeuralNetwork__gives_logits(kata, shape, seed):
    """The output is linear, ReLU, linear, ReLU, linear of the flattened images, whatever pixels, mode or strides."""
    model, answer = expect_network(kata)
    state = Weights(zip(answer.value, some_weights(seed), strict=True))
    state.source = f"dict(zip(model.state_dict(), some_weights(seed={seed})))"
    load(model, state)
    plain, other = pictures(shape, seed), pictures(shape, seed + 5)
    turned, wide = Shown.of(plain.mT, f"{plain.source}.mT"), Shown.of(other * 3 - 1, f"{other.source} * 3 - 1")
    for images, mode in ((wide, "train"), (turned, "eval")):
        model.method(mode)()
        logits = model.method()(images)
        expect_tensor(logits, network_logits(images, seed), dtype=torch.float32, factor=LONG, scale=8)
    expect_grad_mode(logits, True)


def test_NeuralNetwork__learns(kata):
    """Gradients flow from the logits to every parameter, and to the images."""
    model, answer = expect_network(kata)
    images = pictures((2, 1, 28, 28), 3).requires_grad_()
    images.source += ".requires_grad_()"
    logits = model.method()(images)
    expect_tensor(logits, exact(logits.value), dtype=torch.float32)
    expect_grad_mode(logits, True)
    sources = {**answer.value, "images": logits.args[0]}
    grads = torch.autograd.grad(logits.value.sum(), list(sources.values()), allow_unused=True)
    idle = [name for name, grad in zip(sources, grads, strict=True) if grad is None or not grad.any()]
    expect_law(logits, not idle, "a gradient for every parameter and the images", got=f"none for {', '.join(idle)}")


# predict

FEATURES = 2


class RefusesGraphs(nn.Module):
    """A layer that changes nothing, and does not let autograd record it."""

    source = "RefusesGraphs()"

    def forward(self, x):
        if torch.is_grad_enabled():
            raise RuntimeError("the model was called while autograd records a graph")
        return x


def make_model(kind="plain", seed=1, dtype=torch.float32, *, training=True, classes=3):
    """A small classifier, perhaps with a layer for which the mode makes a difference, or with a hook."""
    values = np.random.default_rng(seed).permutation(np.arange(classes * (FEATURES + 1)) - 4.0) / 2
    values = values.reshape(classes, FEATURES + 1)
    last = linear(values[:, 1:], values[:, 0], dtype)
    before = {
        "plain": [],
        "dropout": [nn.Dropout(0.5)],
        "norm": [nn.BatchNorm1d(FEATURES, affine=False, dtype=dtype)],
        "hook": [nn.Tanh()],
    }[kind]
    return (NegatedByAHook if kind == "hook" else Net)(*before, last).train(training)


def logits_of(model, images):
    """The logits in eval mode, in float64."""
    with torch.no_grad():
        return exact(copy.deepcopy(model).double().eval()(images.double()))


def softmax_rows(logits):
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def _question(drawn):
    kind, images, seed, dtype = drawn
    images = torch.tensor(np.random.default_rng(seed).integers(-12, 13, (images, FEATURES)) / 4, dtype=dtype)
    return make_model(kind, seed, dtype, training=seed % 2 == 0, classes=2 + seed % 3), images


def is_clear(case):
    """Whether no two logits of a row compete for being the largest."""
    first, second = np.sort(logits_of(*case), axis=1)[:, :-3:-1].T
    return (first - second).min() > 1e-3


def questions(*kinds):
    drawn = st.tuples(st.sampled_from(kinds), st.integers(1, 4), seeds(), st.sampled_from(FLOATS))
    return drawn.map(_question).filter(is_clear)


IMAGES = torch.tensor([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.25]])


def expect_prediction(answer, model, images):
    """Probabilities and classes, by NumPy."""
    logits = logits_of(model, images)
    probabilities, classes = expect_tuple(answer, 2)
    scale = max(1.0, float(abs(logits).max()))
    expect_tensor(probabilities, softmax_rows(logits), dtype=images.dtype, factor=64, scale=scale)
    expect_tensor(classes, logits.argmax(1), dtype=torch.int64)


@given(case=questions("plain"))
@example(case=(make_model(), IMAGES))
@example(case=(make_model(seed=2, dtype=torch.float64, training=False), IMAGES.double()))
@example(case=(make_model(seed=3), IMAGES[:1]))
@example(case=(make_model(seed=4, classes=2), IMAGES))
@example(case=(make_model(seed=5), IMAGES * 10000))
@example(case=(nn.Identity(), torch.tensor([[0.0, 1e-8], [2.0, 1.0]])))
def test_predict__goes_from_logits_to_classes(kata, case):
    """The probabilities are the softmax of the logits over dim 1, and the class is where the logits are largest."""
    expect_prediction(kata.predict(*case), *case)


@given(case=questions("dropout", "norm"))
@example(case=(make_model("dropout"), IMAGES))
@example(case=(make_model("norm", training=True), IMAGES))
@example(case=(make_model("norm", training=False), IMAGES))
def test_predict__uses_eval_mode(kata, case):
    """The model is called in eval mode, and afterwards it is in the mode that it was in before."""
    model, images = case
    answer = kata.predict(model, images)
    got, name = answer.given(model), ("eval", "train")[model.training]
    same = all(module.training == model.training for module in got.modules())
    expect_law(answer, same, f"the model in {name} mode afterwards, as before", got="the model in another mode")
    expect_prediction(answer, model, images)


def test_predict__calls_the_model(kata):
    """The model is called once, as `model(images)`, so that its hooks run."""
    model = make_model("hook")
    expect_prediction(kata.predict(model, IMAGES), model, IMAGES)
    answer = kata.predict(nn.Sequential(Counting(), nn.Tanh()), IMAGES)
    calls = answer.args[0][0].calls.item()
    expect_law(answer, calls == 1, "one call of the model", got=f"{calls:g} calls")


def test_predict__records_no_graph(kata):
    """The model is called while autograd does not record, and the results do not require grad."""
    model = Net(RefusesGraphs(), *make_model())
    answer = kata.predict(model, IMAGES)
    expect_prediction(answer, make_model(), IMAGES)
    expect_grad_mode(answer.piece(0), False)


# count_parameters and parameter_report


class Tied(nn.Module):
    """Two layers that share one weight."""

    source = "Tied()"

    def __init__(self):
        super().__init__()
        self.encoder = linear(np.ones((3, 2)), np.zeros(3))
        self.decoder = nn.Linear(3, 2)
        self.decoder.weight, self.scale = self.encoder.weight, nn.Parameter(torch.ones(()))


SMALL = linear([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [7.0, 8.0])
LAST = linear([[1.0, 2.0]], [3.0])
FROZEN = copy.deepcopy(SMALL).requires_grad_(False)
HALF_FROZEN = copy.deepcopy(SMALL)
HALF_FROZEN.weight.requires_grad_(False)
TWO_LAYERS = {"0.weight": (2, 3), "0.bias": (2,), "1.weight": (1, 2), "1.bias": (1,)}
MODELS = (  # a model, the shapes of its parameters, and how the names of the frozen ones begin
    (SMALL, {"weight": (2, 3), "bias": (2,)}, "none"),
    (nn.Sequential(SMALL, LAST, nn.ReLU()), TWO_LAYERS, "none"),
    (nn.Sequential(FROZEN, LAST), TWO_LAYERS, "0."),
    (nn.Sequential(SMALL, nn.BatchNorm1d(2)), {**TWO_LAYERS, "1.weight": (2,), "1.bias": (2,)}, "none"),
    (Tied(), {"scale": (), "encoder.weight": (3, 2), "encoder.bias": (3,), "decoder.bias": (2,)}, "none"),
    (nn.Conv2d(1, 2, 3, bias=False), {"weight": (2, 1, 3, 3)}, "none"),
    (FROZEN, {"weight": (2, 3), "bias": (2,)}, ""),
    (HALF_FROZEN, {"weight": (2, 3), "bias": (2,)}, "weight"),
    (nn.ReLU(), {}, "none"),
)


def count_of(shapes, frozen="none"):
    """The numbers in all parameters but the frozen ones."""
    return sum(int(np.prod(shape)) for name, shape in shapes.items() if not name.startswith(frozen))


def for_each_model(test):
    """Run a property on all models."""
    for case in reversed(MODELS):
        test = example(case=case)(test)
    return settings(max_examples=1)(given(case=st.sampled_from(MODELS))(test))


@for_each_model
def test_count_parameters__counts_the_trainable_numbers(kata, case):
    """By default the numbers of the parameters that require grad are counted, each parameter once."""
    model, shapes, frozen = case
    expect_number(kata.count_parameters(model), count_of(shapes, frozen))


@for_each_model
def test_count_parameters__counts_all_when_asked(kata, case):
    """With `trainable_only` false the frozen ones count too."""
    model, shapes, frozen = case
    expect_number(kata.count_parameters(model, False), count_of(shapes))
    expect_number(kata.count_parameters(model, trainable_only=True), count_of(shapes, frozen))


@for_each_model
def test_parameter_report__lists_every_parameter(kata, case):
    """There is one tuple (name, shape, number of elements) for each parameter, in their order."""
    model, shapes, _ = case
    answer = kata.parameter_report(model)
    wanted = [(name, shape, int(np.prod(shape))) for name, shape in shapes.items()]
    right = type(answer.value) is list and all(type(row) is tuple for row in answer.value)
    expect_law(answer, right and len(answer.value) == len(wanted), f"a list of {len(wanted)} tuples: {wanted}")
    for i, (name, shape, count) in enumerate(wanted):
        first, second, third = expect_tuple(answer.piece(i), 3)
        expect_equal(first, name)
        plain = isinstance(second.value, tuple) and all(type(side) is int for side in second.value)
        expect_law(second, plain and tuple(second.value) == shape, f"{shape}, a tuple of ints")
        expect_number(third, count)
    expect_unchanged(answer)


# MLP


def _mlp(drawn):
    sizes, rows, seed = drawn
    random = np.random.default_rng(seed)
    pairs = list(pairwise(sizes))
    weights = [torch.tensor(random.integers(-8, 9, (m, n + 1)) / 4, dtype=torch.float32) for n, m in pairs]
    return sizes, weights, torch.tensor(random.integers(-8, 9, (rows, sizes[0])) / 4, dtype=torch.float32)


WIDTHS = ([3, 5, 2], [2, 3], [3, 4, 4, 2], [3, 3, 3, 3], [1, 2, 1], [2, 4, 3, 5, 2], [3, 1])
mlps = st.tuples(st.sampled_from(WIDTHS), st.integers(1, 3), seeds()).map(_mlp)


def mlp_shapes(sizes):
    shapes = {}
    for i, (n, m) in enumerate(pairwise(sizes)):
        shapes |= {f"layers.{i}.weight": (m, n), f"layers.{i}.bias": (m,)}
    return shapes


def loaded_mlp(kata, sizes, weights):
    model = kata.MLP(sizes)
    expect_state(model, mlp_shapes(sizes))
    values = [part for matrix in weights for part in (matrix[:, 1:], matrix[:, 0])]
    load(model, dict(zip(mlp_shapes(sizes), values, strict=True)))
    return model


@given(sizes=st.sampled_from(WIDTHS))
@example(sizes=[3, 5, 2])
@example(sizes=[2, 3])
@example(sizes=(3, 5, 2))
def test_MLP__registers_all_layers(kata, sizes):
    """Every linear layer is part of the model: its weight and bias are parameters, named by its number."""
    model = kata.MLP(sizes)
    expect_state(model, mlp_shapes(sizes))
    expect_unchanged(model)


@given(case=mlps)
@example(case=_mlp(([3, 5, 2], 2, 1)))
@example(case=_mlp(([3, 4, 4, 2], 3, 2)))
@example(case=_mlp(([3, 3, 3, 3], 2, 3)))
@example(case=_mlp(([2, 3], 3, 4)))
def test_MLP__has_a_relu_between_two_layers(kata, case):
    """In both modes the output is that of the linear layers with a ReLU between each two, and none after the last."""
    sizes, weights, x = case
    model = loaded_mlp(kata, sizes, weights)
    for inputs, mode in ((x, "train"), (-x, "eval")):
        model.method(mode)()
        want, scale = exact(inputs), size(x)
        for i, matrix in enumerate(weights):
            want = (np.maximum(want, 0) if i else want) @ exact(matrix[:, 1:]).T + exact(matrix[:, 0])
            scale = scale * 2 * matrix.shape[1] + 2
        expect_tensor(model.method()(inputs), want, dtype=torch.float32, scale=scale)


@settings(max_examples=5)
@given(case=mlps)
@example(case=_mlp(([3, 5, 2], 2, 1)))
def test_MLP__learns(kata, case):
    """If g arrives at the output, the gradient is Σ g for the last bias; every parameter and `x` are in the graph."""
    sizes, weights, x = case
    model = loaded_mlp(kata, sizes, weights)
    answer = model.method()(x)
    parameters = parameters_of(model).value
    g, last = arriving_at((len(x), sizes[-1])), f"layers.{len(sizes) - 2}.bias"
    expect_gradients(answer, g, {last: exact(g).sum(0)}, scale=0.0, places=parameters)
    grads = torch.autograd.grad(model.method()(x).value.sum(), list(parameters.values()), allow_unused=True)
    idle = [name for name, grad in zip(parameters, grads, strict=True) if grad is None]
    expect_law(answer, not idle, "a gradient for every parameter", got=f"none for {', '.join(idle)}")
    model.method("requires_grad_")(False)
    expect_grad_mode(model.method()(tracked(x)), True)


# CenteredLayer


@given(x=tensors((2, 1, 3, 0), FLOATS))
@example(x=torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0]))
@example(x=GRID)
@example(x=GRID[:, None])
@example(x=torch.tensor([1.0, 2.0, 9.0]))
@example(x=torch.tensor([[-1.0, 0.0, 1.0]]))
def test_CenteredLayer__subtracts_the_mean(kata, x):
    """The output is `x` minus the mean of all its elements, in new memory, in train and in eval mode."""
    layer = kata.CenteredLayer()
    want = exact(x) - exact(x).mean()
    answer = layer.method()(x)
    expect_tensor(answer, want, dtype=x.dtype, scale=size(x))
    expect_own_memory(answer)
    layer.method("eval")()
    expect_tensor(layer.method()(x * 2), want * 2, dtype=x.dtype, scale=2 * size(x))


def test_CenteredLayer__fits_between_other_layers(kata):
    """It is a module without any state, which can stand in `nn.Sequential`."""
    layer = kata.CenteredLayer()
    expect_law(layer, isinstance(layer.value, nn.Module), "an `nn.Module`")
    expect_state(layer, {})
    buffers = layer.method("named_buffers")()
    expect_law(buffers, list(buffers.value) == [], "no buffers")


@given(x=tensors(ANY_RANK, FLOATS))
@example(x=GRID)
def test_CenteredLayer__has_the_mean_in_its_graph(kata, x):
    """If g arrives at the output, the gradient for `x` is g - mean(g)."""
    g = arriving_at(x.shape, x.dtype)
    expect_gradients(kata.CenteredLayer().method()(tracked(x)), g, {"x": exact(g) - exact(g).mean()}, scale=5)


# BatchCenter


def called(layer, x):
    """The output of the layer; later messages show this call too, since it may change the layer."""
    answer = layer.method()(x)
    layer.steps.append(("__call__", (x,), {}))
    return answer


def expect_running_mean(layer, want, scale):
    """The buffer holds these values, and is outside of every graph."""
    answer = layer.method("state_dict")().piece("running_mean")
    expect_tensor(answer, want, dtype=torch.float32, device=answer.value.device.type, factor=64, scale=scale)
    buffers = layer.method("named_buffers")()
    tracks = any(buffer.requires_grad for _, buffer in buffers.value)
    expect_law(buffers, not tracks, "a running mean that does not require grad", got="one that requires grad")


SHIFTED = torch.tensor([[11.0, -2.0, 0.5], [13.0, 4.0, 0.25]])
momentums = st.sampled_from((0.5, 0.25, 0.1, 1.0, 0.0))


@given(features=st.integers(1, 4))
@example(features=3)
def test_BatchCenter__has_a_buffer(kata, features):
    """The `state_dict` holds `running_mean` and nothing else, zeros at the start, and there is no parameter."""
    look_up(kata.BatchCenter(features), "get_buffer", "running_mean")
    layer = kata.BatchCenter(features)
    expect_state(layer, {"running_mean": (features,)}, trainable=False)
    everything = parameters_of(layer)
    expect_law(everything, everything.value == {}, "no parameters")
    expect_running_mean(layer, np.zeros(features), 0.0)


@given(x=matrices(), momentum=momentums)
@example(x=SHIFTED, momentum=0.5)
@example(x=SHIFTED[:1], momentum=0.25)
@example(x=SQUARE, momentum=0.5)
def test_BatchCenter__follows_the_batches_in_train_mode(kata, x, momentum):
    """In train mode each column loses its own mean, and the running mean moves towards the mean of each batch."""
    layer = kata.BatchCenter(x.shape[1], momentum)
    running, scale = np.zeros(x.shape[1]), 2 * size(x) + 1
    for batch in (x, x + 1, -x[:1]):
        mean = exact(batch).mean(0)
        expect_tensor(called(layer, batch), exact(batch) - mean, dtype=torch.float32, scale=scale)
        running = (1 - momentum) * running + momentum * mean
        expect_running_mean(layer, running, scale)


@given(x=matrices())
@example(x=SQUARE)
def test_BatchCenter__takes_float64(kata, x):
    """After `double()` the layer centres float64, with the precision of float64."""
    layer = kata.BatchCenter(x.shape[1])
    layer.method("double")()
    x = x.double() / 3
    expect_tensor(called(layer, x), exact(x) - exact(x).mean(0), dtype=torch.float64, scale=size(x))


def test_BatchCenter__follows_the_batches_without_a_graph(kata):
    """Under `torch.no_grad()` the running mean moves in train mode as it always does."""
    layer = kata.BatchCenter(3, 0.5)
    with torch.no_grad():
        answer = called(layer, SHIFTED)
    expect_tensor(answer, exact(SHIFTED) - exact(SHIFTED).mean(0), dtype=torch.float32, scale=20)
    moved = layer.method("state_dict")().piece("running_mean")
    expect_law(moved, bool(moved.value.any()), "a running mean that moves under `torch.no_grad()` too")
    expect_running_mean(layer, exact(SHIFTED).mean(0) / 2, 20)


def test_BatchCenter__moves_by_a_tenth_by_default(kata):
    """Without a momentum it is 0.1."""
    layer = kata.BatchCenter(3)
    called(layer, SHIFTED)
    expect_running_mean(layer, exact(SHIFTED).mean(0) / 10, 20)


@given(x=matrices(), seed=seeds())
@example(x=SHIFTED, seed=1)
@example(x=SHIFTED[1:], seed=2)
def test_BatchCenter__uses_the_running_mean_in_eval_mode(kata, x, seed):
    """In eval mode the output is `x` minus the running mean, also a loaded one, which stays as it is."""
    layer = kata.BatchCenter(x.shape[1], 0.5)
    expect_state(layer, {"running_mean": (x.shape[1],)}, trainable=False)
    saved = torch.tensor(np.random.default_rng(seed).integers(-9, 10, x.shape[1]) / 2 + 0.25, dtype=torch.float32)
    load(layer, {"running_mean": saved})
    layer.method("eval")()
    for batch in (x, 1 - x):
        expect_tensor(called(layer, batch), exact(batch) - exact(saved), dtype=torch.float32, scale=size(x) + 10)
        expect_running_mean(layer, exact(saved), 10)
    layer.method("train")()
    expect_tensor(called(layer, x), exact(x) - exact(x).mean(0), dtype=torch.float32, scale=size(x))
    expect_running_mean(layer, (exact(saved) + exact(x).mean(0)) / 2, size(x) + 10)


@given(x=matrices())
@example(x=SHIFTED)
def test_BatchCenter__lets_gradients_through(kata, x):
    """If g arrives, the gradient for `x` is g minus its mean over dim 0 in train mode, and g in eval mode."""
    layer, g = kata.BatchCenter(x.shape[1]), arriving_at(x.shape)
    expect_gradients(called(layer, tracked(x)), g, {"x": exact(g) - exact(g).mean(0)}, scale=5)
    expect_running_mean(layer, exact(x).mean(0) / 10, size(x) + 1)
    layer.method("eval")()
    expect_gradients(called(layer, tracked(x)), g, {"x": exact(g)}, scale=5)


# DropoutLayer

ONES = Shown.of(torch.ones(40, 50), "torch.ones(40, 50)")


@given(x=tensors(ANY_RANK, FLOATS), p=st.sampled_from((0.5, 0.25, 0.75, 0.0)))
@example(x=GRID, p=0.5)
@example(x=SQUARE.double(), p=0.25)
@example(x=GRID, p=0.0)
def test_DropoutLayer__drops_or_scales(kata, x, p):
    """In train mode an element is either 0 or x / (1 - p), and with p = 0 all are kept."""
    answer = called(kata.DropoutLayer(p), x)
    got = exact(answer.value) if isinstance(answer.value, torch.Tensor) and answer.value.shape == x.shape else 1.0
    expect_tensor(answer, np.where((got == 0) & (p > 0), 0, exact(x) / (1 - p)), dtype=x.dtype, scale=size(x))


@settings(max_examples=6)
@given(p=st.sampled_from((0.5, 0.25, 0.9, 0.1)), seed=seeds())
@example(p=0.5, seed=1)
@example(p=0.25, seed=2)
@example(p=0.9, seed=3)
def test_DropoutLayer__drops_a_share_of_p(kata, p, seed):
    """A share of about p of all elements is dropped, and p is 0.5 unless it is given."""
    manual_seed(seed)
    layer = kata.DropoutLayer() if p == 0.5 else kata.DropoutLayer(p)
    answer = called(layer, ONES)
    share = float((exact(answer.value) == 0).mean())
    expect_law(answer, abs(share - p) < 0.08, f"about {p:.0%} of the elements dropped", got=f"{share:.0%} dropped")
    expect_tensor(answer, np.where(exact(answer.value) == 0, 0, 1 / (1 - p)), dtype=torch.float32)


@settings(max_examples=4)
@given(seed=seeds())
@example(seed=1)
def test_DropoutLayer__draws_each_element_anew(kata, seed):
    """Each element is drawn by itself and at each call anew, and the same `torch.manual_seed` gives the same draws."""
    layer = kata.DropoutLayer(0.5)
    manual_seed(seed)
    answer, other = called(layer, ONES), called(layer, ONES)
    manual_seed(seed)
    again = called(layer, ONES)
    first, second, third = (exact(each.value) == 0 for each in (answer, other, again))
    for dim, name in ((1, "row"), (0, "column")):
        mixed = ((first.mean(dim) > 0) & (first.mean(dim) < 1)).all()
        expect_law(answer, bool(mixed), f"some elements dropped and some kept in every {name}")
        shifted = (first == np.roll(first, 1, dim)).mean()
        expect_law(answer, 0.4 < shifted < 0.6, f"{name}s with draws of their own", got=f"{name}s that repeat")
    expect_law(other, not (first == second).all(), "other draws at the next call", got="the same draws again")
    expect_law(again, bool((first == third).all()), "the same draws after the same seed", got="other draws")
    counts = [int((exact(called(layer, ONES).value) == 0).sum()) for _ in range(5)]
    expect_law(again, len(set(counts)) > 1, "a number of dropped elements that varies", got=f"{counts[0]} at each call")


@given(x=tensors(ANY_RANK, FLOATS), p=st.sampled_from((0.5, 0.25, 0.9)))
@example(x=GRID, p=0.5)
def test_DropoutLayer__does_nothing_in_eval_mode(kata, x, p):
    """In eval mode the output is the input itself."""
    layer = kata.DropoutLayer(p)
    layer.method("eval")()
    answer = called(layer, x)
    expect_tensor(answer, exact(x), dtype=x.dtype)
    expect_same_object(answer, x)


def test_DropoutLayer__wakes_up_in_train_mode(kata):
    """After `eval()` and then `train()` elements are dropped again."""
    layer = kata.DropoutLayer(0.5)
    layer.method("eval")()
    layer.method("train")()
    answer = called(layer, ONES)
    expect_law(answer, bool((exact(answer.value) == 0).any()), "some elements dropped", got="all elements kept")


def test_DropoutLayer__drops_without_a_graph(kata):
    """Under `torch.no_grad()` elements are dropped in train mode as always."""
    layer = kata.DropoutLayer(0.5)
    with torch.no_grad():
        answer = called(layer, ONES)
    dropped = bool((exact(answer.value) == 0).any())
    expect_law(answer, dropped, "some elements dropped under `torch.no_grad()` too", got="all elements kept")


@pytest.mark.devices("cpu")
def test_DropoutLayer__draws_where_its_input_is(kata):
    """With `x` on a GPU the draws are made there too, and so is the result."""
    layer = kata.DropoutLayer(0.5)
    answer = called(layer, GRID)
    try:
        with PretendGpu():
            value = layer.value(pretend(GRID))
    except Exception as error:
        value = error
    right = getattr(value, "is_cuda", False)
    expect_law(answer, right, "the same with `x` on a GPU: a result there", got=f"then: {value!r}")


@given(p=st.sampled_from((-0.1, 1.0, 1.5, -2.0)))
@example(p=-0.1)
@example(p=1.0)
@example(p=1.5)
def test_DropoutLayer__refuses_what_is_no_probability(kata, p):
    """A negative p, and one of 1 or more, raises ValueError when the layer is made."""
    expect_raises(kata.DropoutLayer.raising(p), ValueError)


@given(x=tensors(ANY_RANK, FLOATS))
@example(x=GRID)
def test_DropoutLayer__passes_gradients_where_it_kept(kata, x):
    """If g arrives, the gradient for `x` is g / (1 - p) where an element was kept and 0 where it was dropped."""
    x = torch.where(x == 0, 1.5, x)
    g = arriving_at(x.shape, x.dtype)
    answer = kata.DropoutLayer(0.75).method()(tracked(x))
    right = isinstance(answer.value, torch.Tensor) and answer.value.shape == x.shape
    kept = exact(answer.value) != 0 if right else 1.0
    expect_gradients(answer, g, {"x": exact(g) * 4 * kept}, scale=5)


def test_DropoutLayer__is_your_own(kata):
    """The elements are dropped by you, without torch's own dropout."""
    names = ("dropout", "dropout_", "native_dropout", "feature_dropout", "alpha_dropout", "nn.Dropout")
    expect_rules(kata.DropoutLayer, without=names)


# forward_on_device


class OneDevice(nn.Module):
    """A layer with a weight, which is as strict about devices as a GPU is."""

    source = "OneDevice()"

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([2.0, -3.0]), requires_grad=False)

    def forward(self, x):
        if x.device.type != self.weight.device.type:
            raise RuntimeError(f"the model is on {self.weight.device.type}, its input on {x.device.type}")
        return x.clone()  # arithmetic on "meta" would import a thousand modules first


MOVED = torch.tensor([[1.0, 2.0], [3.0, -4.0], [0.5, 8.0]])


@given(case=questions("norm", "plain", "hook").filter(lambda case: len(case[1]) > 1))
@example(case=(make_model("norm"), MOVED))
@example(case=(make_model("norm", training=False), MOVED))
@example(case=(make_model("hook"), MOVED))
def test_forward_on_device__calls_the_model_as_it_is(kata, case, device):
    """The result is `model(x)`, hooks and all, in the mode that the model is in, and it is part of the graph."""
    model, x = case
    answer = kata.forward_on_device(model, x, device)
    twin = copy.deepcopy(model).double()
    want = twin(x.double())
    expect_tensor(answer, want, dtype=x.dtype, device=device, factor=LONG, scale=size(x) + 10, changes=[model])
    expect_grad_mode(answer, True)
    got = answer.given(model)
    same = all(mine.training == other.training for mine, other in zip(got.modules(), model.modules(), strict=True))
    expect_law(answer, same, "the model in the mode that it was in")
    for mine, other in zip(got.state_dict().values(), twin.state_dict().values(), strict=True):
        after = expect_returned(answer, mine, "the state of the model afterwards")
        expect_tensor(after, other, dtype=mine.dtype, device=device, factor=LONG, scale=size(x), changes=[model])


@given(layer=linears(2, 3))
@example(layer=linear([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]], [0.5, 1.0, 2.0]))
def test_forward_on_device__lets_gradients_through(kata, layer, device):
    """Gradients flow back through the model to `x`, also through a frozen one."""
    answer = kata.forward_on_device(copy.deepcopy(layer).requires_grad_(False), tracked(MOVED), device)
    g = arriving_at((3, 3))
    want = affine_gradients(MOVED, layer.weight, g)["x"]
    expect_gradients(answer, g, {"x": want}, scale=5 * size(layer.weight), places={"x": answer.args[1]})


def test_forward_on_device__moves_model_and_data(kata):
    """Afterwards the model itself is on the device, the result is there too, and `x` is where it was."""
    stub, model, x = kata.forward_on_device, OneDevice(), MOVED.clone()
    answer = Answer(stub, ((OneDevice(), MOVED, "meta"), {}), ((model, x, "meta"), {}), None)
    try:
        answer.value = stub.function(model, x, "meta")
    except Exception as error:
        expect_law(answer, False, "a result on meta", got=f"{type(error).__name__}: {error}")
    place = getattr(answer.value, "device", None)
    expect_law(answer, str(place) == "meta", "a result on meta", got=f"one on {place}" if place else "")
    place = str(model.weight.device)
    expect_law(answer, place == "meta", "the model itself on meta afterwards", got=f"the model on {place}")
    expect_law(answer, str(x.device) == "cpu", "`x` where it was", got=f"`x` on {x.device}")
