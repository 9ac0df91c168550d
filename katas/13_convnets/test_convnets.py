"""The properties of the convnets kata. `kata.name(...)` calls your function and keeps what a message needs."""

import collections
import copy
import functools
import pickle
import tempfile
from itertools import product
from pathlib import Path
from unittest import mock

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn

from torchkata import trees
from torchkata.checks import (
    expect_law,
    expect_number,
    expect_own_memory,
    expect_raises,
    expect_returned,
    expect_rules,
    expect_same_object,
    expect_tensor,
    expect_tuple,
)
from torchkata.pasting import paste
from torchkata.strategies import manual_seed, seeds, tensors

FLOATS = (torch.float32, torch.float64)
LONG = 128  # the factor for the tolerance of long sums and of several layers
CONVOLUTIONS = tuple(f"{kind}{n}d" for kind in ("conv", "Conv", "conv_transpose", "ConvTranspose") for n in (1, 2, 3))
CONVOLUTIONS += tuple(f"Lazy{kind}{n}d" for kind in ("Conv", "ConvTranspose") for n in (1, 2, 3))
CONVOLUTIONS += ("convolution", "_convolution", "thnn_conv2d", "mkldnn_convolution")
POOLINGS = tuple(f"{kind}{n}d" for kind in ("max_pool", "MaxPool") for n in (1, 2, 3))
POOLINGS += tuple(f"{name}_with_indices" for name in POOLINGS[:3])
POOLINGS += tuple(f"{kind}{n}d" for kind in ("adaptive_max_pool", "AdaptiveMaxPool") for n in (1, 2, 3))
POOLINGS += ("fractional_max_pool2d", "FractionalMaxPool2d", "quantized_max_pool2d", "mkldnn_max_pool2d")


def exact(tensor):
    """The values for NumPy, in float64."""
    return tensor.detach().cpu().double().numpy()


def size(*tensors):
    """The largest number of all tensors."""
    return max(float(tensor.detach().abs().max()) if tensor.numel() else 0.0 for tensor in tensors)


def tracked(tensor):
    return tensor.detach().clone().requires_grad_()


def arriving_at(shape, dtype):
    """A gradient of this shape that is nowhere the same."""
    return (torch.arange(1.0, 1.0 + int(np.prod(shape)), dtype=dtype) % 7 - 2).reshape(shape)


def expect_gradients(answer, g, inputs, right, *, scale):
    """The gradients for all tensors given, when `g` arrives at the result; `right` is the function in float64."""
    value = answer.value
    holds = isinstance(value, torch.Tensor) and value.shape == g.shape and value.requires_grad
    expect_law(answer, holds, f"a result of shape {tuple(g.shape)} that gradients flow back from")
    twins = [tracked(each.double()) for each in inputs.values()]
    wants = torch.autograd.grad((right(*twins) * g).sum(), twins)
    grads = torch.autograd.grad((value * g.to(value.device)).sum(), answer.args[: len(twins)], allow_unused=True)
    for name, grad, want in zip(inputs, grads, wants, strict=True):
        expect_law(answer, grad is not None, f"a gradient for `{name}`", got="a result that does not depend on it")
        after = expect_returned(answer, grad, f"the gradient for `{name}` of (result * {paste(g)}).sum()")
        expect_tensor(after, want, dtype=g.dtype, device=value.device.type, factor=LONG, scale=scale)


# conv_output_size


def places(size, kernel, stride=1, padding=0, dilation=1):
    """Count the places where the kernel lies inside."""
    last = size + padding - 1
    return sum(start + dilation * (kernel - 1) <= last for start in range(-padding, last + 1, stride))


def _geometry(drawn):
    """The input is `spare` larger than the kernel is wide, or smaller where that is negative."""
    kernel, stride, padding, dilation, spare = drawn
    return max(1, dilation * (kernel - 1) + 1 - 2 * padding + spare), kernel, stride, padding, dilation


def geometries(kernels, paddings, spare):
    ranges = (kernels, (1, 4), paddings, (1, 3), spare)
    return st.tuples(*[st.integers(low, high) for low, high in ranges]).map(_geometry)


@given(geometry=geometries((1, 7), (0, 3), (0, 20)))
@example(geometry=(32, 5))
@example(geometry=(28, 2, 2))
@example(geometry=(14, 5))
@example(geometry=(10, 2, 2))
@example(geometry=(28, 5, 1, 2))
@example(geometry=(7, 2, 2))
@example(geometry=(224, 7, 2, 3))
@example(geometry=(9, 3, 1, 0, 2))
@example(geometry=(10, 3, 3, 1, 2))
@example(geometry=(3, 3))
@example(geometry=(5, 3, 2, 0, 2))
@example(geometry=(2, 4, 1, 1))
def test_conv_output_size__counts_the_places(kata, geometry):
    """The result is the number of places where the kernel lies inside the padded input: 32 becomes 28."""
    names = ("size", "kernel", "stride", "padding", "dilation")[: len(geometry)]
    expect_number(kata.conv_output_size(**dict(zip(names, geometry, strict=True))), places(*geometry))
    expect_number(kata.conv_output_size(*geometry), places(*geometry))


@given(geometry=geometries((4, 9), (0, 1), (-8, -1)))
@example(geometry=(4, 5))
@example(geometry=(2, 5, 1, 1))
@example(geometry=(4, 3, 1, 0, 2))
@example(geometry=(2, 3, 2))
@example(geometry=(1, 7, 3, 1, 3))
def test_conv_output_size__refuses_a_kernel_without_a_place(kata, geometry):
    """A kernel that is wider than the padded input raises ValueError."""
    expect_raises(kata.conv_output_size.raising(*geometry), ValueError)


# conv2d

IMAGE_SHAPES = ((2, 3, 5, 4), (1, 2, 4, 6), (1, 1, 4, 3), (2, 1, 3, 3), (1, 2, 5, 5), (3, 2, 1, 4), (0, 2, 4, 3))
KERNELS = tuple(product((2, 3, 1), repeat=2))


def options(**chosen):
    """The arguments that differ from their defaults."""
    return {name: value for name, value in chosen.items() if value != {"stride": 1, "padding": 0}[name]}


def _convolution(drawn):
    x, (kh, kw), stride, padding, seed = drawn
    kernel = min(kh, x.shape[2] + 2 * padding), min(kw, x.shape[3] + 2 * padding)
    outputs = 1 + seed % 3
    values = np.random.default_rng(seed).integers(-8, 9, (outputs, 1 + x.shape[1] * kernel[0] * kernel[1])) / 4
    weight, bias = (torch.tensor(part, dtype=x.dtype) for part in (values[:, 1:], values[:, 0]))
    return (x, weight.reshape(outputs, x.shape[1], *kernel), bias), options(stride=stride, padding=padding)


convolutions = st.tuples(
    tensors(dtype=FLOATS, shapes=IMAGE_SHAPES),
    st.sampled_from(KERNELS),
    st.sampled_from((1, 2, 3)),
    st.sampled_from((0, 1, 2)),
    seeds(),
).map(_convolution)
GRID = torch.arange(1.0, 13.0).reshape(1, 1, 3, 4)
TWO = torch.tensor([[[[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]], [[10.0, 20.0, 30.0], [0.0, 50.0, 0.0]]]])
ROWS = torch.tensor([[[[1.0, -1.0]], [[0.5, 0.0]]], [[[0.0, 2.0]], [[-1.0, 1.0]]]])
DEEP = torch.tensor(np.random.default_rng(3).integers(-4, 5, (2, 2, 5, 4)), dtype=torch.float32)
EDGE = torch.tensor([[[[1.0, -2.0], [0.0, 3.0]]]])
MIXED = torch.tensor(np.random.default_rng(4).integers(-4, 5, (3, 2, 2, 3)) / 2, dtype=torch.float32)
SHIFTS = torch.tensor([1.0, -2.0, 0.5])
CONVOLUTION_CASES = (
    ((GRID, EDGE, torch.tensor([100.0])), {}),
    ((GRID[:, :, :2, :2], EDGE, torch.tensor([100.0])), {"padding": 1}),
    ((GRID, EDGE, torch.tensor([100.0])), {"stride": 2}),
    ((TWO, ROWS, torch.tensor([100.0, -100.0])), {}),
    ((DEEP, MIXED, SHIFTS), {}),
    ((DEEP, MIXED, SHIFTS), {"stride": 2}),
    ((DEEP, MIXED, SHIFTS), {"padding": 1}),
    ((DEEP, MIXED, SHIFTS), {"stride": 3, "padding": 2}),
    ((DEEP.double(), MIXED.double(), SHIFTS.double()), {"stride": 2, "padding": 1}),
    ((torch.zeros(0, 2, 5, 4), MIXED, SHIFTS), {}),
    ((DEEP, MIXED.to(memory_format=torch.channels_last), SHIFTS), {}),
)


def conv_scale(x, weight, bias):
    return size(x) * size(weight) * weight[0].numel() + size(bias)


def right_convolution(inputs, chosen):
    """The convolution in float64, by torch."""
    return F.conv2d(*[each.double() for each in inputs], **chosen)


@given(case=convolutions)
@example(case=CONVOLUTION_CASES[0])
@example(case=CONVOLUTION_CASES[1])
@example(case=CONVOLUTION_CASES[2])
@example(case=CONVOLUTION_CASES[3])
@example(case=CONVOLUTION_CASES[4])
@example(case=CONVOLUTION_CASES[5])
@example(case=CONVOLUTION_CASES[6])
@example(case=CONVOLUTION_CASES[7])
@example(case=CONVOLUTION_CASES[8])
@example(case=CONVOLUTION_CASES[9])
@example(case=CONVOLUTION_CASES[10])
def test_conv2d__sums_each_window_with_the_weights(kata, case):
    """Each output is the bias plus the sum of window · kernel over all channels, as `F.conv2d` has it."""
    inputs, chosen = case
    answer = kata.conv2d(*inputs, **chosen)
    expect_tensor(answer, right_convolution(*case), dtype=inputs[0].dtype, factor=64, scale=conv_scale(*inputs))


@settings(max_examples=10)
@given(case=convolutions.filter(lambda case: len(case[0][0]) > 0))
@example(case=CONVOLUTION_CASES[0])
@example(case=CONVOLUTION_CASES[7])
def test_conv2d__lets_gradients_through(kata, case):
    """Gradients flow back to `x`, `weight` and `bias`, as they do through `F.conv2d`."""
    inputs, chosen = case
    g = arriving_at(right_convolution(*case).shape, inputs[0].dtype)
    answer = kata.conv2d(*map(tracked, inputs), **chosen)
    given_ones = dict(zip(("x", "weight", "bias"), inputs, strict=True))
    scale = 5 * g.numel() * max(1.0, size(*inputs))
    expect_gradients(answer, g, given_ones, lambda *twins: F.conv2d(*twins, **chosen), scale=scale)


def test_conv2d__is_your_own(kata):
    """The windows are found and summed by you, without torch's own convolutions."""
    expect_rules(kata.conv2d, without=CONVOLUTIONS)


# max_pool2d


def _pooling(drawn):
    x, kernel, stride, padding = drawn
    kernel = min(kernel, *x.shape[2:])
    chosen = {"padding": min(padding, kernel // 2)} if padding else {}
    return (x, kernel), {"stride": stride} | chosen if stride else chosen


poolings = st.tuples(
    tensors(dtype=FLOATS, shapes=(*IMAGE_SHAPES, (1, 2, 7, 6))),
    st.sampled_from((2, 3, 1)),
    st.sampled_from((None, 1, 2, 3)),
    st.sampled_from((0, 1)),
).map(_pooling)
SEVEN = torch.tensor(np.random.default_rng(5).permutation(98).reshape(1, 2, 7, 7) - 20, dtype=torch.float32)
BELOW = torch.tensor(np.random.default_rng(6).permutation(40).reshape(2, 1, 5, 4) - 50, dtype=torch.float32)
POOLING_CASES = (
    ((torch.tensor([[[[1.0, 4.0, 2.0, 0.0], [3.0, -1.0, 8.0, 5.0]]]]), 2), {}),
    ((torch.tensor([[[[-1.0, -2.0, -5.0], [-4.0, -3.0, -6.0]]]]), 2), {"padding": 1}),
    ((SEVEN, 2), {}),
    ((BELOW, 2), {}),
    ((BELOW, 3), {"stride": 2, "padding": 1}),
    ((BELOW, 2), {"padding": 1}),
    ((BELOW, 2), {"stride": 1}),
    ((SEVEN.double(), 3), {"stride": 1}),
    ((SEVEN, 1), {}),
    ((torch.zeros(0, 2, 5, 4), 2), {}),
    ((torch.tensor([[[[-3e38, -1e10], [-2e10, -5.0]]]]), 2), {"padding": 1}),
    ((torch.tensor([[[[-1e39, -1e300], [-2e10, -5.0]]]], dtype=torch.float64), 2), {"padding": 1}),
    ((torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]), 2), {"padding": 1}),
)


@given(case=poolings)
@example(case=POOLING_CASES[0])
@example(case=POOLING_CASES[1])
@example(case=POOLING_CASES[2])
@example(case=POOLING_CASES[3])
@example(case=POOLING_CASES[4])
@example(case=POOLING_CASES[5])
@example(case=POOLING_CASES[6])
@example(case=POOLING_CASES[7])
@example(case=POOLING_CASES[8])
@example(case=POOLING_CASES[9])
@example(case=POOLING_CASES[10])
@example(case=POOLING_CASES[11])
def test_max_pool2d__takes_the_largest_of_each_window(kata, case):
    """Each output is the largest number of its window, which padding never is, in new memory; 7 becomes 3."""
    (x, kernel), chosen = case
    answer = kata.max_pool2d(x, kernel, **chosen)
    want = F.max_pool2d(x.double(), kernel, **chosen)
    expect_tensor(answer, want, dtype=x.dtype)
    expect_own_memory(answer)


def distinct(case):
    x = case[0][0]
    return x.numel() > 0 and len(x.unique()) == x.numel()


@settings(max_examples=10)
@given(case=poolings.filter(distinct))
@example(case=POOLING_CASES[1])
@example(case=POOLING_CASES[4])
@example(case=POOLING_CASES[7])
@example(case=POOLING_CASES[12])
@example(case=POOLING_CASES[10])
def test_max_pool2d__sends_gradients_to_the_largest(kata, case):
    """The gradient that arrives at a result goes to the largest number of its window."""
    (x, kernel), chosen = case
    g = arriving_at(F.max_pool2d(x, kernel, **chosen).shape, x.dtype)
    answer = kata.max_pool2d(tracked(x), kernel, **chosen)
    expect_gradients(answer, g, {"x": x}, lambda twin: F.max_pool2d(twin, kernel, **chosen), scale=5.0)


def test_max_pool2d__is_your_own(kata):
    """The windows are found and searched by you, without torch's own max poolings."""
    expect_rules(kata.max_pool2d, without=POOLINGS)


# LeNet5 and BottleneckNet: large, so few examples, and weights and images that messages show by a name


class Weights(dict):
    """A state_dict that messages show by a call."""

    source = "some_weights(seed=1)"


@paste.register
def _(value: Weights) -> str:
    return value.source


class Shown(torch.Tensor):
    """A large tensor that messages show by the call that makes it."""

    __torch_function__ = torch._C._disabled_torch_function_impl  # what is computed from it is an ordinary tensor

    @classmethod
    def of(cls, tensor, source):
        made = tensor.as_subclass(cls)
        made.source = source
        return made

    def __deepcopy__(self, memo):
        return Shown.of(self.detach().clone(), self.source)


@paste.register
def _(value: Shown) -> str:
    return value.source


def pictures(shape, seed):
    """Images between 0 and 1; a call such as `pictures((2, 1, 28, 28), seed=1)` in messages."""
    values = np.random.default_rng(seed).random(shape)
    return Shown.of(torch.tensor(values, dtype=torch.float32), f"pictures({shape}, seed={seed})")


@functools.cache
def some_weights(shapes, seed):
    """Numbers for the parameters of a net, in float32; a parameter of one number is the slope of a PReLU."""
    random = np.random.default_rng(seed)
    made = []
    for shape in shapes:
        width = int(np.prod(shape[1:])) if len(shape) > 1 else 4
        values = random.uniform(0.05, 0.6, shape) if shape == (1,) else random.normal(0, 1.5 * width**-0.5, shape)
        made.append(torch.tensor(values, dtype=torch.float32))
    return made


@functools.cache
def exact_weights(shapes, seed):
    return [tensor.double() for tensor in some_weights(shapes, seed)]


def parameters_of(model):
    """The parameters of a module by name, as an answer."""
    answer = model.method("named_parameters")()
    answer.value = dict(answer.value)
    return answer


def expect_parameters(model, shapes):
    """The module has parameters of these shapes; returns their names in the order of `shapes`."""
    answer = parameters_of(model)
    found = collections.defaultdict(list)
    for name, p in answer.value.items():
        found[tuple(p.shape)].append(name)
    wanted = collections.Counter(shapes)
    counts = {shape: (len(found[shape]), wanted[shape]) for shape in [*shapes, *found]}
    wrong = [f"{mine} of the shape {shape}, expected {n}" for shape, (mine, n) in counts.items() if mine != n]
    got = [tuple(p.shape) for p in answer.value.values()]
    expect_law(answer, not wrong, f"the shapes {list(shapes)}", got=f"{got}", difference="; ".join(wrong[:2]))
    return answer, [found[shape].pop(0) for shape in shapes]


def expect_only_parameters(model, shapes):
    """All parameters are trainable float32, and nothing else is saved."""
    answer, _ = expect_parameters(model, shapes)
    count = sum(int(np.prod(shape)) for shape in shapes)
    trainable = sum(p.numel() for p in answer.value.values() if p.requires_grad and p.dtype == torch.float32)
    expect_law(answer, trainable == count, f"{count} trainable float32 numbers", got=f"{trainable}")
    state = model.method("state_dict")()
    expected = f"no other state than {len(shapes)} parameters"
    expect_law(state, len(state.value) == len(shapes), expected, got=f"{list(state.value)}")


def with_weights(model, shapes, seed):
    """Load given numbers into a module whose parameters have these shapes."""
    state = Weights(zip(expect_parameters(model, shapes)[1], some_weights(shapes, seed), strict=True))
    state.source = f"some_weights(seed={seed})"
    model.method("load_state_dict")(state)


def in_both_modes(model, batches):
    """What the module says of the first batch in train mode and of the second, without a graph, in eval mode."""
    first, second = batches
    yield first, model.method()(first)
    model.method("eval")()
    with torch.no_grad():
        answer = model.method()(second)
    yield second, expect_returned(answer, answer.value, "under `torch.no_grad()`")


def expect_all_learn(answer, outputs, places):
    """Gradients flow from the outputs to every parameter."""
    for output in outputs:
        tracks = isinstance(output.value, torch.Tensor) and output.value.requires_grad
        expect_law(output, tracks, "a result that gradients flow back from")
    total = sum((output.value * (i + 1)).square().sum() for i, output in enumerate(outputs))
    grads = torch.autograd.grad(total, list(places.values()), allow_unused=True)
    idle = [name for name, grad in zip(places, grads, strict=True) if grad is None or not grad.any()]
    expect_law(answer, not idle, "a gradient for every parameter", got=f"none for {', '.join(idle)}")


# LeNet5

LENET_SHAPES = ((6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,), (10, 84), (10,))


def lenet_logits(images, seed):
    """What the network says, layer by layer, in float64."""
    w = exact_weights(LENET_SHAPES, seed)
    out = F.max_pool2d(F.conv2d(images.double(), w[0], w[1]).relu(), 2)
    out = F.max_pool2d(F.conv2d(out, w[2], w[3]).relu(), 2).reshape(len(images), 400)
    return ((out @ w[4].T + w[5]).relu() @ w[6].T + w[7]).relu() @ w[8].T + w[9]


def test_LeNet5__has_five_layers(kata):
    """The parameters are weight and bias of two convolutions and three linear layers, 61,706 trainable numbers."""
    expect_only_parameters(kata.LeNet5(), LENET_SHAPES)


@settings(max_examples=4)
@given(n=st.integers(1, 3), seed=st.integers(1, 2))
@example(n=2, seed=1)
@example(n=1, seed=2)
def test_LeNet5__gives_logits(kata, n, seed):
    """With given weights, the outputs are LeNet-5's in train and in eval mode: two blocks, three linear layers."""
    model = kata.LeNet5()
    with_weights(model, LENET_SHAPES, seed)
    for images, logits in in_both_modes(model, [pictures((n, 1, 32, 32), number) for number in (seed, seed + 5)]):
        expect_tensor(logits, lenet_logits(images, seed), dtype=torch.float32, factor=LONG, scale=4)


def test_LeNet5__learns(kata):
    """Gradients flow from the logits to every parameter, in train and in eval mode."""
    model = kata.LeNet5()
    with_weights(model, LENET_SHAPES, 1)
    for mode in ("train", "eval"):
        model.method(mode)()
        answer = model.method()(pictures((2, 1, 32, 32), 3))
        expect_all_learn(answer, [answer], parameters_of(model).value)


# BottleneckNet

CHANNELS = ((1, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128))
BOTTLENECK_SHAPES = tuple(s for i, o in CHANNELS for s in ((o, i, 5, 5), (o,), (1,)))
BOTTLENECK_SHAPES += ((2, 1152), (2,), (1,), (10, 2))


def prelu(x, slope):
    return torch.where(x > 0, x, slope * x)


def bottleneck_outputs(images, seed):
    """What the network says, layer by layer, in float64."""
    w = exact_weights(BOTTLENECK_SHAPES, seed)
    out = images.double()
    for i in range(6):
        out = prelu(F.conv2d(out, w[3 * i], w[3 * i + 1], padding=2), w[3 * i + 2])
        out = F.max_pool2d(out, 2) if i % 2 else out
    features = prelu(out.reshape(len(images), 1152) @ w[18].T + w[19], w[20])
    return features, (features @ w[21].T).log_softmax(dim=1)


def test_BottleneckNet__has_eight_layers(kata):
    """The parameters are those of six convolutions, two linear layers and seven PReLUs, 797,181 trainable numbers."""
    expect_only_parameters(kata.BottleneckNet(), BOTTLENECK_SHAPES)


@settings(max_examples=2)
@given(n=st.integers(1, 2), seed=st.integers(1, 4))
@example(n=2, seed=3)
@example(n=1, seed=2)
def test_BottleneckNet__gives_features_and_log_probabilities(kata, n, seed):
    """With given weights, the output is a tuple of two features and ten log-probabilities, in train and eval mode."""
    model = kata.BottleneckNet()
    with_weights(model, BOTTLENECK_SHAPES, seed)
    for images, answer in in_both_modes(model, [pictures((n, 1, 28, 28), number) for number in (seed, seed + 5)]):
        for output, want in zip(expect_tuple(answer, 2), bottleneck_outputs(images, seed), strict=True):
            expect_tensor(output, want, dtype=torch.float32, factor=LONG, scale=4)


def test_BottleneckNet__learns(kata):
    """Gradients flow from features and log-probabilities to every parameter, in train and in eval mode."""
    model = kata.BottleneckNet()
    with_weights(model, BOTTLENECK_SHAPES, 3)
    for mode in ("train", "eval"):
        model.method(mode)()
        answer = model.method()(pictures((2, 1, 28, 28), 3))
        expect_all_learn(answer, expect_tuple(answer, 2), parameters_of(model).value)


# count_features


class Part(nn.Sequential):
    """Layers in a row, shown in messages with their modes."""


@paste.register
def _(value: Part) -> str:
    modes = {module.training for module in value.modules()}
    text = f"nn.Sequential({', '.join(map(paste, value))})"
    if len(modes) == 1:
        return text if value.training else f"{text}.eval()"
    resting = [i for i, layer in enumerate(value) if layer.training != value.training]
    return f"{text} (in {'train' if value.training else 'eval'} mode, but not its layers {resting})"


def a_part(kind, seed=0):
    """A part of a model and the shape of a sample for it."""
    channels, height, width = 1 + seed % 3, 6 + seed % 5, 6 + seed % 4
    pooled = (height - 2) // 2 * ((width - 2) // 2)
    layers = {
        "lenet": lambda: [nn.Conv2d(1, 6, 5), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)],
        "small kernels": lambda: [nn.Conv2d(1, 6, 3), nn.MaxPool2d(2), nn.Conv2d(6, 16, 3), nn.MaxPool2d(2)],
        "conv": lambda: [nn.Conv2d(channels, 1 + seed % 4, (3, 2), stride=2, padding=seed % 2)],
        "norm": lambda: [nn.Conv2d(channels, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Dropout(0.5)],
        "flat norm": lambda: [nn.Conv2d(channels, 2, 3), nn.MaxPool2d(2), nn.Flatten(), nn.BatchNorm1d(2 * pooled)],
        "pool": lambda: [nn.AdaptiveAvgPool2d((2, 3))],
        "narrow": lambda: [nn.Conv2d(channels, 3, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 4)],
        "nothing": lambda: [],
    }[kind]()
    shape = (1, 32, 32) if kind in ("lenet", "small kernels") else (channels, height, width)
    part = Part(*layers)
    for i, p in enumerate(part.parameters()):
        nn.init.constant_(p, (i + seed % 4) / 4)
    return part, shape


def _mode(drawn):
    kind, seed = drawn
    part, shape = a_part(kind, seed)
    part.train(seed % 3 > 0)
    if len(part) and seed % 2:
        part[-1].train(seed % 5 > 1)
    return part, shape


KINDS = ("conv", "norm", "flat norm", "pool", "narrow", "nothing")
parts = st.tuples(st.sampled_from(KINDS), seeds()).map(_mode)


def resting(part, index):
    """The part in train mode, and one of its layers in eval mode."""
    part.train()[index].eval()
    return part


def counted(part, shape):
    with torch.no_grad():
        return copy.deepcopy(part).eval()(torch.zeros(2, *shape))[0].numel()


@given(case=parts)
@example(case=a_part("lenet"))
@example(case=a_part("small kernels"))
@example(case=a_part("pool"))
@example(case=a_part("flat norm"))
@example(case=a_part("nothing"))
@example(case=(a_part("lenet")[0], [1, 32, 32]))
def test_count_features__counts_what_comes_out(kata, case):
    """The result is the number of elements that one sample has behind the part: 400 for LeNet-5, as a Python int."""
    expect_number(kata.count_features(*case), counted(*case))


def with_gradients(part):
    """The part, with a gradient in each of its parameters."""
    for p in part.parameters():
        p.grad = torch.full_like(p, 0.5)
    return part


@settings(max_examples=8)
@given(case=parts)
@example(case=a_part("norm", 1))
@example(case=(with_gradients(a_part("norm", 1)[0]), (2, 7, 7)))
@example(case=(resting(a_part("norm", 1)[0], 1), (2, 7, 7)))
@example(case=(a_part("norm", 1)[0].eval(), (2, 7, 7)))
@example(case=a_part("narrow", 1))
def test_count_features__leaves_the_part_as_it_was(kata, case):
    """Afterwards all parameters, gradients, running means and modes of the part are as they were."""
    answer = kata.count_features(*case)
    expect_number(answer, counted(*case))


class OneDevice(nn.Module):
    """A layer with a weight, which is as strict about devices as a GPU is."""

    source = "OneDevice()"

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))

    def forward(self, x):
        if x.device.type != self.weight.device.type:
            raise RuntimeError(f"the part is on {self.weight.device.type}, its input on {x.device.type}")
        return x.clone()


def expect_elsewhere(answer, function, *args):
    """What a function gives for a module on another device; "meta" stands for a GPU, as every machine has it."""
    try:
        value = function(*args)
    except Exception as error:
        value = error
    failed = isinstance(value, Exception)
    expected = "the same for a module on another device"
    expect_law(answer, not failed, expected, got=f"on another device: {type(value).__name__}: {value}")
    return value


def test_count_features__works_on_the_device_of_the_part(kata):
    """The dry run takes place on the device of the part."""
    answer = kata.count_features(OneDevice(), (2, 3))
    expect_number(answer, 6)
    value = expect_elsewhere(answer, kata.count_features.function, OneDevice().to("meta"), (2, 3))
    expect_law(answer, value == 6, "the same for a module on another device", got=f"on another device: {value}")


# load_backbone, freeze_backbone, replace_head, fine_tune_step: with a small residual net


class TinyResNet(nn.Module):
    """A small residual net for images with three channels, with the head `fc`."""

    def __init__(self, classes=5, seed=1, width=4, bias=True):
        super().__init__()
        self.args = f"classes={classes}, seed={seed}, width={width}" + ("" if bias else ", bias=False")
        self.conv1 = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.block = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU())
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(width, classes, bias=bias)
        random = np.random.default_rng(seed)
        for name, tensor in self.state_dict().items():
            if tensor.is_floating_point():
                values = random.integers(-8, 9, tuple(tensor.shape)) / 8
                tensor.copy_(torch.tensor(abs(values) + 0.5 if name.endswith("var") else values))

    def forward(self, images):
        x = self.bn1(self.conv1(images)).relu()
        x = x + self.block(x)
        return self.fc(self.dropout(x.mean(dim=(2, 3))))


@paste.register
def _(value: TinyResNet) -> str:
    parameters = dict(value.named_parameters())
    text = f"TinyResNet({value.args})" + ("" if value.fc.weight.dtype == torch.float32 else ".double()")
    text = text if value.training else f"{text}.eval()"
    frozen = [name for name, p in parameters.items() if not p.requires_grad]
    notes = [] if not frozen else [f"frozen: all but {', '.join(sorted(set(parameters) - set(frozen))) or 'nothing'}"]
    notes += ["with gradients"] if any(p.grad is not None for p in parameters.values()) else []
    return f"{text} ({'; '.join(notes)})" if notes else text


def tiny(classes=5, seed=1, width=4, dtype=torch.float32, *, mode="train", trainable=None, gradients=False, bias=True):
    """A TinyResNet; `trainable` names the parts that are not frozen, None for all; `bias` is that of the head."""
    model = TinyResNet(classes, seed, width, bias).to(dtype).train(mode != "eval")
    if mode == "mixed":
        model.bn1.eval()
    for name, p in model.named_parameters():
        p.requires_grad_(trainable is None or name.startswith(trainable))
        p.grad = torch.full_like(p, 0.25) if gradients else None
    return model


@st.composite
def tinies(draw, trainable=(None,)):
    classes, width, seed = draw(st.tuples(st.integers(2, 5), st.integers(2, 4), seeds()))
    dtype, mode, parts = draw(st.sampled_from(tuple(product(FLOATS, ("train", "eval", "mixed"), trainable))))
    return tiny(classes, seed, width, dtype, mode=mode, trainable=parts, gradients=seed % 2 == 1)


def modes(model):
    return {name: module.training for name, module in model.named_modules()}


def expect_bit_for_bit(answer, before, after, *, but=()):
    """All parameters and buffers are as before, except those whose names begin with one of `but`."""
    old, new = before.state_dict(), after.state_dict()
    rest = [name for name in old if not name.startswith(tuple(but))]
    gone = [name for name in rest if name not in new]
    expect_law(answer, not gone, "the parameters and buffers that were there", got=f"no {', '.join(gone)}")
    for name in rest:
        same = new[name].dtype == old[name].dtype and torch.equal(new[name].cpu(), old[name].cpu())
        shown = "" if same or old[name].numel() > 20 else f"{new[name].tolist()}, before {old[name].tolist()}"
        place = "" if same else f"`{name}` has changed{': ' if shown else ''}{shown}"
        expect_law(answer, same, "all else bit for bit as it was", got="a change", difference=place)


def expect_requirements(answer, after, wanted):
    """`wanted` says of each parameter whether it requires grad."""
    got = {name: p.requires_grad for name, p in after.named_parameters()}
    wrong = [name for name in wanted if got.get(name) != wanted[name]]
    place = "" if not wrong else f"`{wrong[0]}` has requires_grad {got.get(wrong[0])}, expected {wanted[wrong[0]]}"
    expect_law(answer, not wrong, "each parameter with the right requires_grad", got="another one", difference=place)


# load_backbone


class Build:
    """A function like those of `torchvision.models`: it makes a TinyResNet, and would download weights."""

    def __init__(self, seed=1, frozen=""):
        self.seed, self.frozen = seed, frozen
        self.source = f"Build(seed={seed}{f', frozen={frozen!r}' if frozen else ''})"

    def __call__(self, *, weights=None, progress=True):
        if weights is not None:
            raise ConnectionError("weights that are not None are downloaded")
        model = TinyResNet(seed=self.seed)
        if self.frozen:
            model.get_submodule(self.frozen).requires_grad_(False)
        return model


class Saved(type(Path())):
    """The path of a file made here, shown in messages by what made it."""


@paste.register
def _(value: Saved) -> str:
    kind, seed = value.stem.split("-")
    return f'saved("{kind}", seed={seed})'


@functools.cache
def home():
    """A folder that lasts as long as this process."""
    home.folder = tempfile.TemporaryDirectory(prefix="torchkata-")
    return Path(home.folder.name)


@functools.cache
def saved_state(seed):
    """The state_dict of a trained TinyResNet, which has seen three batches."""
    return {
        name: tensor if tensor.is_floating_point() else tensor + 3
        for name, tensor in TinyResNet(seed=seed + 7).state_dict().items()
    }


@functools.cache
def saved(kind, seed=1):
    """The path of a file with weights: a good one, or one with something wrong."""
    state, path = dict(saved_state(seed)), Saved(home() / f"{kind}-{seed}.pt")
    if kind == "in float64":
        state = {name: tensor.double() if tensor.is_floating_point() else tensor for name, tensor in state.items()}
    elif kind == "no head":
        state = {name: tensor for name, tensor in state.items() if not name.startswith("fc.")}
    elif kind == "one more":
        state["head.weight"] = torch.ones(1)
    elif kind == "other classes":
        state |= {"fc.weight": torch.ones(9, 4), "fc.bias": torch.ones(9)}
    elif kind == "code":
        state = collections.ChainMap(state)
    if kind != "no file":
        with mock.patch("torch.serialization.location_tag", return_value="cuda:63" if kind == "from a GPU" else "cpu"):
            torch.save(state, path)
    return path


def expect_backbone(answer, state, frozen):
    """A TinyResNet in eval mode with this state, of which the part `frozen` does not require grad."""
    model = answer.value
    expect_law(answer, isinstance(model, TinyResNet), "the model that `build` made", got=f"{type(model).__name__}")
    for name, tensor in model.state_dict().items():
        want = expect_returned(answer, tensor, f"`{name}`")
        expect_tensor(want, state[name], dtype=state[name].dtype, device="cpu", factor=0.0)
    training = [name or "the model" for name, on in modes(model).items() if on]
    expect_law(answer, not training, "a model in eval mode", got=f"in train mode: {', '.join(training)}")
    wanted = {name: not (frozen and name.startswith(frozen)) for name, _ in model.named_parameters()}
    expect_requirements(answer, model, wanted)


@settings(max_examples=8)
@given(
    seed=st.integers(1, 9),
    origin=st.sampled_from(("good", "from a GPU", "in float64")),
    frozen=st.sampled_from(("", "block")),
)
@example(seed=1, origin="good", frozen="")
@example(seed=2, origin="from a GPU", frozen="")
@example(seed=1, origin="in float64", frozen="")
@example(seed=1, origin="good", frozen="block")
def test_load_backbone__reads_the_file(kata, seed, origin, frozen):
    """Parameters and buffers have the numbers of the file, also of one from a GPU or in float64, in eval mode."""
    answer = kata.load_backbone(Build(seed, frozen), saved(origin, seed))
    expect_backbone(answer, saved_state(seed), frozen)


@settings(max_examples=8)
@given(seed=st.integers(1, 9), frozen=st.sampled_from(("", "block")))
@example(seed=1, frozen="")
def test_load_backbone__builds_without_a_file(kata, seed, frozen):
    """Without a file the model is the one that `build` makes, in eval mode."""
    expect_backbone(kata.load_backbone(Build(seed, frozen)), TinyResNet(seed=seed).state_dict(), frozen)


@settings(max_examples=8)
@given(kind=st.sampled_from(("code", "no head", "one more", "other classes", "no file")), seed=st.integers(1, 9))
@example(kind="code", seed=1)
@example(kind="no head", seed=1)
@example(kind="one more", seed=1)
@example(kind="other classes", seed=1)
@example(kind="no file", seed=1)
def test_load_backbone__refuses_what_does_not_fit(kata, kind, seed):
    """A file with code, with names or shapes that don't fit, or that does not exist, raises an error."""
    error = {"code": pickle.UnpicklingError, "no file": FileNotFoundError}.get(kind, RuntimeError)
    expect_raises(kata.load_backbone.raising(Build(seed), saved(kind, seed)), error)


# freeze_backbone


@settings(max_examples=8)
@given(model=tinies((None, ("fc",))))
@example(model=tiny())
@example(model=tiny(mode="mixed", trainable=("fc",)))
@example(model=tiny(dtype=torch.float64, gradients=True))
@example(model=tiny(trainable=("fc",), gradients=True))
def test_freeze_backbone__stops_all_that_moves_a_module(kata, model):
    """Afterwards no parameter requires grad or has a gradient, and all modules are in eval mode."""
    answer = kata.freeze_backbone(model)
    after = answer.given(model)
    expect_requirements(answer, after, {name: False for name, _ in model.named_parameters()})
    left = [name for name, p in after.named_parameters() if p.grad is not None]
    expect_law(answer, not left, "no gradient anywhere: `.grad` is None", got=f"a gradient in {', '.join(left)}")
    training = [name or "the module itself" for name, on in modes(after).items() if on]
    expect_law(answer, not training, "every module in eval mode", got=f"in train mode: {', '.join(training)}")


@settings(max_examples=8)
@given(model=tinies())
@example(model=tiny())
@example(model=tiny(gradients=True, mode="eval"))
def test_freeze_backbone__returns_the_module_itself(kata, model):
    """The result is the module itself, and all its numbers are bit for bit as they were."""
    answer = kata.freeze_backbone(model)
    expect_same_object(answer, model)
    expect_bit_for_bit(answer, model, answer.value)


def test_freeze_backbone__works_on_a_part(kata):
    """A part of a model can be frozen on its own, down to one layer, and also a module without parameters."""
    answer = kata.freeze_backbone(tiny(gradients=True).block)
    expect_law(answer, not any(p.requires_grad for p in answer.args[0].parameters()), "a part that is frozen")
    answer = kata.freeze_backbone(with_gradients(nn.Linear(3, 2)))
    kept = [p.requires_grad or p.grad is not None for p in answer.args[0].parameters()]
    expect_law(answer, not any(kept), "a layer without gradients, whose parameters require none")
    answer = kata.freeze_backbone(nn.Sequential(nn.Dropout(0.5)))
    expect_law(answer, not any(modes(answer.args[0]).values()), "a dropout layer in eval mode")


# replace_head


@settings(max_examples=8)
@given(model=tinies((None, (), ("fc",))), classes=st.integers(1, 7))
@example(model=tiny(), classes=3)
@example(model=tiny(), classes=5)
@example(model=tiny(trainable=()), classes=3)
@example(model=tiny(dtype=torch.float64, mode="eval"), classes=2)
@example(model=tiny(width=3), classes=4)
@example(model=tiny(bias=False), classes=3)
def test_replace_head__gives_as_many_logits_as_classes(kata, model, classes):
    """`fc` is a new trainable `nn.Linear` with a bias, from as many inputs to `classes` outputs, in the old dtype."""
    answer = kata.replace_head(model, classes)
    after = answer.given(model)
    head, width = after.fc, model.fc.in_features
    expect_law(answer, isinstance(head, nn.Linear), "an `nn.Linear` as `fc`", got=f"{type(head).__name__}")
    got = (head.in_features, head.out_features, tuple(head.weight.shape), head.bias is not None and len(head.bias))
    wanted = (width, classes, (classes, width), classes)
    expect_law(answer, got == wanted, f"a layer from {width} to {classes} with a bias", got=f"{head}")
    dtypes = [p.dtype for p in head.parameters()]
    expect_law(answer, set(dtypes) == {model.fc.weight.dtype}, f"{model.fc.weight.dtype}", got=f"{dtypes}")
    expect_law(answer, all(p.requires_grad for p in head.parameters()), "a head that is trainable", got="a frozen one")
    images = torch.ones(2, 3, 4, 4, dtype=dtypes[0], device=head.weight.device)
    shape = tuple(copy.deepcopy(after).eval()(images).shape)
    expect_law(answer, shape == (2, classes), f"{classes} logits of each image", got=f"{shape} for two images")


@settings(max_examples=8)
@given(model=tinies((None, (), ("fc",), ("block",))), classes=st.integers(1, 7))
@example(model=tiny(), classes=3)
@example(model=tiny(trainable=("fc",), mode="mixed"), classes=3)
@example(model=tiny(trainable=()), classes=5)
@example(model=tiny(mode="eval", gradients=True), classes=5)
@example(model=tiny(bias=False), classes=5)
def test_replace_head__leaves_the_rest(kata, model, classes):
    """The result is the model itself, and all but `fc` stays as it was: numbers, gradients, requires_grad, modes."""
    answer = kata.replace_head(model, classes)
    expect_same_object(answer, model)
    after = answer.value
    expect_bit_for_bit(answer, model, after, but=("fc.",))
    expect_requirements(
        answer, after, {n: p.requires_grad for n, p in model.named_parameters() if not n.startswith("fc.")}
    )
    got, wanted = (
        {name: on for name, on in modes(each).items() if not name.startswith("fc")} for each in (after, model)
    )
    moved = [name or "the model itself" for name in wanted if got.get(name) != wanted[name]]
    expect_law(answer, got == wanted, "each module in its mode", got=f"another mode: {', '.join(moved) or 'a new one'}")
    old, new = ({n: p.grad for n, p in each.named_parameters() if n[:3] != "fc."} for each in (model, after))
    changed = [name for name in old if trees.changed_leaves(old[name], new[name])]
    expect_law(answer, not changed, "the gradients that were there", got=f"others: {', '.join(changed)}")
    names = set(old) | {"fc.weight", "fc.bias"}
    others = {name for name, _ in after.named_parameters()} - names
    expect_law(answer, not others, "no other new parameters", got=f"{', '.join(sorted(others))}")


@settings(max_examples=4)
@given(seed=seeds(), old=st.sampled_from((3, 40)))
@example(seed=1, old=3)
@example(seed=1, old=40)
def test_replace_head__starts_with_small_random_numbers(kata, seed, old):
    """The numbers of the new head are uniform between -1/√in and 1/√in, whatever the old ones were."""
    model = TinyResNet(classes=old, seed=seed, width=16)
    answer = kata.replace_head(model, 40)
    for name, p in answer.given(model).fc.named_parameters():
        values = exact(p)
        right = abs(values).max() <= 0.25 * (1 + 1e-6) and values.min() < -0.15 and values.max() > 0.15
        right = right and abs(values.std() * 3**0.5 / 0.25 - 1) < 4 * values.size**-0.5  # nine standard errors
        facts = f"`{name}` from {values.min():.3f} to {values.max():.3f}, spread (std) {values.std():.3f}"
        expected = f"uniform numbers from -0.25 to 0.25, so spread (std) near {0.25 / 3**0.5:.3f}"
        expect_law(answer, bool(right), expected, got=facts)


@settings(max_examples=4)
@given(seed=seeds())
@example(seed=1)
def test_replace_head__draws_from_the_global_state(kata, seed):
    """The same `torch.manual_seed` gives the same head, and a second head has other numbers."""
    model, heads = tiny(), []
    for again in (True, True, False):
        if again:
            manual_seed(seed)
        answer = kata.replace_head(model, 3)
        heads.append(torch.cat([p.detach().flatten() for p in answer.given(model).fc.parameters()]))
    repeats, differs = torch.equal(heads[0], heads[1]), not torch.equal(heads[1], heads[2])
    expect_law(answer, repeats, "the same numbers after the same `torch.manual_seed`", got="other numbers")
    expect_law(answer, differs, "other numbers in a second head", got="the same numbers")


def test_replace_head__stays_on_the_device(kata):
    """The new head lives on the device of the old one."""
    answer = kata.replace_head(tiny(), 3)
    value = expect_elsewhere(answer, kata.replace_head.function, TinyResNet().to("meta"), 3)
    found = [str(p.device) for p in getattr(getattr(value, "fc", None), "parameters", list)()]
    right = found == ["meta", "meta"]
    expect_law(answer, right, "a new head on the device of the old one", got=f"for a model on meta: {found}")


# fine_tune_step


def _batch(drawn):
    model, (n, side), seed, lr = drawn
    random = np.random.default_rng(seed)
    images = torch.tensor(random.integers(-8, 9, (n, 3, side, side + 1)) / 8, dtype=model.fc.weight.dtype)
    return model, images, torch.tensor(random.integers(0, model.fc.out_features, n)), lr


TRAINABLE = (("fc",), ("fc", "block.0"), None, ("fc.bias",), ("bn1",))
steps = st.tuples(
    tinies(TRAINABLE), st.tuples(st.integers(1, 3), st.integers(1, 3)), seeds(), st.sampled_from((0.5, 0.125, 2.0))
).map(_batch)
IMAGES = torch.tensor(
    [[[[0.5], [-1.0]], [[0.25], [2.0]], [[-0.5], [1.0]]], [[[1.0], [0.0]], [[-2.0], [1.5]], [[3.0], [-1.0]]]]
)
LABELS = torch.tensor([2, 0])


def right_step(model, images, labels, lr):
    """The loss and the trainable parameters after one step, in float64, by autograd in eval mode."""
    twin = copy.deepcopy(model).double().eval()
    names = [name for name, p in twin.named_parameters() if p.requires_grad]
    trainable = [twin.get_parameter(name) for name in names]
    loss = F.cross_entropy(twin(images.double()), labels)
    grads = torch.autograd.grad(loss, trainable)
    after = {n: (p - lr * grad).detach() for n, p, grad in zip(names, trainable, grads, strict=True)}
    return loss.item(), after, max(1.0, lr * size(*grads))


def expect_step(answer, model, images, labels, lr):
    """The right loss, the trainable parameters moved, all else bit for bit."""
    loss, wants, scale = right_step(model, images, labels, lr)
    after = answer.given(model)
    expect_number(answer, loss, dtype=images.dtype, factor=LONG, scale=8, changes=[model])
    expect_bit_for_bit(answer, model, after, but=wants)
    for name, want in wants.items():
        moved = expect_returned(answer, after.get_parameter(name), f"`{name}` afterwards")
        kind = {"dtype": images.dtype, "changes": [model]}
        expect_tensor(moved, want, **kind, factor=LONG, scale=scale + size(model.get_parameter(name)))


@settings(max_examples=8)
@given(case=steps)
@example(case=(tiny(trainable=("fc",), mode="eval"), IMAGES, LABELS, 0.5))
@example(case=(tiny(trainable=("fc",), mode="train"), IMAGES, LABELS, 0.5))
@example(case=(tiny(trainable=("fc",), mode="mixed", seed=2), IMAGES, LABELS, 0.125))
@example(case=(tiny(trainable=("fc", "block.0"), mode="train"), IMAGES, LABELS, 0.5))
@example(case=(tiny(trainable=("fc",), gradients=True), IMAGES, LABELS, 0.5))
@example(case=(tiny(trainable=None, gradients=True, mode="eval"), IMAGES, LABELS, 2.0))
@example(case=(tiny(trainable=("fc",), dtype=torch.float64), IMAGES.double(), LABELS, 0.5))
@example(case=(tiny(trainable=("fc",)), IMAGES[:1], LABELS[:1], 0.5))
@example(case=(tiny(trainable=("fc",)), 16 * IMAGES, LABELS, 0.5))
def test_fine_tune_step__moves_only_what_is_not_frozen(kata, case):
    """Trainable parameters move by -lr · gradient, all else stays bit for bit, and the loss is a Python float."""
    expect_step(kata.fine_tune_step(*case), *case)


@settings(max_examples=8)
@given(case=steps)
@example(case=(tiny(trainable=("fc",)), IMAGES, LABELS, 0.5))
@example(case=(tiny(trainable=("fc",), mode="mixed"), IMAGES, LABELS, 0.5))
def test_fine_tune_step__leaves_the_model_in_eval_mode(kata, case):
    """Afterwards every module is in eval mode, and each parameter requires grad or not as before."""
    model = case[0]
    answer = kata.fine_tune_step(*case)
    after = answer.given(model)
    training = [name or "the model itself" for name, on in modes(after).items() if on]
    expect_law(answer, not training, "every module in eval mode", got=f"in train mode: {', '.join(training)}")
    expect_requirements(answer, after, {name: p.requires_grad for name, p in model.named_parameters()})


class Block(nn.Module):
    """Two convolutions and a way around them."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        around = [nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)]
        self.downsample = nn.Sequential(*around) if inputs != outputs else nn.Identity()

    def forward(self, x):
        out = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (out + self.downsample(x)).relu()


class ResNet18(nn.Module):
    """What `torchvision.models.resnet18` makes, with the same names and shapes; to import that takes seconds."""

    source = "ResNet18(classes=3) (frozen: all but fc)"

    def __init__(self, classes=1000):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        for i, (inputs, outputs) in enumerate(((64, 64), (64, 128), (128, 256), (256, 512)), start=1):
            blocks = Block(inputs, outputs, 1 if i == 1 else 2), Block(outputs, outputs, 1)
            setattr(self, f"layer{i}", nn.Sequential(*blocks))
        self.fc = nn.Linear(512, classes)

    def forward(self, images):
        x = self.maxpool(self.bn1(self.conv1(images)).relu())
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean(dim=(2, 3)))


@functools.cache
def resnet_to_tune():
    """A ResNet-18 with a head for three classes and a frozen backbone, in train mode."""
    with torch.random.fork_rng(devices=[]):
        manual_seed(1)
        model = ResNet18(classes=3)
    for name, p in model.named_parameters():
        p.requires_grad_(name.startswith("fc."))
    return model


def test_fine_tune_step__trains_the_head_of_a_resnet(kata):
    """With a whole ResNet-18 whose backbone is frozen, the head moves and all else stays bit for bit."""
    case = resnet_to_tune(), pictures((2, 3, 32, 32), seed=1), torch.tensor([2, 0]), 0.125
    expect_step(kata.fine_tune_step(*case), *case)
